/** The panels there are, by the id that layouts are saved with. */
import type { ReactElement } from 'react';
import { AlertsPanel } from '../panels/alerts-panel.tsx';
import { ChartPanel } from '../panels/chart-panel.tsx';
import { DataPanel } from '../panels/data-panel.tsx';
import { FaultPanel } from '../panels/fault-panel.tsx';
import { FillsPanel } from '../panels/fills-panel.tsx';
import { LadderPanel } from '../panels/ladder-panel.tsx';
import { OrdersPanel } from '../panels/orders-panel.tsx';
import { PositionsPanel } from '../panels/positions-panel.tsx';
import { RailsPanel } from '../panels/rails-panel.tsx';
import { StrategyPanel } from '../panels/strategy-panel.tsx';
import { TapePanel } from '../panels/tape-panel.tsx';

export const PANEL_IDS = [
  'chart',
  'ladder',
  'tape',
  'orders',
  'positions',
  'fills',
  'strategy',
  'rails',
  'alerts',
  'data',
  'faults',
] as const;
export type PanelId = (typeof PANEL_IDS)[number];

export const panelComponents: Record<PanelId, () => ReactElement> = {
  chart: ChartPanel,
  ladder: LadderPanel,
  tape: TapePanel,
  orders: OrdersPanel,
  positions: PositionsPanel,
  fills: FillsPanel,
  strategy: StrategyPanel,
  rails: RailsPanel,
  alerts: AlertsPanel,
  data: DataPanel,
  faults: FaultPanel,
};

export function isPanelId(id: string): id is PanelId {
  return (PANEL_IDS as readonly string[]).includes(id);
}
