import { KillState } from '../contract/record.ts';
import { grownFloat64, grownUint8 } from '../core/grown-array.ts';

/** Time without proof of flatness after which the alarm is raised. */
export const KILL_DEADLINE_NS = 5e9;
/** Order entry may be down for this long before the alarm is raised. */
export const KILL_DOWN_GRACE_NS = 1e9;
const CANCEL_AGAIN_NS = 500e6;
const SLICE_PAUSE_NS = 50e6;
const ASK_AGAIN_NS = 1e9;

/** What the kill switch needs of the trading step. All instruments of the process are killed together. */
export interface KillPort {
  readonly instrumentCount: number;
  orderEntryUp(): boolean;
  /** Orders that are not terminal, of one instrument. */
  liveOrders(instrument: number): number;
  positionLots(instrument: number): number;
  /** Cancels every live order that is not the kill switch's own, and whatever else the venue holds. */
  cancelEverything(timeNs: number): void;
  /** Sends one reduce-only IOC slice; returns why not, or an empty string when it went out. */
  closeSlice(instrument: number, timeNs: number): string;
  /** The answer comes back through {@link KillSwitch.onOpenOrders}. */
  askOpenOrders(instrument: number, timeNs: number): void;
  /** Outward state or detail changed. */
  changed(state: KillState, detail: string, timeNs: number): void;
}

/**
 * Cancel all -> wait until nothing works -> close reduce-only in slices -> ask the venue -> "flat, confirmed", or a
 * standing alarm. The inner phase goes on working while the alarm stands: an order entry that comes back still gets its
 * cancels and closes, but a raised alarm is only ever taken down by hand.
 */
export class KillSwitch {
  readonly #port: KillPort;
  #phase: KillState = KillState.idle;
  #state: KillState = KillState.idle;
  #detail = '';
  #startedNs = 0;
  #endedNs = 0;
  #nowNs = 0;
  #downSinceNs = -1;
  #lastCancelNs = 0;
  #obstacle = '';
  #lastSliceNs: Float64Array;
  #askedNs: Float64Array;
  #proven: Uint8Array;

  constructor(port: KillPort) {
    this.#port = port;
    this.#lastSliceNs = new Float64Array(port.instrumentCount);
    this.#askedNs = new Float64Array(port.instrumentCount);
    this.#proven = new Uint8Array(port.instrumentCount);
  }

