import { isMarketProtocol } from '../../contract/market-protocol.ts';
import { AlertLevel, RecordKind, StrategyCommand } from '../../contract/record.ts';
import { venueTimes } from '../../venue/venue-times.ts';
import { ClockProbe } from './clock-probe.ts';
import { CLOCK_WATCH_MS, ClockWatch, type MachineClocks } from './clock-watch.ts';
import type { SessionState } from './session-state.ts';
import { fetchBytes } from './venue-request.ts';

/**
 * The clocks of a live session: asks the venues for theirs, and notices when this machine's were set or slept. After a
 * sleep the books are old and orders may have been filled unseen: the strategy is stopped and everything is opened anew.
 */
export class SessionWatch {
  readonly #session: SessionState;
  readonly #clocks: MachineClocks;
  readonly #probes: ClockProbe[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(session: SessionState, clocks: MachineClocks) {
    this.#session = session;
    this.#clocks = clocks;
  }

  start(): void {
    const watch = new ClockWatch(this.#clocks, {
      onResumed: (reason) => this.#onResumed(reason),
      onClockSet: (text) => this.#alert(AlertLevel.warning, text),
    });
    this.#timer = setInterval(() => {
      if (!this.#session.hasEnded) watch.tick();
    }, CLOCK_WATCH_MS);
    for (const { venue, restUrl } of this.#session.source.restAddresses) this.#probe(venue, restUrl);
  }

  dispose(): void {
    clearInterval(this.#timer);
    for (const probe of this.#probes) probe.dispose();
  }

  #probe(venue: string, restUrl: string): void {
    const time = isMarketProtocol(venue) ? venueTimes[venue] : undefined;
    if (time === undefined) return;
    const { clock, monitor } = this.#session;
    const probe = new ClockProbe({
      restUrl,
      time,
      nowNs: () => clock.nowNs(),
      fetch: fetchBytes,
      onTime: (sentNs, receivedNs, venueUs) =>
        monitor.onVenueTime(venue, sentNs, receivedNs, venueUs, time.resolutionUs),
      onFailure: (error) => console.warn(`${venue}: its clock is known from the feed alone, ${error.message}`),
    });
    this.#probes.push(probe);
    probe.start();
  }

  #onResumed(reason: string): void {
    const { source, monitor } = this.#session;
    this.#alert(AlertLevel.warning, `Everything is opened anew: ${reason}`);
    stopStrategy(this.#session, reason);
    source.reconnect(reason);
    monitor.reset();
    for (const probe of this.#probes) probe.start();
  }

  #alert(level: AlertLevel, text: string): void {
    this.#session.input((slot) => {
      slot.begin(RecordKind.alert, 0, this.#session.clock.nowNs()).id = level;
      slot.setText(text);
    });
  }
}

/** Stops the strategy if it runs, and has its orders cancelled. */
export function stopStrategy(session: SessionState, reason: string): void {
  if (session.core.strategyView().state !== 'running') return;
  session.input((slot) => {
    slot.begin(RecordKind.intentStrategy, 0, session.clock.nowNs()).id = StrategyCommand.stop;
    slot.setText(reason);
  });
}
