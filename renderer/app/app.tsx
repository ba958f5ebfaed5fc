import type { ReactElement } from 'react';
import { ProfilingStrip } from '../profiling/profiling-strip.tsx';
import { useHostStore } from '../stores/host-store.ts';
import { useTradingStore } from '../stores/trading-store.ts';
import { useUiStore } from '../stores/ui-store.ts';
import { CommandPalette } from './command-palette.tsx';
import { KeyboardHelp } from './keyboard-help.tsx';
import { LayoutDialog } from './layout-dialog.tsx';
import { SessionDialog } from './session-dialog.tsx';
import { SettingsDialog } from './settings-dialog.tsx';
import { StatusBar } from './status-bar.tsx';
import { SymbolSwitcher } from './symbol-switcher.tsx';
import { Toasts } from './toasts.tsx';
import { TopBar } from './top-bar.tsx';
import { useKeyboard } from './use-keyboard.ts';
import { Workspace } from './workspace.tsx';

/** The whole window. */
export function App(): ReactElement {
  const connected = useTradingStore((state) => state.connected);
  const session = useTradingStore((state) => state.session);
  const strip = useHostStore((state) => state.settings.profilingStrip);
  const dialog = useUiStore((state) => state.dialog);
  useKeyboard();
  return (
    <div className="app" data-testid="app" data-connected={connected} data-engine-session={session}>
      <TopBar />
      <Workspace />
      {strip && <ProfilingStrip />}
      <StatusBar />
      {dialog === 'palette' && <CommandPalette />}
      {dialog === 'help' && <KeyboardHelp />}
      {dialog === 'session' && <SessionDialog />}
      {dialog === 'settings' && <SettingsDialog />}
      {dialog === 'layout' && <LayoutDialog />}
      {dialog === 'symbols' && <SymbolSwitcher />}
      <Toasts />
    </div>
  );
}
