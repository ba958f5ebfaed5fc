import type { MarketProtocol } from '../../contract/market-protocol.ts';
import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';
import { parseExchangeInfo } from '../../venue/binance-spot/exchange-info.ts';
import { discoveries } from '../../venue/instrument-discovery.ts';
import type { InstrumentList } from '../../venue/instrument-list.ts';
import { parseAssetPairs } from '../../venue/kraken/asset-pairs.ts';
import { parseOkxInstruments } from '../../venue/okx/okx-instruments.ts';
import { type FuzzTarget, isRangeError } from './fuzz-target.ts';

const fees = { makerFee: 0.0002, takerFee: 0.0005 };
const encoder = new TextEncoder();

interface ListCorpus {
  /** As on the command line. */
  name: string;
  protocol: MarketProtocol;
  corpus: readonly string[];
  /** What the list needs beside the document under test: they take its place in turn. */
  companions?: readonly string[];
  /** The reader of what trades, where there is one of its own. @throws RangeError */
  parse?(input: Uint8Array): readonly InstrumentSpec[];
}

const lists: readonly ListCorpus[] = [
  {
    name: 'exchange-info',
    protocol: 'binance-usdm',
    corpus: [
      '{"timezone":"UTC","serverTime":1,"rateLimits":[],"symbols":[{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","minPrice":"0.01","maxPrice":"1000000","tickSize":"0.01000000"},{"filterType":"LOT_SIZE","minQty":"0.00001","maxQty":"9000","stepSize":"0.00001000"},{"filterType":"NOTIONAL","minNotional":"5.0"}]}]}',
      '{"symbols":[{"symbol":"BTCUSD_PERP","pair":"BTCUSD","contractStatus":"TRADING","baseAsset":"BTC","quoteAsset":"USD","filters":[{"filterType":"PRICE_FILTER","tickSize":"0.1"},{"filterType":"LOT_SIZE","stepSize":"1"},{"filterType":"MIN_NOTIONAL","notional":"5"}]}]}',
    ],
    parse: (input) => parseExchangeInfo(input, fees),
  },
  {
    name: 'asset-pairs',
    protocol: 'kraken',
    corpus: [
      '{"error":[],"result":{"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD","base":"XXBT","quote":"ZUSD","pair_decimals":1,"lot_decimals":8,"fees":[[0,0.26]],"fees_maker":[[0,0.16]],"ordermin":"0.0001","costmin":"0.5","tick_size":"0.1","status":"online"}}}',
    ],
    parse: parseAssetPairs,
  },
  {
    name: 'okx-instruments',
    protocol: 'okx',
    corpus: [
      '{"code":"0","msg":"","data":[{"alias":"","baseCcy":"BTC","category":"1","ctMult":"","ctVal":"","ctValCcy":"","expTime":"","instFamily":"","instId":"BTC-USDT","instType":"SPOT","lever":"10","listTime":"1606468572000","lotSz":"0.00000001","maxLmtSz":"9999999999","minSz":"0.00001","quoteCcy":"USDT","settleCcy":"","state":"live","tickSz":"0.1","uly":""}]}',
      '{"code":"0","data":[{"baseCcy":"","ctMult":"1","ctType":"linear","ctVal":"0.01","ctValCcy":"BTC","instFamily":"BTC-USDT","instId":"BTC-USDT-SWAP","instType":"SWAP","lotSz":"0.01","minSz":"0.01","quoteCcy":"","settleCcy":"USDT","state":"live","tickSz":"0.1","uly":"BTC-USDT"},{"instId":"ETH-USD-250328","instType":"FUTURES","lotSz":"1","state":"suspend","tickSz":"0.05"}],"msg":""}',
    ],
    parse: (input) => parseOkxInstruments(input, fees),
  },
  {
    name: 'bybit-instruments',
    protocol: 'bybit',
    corpus: [
      '{"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[{"symbol":"BTCUSDT","contractType":"LinearPerpetual","status":"Trading","baseCoin":"BTC","quoteCoin":"USDT","launchTime":"1585526400000","deliveryTime":"0","priceScale":"2","leverageFilter":{"minLeverage":"1","maxLeverage":"100.00","leverageStep":"0.01"},"priceFilter":{"minPrice":"0.10","maxPrice":"1999999.80","tickSize":"0.10"},"lotSizeFilter":{"maxOrderQty":"1190.000","minOrderQty":"0.001","qtyStep":"0.001","minNotionalValue":"5"},"fundingInterval":480,"settleCoin":"USDT"}],"nextPageCursor":"first%3DBTCUSDT%26last%3DBTCUSDT"},"retExtInfo":{},"time":1735809771618}',
      '{"retCode":0,"retMsg":"OK","result":{"category":"spot","list":[{"symbol":"ETHUSDT","baseCoin":"ETH","quoteCoin":"USDT","innovation":"0","status":"PreLaunch","lotSizeFilter":{"basePrecision":"0.00001","quotePrecision":"0.0000001","minOrderQty":"0.00062","maxOrderQty":"1229.2336343","minOrderAmt":"1","maxOrderAmt":"4000000"},"priceFilter":{"tickSize":"0.01"}}],"nextPageCursor":""},"retExtInfo":{},"time":1735809771618}',
    ],
  },
  {
    name: 'upbit-markets',
    protocol: 'upbit',
    corpus: [
      '[{"market":"KRW-BTC","korean_name":"비트코인","english_name":"Bitcoin","market_event":{"warning":false,"caution":{"PRICE_FLUCTUATIONS":false,"TRADING_VOLUME_SOARING":false}}},{"market":"BTC-XRP","korean_name":"리플","english_name":"Ripple"},{"market":"USDT-ETH","korean_name":"이더리움","english_name":"Ethereum"}]',
      '[{"market":"KRW-BTC","trade_date":"20240822","trade_time":"071602","trade_timestamp":1724310962713,"opening_price":82900000.00000000,"trade_price":82324000.00000000,"trade_volume":0.00042335,"change":"FALL","timestamp":1724310962747},{"market":"BTC-XRP","trade_price":0.00000981,"timestamp":1724310962747},{"market":"USDT-ETH","trade_price":2631.5}]',
    ],
    companions: [
      '[{"market":"KRW-BTC"},{"market":"BTC-XRP"},{"market":"USDT-ETH"}]',
      '[{"market":"KRW-BTC","trade_price":82324000},{"market":"BTC-XRP","trade_price":9.81e-6},{"market":"USDT-ETH","trade_price":2631.5}]',
    ],
  },
];

