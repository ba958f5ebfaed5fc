import type { FaultCommand, FaultName, FaultStatus } from '../../contract/fault-menu.ts';
import { type MarketProtocol, marketProtocols } from '../../contract/market-protocol.ts';
import { faultUse, whyNot } from './fault-kinds.ts';

export const DEFAULT_DURATION_MS = 5000;
/** Commands that are over and still listed. */
const KEPT_OVER = 100;

/** Does at once what an `instant` fault says. Returns what it hit: connections, books, trades. */
export type InstantFault = (status: FaultStatus) => number;

interface Armed extends FaultStatus {
  count: number;
  durationMs: number;
  /** Lasting faults: ms of the venue's clock at which it is over. */
  untilMs: number;
}

/**
 * The list of faults that the simulated venue has been told to show: armed, under way, over. Hooks ask it at the places
 * where a fault takes hold; it says yes as often, as long and for whom the command says. It has no clock of its own and
 * no chance in it, so the same commands at the same moments give the same faults.
 */
export class FaultMenu {
  readonly #nowMs: () => number;
  readonly #protocols: readonly MarketProtocol[];
  readonly #armed: Armed[] = [];
  readonly #over: Armed[] = [];
  #lastId = 0;
  /** Set by the owner of connections and markets. */
  onInstant: InstantFault = () => 0;

  /** @param protocols those that the venue speaks. */
  constructor(nowMs: () => number, protocols: readonly MarketProtocol[] = marketProtocols) {
    this.#nowMs = nowMs;
    this.#protocols = protocols;
  }

  /** True while no fault is armed: the hooks' quick way out. */
  get isQuiet(): boolean {
    return this.#armed.length === 0;
  }

  /** @throws RangeError naming field and value when the venue does not speak the protocol or it cannot show the fault. */
  arm(command: FaultCommand): FaultStatus {
    const { fault, protocol } = command;
    if (protocol !== undefined && !this.#protocols.includes(protocol)) {
      throw new RangeError(`protocol: expected one of ${this.#protocols.join(', ')}, was ${protocol}`);
    }
    const reasons = (protocol === undefined ? this.#protocols : [protocol]).map((name) => whyNot(fault, name));
    if (reasons.every((reason) => reason !== '')) {
      throw new RangeError(`fault: expected one that the venue can show, was ${fault} (${reasons[0]})`);
    }
    const durationMs = command.durationMs ?? DEFAULT_DURATION_MS;
    const armed: Armed = {
      ...command,
      id: ++this.#lastId,
      count: command.count ?? 1,
      durationMs,
      hits: 0,
      active: true,
      untilMs: this.#nowMs() + durationMs,
    };
    this.#armed.push(armed);
    if (faultUse(fault) === 'instant') {
      armed.hits = this.onInstant(statusOf(armed));
      this.#end(armed);
    }
    return statusOf(armed);
  }

  /** Ends a fault before its time. False when there is no such active one. */
  disarm(id: number): boolean {
    const armed = this.#armed.find((one) => one.id === id);
    if (armed === undefined) return false;
    this.#end(armed);
    return true;
  }

  /** All active ones and the newest that are over, oldest first. */
  list(): FaultStatus[] {
    this.#expire();
    return [...this.#over, ...this.#armed].sort((a, b) => a.id - b.id).map(statusOf);
  }

  /** Takes one of the hits of a counted fault; undefined when none is armed for this protocol and symbol. */
  take(
    fault: FaultName,
    protocol: MarketProtocol,
    symbol = '',
  ): Readonly<FaultStatus & { durationMs: number }> | undefined {
    const armed = this.#find(fault, protocol, symbol);
    if (armed === undefined) return undefined;
    if (++armed.hits >= armed.count) this.#end(armed);
    return armed;
  }

  /** As {@link take}, without taking. */
  has(fault: FaultName, protocol: MarketProtocol, symbol = ''): boolean {
    return this.#find(fault, protocol, symbol) !== undefined;
  }

  /** Whether a lasting fault is under way for this protocol and symbol; counts a hit. */
  holds(fault: FaultName, protocol: MarketProtocol, symbol = ''): boolean {
    if (this.#armed.length === 0) return false;
    this.#expire();
    const armed = this.#find(fault, protocol, symbol);
    if (armed !== undefined) armed.hits++;
    return armed !== undefined;
  }

  /** Where something is about no symbol (''), as a whole connection, the command's symbol is not looked at. */
  #find(fault: FaultName, protocol: MarketProtocol, symbol: string): Armed | undefined {
    return this.#armed.find(
      (one) =>
        one.fault === fault &&
        (one.protocol === undefined || one.protocol === protocol) &&
        (one.symbol === undefined || symbol === '' || one.symbol === symbol),
    );
  }

  #expire(): void {
    const nowMs = this.#nowMs();
    for (const one of [...this.#armed]) if (faultUse(one.fault) === 'lasting' && nowMs >= one.untilMs) this.#end(one);
  }

  #end(armed: Armed): void {
    armed.active = false;
    this.#armed.splice(this.#armed.indexOf(armed), 1);
    this.#over.push(armed);
    if (this.#over.length > KEPT_OVER) this.#over.shift();
  }
}

function statusOf(armed: Armed): FaultStatus {
  const { untilMs: _, ...status } = armed;
  return status;
}
