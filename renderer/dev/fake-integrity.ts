/** States of made-up books: what a planted fault does to one, and what is remembered of it. dev.html only. */
import type { FaultCommand, FaultName } from '../../engine/contract/fault-menu.ts';
import type { BookStateName, FeedStats, IntegrityView } from '../../engine/contract/trading-messages.ts';

const CAUSED: Partial<Record<FaultName, [BookStateName, string]>> = {
  gap: ['gap', 'expected update 48213377, was 48213381'],
  omittedDelete: ['crossed', 'bid 61842.1 at or above ask 61841.9'],
  crossedBook: ['crossed', 'bid 61842.1 at or above ask 61841.9'],
  wrongChecksum: ['checksum', 'expected checksum 2884013517, was 1190284412'],
  bitFlip: ['checksum', 'expected checksum 2884013517, was 1190284412'],
  silentStall: ['stale', 'no depth update for 3 s'],
  halfOpen: ['stale', 'no depth update for 3 s'],
  connectionCut: ['connecting', 'closed by the venue'],
  serverShutdown: ['connecting', 'closed by the venue'],
};

export class FakeIntegrity {
  readonly changes: IntegrityView[] = [];
  readonly counts = new Map<number, { gaps: number; resyncs: number; crossed: number }>();
  readonly #states = new Map<number, { state: BookStateName; reason: string }>();
  readonly #onChange: (change: IntegrityView) => void;
  /** ns; as if the clock of the venue were behind. */
  offsetNs = -1_270_400_000;
  lagNs = 12_300_000;
  slopeNsPerS = 0;
  alarm = false;

  constructor(onChange: (change: IntegrityView) => void) {
    this.#onChange = onChange;
  }

  of(instrument: number): { state: BookStateName; reason: string } {
    return this.#states.get(instrument) ?? { state: 'live', reason: '' };
  }

  set(instrument: number, state: BookStateName, reason = '', timeUs = Date.now() * 1000): void {
    this.#states.set(instrument, { state, reason });
    const counts = this.counts.get(instrument) ?? { gaps: 0, resyncs: 0, crossed: 0 };
    if (state === 'gap') counts.gaps++;
    if (state === 'syncing') counts.resyncs++;
    if (state === 'crossed') counts.crossed++;
    this.counts.set(instrument, counts);
    const change = { instrument, timeUs, state, reason };
    this.changes.push(change);
    this.#onChange(change);
  }

  /** What the book goes through when this fault hits it. */
  plant(command: FaultCommand): void {
    const caused = CAUSED[command.fault];
    if (!caused) return;
    const [state, reason] = caused;
    this.set(0, state, reason);
    setTimeout(() => this.set(0, 'syncing', 'waiting for the snapshot'), 1_200);
    setTimeout(() => this.set(0, 'live'), 2_400);
  }

  feed(instrument: number, lastPriceTicks: number): FeedStats {
    const { state, reason } = this.of(instrument);
    const counts = this.counts.get(instrument) ?? { gaps: 0, resyncs: 0, crossed: 0 };
    const stateChanges: Partial<Record<BookStateName, number>> = { live: 1 };
    for (const change of this.changes) {
      if (change.instrument === instrument) stateChanges[change.state] = (stateChanges[change.state] ?? 0) + 1;
    }
    return {
      depth: 1200,
      trades: 400,
      discarded: 3,
      applied: 1600,
      ...counts,
      badMessages: 0,
      state,
      stateReason: reason,
      stateChanges,
      feedLagNs: this.lagNs - this.offsetNs + (Math.random() - 0.5) * 4e6,
      clock: { offsetNs: this.offsetNs, errorNs: 400_000, source: 'request' },
      lagSlopeNsPerS: this.slopeNsPerS,
      lagAlarm: this.alarm,
      lastPriceTicks,
    };
  }
}
