/**
 * The ladder's DOM: a fixed set of rows whose texts, classes and bar widths change; no element is made per tick. A row
 * keeps its price while the pointer is over the ladder or a button is down: only an explicit key, button or wheel moves it.
 */
import type { OrderView, SideName } from '../../engine/contract/trading-messages.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { isFinished } from '../stores/orders-store.ts';
import { centredTop, LadderModel, MAX_LADDER_ROWS, RowFlag, shouldRecentre } from './ladder-model.ts';
import type { MarketState } from './market-state.ts';
import { priceBucket, readableStep } from './price-bucket.ts';
import { RecentPrints } from './recent-prints.ts';
import { createStepFormatter, type StepFormatter, sizeDisplayDecimals } from './step-formatter.ts';

export const LADDER_ROW_PX = 20;

export interface LadderEvents {
  /** A press on a row: `priceTicks` is what the row showed at that moment. */
  onPress(side: SideName, priceTicks: number, modifiers: { shift: boolean; control: boolean }): void;
  onCancel(orderNumber: number): void;
  /** Middle press: the own orders in that row. */
  onCancelRow(orderNumbers: number[]): void;
  /** A step was chosen by the ladder itself for a new instrument. */
  onStep(step: number): void;
  /** Rows from the visible range to the market: positive above, negative below, 0 in sight. */
  onAway(rows: number): void;
}

interface Row {
  element: HTMLDivElement;
  own: HTMLDivElement;
  bid: Text;
  bidCell: HTMLElement;
  price: Text;
  ask: Text;
  askCell: HTMLElement;
  last: Text;
  lastCell: HTMLElement;
  priceTicks: number;
  orders: number[];
}

const flagClasses: string[] = Array.from({ length: 32 }, (_, flags) => {
  const classes = ['ladder-row'];
  if (flags & RowFlag.bestBid) classes.push('best-bid');
  if (flags & RowFlag.bestAsk) classes.push('best-ask');
  if (flags & RowFlag.lastPrice) classes.push('last-price');
  if (flags & RowFlag.spread) classes.push('in-spread');
  if (flags & RowFlag.entry) classes.push('entry');
  return classes.join(' ');
});

export class LadderView {
  readonly name = 'ladder';
  readonly priority = 0;
  readonly #host: HTMLElement;
  readonly #events: LadderEvents;
  readonly #market: () => MarketState;
  readonly #orders: () => ReadonlyMap<number, OrderView>;
  readonly #model = new LadderModel();
  readonly #prints = new RecentPrints();
  readonly #rows: Row[] = [];
  readonly #shownBid = new Float64Array(MAX_LADDER_ROWS);
  readonly #shownAsk = new Float64Array(MAX_LADDER_ROWS);
  readonly #shownLast = new Float64Array(MAX_LADDER_ROWS);
  readonly #shownFlags = new Int32Array(MAX_LADDER_ROWS);
  readonly #shownBars = new Float64Array(MAX_LADDER_ROWS * 2);
  readonly #shownOwn: string[] = [];
  readonly #nextOwn: string[] = [];
  readonly #cleanups: (() => void)[] = [];
  #instrument: InstrumentSpec | undefined;
  #formatPrice: StepFormatter = String;
  #formatSize: StepFormatter = String;
  #sizeDecimals = -1;
  #step = 0;
  #topBucket = 0;
  #placed = false;
  #rowCount = 0;
  #hovered = false;
  #pressed = false;
  #away = 0;
  #live = false;

