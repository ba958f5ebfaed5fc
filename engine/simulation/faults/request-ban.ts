import type { MarketProtocol } from '../../contract/market-protocol.ts';

/** Requests within one limit that are answered with 429; who goes on gets 418. */
const WARNINGS = 5;
/** The ban: after the last request that ignored it. */
const BAN_MS = 10_000;

interface Offender {
  warnings: number;
  bannedUntilMs: number;
}

/** Answers of a venue whose limit is used up: 429 for a while, and 418 for those who ask on. */
export class RequestBan {
  readonly #nowMs: () => number;
  readonly #offenders = new Map<MarketProtocol, Offender>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** HTTP status for a request now; 0 lets it through. */
  status(protocol: MarketProtocol, limited: boolean): number {
    const nowMs = this.#nowMs();
    const offender = this.#offenders.get(protocol);
    if (offender !== undefined && nowMs < offender.bannedUntilMs) {
      return 418;
    }
    if (!limited) {
      this.#offenders.delete(protocol);
      return 0;
    }
    const known = offender ?? { warnings: 0, bannedUntilMs: 0 };
    this.#offenders.set(protocol, known);
    if (++known.warnings <= WARNINGS) return 429;
    known.bannedUntilMs = nowMs + BAN_MS;
    return 418;
  }
}