  get state(): KillState {
    return this.#state;
  }
  get detail(): string {
    return this.#detail;
  }
  /** True from the press until the reset by hand: only the kill switch's own orders pass. */
  get active(): boolean {
    return this.#state !== KillState.idle;
  }
  /** From the press to the proof, or to now. */
  get elapsedMs(): number {
    if (this.#state === KillState.idle) return 0;
    return ((this.#endedNs > 0 ? this.#endedNs : this.#nowNs) - this.#startedNs) / 1e6;
  }

  /** One more instrument: a run that is under way has to prove it flat too. */
  instrumentAdded(): void {
    const index = this.#port.instrumentCount - 1;
    this.#lastSliceNs = grownFloat64(this.#lastSliceNs, index + 1);
    this.#askedNs = grownFloat64(this.#askedNs, index + 1);
    this.#proven = grownUint8(this.#proven, index + 1);
    this.#lastSliceNs[index] = this.#askedNs[index] = Number.NEGATIVE_INFINITY;
  }

  /** Starts, or starts anew when an earlier run has ended. Returns false while one is under way. */
  press(timeNs: number): boolean {
    if (this.#phase !== KillState.idle) return false;
    this.#begin(timeNs);
    this.#show(KillState.cancelling, 'cancelling all orders');
    this.advance(timeNs);
    return true;
  }

  /** Released by hand, only after flatness was confirmed or with the alarm standing. */
  reset(timeNs: number): boolean {
    if (this.#state !== KillState.flatConfirmed && this.#state !== KillState.alarm) return false;
    this.#phase = KillState.idle;
    this.#nowNs = timeNs;
    this.#show(KillState.idle, 'reset by hand');
    return true;
  }

  /** After a restart: a run that was under way starts again, an end stays until it is reset by hand. */
  restore(state: KillState, timeNs: number): void {
    if (state === KillState.idle) return;
    if (state === KillState.flatConfirmed) {
      this.#state = state;
      this.#detail = 'flat confirmed before the restart';
      return;
    }
    this.#begin(timeNs);
    this.#show(state === KillState.alarm ? KillState.alarm : KillState.cancelling, 'taken up again after a restart');
  }

  /** Drives the machine: after every order event, and by the timer. */
  advance(timeNs: number): void {
    if (this.#phase === KillState.idle) return;
    this.#nowNs = timeNs;
    this.#watchDeadlines(timeNs);
    if (!this.#port.orderEntryUp()) return;
    if (this.#phase === KillState.cancelling) this.#cancelling(timeNs);
    if (this.#phase === KillState.closing) this.#closing(timeNs);
    if (this.#phase === KillState.confirming) this.#confirming(timeNs);
  }

  /** The venue's answer to askOpenOrders: `open` orders, or not answered. */
  onOpenOrders(instrument: number, open: number, answered: boolean, timeNs: number): void {
    if (this.#phase !== KillState.confirming) return;
    if (!answered) {
      this.#askedNs[instrument] = timeNs - ASK_AGAIN_NS + SLICE_PAUSE_NS;
      this.#obstacle = 'the venue did not say which orders are open';
    } else if (open > 0) {
      this.#obstacle = `the venue still holds ${open} open order${open === 1 ? '' : 's'}`;
      this.#enter(KillState.cancelling, this.#obstacle);
      this.#cancelAll(timeNs);
    } else {
      this.#proven[instrument] = 1;
    }
    this.advance(timeNs);
  }

  #begin(timeNs: number): void {
    this.#startedNs = timeNs;
    this.#endedNs = 0;
    this.#nowNs = timeNs;
    this.#downSinceNs = -1;
    this.#lastCancelNs = Number.NEGATIVE_INFINITY;
    this.#lastSliceNs.fill(Number.NEGATIVE_INFINITY);
    this.#obstacle = '';
    this.#phase = KillState.cancelling;
  }

  #cancelling(timeNs: number): void {
    // Once at the start in any case: the venue may hold orders that are unknown here.
    if (timeNs - this.#lastCancelNs >= CANCEL_AGAIN_NS) this.#cancelAll(timeNs);
    const live = this.#liveOrders();
    if (live === 0) this.#enter(KillState.closing, 'closing positions');
    else this.#obstacle = `${live} order${live === 1 ? ' is' : 's are'} not cancelled yet`;
  }

  #closing(timeNs: number): void {
    let flat = true;
    for (let i = 0; i < this.#port.instrumentCount; i++) {
      const live = this.#port.liveOrders(i);
      const position = this.#port.positionLots(i);
      if (live === 0 && position === 0) continue;
      flat = false;
      if (live > 0) {
        // Our own slice on its way, or an order that turned up late; only the latter is cancelled.
        if (timeNs - this.#lastCancelNs >= CANCEL_AGAIN_NS) this.#cancelAll(timeNs);
        this.#obstacle = `waiting for ${live} closing order${live === 1 ? '' : 's'}`;
      } else if (timeNs - (this.#lastSliceNs[i] as number) >= SLICE_PAUSE_NS) {
        this.#lastSliceNs[i] = timeNs;
        const refused = this.#port.closeSlice(i, timeNs);
        this.#obstacle = refused === '' ? `a position of ${position} lots is being closed` : refused;
      }
    }
    if (!flat) return;
    this.#proven.fill(0);
    this.#askedNs.fill(Number.NEGATIVE_INFINITY);
    this.#enter(KillState.confirming, 'asking the venue for open orders');
  }

  #confirming(timeNs: number): void {
    let proven = true;
    for (let i = 0; i < this.#port.instrumentCount; i++) {
      if (this.#port.positionLots(i) !== 0 || this.#port.liveOrders(i) > 0) {
        this.#enter(KillState.cancelling, 'a late fill or order turned up');
        return;
      }
      if (this.#proven[i] === 1) continue;
      proven = false;
      if (timeNs - (this.#askedNs[i] as number) >= ASK_AGAIN_NS) {
        this.#askedNs[i] = timeNs;
        this.#port.askOpenOrders(i, timeNs);
      }
    }
    if (!proven) return;
    this.#phase = KillState.idle;
    this.#endedNs = timeNs;
    const seconds = ((timeNs - this.#startedNs) / 1e9).toFixed(2);
    if (this.#state === KillState.alarm) {
      this.#show(KillState.alarm, `flat confirmed late, after ${seconds} s; reset by hand`);
    } else {
      this.#show(KillState.flatConfirmed, `flat, confirmed by the venue in ${seconds} s`);
    }
  }

  #watchDeadlines(timeNs: number): void {
    if (this.#port.orderEntryUp()) this.#downSinceNs = -1;
    else if (this.#downSinceNs < 0) this.#downSinceNs = timeNs;
    if (this.#state === KillState.alarm) return;
    if (this.#downSinceNs >= 0 && timeNs - this.#downSinceNs >= KILL_DOWN_GRACE_NS) {
      this.#show(KillState.alarm, 'NOT FLAT for certain: order entry is down');
    } else if (timeNs - this.#startedNs >= KILL_DEADLINE_NS) {
      const why = this.#obstacle === '' ? 'no proof from the venue' : this.#obstacle;
      this.#show(KillState.alarm, `NOT FLAT for certain after ${KILL_DEADLINE_NS / 1e9} s: ${why}`);
    }
  }

  #cancelAll(timeNs: number): void {
    this.#lastCancelNs = timeNs;
    this.#port.cancelEverything(timeNs);
  }

  #liveOrders(): number {
    let live = 0;
    for (let i = 0; i < this.#port.instrumentCount; i++) live += this.#port.liveOrders(i);
    return live;
  }

  #enter(phase: KillState, detail: string): void {
    this.#phase = phase;
    if (this.#state !== KillState.alarm) this.#show(phase, detail);
  }

  #show(state: KillState, detail: string): void {
    this.#state = state;
    this.#detail = detail;
    this.#port.changed(state, detail, this.#nowNs);
  }
}
