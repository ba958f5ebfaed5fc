import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Balance } from './account.ts';
import type { MarketIds } from './market-ids.ts';
import { isWorking, type OwnFill, type OwnOrder } from './own-order.ts';

/** One atomic change of what the venue must not forget: a line of the file. The newest value of a key counts. */
export interface StoredChange {
  orders?: OwnOrder[];
  fills?: OwnFill[];
  /** By asset. */
  balances?: Record<string, Balance>;
  /** By symbol: no id up to these will be given out again without another line saying so. */
  reserved?: Record<string, MarketIds>;
  /** By symbol: last traded price in ticks. */
  prices?: Record<string, number>;
  /** Times the venue has been started on this file. */
  starts?: number;
}

export interface StoredState {
  orders: OwnOrder[];
  fills: OwnFill[];
  balances: Record<string, Balance>;
  reserved: Record<string, MarketIds>;
  prices: Record<string, number>;
  starts: number;
}

const FILE = 'venue-journal.ndjson';
/** Finished orders and fills kept over a restart; working orders are all kept. */
const KEPT_ORDERS = 5000;
const KEPT_FILLS = 10_000;

/**
 * The account's orders, fills, balances and counters in an append-only file of JSON lines. A change is in the file
 * (in the system's page cache, so it outlives `kill -9`; not fsynced, so a power cut may lose the last ones) before
 * its answer leaves. A line cut short by a crash is dropped: its answer never left. Opening rewrites the file as one
 * line, so it does not grow from start to start.
 */
export class VenueStore {
  readonly #path: string;
  readonly #file: number;

  private constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * @throws Error naming file and line when a line other than the last cannot be read: a venue that has forgotten
   * orders must not open quietly.
   */
  static open(dataDir: string): { store: VenueStore; state: StoredState } {
    mkdirSync(dataDir, { recursive: true });
    const path = join(dataDir, FILE);
    const state = existsSync(path) ? readState(path) : emptyState();
    state.starts++;
    const compact = `${path}.new`;
    const file = openSync(compact, 'w', 0o600);
    writeAll(file, `${JSON.stringify(state)}\n`);
    fsyncSync(file);
    closeSync(file);
    renameSync(compact, path);
    return { store: new VenueStore(path, openSync(path, 'a', 0o600)), state };
  }

  /** Writes a change; it is safe from a crash of this process when this returns. @throws Error naming the file. */
  append(change: StoredChange): void {
    try {
      writeAll(this.#file, `${JSON.stringify(change)}\n`);
    } catch (error) {
      throw new Error(`Expected to write to ${this.#path}: ${String(error)}`, { cause: error });
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function emptyState(): StoredState {
  return { orders: [], fills: [], balances: {}, reserved: {}, prices: {}, starts: 0 };
}

function readState(path: string): StoredState {
  const state = emptyState();
  const orders = new Map<string, OwnOrder>();
  const lines = readFileSync(path, 'utf8').split('\n');
  // The last element is empty when the file ends in a whole line; else it is the torn one.
  lines.pop();
  lines.forEach((line, index) => {
    let change: StoredChange;
    try {
      change = JSON.parse(line) as StoredChange;
    } catch (error) {
      throw new Error(`Expected JSON in line ${index + 1} of ${path}, was "${line.slice(0, 60)}"`, { cause: error });
    }
    for (const order of change.orders ?? []) orders.set(`${order.symbol}:${order.orderId}`, order);
    state.fills.push(...(change.fills ?? []));
    Object.assign(state.balances, change.balances);
    Object.assign(state.reserved, change.reserved);
    Object.assign(state.prices, change.prices);
    state.starts = change.starts ?? state.starts;
  });
  const all = [...orders.values()];
  const done = all.filter((order) => !isWorking(order));
  const dropped = new Set(done.slice(0, Math.max(0, done.length - KEPT_ORDERS)));
  state.orders = all.filter((order) => !dropped.has(order));
  state.fills = state.fills.slice(-KEPT_FILLS);
  return state;
}
