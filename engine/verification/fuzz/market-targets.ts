import { marketProtocols, type MarketProtocol } from '../../contract/market-protocol.ts';
import { RecordKind } from '../../contract/record.ts';
import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import { protocols } from '../../venue/protocols.ts';
import type { FuzzParser, FuzzTarget } from './fuzz-target.ts';
import { type MarketCorpus, marketCorpora } from './market-corpus.ts';

const STEP_NS = 1e6;
const encoder = new TextEncoder();

/** The market data adapter of every protocol, with its book live at the start of each block. */
export const marketTargets: readonly FuzzTarget[] = marketProtocols.map((protocol) => {
  const corpus = marketCorpora[protocol];
  return {
    name: protocol,
    corpus: [...corpus.opening, ...corpus.others, ...(corpus.snapshot === undefined ? [] : [corpus.snapshot])],
    create: () => openParser(protocol, corpus),
  };
});

function openParser(protocol: MarketProtocol, corpus: MarketCorpus): FuzzParser {
  const instruments = [instrumentOf(protocol, corpus)];
  let snapshotDue = false;
  let timeNs = STEP_NS;
  const adapter = protocols[protocol].createAdapter(
    { instruments, tradeStream: 'trade', originUs: 1_600_000_000_000_000, depth: true },
    {
      emit: checkRecord,
      send: () => undefined,
      requestSnapshot: () => {
        snapshotDue = true;
      },
      reconnect: () => undefined,
    },
  );
  const snapshot = corpus.snapshot === undefined ? undefined : encoder.encode(corpus.snapshot);
  const answer = (bytes: Uint8Array): void => {
    snapshotDue = false;
    adapter.onSnapshot(0, bytes, timeNs);
  };
  adapter.onConnected(timeNs);
  for (const text of corpus.opening) adapter.onMessage(encoder.encode(text), timeNs);
  if (snapshot !== undefined) answer(snapshot);
  let inputs = 0;
  return {
    feed: (input) => {
      timeNs += STEP_NS;
      // Where there are REST snapshots, some of the inputs are answers to a request.
      if (snapshot !== undefined && inputs % 8 === 0) answer(input);
      else adapter.onMessage(input, timeNs);
      if (snapshotDue && snapshot !== undefined && inputs % 16 === 1) answer(snapshot);
      if (inputs++ % 100 === 0) adapter.onTimer(timeNs);
    },
    badMessages: () => adapter.counters(0).badMessages,
  };
}

/** Whatever came in: what goes to the step counts in whole ticks and lots, within what an f64 holds exactly. */
function checkRecord(slot: EventSlot): void {
  const { kind } = slot;
  if (kind !== RecordKind.level && kind !== RecordKind.trade && kind !== RecordKind.quote) return;
  const { priceTicks, sizeLots, timeNs, exchangeTimeUs, id } = slot;
  const isWhole = Number.isSafeInteger(priceTicks) && Number.isSafeInteger(sizeLots) && sizeLots >= 0;
  if (!isWhole || !Number.isFinite(timeNs) || !Number.isFinite(exchangeTimeUs) || !Number.isFinite(id)) {
    throw new Error(
      `Expected whole ticks and lots in a record of kind ${kind}, was price ${priceTicks} size ${sizeLots} id ${id} time ${exchangeTimeUs}`,
    );
  }
  if (kind === RecordKind.trade && (sizeLots === 0 || priceTicks <= 0)) {
    throw new Error(`Expected a trade of something at a price above 0, was ${sizeLots} lots at ${priceTicks} ticks`);
  }
}

function instrumentOf(protocol: MarketProtocol, corpus: MarketCorpus): InstrumentSpec {
  const { symbol, tickSize, lotSize } = corpus;
  return {
    index: 0,
    venue: protocol,
    symbol,
    baseAsset: 'BTC',
    quoteAsset: 'USDT',
    tickSize,
    lotSize,
    priceDecimals: decimalsOf(tickSize),
    sizeDecimals: decimalsOf(lotSize),
    minNotional: 0,
    makerFee: 0,
    takerFee: 0,
  };
}
