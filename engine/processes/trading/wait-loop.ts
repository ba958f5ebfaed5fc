import { availableParallelism } from 'node:os';
import type { TradingConfig } from '../../contract/process.ts';

/** Processes that would fight the spinning one for a core: main, storage, venue, page. */
const OTHER_BUSY_PROCESSES = 2;
const HYBRID_SPIN_NS = 5e6;
/** Of the machine: asked before the process is pinned to some of them. */
const CORES = availableParallelism();

/**
 * How the trading process waits for bytes. `block` sleeps in the kernel; `spin` polls the sockets every loop turn and
 * burns a core; `hybrid` spins while messages came in during the last 5 ms.
 */
export class WaitLoop {
  /** What is in force, shown on screen: a machine without spare cores refuses to spin. */
  readonly strategy: TradingConfig['waitStrategy'];
  readonly refusal: string;
  /** What is in force and, where it was wanted otherwise, why: `block (spin needs 3 cores, has 2)`. */
  readonly description: string;
  readonly #nowNs: () => number;
  #lastMessageNs = 0;
  #spinning = false;
  #disposed = false;

  /** @param forced spins on any machine: for measuring, where the user has said so */
  constructor(wanted: TradingConfig['waitStrategy'], nowNs: () => number, forced = false) {
    const cores = CORES;
    const canSpin = wanted === 'block' || forced || cores >= 1 + OTHER_BUSY_PROCESSES;
    this.strategy = canSpin ? wanted : 'block';
    this.refusal = canSpin
      ? ''
      : `Wait strategy ${wanted} needs at least ${1 + OTHER_BUSY_PROCESSES} cores, was ${cores}: using block`;
    this.description = canSpin ? wanted : `block (${wanted} needs ${1 + OTHER_BUSY_PROCESSES} cores, has ${cores})`;
    this.#nowNs = nowNs;
    if (this.strategy === 'spin') this.#spin();
  }

  /** Call once per socket message. */
  onMessage(): void {
    if (this.strategy !== 'hybrid') return;
    this.#lastMessageNs = this.#nowNs();
    this.#spin();
  }

  dispose(): void {
    this.#disposed = true;
  }

  #spin(): void {
    if (this.#spinning) return;
    this.#spinning = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    const quiet = this.strategy === 'hybrid' && this.#nowNs() - this.#lastMessageNs > HYBRID_SPIN_NS;
    if (this.#disposed || quiet) {
      this.#spinning = false;
      return;
    }
    setImmediate(this.#turn);
  };
}
