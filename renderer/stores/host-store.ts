/** What main tells the page: settings, processes; and the state of storage. Cold state. */
import { create } from 'zustand';
import { subscribeWithSelector } from 'zustand/middleware';
import type { HostInfo } from '../../engine/contract/host-api.ts';
import type { ProcessStatus } from '../../engine/contract/process.ts';
import { defaultSettings, type Settings } from '../../engine/contract/settings.ts';
import type { StorageStatus } from '../../engine/contract/storage-messages.ts';

export interface HostState {
  info: HostInfo;
  settings: Settings;
  settingsLoaded: boolean;
  processes: ProcessStatus[];
  storageConnected: boolean;
  storage: StorageStatus | null;
}

export const useHostStore = create<HostState>()(
  subscribeWithSelector(
    (): HostState => ({
      info: { host: 'node', version: '', platform: '', canPickFiles: false },
      settings: defaultSettings,
      settingsLoaded: false,
      processes: [],
      storageConnected: false,
      storage: null,
    }),
  ),
);

/** Size presets of a symbol, always five, base units. */
export function presetsOf(settings: Settings, symbol: string): string[] {
  const presets = settings.sizePresets[symbol] ?? settings.sizePresets['default'] ?? [];
  return Array.from({ length: 5 }, (_, i) => presets[i] ?? defaultSettings.sizePresets['default']?.[i] ?? '0.01');
}
