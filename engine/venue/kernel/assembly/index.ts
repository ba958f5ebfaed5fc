/** What the host calls. Positions are addresses; 0 is nowhere. Compiled by `npm run kernel`, see build/compile-kernel.ts. */
import { COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './characters';
import { number, readInteger } from './digits';
import { levelCount, newestUs, oldestUs } from './levels';
import { entryAt, readMembers, startMessage } from './members';
import { PAYLOAD, VALUES } from './memory';
import { instrument, readSymbol } from './symbols';
import { LENGTH, WORD_NUMBER } from './texts';
import { readTrades, tradeCount } from './trades';

export {
  HALF_OF_LEVELS,
  LEVELS,
  MESSAGE_VALUES,
  MOST_LEVELS,
  PAYLOAD,
  PAYLOAD_BYTES,
  PLACES,
  ROW_VALUES,
  SCALES,
  TABLES,
  TABLES_END,
  VALUES,
} from './memory';

/**
 * Reads the payload, one object, by a table; the index of its instrument when all of it is as the table has it, else -1.
 * @param list whose symbols they are. @param given the index of the instrument, -1 where the message names it.
 */
export function scan(table: usize, length: i32, list: i32, given: i32): i32 {
  startMessage(list, given);
  if (<u32>load<u8>(PAYLOAD) !== OPEN_OBJECT) return -1;
  return readMembers(PAYLOAD + 1, table, VALUES) === PAYLOAD + length ? instrument : -1;
}

/**
 * Reads the payload, `[number, content, channel, symbol]` with a content of one or two objects or a list of trades; the
 * index of its instrument, or -1. The first values are the number, that of the channel's word, how many levels or trades
 * there are, the newest time of a level in us, and the oldest of one that was not sent again; 0 without any.
 */
export function scanChannel(first: usize, second: usize, channels: usize, length: i32, list: i32): i32 {
  startMessage(list, -1);
  // "]
  const last = PAYLOAD + length - 2;
  if (length < 4 || <u32>load<u8>(PAYLOAD) !== OPEN_ARRAY || load<u16>(last) !== 0x5d22) return -1;
  let symbol = last;
  while (<u32>load<u8>(symbol - 1) !== QUOTE) if (--symbol === PAYLOAD) return -1;
  if (readSymbol(symbol) !== last + 1) return -1;
  let at = readInteger(PAYLOAD + 1);
  if (at === 0 || <u32>load<u8>(at) !== COMMA) return -1;
  store<f64>(VALUES, <f64>(<i64>number));
  const isObject = <u32>load<u8>(at, 1) === OPEN_OBJECT;
  if (isObject) {
    at = readMembers(at + 2, first, VALUES);
    // ,{
    if (at !== 0 && load<u16>(at) === 0x7b2c) at = readMembers(at + 2, second, VALUES);
  } else {
    at = readTrades(at + 1);
  }
  const word: usize = at === 0 ? 0 : entryAt(channels, at);
  if (word === 0 || at + load<i32>(word, LENGTH) !== symbol) return -1;
  const channel = load<i32>(word, WORD_NUMBER);
  store<f64>(VALUES, <f64>channel, 8);
  store<f64>(VALUES, <f64>(isObject ? levelCount : tradeCount), 16);
  store<f64>(VALUES, <f64>newestUs, 24);
  store<f64>(VALUES, <f64>oldestUs, 32);
  // An object is a book, number 0.
  return isObject === (channel === 0) ? instrument : -1;
}
