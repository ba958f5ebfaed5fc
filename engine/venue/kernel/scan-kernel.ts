import { Buffer } from 'node:buffer';
import type { InstrumentTable, StepScale } from '../instrument-table.ts';
import { kernelBinary } from './kernel-binary.ts';

/** What the module exports: places in its memory, as globals, and functions over it. Positions are addresses, 0 nowhere. */
interface KernelExports {
  memory: { buffer: ArrayBuffer };
  HALF_OF_LEVELS: { value: number };
  LEVELS: { value: number };
  MESSAGE_VALUES: { value: number };
  MOST_LEVELS: { value: number };
  PAYLOAD: { value: number };
  PAYLOAD_BYTES: { value: number };
  PLACES: { value: number };
  ROW_VALUES: { value: number };
  SCALES: { value: number };
  TABLES: { value: number };
  TABLES_END: { value: number };
  VALUES: { value: number };
  scan(table: number, length: number, list: number, given: number): number;
  scanChannel(first: number, second: number, channels: number, length: number, list: number): number;
}

/** Of the platform's: its types come with those of browsers only. */
declare const WebAssembly: {
  Module: new (binary: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: object };
};

type Scale = Pick<StepScale, 'decimals' | 'units'>;
/** Decimals of a step that the kernel can count. */
const MOST_DECIMALS = 18;

const exports = instantiate();
const { buffer } = exports.memory;
const payloadAt = exports.PAYLOAD.value;
const payloadBytes = exports.PAYLOAD_BYTES.value;
const scaleDecimals = new Int32Array(buffer, exports.SCALES.value, 8);
const scaleUnits = new Float64Array(buffer, exports.SCALES.value, 4);
const payloadView = new Uint8Array(buffer, payloadAt, payloadBytes + 1);

/** Where the numbers of the first row are among the kernel's values, and how many a row has. */
export const FIRST_ROW = exports.MESSAGE_VALUES.value;
export const ROW_VALUES = exports.ROW_VALUES.value;
/** The first level of the second side of a list that holds both. */
export const HALF_OF_LEVELS = exports.HALF_OF_LEVELS.value;
/** What a content is that is no list of rows. */
export const IS_OBJECT = -1;
const REFUSED = -1;
const NOT_GIVEN = -1;

/** The kernel's memory as bytes, by address: the payload, as far as its header is read here. */
const kernelBytes = new Uint8Array(buffer);
/** Numbers of the newest message, then those of its rows. */
export const kernelValues = new Float64Array(
  buffer,
  exports.VALUES.value,
  (exports.LEVELS.value - exports.VALUES.value) / 8,
);
/** Pairs of ticks and lots of its levels, and how many decimals the texts of both had. */
export const kernelLevels = new Float64Array(buffer, exports.LEVELS.value, 2 * exports.MOST_LEVELS.value);
export const kernelPlaces = new Uint8Array(buffer, exports.PLACES.value, 2 * exports.MOST_LEVELS.value);
/** Room for tables of members. */
export const tableRoom = { from: exports.TABLES.value, to: exports.TABLES_END.value, buffer } as const;

let instruments: InstrumentTable | undefined;

/** What the kernel calls with a symbol that it does not remember; its index, or -1. */
function findSymbol(from: number, to: number): number {
  const found = instruments === undefined ? -1 : instruments.find(kernelBytes, from, to);
  if (instruments === undefined || found < 0) return -1;
  const price = instruments.priceScales[found] as StepScale;
  return setScales(price, instruments.sizeScales[found] as StepScale) ? found : -1;
}

/** The scales that prices and sizes are read with; false for one too fine for the kernel. */
function setScales(price: Scale, size: Scale): boolean {
  scaleDecimals[0] = price.decimals;
  scaleUnits[1] = price.units;
  scaleDecimals[4] = size.decimals;
  scaleUnits[3] = size.units;
  return price.decimals <= MOST_DECIMALS && size.decimals <= MOST_DECIMALS;
}

/** Takes a copy of the payload; false when it is empty, or too long. */
function load(payload: Uint8Array): boolean {
  const { length } = payload;
  if (length === 0 || length > payloadBytes) return false;
  payloadView.set(payload);
  // No text or number goes on behind this.
  payloadView[length] = 0;
  return true;
}

/**
 * Reads a payload, one object in compact JSON, by a table of its members ({@link defineMembers}); what they hold is then in
 * {@link kernelValues} and {@link kernelLevels}, up to the next payload. The index of the instrument that it names, or -1
 * for whatever is not as the table has it, not written plainly or not exact: that is somebody else's to judge.
 */
export function scanPayload(payload: Uint8Array, table: number, symbols: InstrumentTable): number {
  instruments = symbols;
  return load(payload) ? exports.scan(table, payload.length, symbols.id, NOT_GIVEN) : REFUSED;
}

/** As {@link scanPayload}, of a payload that does not name its instrument; true or false. */
export function scanPayloadOf(payload: Uint8Array, table: number, price: Scale, size: Scale): boolean {
  return setScales(price, size) && load(payload) && exports.scan(table, payload.length, 0, 0) === 0;
}

/**
 * As {@link scanPayload}, a payload `[number, content, "channel", "symbol"]`: the content is an object, or two, by tables
 * of their members, or a list of trades (`assembly/trades.ts`). What it is comes first among the values
 * (`assembly/index.ts`).
 * @param channels words with comma and quotes, up to the symbol.
 */
export function scanChannel(
  payload: Uint8Array,
  first: number,
  second: number,
  channels: number,
  symbols: InstrumentTable,
): number {
  instruments = symbols;
  return load(payload) ? exports.scanChannel(first, second, channels, payload.length, symbols.id) : REFUSED;
}

function instantiate(): KernelExports {
  const module = new WebAssembly.Module(Buffer.from(kernelBinary, 'base64'));
  const { exports } = new WebAssembly.Instance(module, { host: { findSymbol } });
  return exports as unknown as KernelExports;
}
