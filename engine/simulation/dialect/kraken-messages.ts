import { Side } from '../../contract/units.ts';
import { crc32 } from '../../core/crc32.ts';
import { fixedText } from '../decimal-text.ts';
import type { PublicTrade, SimulatedMarket } from '../simulated-market.ts';
import type { SymbolSpec } from '../symbol-spec.ts';
import type { BookCopy, ToldLevel } from './book-memory.ts';
import type { BookUpdate } from './dialect.ts';

const CHECKSUM_LEVELS = 10;
/** Prices are written with at least so many decimals, whatever the tick. */
const LEAST_PRICE_DECIMALS = 5;
const utf8 = new TextEncoder();

/** `1618678133.384000`: seconds with six decimals. */
export function secondsText(timeMs: number): string {
  return `${fixedText(timeMs, 3)}000`;
}

function priceText(spec: SymbolSpec, ticks: number): string {
  const added = Math.max(0, LEAST_PRICE_DECIMALS - spec.priceDecimals);
  return fixedText(ticks * spec.tickUnits * 10 ** added, spec.priceDecimals + added);
}

function sizeText(spec: SymbolSpec, lots: number): string {
  return fixedText(lots, spec.sizeDecimals);
}

/**
 * The update with the time of each level's last change. A level told although it has not changed since `sinceMs` has come
 * back into the depth; one that is left out was only pushed out of it.
 */
export function withTimes(update: BookUpdate, sinceMs: number): BookUpdate {
  const { market, kind } = update;
  const side = (of: Side, levels: readonly ToldLevel[]): ToldLevel[] =>
    levels
      .filter(({ ticks, lots }) => lots > 0 || market.engine.levelLots(of, ticks) === 0)
      .map((level) => {
        const timeMs = level.lots === 0 ? market.timeMs : market.levelTimeMs(of, level.ticks);
        return { ...level, timeMs, republished: kind === 'delta' && level.lots > 0 && timeMs <= sinceMs };
      });
  return { ...update, bids: side(Side.buy, update.bids), asks: side(Side.sell, update.asks) };
}

function levelsJson({ market, timeMs: updateMs }: BookUpdate, levels: readonly ToldLevel[]): string {
  const { spec } = market;
  const rows = levels.map(({ ticks, lots, timeMs = updateMs, republished = false }) => {
    const mark = republished ? ',"r"' : '';
    return `["${priceText(spec, ticks)}","${sizeText(spec, lots)}","${secondsText(timeMs)}"${mark}]`;
  });
  return `[${rows.join(',')}]`;
}

export function snapshotJson(update: BookUpdate, channelId: number, channel: string): string {
  const sides = `{"as":${levelsJson(update, update.asks)},"bs":${levelsJson(update, update.bids)}}`;
  return `[${channelId},${sides},"${channel}","${update.market.spec.symbol}"]`;
}

/** One object a side, the checksum in the last. */
export function deltaJson(update: BookUpdate, channelId: number, channel: string): string {
  const { asks, bids, checksum, market } = update;
  const parts: string[] = [];
  if (asks.length > 0) parts.push(`"a":${levelsJson(update, asks)}`);
  if (bids.length > 0 || parts.length === 0) parts.push(`"b":${levelsJson(update, bids)}`);
  const last = parts.length - 1;
  parts[last] = `${parts[last]},"c":"${checksum >>> 0}"`;
  return `[${channelId},${parts.map((part) => `{${part}}`).join(',')},"${channel}","${market.spec.symbol}"]`;
}

/** CRC-32 over the ten best asks, then bids: price and size as printed, without dot and leading zeros. */
export function krakenChecksum(spec: SymbolSpec): (book: BookCopy) => number {
  const bare = (text: string): string => text.replace('.', '').replace(/^0+/, '');
  return ({ asks, bids }) => {
    let text = '';
    for (const side of [asks, bids]) {
      const end = Math.min(side.length, CHECKSUM_LEVELS * 2);
      for (let i = 0; i < end; i += 2) {
        text += bare(priceText(spec, side[i] as number)) + bare(sizeText(spec, side[i + 1] as number));
      }
    }
    return crc32(utf8.encode(text));
  };
}

export function tradeRow(spec: SymbolSpec, { priceTicks, sizeLots, timeMs, takerSide }: PublicTrade): string {
  const side = takerSide === Side.buy ? 'b' : 's';
  return `["${priceText(spec, priceTicks)}","${sizeText(spec, sizeLots)}","${secondsText(timeMs)}","${side}","m",""]`;
}

export function tickerJson({ spec, quote, lastPriceTicks }: SimulatedMarket, channelId: number): string {
  const side = (ticks: number, lots: number): string => {
    const whole = Math.floor(lots / 10 ** spec.sizeDecimals);
    return `["${priceText(spec, ticks)}",${whole},"${sizeText(spec, lots)}"]`;
  };
  const body =
    `{"a":${side(quote.askTicks, quote.askLots)},"b":${side(quote.bidTicks, quote.bidLots)},` +
    `"c":["${priceText(spec, lastPriceTicks)}","${sizeText(spec, 1)}"]}`;
  return `[${channelId},${body},"ticker","${spec.symbol}"]`;
}
