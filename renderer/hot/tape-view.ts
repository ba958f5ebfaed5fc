/** The tape's DOM: newest trade on top, rows recycled. Stands still while the pointer is over it or it is scrolled back. */
import { TRADE_FIELDS } from '../../engine/contract/market-frame.ts';
import { type InstrumentSpec, Side } from '../../engine/contract/units.ts';
import { type MarketState, TRADE_RING } from './market-state.ts';
import { createStepFormatter, type StepFormatter } from './step-formatter.ts';

export const TAPE_ROW_PX = 18;
const MAX_ROWS = 160;
/** Prints are read, not raced: thirty times a second is more than an eye takes in. */
const LEAST_DRAW_MS = 33;
/** A print this many times the average is large, or huge. */
const LARGE = 4;
const HUGE = 12;

interface Row {
  element: HTMLDivElement;
  /** As they are on screen. */
  className: string;
  time: Text;
  /** The side also without colour. */
  arrow: Text;
  price: Text;
  size: Text;
}

/** Local wall clock with ms, `14:05:09.123`, from us since the epoch; only the fields that are shown. */
export function formatTapeTime(timeUs: number): string {
  const date = new Date(timeUs / 1000);
  const two = (value: number) => (value < 10 ? `0${value}` : String(value));
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** A text node that is written to is laid out anew, changed or not. */
function write(node: Text, text: string): void {
  if (node.data !== text) node.data = text;
}

export class TapeView {
  readonly name = 'tape';
  readonly priority = 2;
  readonly leastMs = LEAST_DRAW_MS;
  readonly leastMsWhenStrained = 100;
  readonly #host: HTMLElement;
  readonly #market: () => MarketState;
  readonly #onPaused: (unseen: number, paused: boolean) => void;
  /** Top first. */
  #rows: Row[] = [];
  #rowCount = 0;
  #formatPrice: StepFormatter = String;
  #formatSize: StepFormatter = String;
  #instrument: InstrumentSpec | undefined;
  #minimumLots = 0;
  #drawn = 0;
  #offset = 0;
  #hovered = false;
  #averageLots = 0;
  #averaged = 0;
  #shownUnseen = -1;
  readonly #cleanups: (() => void)[] = [];

  constructor(host: HTMLElement, market: () => MarketState, onPaused: (unseen: number, paused: boolean) => void) {
    this.#host = host;
    this.#market = market;
    this.#onPaused = onPaused;
    const enter = () => {
      this.#hovered = true;
    };
    const leave = () => {
      this.#hovered = false;
      this.#offset = 0;
      this.redraw();
    };
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      this.#offset = Math.max(0, this.#offset + (event.deltaY > 0 ? 5 : -5));
      this.redraw();
    };
    host.addEventListener('pointerenter', enter);
    host.addEventListener('pointerleave', leave);
    host.addEventListener('wheel', wheel, { passive: false });
    this.#cleanups.push(() => {
      host.removeEventListener('pointerenter', enter);
      host.removeEventListener('pointerleave', leave);
      host.removeEventListener('wheel', wheel);
    });
  }

  dispose(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    this.#host.replaceChildren();
    this.#rows = [];
  }

  setInstrument(instrument: InstrumentSpec | undefined): void {
    this.#instrument = instrument;
    if (instrument) {
      this.#formatPrice = createStepFormatter(instrument.tickSize);
      this.#formatSize = createStepFormatter(instrument.lotSize);
    }
    this.#averageLots = 0;
    this.#averaged = 0;
    this.#offset = 0;
    this.redraw();
  }

  setMinimumLots(lots: number): void {
    this.#minimumLots = lots;
    this.redraw();
  }

  resize(heightPx: number): void {
    const count = Math.max(0, Math.min(MAX_ROWS, Math.floor(heightPx / TAPE_ROW_PX)));
    if (count === this.#rowCount) return;
    this.#rowCount = count;
    this.redraw();
  }

  draw(): void {
    const market = this.#market();
    if (!this.#instrument) return;
    if (market.tradesWritten < this.#drawn) {
      this.#averaged = 0;
      this.redraw();
      return;
    }
    this.#average(market);
    if (this.#hovered || this.#offset > 0) {
      this.#report(market.tradesWritten - this.#drawn, true);
      return;
    }
    this.#report(0, false);
    const fresh = market.tradesWritten - this.#drawn;
    // As many as there are rows: none of what is there stays, so nothing needs to move.
    if (fresh >= this.#rowCount) {
      this.redraw();
      return;
    }
    for (let n = this.#drawn; n < market.tradesWritten; n++) {
      const at = market.tradeOffset(n);
      if (at < 0 || (market.trades[at + 2] as number) < this.#minimumLots) continue;
      const row = this.#rows.length < this.#rowCount ? this.#makeRow() : this.#rows.pop();
      if (!row) break;
      this.#fill(row, market.trades, at);
      this.#host.prepend(row.element);
      this.#rows.unshift(row);
    }
    this.#drawn = market.tradesWritten;
  }

  /** Rebuilds all rows from the ring at the present scroll offset. */
  redraw(): void {
    const market = this.#market();
    if (!this.#instrument) return;
    this.#average(market);
    const newest = this.#offset > 0 && this.#drawn <= market.tradesWritten ? this.#drawn : market.tradesWritten;
    const rows: Row[] = [];
    let skip = this.#offset;
    const oldest = Math.max(0, market.tradesWritten - TRADE_RING);
    for (let n = newest - 1; n >= oldest && rows.length < this.#rowCount; n--) {
      const at = market.tradeOffset(n);
      if ((market.trades[at + 2] as number) < this.#minimumLots) continue;
      if (skip > 0) {
        skip--;
        continue;
      }
      const row = this.#rows[rows.length] ?? this.#makeRow();
      this.#fill(row, market.trades, at);
      rows.push(row);
    }
    // Rows are filled where they are; only what is new or left over touches the tree.
    for (const row of rows.slice(this.#rows.length)) this.#host.append(row.element);
    for (const row of this.#rows.slice(rows.length)) row.element.remove();
    this.#rows = rows;
    this.#drawn = newest;
    this.#report(market.tradesWritten - newest, this.#offset > 0 || this.#hovered);
  }

  #average(market: MarketState): void {
    for (let n = Math.max(this.#averaged, market.tradesWritten - TRADE_RING); n < market.tradesWritten; n++) {
      const lots = market.trades[market.tradeOffset(n) + 2] as number;
      this.#averageLots = this.#averageLots === 0 ? lots : this.#averageLots * 0.995 + lots * 0.005;
    }
    this.#averaged = market.tradesWritten;
  }

  #report(unseen: number, paused: boolean): void {
    const shown = paused ? unseen : -1;
    if (shown === this.#shownUnseen) return;
    this.#shownUnseen = shown;
    this.#onPaused(unseen, paused);
  }

  #fill(row: Row, trades: Float64Array, at: number): void {
    const lots = trades[at + 2] as number;
    const buy = trades[at + TRADE_FIELDS - 1] === Side.buy;
    write(row.time, formatTapeTime(trades[at] as number));
    write(row.arrow, buy ? '▲' : '▼');
    write(row.price, this.#formatPrice(trades[at + 1] as number));
    write(row.size, this.#formatSize(lots));
    const weight = lots >= this.#averageLots * HUGE ? ' huge' : lots >= this.#averageLots * LARGE ? ' large' : '';
    const className = `tape-row ${buy ? 'buy' : 'sell'}${weight}`;
    if (row.className !== className) {
      row.className = className;
      row.element.className = className;
    }
    row.element.dataset['tradeId'] = String(trades[at + 3]);
  }

  #makeRow(): Row {
    const element = document.createElement('div');
    element.dataset['testid'] = 'tape-row';
    const cell = (name: string): Text => {
      const span = document.createElement('span');
      span.className = name;
      const node = document.createTextNode('');
      span.append(node);
      element.append(span);
      return node;
    };
    const time = cell('time');
    const price = cell('price');
    const arrow = document.createTextNode('');
    const mark = document.createElement('i');
    mark.className = 'arrow';
    mark.append(arrow);
    price.before(mark);
    return { element, className: '', time, arrow, price, size: cell('size') };
  }
}
