import type { InstrumentSpec } from '../contract/units.ts';
import { inWords, isObject, type Json } from './json-fields.ts';

/** One entry of a venue's own list of what it trades. */
export interface ListedInstrument {
  spec: InstrumentSpec;
  /** The venue's word for why it does not trade now; '' where it does. */
  halted: string;
}

/** A venue's list, or a page of it. `index` of each spec is its position. */
export interface InstrumentList {
  listed: ListedInstrument[];
  /** Entries that could not be read, and what was wrong with the first. */
  skipped: number;
  skipReason: string;
}

export interface Fees {
  makerFee: number;
  takerFee: number;
}

/** How the entries of one venue's list are read. */
export interface EntryReader {
  /** The venue's word for why it does not trade; '' where it does. */
  haltedOf(entry: Json): string;
  /** Undefined for what cannot be traded with limit orders. @throws RangeError naming the field that is not as expected. */
  specOf(entry: Json, index: number): InstrumentSpec | undefined;
}

/** Reads what can be read: one bad entry of thousands is no reason to know none. */
export function readEntries(entries: readonly unknown[], reader: EntryReader): InstrumentList {
  const list: InstrumentList = { listed: [], skipped: 0, skipReason: '' };
  for (const entry of entries) {
    try {
      if (!isObject(entry)) throw new RangeError(`Expected an object, was ${inWords(entry)}`);
      const spec = reader.specOf(entry, list.listed.length);
      if (spec !== undefined) list.listed.push({ spec, halted: reader.haltedOf(entry) });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      list.skipped++;
      if (list.skipReason === '') list.skipReason = error.message;
    }
  }
  return list;
}

/** Those that trade. @throws RangeError on the first of them that cannot be read. */
export function readTraded(entries: readonly unknown[], reader: EntryReader): InstrumentSpec[] {
  const specs: InstrumentSpec[] = [];
  for (const entry of entries) {
    if (!isObject(entry)) throw new RangeError(`Expected an object, was ${inWords(entry)}`);
    if (reader.haltedOf(entry) !== '') continue;
    const spec = reader.specOf(entry, specs.length);
    if (spec !== undefined) specs.push(spec);
  }
  return specs;
}

/** Several pages or documents as one list. */
export function joinLists(lists: readonly InstrumentList[]): InstrumentList {
  const listed = lists.flatMap((list) => list.listed);
  return {
    listed: listed.map((entry, index) => ({ ...entry, spec: { ...entry.spec, index } })),
    skipped: lists.reduce((sum, list) => sum + list.skipped, 0),
    skipReason: lists.find((list) => list.skipReason !== '')?.skipReason ?? '',
  };
}

/** @param what the document, for the message. @throws RangeError when it is no JSON. */
export function jsonOf(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new RangeError(`Expected ${what} as JSON, was broken: ${(error as Error).message}`);
  }
}

/** A step or price without needless zeros: `0.01000000` is `0.01`. @throws RangeError when it is no plain decimal text. */
export function plainDecimal(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new RangeError(`${field}: expected decimal text, was ${inWords(value)}`);
  if (!/^\d{1,20}(\.\d{1,20})?$/.test(value)) {
    throw new RangeError(`${field}: expected a decimal number, was "${value.slice(0, 80)}"`);
  }
  const digits = value.replace(/^0+(?=\d)/, '');
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}

/** As {@link plainDecimal}, of what prices or sizes are counted in. @throws RangeError when it is 0, too. */
export function plainStep(value: unknown, field: string): string {
  const step = plainDecimal(value, field);
  if (step === '0') throw new RangeError(`${field}: expected a step above 0, was "${value}"`);
  return step;
}

/**
 * The word for why an entry does not trade; '' where its status is the one of trading. Never '' for anything else: an
 * empty status, or a list of none, would otherwise pass for trading.
 */
export function haltedWord(status: unknown, trading: string): string {
  if (status === trading) return '';
  return typeof status === 'string' && status !== '' ? status : `status ${inWords(status)}`;
}