/** The venues' own lists of what they trade; refused are broken bodies and, entry by entry, what cannot be read. */
export const instrumentTargets: readonly FuzzTarget[] = lists.map(({ name, protocol, corpus, companions, parse }) => {
  const discovery = discoveries[protocol];
  const documents = companions?.map((text) => encoder.encode(text));
  const path = discovery.documents[0]?.path ?? '';
  return {
    name,
    corpus,
    create: () => {
      let skipping = 0;
      let leastSkipped = 0;
      const read = (bodies: readonly Uint8Array[]): void => {
        const list = discovery.read(bodies, fees);
        checkList(list);
        leastSkipped = Math.min(leastSkipped, list.skipped);
      };
      return {
        feed: (input) => {
          leastSkipped = Number.POSITIVE_INFINITY;
          if (documents === undefined) read([input]);
          else readInTurn(input, documents, read);
          // A document in the place of another is skipped entry by entry, and right in its own.
          if (leastSkipped > 0) skipping++;
          discovery.nextPath?.(path, input);
          parse?.(input).forEach(checkSpec);
        },
        badMessages: () => skipping,
      };
    },
    refusal: isRangeError,
  };
});

/** Reads the input in the place of each document. @throws RangeError when no place takes it. */
function readInTurn(
  input: Uint8Array,
  documents: readonly Uint8Array[],
  read: (bodies: readonly Uint8Array[]) => void,
): void {
  const refusals: unknown[] = [];
  for (const place of documents.keys()) {
    try {
      read(documents.map((document, i) => (i === place ? input : document)));
    } catch (error) {
      if (!isRangeError(error)) throw error;
      refusals.push(error);
    }
  }
  if (refusals.length === documents.length) throw refusals[0];
}

function checkList({ listed, skipped, skipReason }: InstrumentList): void {
  if (skipped > 0 !== (skipReason !== '')) throw new Error(`Expected a reason with ${skipped}, was "${skipReason}"`);
  for (const [i, { spec, halted }] of listed.entries()) {
    if (typeof halted !== 'string') throw new Error(`${spec.symbol}: expected a word, was ${typeof halted}`);
    checkSpec(spec, i);
  }
}

/** What the engine counts with: steps above 0 in plain decimals, finite figures. */
function checkSpec(spec: InstrumentSpec, index: number): void {
  const { tickSize, lotSize, minNotional, makerFee, takerFee } = spec;
  for (const [step, decimals] of [
    [tickSize, spec.priceDecimals],
    [lotSize, spec.sizeDecimals],
  ] as const) {
    if (!/^(0|[1-9]\d*)(\.\d*[1-9])?$/.test(step) || !(Number(step) > 0) || decimalsOf(step) !== decimals) {
      throw new Error(`${spec.symbol}: expected steps above 0, was tick "${tickSize}" lot "${lotSize}"`);
    }
  }
  const areUsable = [minNotional, makerFee, takerFee].every((figure) => Number.isFinite(figure) && figure >= 0);
  if (!areUsable)
    throw new Error(`${spec.symbol}: expected figures from 0, was ${minNotional} ${makerFee} ${takerFee}`);
  const texts = [spec.symbol, spec.baseAsset, spec.quoteAsset, spec.venue];
  if (spec.index !== index || texts.some((text) => typeof text !== 'string' || text === '')) {
    throw new Error(`Expected names and index ${index}, was ${JSON.stringify(spec)}`);
  }
}