  constructor(
    host: HTMLElement,
    market: () => MarketState,
    orders: () => ReadonlyMap<number, OrderView>,
    events: LadderEvents,
  ) {
    this.#host = host;
    this.#market = market;
    this.#orders = orders;
    this.#events = events;
    const listen = <K extends keyof HTMLElementEventMap>(
      type: K,
      listener: (event: HTMLElementEventMap[K]) => void,
    ) => {
      host.addEventListener(type, listener, { passive: false });
      this.#cleanups.push(() => host.removeEventListener(type, listener));
    };
    listen('pointerenter', () => {
      this.#hovered = true;
    });
    listen('pointermove', () => {
      this.#hovered = true;
    });
    listen('pointerleave', () => {
      this.#hovered = false;
    });
    listen('mousedown', (event) => this.#press(event));
    listen('contextmenu', (event) => event.preventDefault());
    // A middle press must not start the browser's own scrolling, nor paste.
    listen('auxclick', (event) => event.preventDefault());
    listen('wheel', (event) => {
      event.preventDefault();
      this.scroll(event.deltaY < 0 ? 3 : -3);
    });
    const release = () => {
      this.#pressed = false;
    };
    window.addEventListener('mouseup', release);
    window.addEventListener('blur', release);
    this.#cleanups.push(() => {
      window.removeEventListener('mouseup', release);
      window.removeEventListener('blur', release);
    });
  }

  dispose(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    this.#host.replaceChildren();
    this.#rows.length = 0;
  }

  /** Ticks a row; 0 until it is chosen. */
  get step(): number {
    return this.#step;
  }

  /**
   * Changes what is shown; the step is chosen anew unless one is given. The same instrument of another session (the engine
   * was restarted) keeps step and rows: a hand may rest on one.
   */
  setInstrument(instrument: InstrumentSpec | undefined, step = 0): void {
    const before = this.#instrument;
    this.#instrument = instrument;
    const same =
      before?.venue === instrument?.venue &&
      before?.symbol === instrument?.symbol &&
      before?.tickSize === instrument?.tickSize;
    if (this.#placed && same) {
      this.#invalidateRows();
      return;
    }
    this.#step = step;
    this.#placed = false;
    this.#sizeDecimals = -1;
    // Lots of another instrument are of another size: its bars would be nothing beside them for seconds.
    this.#model.barLots = 1;
    this.#invalidateRows();
    if (step > 0) this.#priceFormat();
  }

  /** Ticks a row. The middle of the view stays where it is. */
  setStep(step: number): void {
    if (step === this.#step) return;
    const middleTicks = this.#model.priceTicks(Math.floor(this.#rowCount / 2));
    this.#step = step;
    this.#priceFormat();
    if (this.#placed) this.#topBucket = centredTop(middleTicks, step, this.#rowCount);
    this.#invalidateRows();
  }

  /** Whether entries are possible: the look of the whole ladder says so. */
  setLive(live: boolean): void {
    this.#live = live;
  }

  get live(): boolean {
    return this.#live;
  }

  /** Moves the rows under a fixed pointer; positive shows higher prices. */
  scroll(rows: number): void {
    this.#topBucket += rows;
    this.draw();
  }

  /** Puts the market into the middle, whatever the pointer does: asked for by key or button. */
  recentre(): void {
    const mid = this.#market().midTicks;
    if (!(mid > 0) || this.#step === 0) return;
    this.#topBucket = centredTop(mid, this.#step, this.#rowCount);
    this.#placed = true;
    this.draw();
  }

  /** Number of rows for a height. */
  resize(heightPx: number): void {
    const count = Math.max(0, Math.min(MAX_LADDER_ROWS, Math.floor(heightPx / LADDER_ROW_PX)));
    if (count === this.#rowCount) return;
    const shift = Math.floor(count / 2) - Math.floor(this.#rowCount / 2);
    // The middle row keeps its price; under a resting pointer the top row does.
    if (this.#placed && !this.#hovered) this.#topBucket += shift;
    while (this.#rows.length < count) this.#addRow();
    while (this.#rows.length > count) this.#rows.pop()?.element.remove();
    this.#rowCount = count;
    this.#invalidateRows();
    this.draw();
  }

  draw(): void {
    const spec = this.#instrument;
    const market = this.#market();
    const rows = this.#rowCount;
    if (!spec || rows === 0) return;
    const mid = market.midTicks;
    if (this.#step === 0) {
      if (market.bidCount < 5 || market.askCount < 5) return;
      this.#step = readableStep(market.bids, market.bidCount, market.asks, market.askCount);
      this.#priceFormat();
      this.#events.onStep(this.#step);
    }
    if (!this.#placed) {
      if (!(mid > 0)) return;
      this.#topBucket = centredTop(mid, this.#step, rows);
      this.#placed = true;
    } else if (!this.#hovered && !this.#pressed && mid > 0 && shouldRecentre(mid, this.#step, this.#topBucket, rows)) {
      this.#topBucket = centredTop(mid, this.#step, rows);
    }
    if (this.#sizeDecimals < 0 && mid > 0) {
      this.#sizeDecimals = sizeDisplayDecimals(mid * Number(spec.tickSize), spec.sizeDecimals);
      this.#formatSize = createStepFormatter(spec.lotSize, this.#sizeDecimals);
    }
    this.#prints.update(market, this.#step);
    this.#model.build(market, this.#prints, this.#topBucket, rows, this.#step);
    this.#collectOwn(market);
    for (let i = 0; i < rows; i++) this.#drawRow(i);
    this.#reportAway(mid);
  }

  #drawRow(i: number): void {
    const row = this.#rows[i] as Row;
    const model = this.#model;
    const priceTicks = model.priceTicks(i);
    if (row.priceTicks !== priceTicks) {
      row.priceTicks = priceTicks;
      row.element.dataset['priceTicks'] = String(priceTicks);
      row.price.data = priceTicks > 0 ? this.#formatPrice(priceTicks) : '';
    }
    const bid = model.bid[i] as number;
    if (bid !== this.#shownBid[i]) {
      this.#shownBid[i] = bid;
      row.bid.data = bid > 0 ? this.#formatSize(bid) : '';
    }
    const ask = model.ask[i] as number;
    if (ask !== this.#shownAsk[i]) {
      this.#shownAsk[i] = ask;
      row.ask.data = ask > 0 ? this.#formatSize(ask) : '';
    }
    this.#drawBar(row.bidCell, i * 2, bid / model.barLots);
    this.#drawBar(row.askCell, i * 2 + 1, ask / model.barLots);
    const last = model.last[i] as number;
    if (last !== this.#shownLast[i]) {
      this.#shownLast[i] = last;
      row.last.data = last === 0 ? '' : this.#formatSize(Math.abs(last));
      row.lastCell.className = last === 0 ? 'cell last' : last > 0 ? 'cell last buy' : 'cell last sell';
    }
    const flags = model.flags[i] as number;
    if (flags !== this.#shownFlags[i]) {
      this.#shownFlags[i] = flags;
      row.element.className = flagClasses[flags] as string;
    }
    const own = this.#nextOwn[i] ?? '';
    if (own !== this.#shownOwn[i]) {
      this.#shownOwn[i] = own;
      this.#drawOwn(row);
    }
  }

  /** The bar is the cell's background: it repaints one cell, where a transformed child would be one more layer to commit. */
  #drawBar(cell: HTMLElement, slot: number, fraction: number): void {
    // Steps of 1 %: finer ones cannot be seen and would be written every frame.
    const shown = Math.round(Math.min(1, fraction) * 100) / 100;
    if (shown === this.#shownBars[slot]) return;
    this.#shownBars[slot] = shown;
    cell.style.backgroundSize = `${Math.round(shown * 100)}% 18px`;
  }

  #collectOwn(market: MarketState): void {
    for (let i = 0; i < this.#rowCount; i++) {
      this.#nextOwn[i] = '';
      (this.#rows[i] as Row).orders.length = 0;
    }
    for (const order of this.#orders().values()) {
      if (isFinished(order.status) || order.instrument !== market.instrument) continue;
      const at = this.#model.rowOf(priceBucket(order.priceTicks, this.#step, order.side === 'sell'));
      const row = this.#rows[at];
      if (!row) continue;
      row.orders.push(order.orderNumber);
      const queue = market.queueAheadLots(order.orderNumber);
      this.#nextOwn[at] += `${order.orderNumber} ${order.status} ${order.filledLots} ${queue};`;
    }
  }

  #drawOwn(row: Row): void {
    const orders = this.#orders();
    const market = this.#market();
    const chips: HTMLElement[] = [];
    for (const number of row.orders) {
      const order = orders.get(number);
      if (!order) continue;
      const chip = document.createElement('span');
      chip.className = `own-order ${order.side} ${order.status}`;
      chip.dataset['orderNumber'] = String(number);
      const size = document.createElement('b');
      size.textContent = this.#formatSize(order.sizeLots - order.filledLots);
      chip.append(size);
      const queue = market.queueAheadLots(number);
      if (queue >= 0) {
        const ahead = document.createElement('i');
        ahead.textContent = this.#formatSize(queue);
        chip.append(ahead);
      }
      chips.push(chip);
    }
    row.own.replaceChildren(...chips);
  }

  #press(event: MouseEvent): void {
    const target = event.target as Element;
    const element = target.closest<HTMLElement>('.ladder-row');
    const row = this.#rows.find((candidate) => candidate.element === element);
    if (!row) return;
    event.preventDefault();
    this.#hovered = true;
    this.#pressed = true;
    // Keys go to the ladder's actions again, not into a field that still has the focus.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    const chip = target.closest<HTMLElement>('[data-order-number]');
    if (chip) {
      this.#events.onCancel(Number(chip.dataset['orderNumber']));
      return;
    }
    if (event.button === 1) {
      if (row.orders.length > 0) this.#events.onCancelRow([...row.orders]);
      return;
    }
    // The own column only cancels: a press on an order that was filled a moment ago must not become a new one.
    if (row.own.contains(target) || !(row.priceTicks > 0)) return;
    const modifiers = { shift: event.shiftKey, control: event.ctrlKey || event.metaKey };
    if (event.button === 0) this.#events.onPress('buy', row.priceTicks, modifiers);
    else if (event.button === 2) this.#events.onPress('sell', row.priceTicks, modifiers);
  }

  #reportAway(mid: number): void {
    const row = mid > 0 ? this.#topBucket - Math.round(mid / this.#step) : 0;
    const away = row < 0 ? -row : row >= this.#rowCount ? this.#rowCount - 1 - row : 0;
    if (away === this.#away) return;
    this.#away = away;
    this.#events.onAway(away);
  }

  #priceFormat(): void {
    const spec = this.#instrument;
    if (!spec) return;
    let drop = 0;
    for (let step = this.#step; step % 10 === 0 && drop < spec.priceDecimals; step /= 10) drop++;
    this.#formatPrice = createStepFormatter(spec.tickSize, spec.priceDecimals - drop);
  }

  #invalidateRows(): void {
    this.#shownBid.fill(Number.NaN);
    this.#shownAsk.fill(Number.NaN);
    this.#shownLast.fill(Number.NaN);
    this.#shownBars.fill(Number.NaN);
    this.#shownFlags.fill(-1);
    this.#shownOwn.length = 0;
    for (const row of this.#rows) row.priceTicks = Number.NaN;
  }

  #addRow(): void {
    const element = document.createElement('div');
    element.className = 'ladder-row';
    const cell = (name: string): HTMLDivElement => {
      const div = document.createElement('div');
      div.className = `cell ${name}`;
      div.dataset['cell'] = name;
      element.append(div);
      return div;
    };
    const text = (parent: HTMLElement): Text => {
      const node = document.createTextNode('');
      const span = document.createElement('span');
      span.append(node);
      parent.append(span);
      return node;
    };
    const own = cell('own');
    const bidCell = cell('bid');
    const bid = text(bidCell);
    const price = text(cell('price'));
    const askCell = cell('ask');
    const ask = text(askCell);
    const lastCell = cell('last');
    const last = text(lastCell);
    this.#host.append(element);
    this.#rows.push({
      element,
      own,
      bid,
      bidCell,
      price,
      ask,
      askCell,
      last,
      lastCell,
      priceTicks: Number.NaN,
      orders: [],
    });
  }
}
