/** Subscribing, showing and dropping symbols while the session runs; the others are not touched. */
import type { VenueId } from '../../engine/contract/market-protocol.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { i18n } from '../i18n/i18n.ts';
import { subscribedInstruments, useTradingStore } from '../stores/trading-store.ts';
import { selectInstrument } from './order-actions.ts';
import type { Runtime } from './runtime.ts';

/** The engine tells all pages of a new instrument beside its answer to one of them. */
const SPEC_WAIT_MS = 5_000;

/**
 * Subscribes to a symbol of a venue, or finds that it is, and shows it.
 * @throws Error with the engine's refusal, one line.
 */
export async function addSymbol(runtime: Runtime, venue: VenueId, symbol: string): Promise<void> {
  const { instrument } = (await runtime.trading.request({ kind: 'addSymbol', venue, symbol })) as {
    instrument: number;
  };
  await waitForInstrument(instrument);
  useTradingStore.setState(({ removed }) => ({ removed: new Set([...removed].filter((one) => one !== instrument)) }));
  await selectInstrument(runtime, instrument);
}

/**
 * Drops a symbol; where it was on screen, another takes its place first.
 * @throws Error with the refusal, one line: it has working orders or a position, or is the last one.
 */
export async function removeSymbol(runtime: Runtime, spec: InstrumentSpec): Promise<void> {
  const state = useTradingStore.getState();
  const subscribed = subscribedInstruments(state);
  const at = subscribed.findIndex((one) => one.index === spec.index);
  const next = subscribed[at + 1] ?? subscribed[at - 1];
  if (!next) throw new Error(i18n.t('switcher.last'));
  await runtime.trading.request({ kind: 'removeSymbol', instrument: spec.index });
  useTradingStore.setState(({ removed }) => ({ removed: new Set([...removed, spec.index]) }));
  if (useTradingStore.getState().instrument === spec.index) await selectInstrument(runtime, next.index);
}

function waitForInstrument(instrument: number): Promise<void> {
  if (useTradingStore.getState().instruments[instrument]) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const stop = useTradingStore.subscribe((state) => {
      if (!state.instruments[instrument]) return;
      clearTimeout(timer);
      stop();
      resolve();
    });
    const timer = setTimeout(() => {
      stop();
      reject(new Error(i18n.t('switcher.noSpec', { seconds: SPEC_WAIT_MS / 1000 })));
    }, SPEC_WAIT_MS);
  });
}
