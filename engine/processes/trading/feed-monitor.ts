import { AlertLevel, RecordKind } from '../../contract/record.ts';
import type { ClockEstimate } from '../../contract/trading-messages.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { ClockOffset } from '../../venue/clock-offset.ts';
import { FeedLag, LAG_SAMPLE_NS, lagLimits } from '../../venue/feed-lag.ts';

/** A venue's answer that contradicts the estimate by less is a clock being slewed, not one that was set. */
const CLOCK_SET_NS = 100e6;
/** Longest pause between two timers that is filled up with empty samples: the whole slope. */
const MAX_EMPTY_SAMPLES = 20;

export interface FeedMonitorOptions {
  /** As of now: symbols may be added. */
  instruments(): readonly InstrumentSpec[];
  /** Wall clock of engine time 0, us since the epoch. */
  originUs: number;
  /** Smallest receive time minus venue time since the last call, ns; Infinity where no message came. */
  takeSmallestLagNs(instrument: number): number;
  /** Alerts, as input records. */
  emit(slot: EventSlot): void;
}

/**
 * Clock of each venue against this machine's, lag and slope of each instrument's feed, and their alarms. Driven by the
 * timer records of the session, so that a recording gives the same alarms at every speed; the hot path only keeps a
 * minimum.
 */
export class FeedMonitor {
  readonly #o: FeedMonitorOptions;
  readonly #clocks = new Map<string, ClockOffset>();
  readonly #lags: FeedLag[] = [];
  readonly #slot = new EventSlot();
  #sampledNs = 0;

  constructor(options: FeedMonitorOptions) {
    this.#o = options;
  }

  /** After each timer record was stepped. */
  onTimer(timeNs: number): void {
    const elapsed = Math.floor((timeNs - this.#sampledNs) / LAG_SAMPLE_NS);
    if (elapsed < 1) return;
    this.#sampledNs += elapsed * LAG_SAMPLE_NS;
    const empty = Math.min(elapsed - 1, MAX_EMPTY_SAMPLES);
    const instruments = this.#o.instruments();
    for (let i = 0; i < instruments.length; i++) this.#sample(instruments[i] as InstrumentSpec, timeNs, empty);
  }

  /** A venue was asked for its time between two engine times; it answered `venueUs`, us since the epoch. */
  onVenueTime(venue: string, sentNs: number, receivedNs: number, venueUs: number, resolutionUs: number): void {
    const venueNs = (venueUs - this.#o.originUs) * 1000;
    const contradictionNs = this.#clockOf(venue).onRequest(sentNs, receivedNs, venueNs, resolutionUs * 1000);
    if (contradictionNs < CLOCK_SET_NS) return;
    this.#alert(0, receivedNs, AlertLevel.warning, `${venue}: its clock moved by ${seconds(contradictionNs)}`);
  }

  /** The venue's clock against this machine's; undefined while nothing is known. */
  clock(venue: string, timeNs: number): ClockEstimate | undefined {
    return this.#clocks.get(venue)?.estimate(timeNs);
  }

  /** Undefined before the first sample. */
  lag(instrument: number): Readonly<FeedLag> | undefined {
    return this.#lags[instrument];
  }

  /** All estimates begin anew: this machine slept, and its clocks are not what they were. */
  reset(): void {
    for (const clock of this.#clocks.values()) clock.reset();
    for (const lag of this.#lags) lag.reset();
  }

  #sample(instrument: InstrumentSpec, timeNs: number, empty: number): void {
    const { index, venue, symbol } = instrument;
    const feed = this.#lagOf(index);
    const lagNs = this.#o.takeSmallestLagNs(index);
    for (let i = 0; i < empty; i++) feed.take(Number.POSITIVE_INFINITY, 0);
    const clock = this.#clockOf(venue);
    if (Number.isFinite(lagNs)) clock.onLag(lagNs, timeNs);
    const wasAlarmed = feed.alarm;
    if (!feed.take(lagNs, clock.estimate(timeNs)?.offsetNs ?? 0)) return;
    if (feed.alarm === 'lag') {
      const text = `${symbol} feed is ${seconds(feed.lagNs)} behind the venue (limit ${seconds(lagLimits.lagNs)})`;
      this.#alert(index, timeNs, AlertLevel.warning, text);
    } else if (feed.alarm === 'slope') {
      const slope = `${milliseconds(feed.slopeNsPerS)} a second (limit ${milliseconds(lagLimits.slopeNsPerS)})`;
      const text = `${symbol} feed falls behind by ${slope}, is ${seconds(feed.lagNs)} behind the venue`;
      this.#alert(index, timeNs, AlertLevel.warning, text);
    } else if (wasAlarmed !== 'none') {
      const text = `${symbol} feed has caught up: ${milliseconds(feed.lagNs)} behind the venue`;
      this.#alert(index, timeNs, AlertLevel.info, text);
    }
  }

  #alert(instrument: number, timeNs: number, level: AlertLevel, text: string): void {
    const slot = this.#slot.begin(RecordKind.alert, instrument, timeNs);
    slot.id = level;
    this.#o.emit(slot.setText(text));
  }

  #clockOf(venue: string): ClockOffset {
    let clock = this.#clocks.get(venue);
    if (clock === undefined) {
      clock = new ClockOffset();
      this.#clocks.set(venue, clock);
    }
    return clock;
  }

  #lagOf(instrument: number): FeedLag {
    let lag = this.#lags[instrument];
    if (lag === undefined) {
      lag = new FeedLag();
      this.#lags[instrument] = lag;
    }
    return lag;
  }
}

function seconds(ns: number): string {
  return `${(ns / 1e9).toFixed(2)} s`;
}

function milliseconds(ns: number): string {
  return `${Math.round(ns / 1e6)} ms`;
}
