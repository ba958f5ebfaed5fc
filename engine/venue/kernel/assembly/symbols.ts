import { QUOTE } from './characters';
import { PRICE, SIZE, SYMBOL_BYTES, SYMBOL_SLOTS, SYMBOLS } from './memory';
import { endOfText } from './texts';

/** Looks up the symbol at `[from, to)`; its index, and its scales set, or -1. */
@external("host", "findSymbol")
declare function findSymbol(from: usize, to: usize): i32;

/** A slot: the symbol, zeros behind its end, whose list it is of, its index, its scales. */
const LIST: usize = 24;
const INDEX: usize = 28;
const PRICE_UNITS: usize = 32;
const SIZE_UNITS: usize = 40;
const PRICE_DECIMALS: usize = 48;
const SIZE_DECIMALS: usize = 52;
const MOST_BYTES: i32 = 24;
const FACTOR: u64 = 0x9e3779b97f4a7c15;

/** Index of the message's instrument, -1 while unknown. */
export let instrument: i32 = -1;
/** Whose symbols they are. */
let list: i32 = 0;
let symbolFrom: usize = 0;
let symbolTo: usize = 0;

/**
 * Begins a message of one of the instruments of a list.
 * @param given the index of its instrument, whose scales are set; -1 where the message names it.
 */
export function startSymbol(ofList: i32, given: i32): void {
  list = ofList;
  instrument = given;
}

/** Reads the message's symbol and its closing quote, once; the position behind, 0 where it is unknown. */
export function readSymbol(from: usize): usize {
  const to = endOfText(from);
  if (to === 0 || instrument >= 0) return 0;
  symbolFrom = from;
  symbolTo = to;
  const length = <i32>(to - from);
  if (length > MOST_BYTES) instrument = findSymbol(from, to);
  else if (!recall(from, length)) return 0;
  return instrument < 0 ? 0 : to + 1;
}

/** Looks among the symbols of before first: one of a slot's list of the same text is the same, lists only grow. */
function recall(from: usize, length: i32): bool {
  const first = load<u64>(from) & maskOf(length);
  const second = load<u64>(from, 8) & maskOf(length - 8);
  const third = load<u64>(from, 16) & maskOf(length - 16);
  const hash = ((((first * FACTOR) ^ second) * FACTOR) ^ third ^ <u64>list) * FACTOR;
  const slot = SYMBOLS + <usize>((<i32>(hash >> 40) & (SYMBOL_SLOTS - 1)) * SYMBOL_BYTES);
  const isSame =
    load<u64>(slot) === first &&
    load<u64>(slot, 8) === second &&
    load<u64>(slot, 16) === third &&
    load<i32>(slot, LIST) === list;
  if (isSame) {
    instrument = load<i32>(slot, INDEX);
    store<i32>(PRICE, load<i32>(slot, PRICE_DECIMALS));
    store<f64>(PRICE, load<f64>(slot, PRICE_UNITS), 8);
    store<i32>(SIZE, load<i32>(slot, SIZE_DECIMALS));
    store<f64>(SIZE, load<f64>(slot, SIZE_UNITS), 8);
    return true;
  }
  instrument = findSymbol(from, from + length);
  if (instrument < 0) return false;
  store<u64>(slot, first);
  store<u64>(slot, second, 8);
  store<u64>(slot, third, 16);
  store<i32>(slot, list, LIST);
  store<i32>(slot, instrument, INDEX);
  store<i32>(slot, load<i32>(PRICE), PRICE_DECIMALS);
  store<f64>(slot, load<f64>(PRICE, 8), PRICE_UNITS);
  store<i32>(slot, load<i32>(SIZE), SIZE_DECIMALS);
  store<f64>(slot, load<f64>(SIZE, 8), SIZE_UNITS);
  return true;
}

function maskOf(length: i32): u64 {
  return length >= 8 ? u64.MAX_VALUE : length <= 0 ? 0 : (<u64>1 << (length << 3)) - 1;
}

/** Reads the symbol that the message had before, and its closing quote; the position behind, 0 for another. */
export function readSameSymbol(from: usize): usize {
  if (instrument < 0) return 0;
  const length = symbolTo - symbolFrom;
  let at: usize = 0;
  // Eight bytes at once, as many as are left in the end; behind a symbol stands its quote.
  for (; at + 8 <= length; at += 8) if (load<u64>(from + at) !== load<u64>(symbolFrom + at)) return 0;
  const rest = load<u64>(from + at) ^ load<u64>(symbolFrom + at);
  if ((rest & maskOf(<i32>(length - at))) !== 0 || <u32>load<u8>(from + length) !== QUOTE) return 0;
  return from + length + 1;
}
