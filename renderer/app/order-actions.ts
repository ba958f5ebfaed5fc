/** Intents that become orders. Each ends in the engine's answer, or in a toast that says why not. */
import type { SideName } from '../../engine/contract/trading-messages.ts';
import { formatSteps, toSteps } from '../../engine/contract/units.ts';
import { engineText, errorText } from '../i18n/engine-text.ts';
import { i18n } from '../i18n/i18n.ts';
import { presetsOf, useHostStore } from '../stores/host-store.ts';
import { currentBookState, currentInstrument, replayEnded, useTradingStore } from '../stores/trading-store.ts';
import { openDialog, showToast } from '../stores/ui-store.ts';
import { closingOrders } from './closing-orders.ts';
import type { Runtime } from './runtime.ts';

export type ClickOrderType = 'limit' | 'post-only' | 'ioc';

/** Sends, measures press to answer, reports a refusal. Resolves to whether the engine took it. */
async function send(
  runtime: Runtime,
  request: Parameters<Runtime['trading']['request']>[0],
  title: string,
): Promise<boolean> {
  const startMs = performance.now();
  try {
    await runtime.trading.request(request);
    runtime.metrics.clickToAnswer.record(performance.now() - startMs);
    return true;
  } catch (error) {
    showToast('error', title, errorText(error));
    return false;
  }
}

/** Why one-click trading is refused right now, or empty. */
export function refusal(): string {
  const state = useTradingStore.getState();
  if (!state.connected) return i18n.t('refuse.disconnected');
  if (state.instrument < 0) return i18n.t('refuse.noInstrument');
  if (replayEnded(state)) return i18n.t('ladder.replayEnded');
  const watchOnly = currentInstrument(state)?.watchOnly;
  if (watchOnly) return engineText(watchOnly);
  const book = currentBookState(state);
  if (book.state !== 'live') {
    return i18n.t('refuse.book', { state: i18n.t(`bookState.${book.state}`), reason: engineText(book.reason) });
  }
  return '';
}

/** Places the selected size at exactly this price. */
export async function placeAt(
  runtime: Runtime,
  side: SideName,
  priceTicks: number,
  type: ClickOrderType,
): Promise<boolean> {
  const title = i18n.t(side === 'buy' ? 'toast.buyRefused' : 'toast.sellRefused');
  const reason = refusal();
  if (reason) {
    showToast('error', title, reason);
    return false;
  }
  const state = useTradingStore.getState();
  const spec = state.instruments[state.instrument];
  if (!spec) return false;
  const { settings } = useHostStore.getState();
  const size = presetsOf(settings, spec.symbol)[settings.selectedPreset] ?? '';
  let sizeLots: number;
  try {
    sizeLots = toSteps(size, spec.lotSize);
  } catch (error) {
    showToast('error', title, errorText(error));
    return false;
  }
  return send(
    runtime,
    { kind: 'place', instrument: spec.index, side, priceTicks, sizeLots, type },
    `${title}: ${size} @ ${formatSteps(priceTicks, spec.tickSize)}`,
  );
}

export function cancelOrder(runtime: Runtime, orderNumber: number): Promise<boolean> {
  return send(runtime, { kind: 'cancel', orderNumber }, i18n.t('toast.cancelRefused', { number: orderNumber }));
}

/** Cancels every open order of the instrument on screen. */
export function cancelAll(runtime: Runtime): Promise<boolean> {
  const { instrument } = useTradingStore.getState();
  return send(runtime, { kind: 'cancelAll', instrument }, i18n.t('toast.cancelAllRefused'));
}

/** Cancels the own orders at one price row. */
export async function cancelMany(runtime: Runtime, orderNumbers: readonly number[]): Promise<void> {
  await Promise.all(orderNumbers.map((orderNumber) => cancelOrder(runtime, orderNumber)));
}

/** Closes the position of an instrument with reduce-only immediate orders through the touch. */
export async function closePosition(runtime: Runtime, instrument: number): Promise<void> {
  const state = useTradingStore.getState();
  const spec = state.instruments[instrument];
  const position = state.positions[instrument];
  const title = i18n.t('toast.closeRefused');
  if (!spec || !position || position.positionLots === 0) {
    showToast('info', i18n.t('toast.nothingToClose'));
    return;
  }
  const market = runtime.market(instrument);
  const touchTicks = position.positionLots > 0 ? market.bestBidTicks : market.bestAskTicks;
  if (!state.connected || !(touchTicks > 0)) {
    showToast('error', title, i18n.t('refuse.noTouch', { symbol: spec.symbol }));
    return;
  }
  for (const order of closingOrders(position.positionLots, touchTicks, spec, state.rails)) {
    const sent = await send(runtime, { kind: 'place', instrument, ...order, type: 'ioc', reduceOnly: true }, title);
    if (!sent) return;
  }
}

export function kill(runtime: Runtime): void {
  void send(runtime, { kind: 'kill' }, i18n.t('toast.killRefused'));
}

export function resetKill(runtime: Runtime): void {
  void send(runtime, { kind: 'killReset' }, i18n.t('toast.killResetRefused'));
}

/** Shows another instrument and remembers it. */
export async function selectInstrument(runtime: Runtime, instrument: number): Promise<void> {
  const state = useTradingStore.getState();
  const spec = state.instruments[instrument];
  if (!spec || instrument === state.instrument) return;
  useTradingStore.setState({ instrument });
  runtime.scheduler.invalidate();
  await send(runtime, { kind: 'subscribe', instrument }, i18n.t('toast.subscribeRefused', { symbol: spec.symbol }));
  await runtime.saveSettings({ selectedSymbol: spec.symbol, selectedVenue: spec.venue });
}

export function selectPreset(runtime: Runtime, preset: number): void {
  if (useHostStore.getState().settings.selectedPreset !== preset) void runtime.saveSettings({ selectedPreset: preset });
}

export function setReplaySpeed(runtime: Runtime, speed: number | 'max'): void {
  void send(runtime, { kind: 'replaySpeed', speed }, i18n.t('toast.speedRefused'));
}

export function startStrategy(runtime: Runtime): Promise<boolean> {
  const state = useTradingStore.getState();
  const { strategy } = useHostStore.getState().settings;
  const schema = state.strategies.find((s) => s.name === strategy.name) ?? state.strategies[0];
  if (!schema) {
    showToast('error', i18n.t('toast.strategyRefused'), i18n.t('refuse.disconnected'));
    openDialog(null);
    return Promise.resolve(false);
  }
  const known = new Set(schema.parameters.map((p) => p.key));
  const parameters = Object.fromEntries(Object.entries(strategy.parameters).filter(([key]) => known.has(key)));
  return send(
    runtime,
    { kind: 'strategyStart', instrument: state.instrument, name: schema.name, parameters },
    i18n.t('toast.strategyRefused'),
  );
}

export function stopStrategy(runtime: Runtime): Promise<boolean> {
  return send(runtime, { kind: 'strategyStop' }, i18n.t('toast.strategyRefused'));
}
