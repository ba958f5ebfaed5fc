/** What the chart shows: the instrument on screen, or a series of the store. */
import { create } from 'zustand';
import type { StoredName } from '../../engine/contract/storage-messages.ts';
import { command } from '../app/commands.ts';

export interface ChartState {
  /** Null for the instrument on screen. */
  stored: StoredName | null;
}

export const useChartStore = create<ChartState>()(() => ({ stored: null }));

/** Shows a series of the store, by source, venue and symbol as the data catalog has them; opens the chart if need be. */
export function openInChart({ source, venue, symbol }: Required<StoredName>): void {
  useChartStore.setState({ stored: { source, venue, symbol } });
  command('panel.open', 'chart');
}

/** Back to the instrument on screen. */
export function closeStoredChart(): void {
  useChartStore.setState({ stored: null });
}
