/** The page's end of all trading processes, as if they were one. */
import type { FramePort } from '../../engine/contract/frame.ts';
import type { ProcessName } from '../../engine/contract/process.ts';
import type { RiskRails } from '../../engine/contract/risk-rails.ts';
import type {
  KillView,
  StrategyView,
  SymbolSearchResult,
  TradingHello,
  TradingRequest,
  TradingServerMessage,
  TradingSnapshot,
  TradingStats,
} from '../../engine/contract/trading-messages.ts';
import {
  globalNumber,
  localNumber,
  railsShare,
  tradingProcessName,
  wholeRails,
} from '../../engine/contract/trading-shards.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import {
  globalAlert,
  globalFill,
  globalFrame,
  globalOrder,
  mergedKill,
  mergedSnapshot,
  mergedStats,
  shownStrategy,
} from './merge-shards.ts';
import { TradingLink, type TradingLinkEvents } from './trading-link.ts';

type Message = Parameters<TradingLinkEvents['onMessage']>[0];

/** What is known of one process; undefined until it has said it. */
interface Shard {
  link: TradingLink;
  hello: TradingHello | undefined;
  snapshot: TradingSnapshot | undefined;
  stats: TradingStats | undefined;
  strategy: StrategyView | undefined;
  kill: KillView | undefined;
  rails: RiskRails | undefined;
  /** Its own index of the instrument it streams. */
  instrument: number;
}

/**
 * One link a trading process, joined: instruments and orders get numbers of their own, a snapshot is that of all, a
 * request goes to the process that has the instrument, the kill switch to all. Frames come from the process of the
 * instrument in view. While any of them is away the whole counts as disconnected; a single one is passed through.
 */
export class TradingShards {
  readonly #open: (name: ProcessName) => Promise<FramePort>;
  readonly #events: TradingLinkEvents;
  /** The whole account's part of each process may differ; told when the instrument in view is of another one. */
  readonly #onOtherClock: () => void;
  #shards: Shard[] = [];
  #single: TradingLink | undefined;
  #started = false;
  readonly #globals: number[][] = [];
  readonly #locals: { shard: number; instrument: number }[] = [];
  #inView = 0;
  #strategyShard = 0;
  /** Snapshots of all are awaited; what comes behind one that is there waits. */
  #awaiting = false;
  readonly #held: (() => void)[] = [];

  /** `onOtherClock`: frames and pongs are of another process from now on, with an engine time of its own. */
  constructor(
    open: (name: ProcessName) => Promise<FramePort>,
    events: TradingLinkEvents,
    onOtherClock: () => void = () => undefined,
  ) {
    this.#open = open;
    this.#events = events;
    this.#onOtherClock = onOtherClock;
    this.setCount(1);
  }

  get framesReceived(): number {
    return this.#links.reduce((sum, link) => sum + link.framesReceived, 0);
  }
  get bytesReceived(): number {
    return this.#links.reduce((sum, link) => sum + link.bytesReceived, 0);
  }

  /** How many processes there are. Another number than before begins anew. */
  setCount(count: number): void {
    if (count === this.#links.length) return;
    for (const link of this.#links) link.stop();
    this.#shards = [];
    this.#single = undefined;
    this.#globals.length = this.#locals.length = this.#held.length = 0;
    this.#inView = this.#strategyShard = 0;
    this.#awaiting = false;
    if (count === 1) this.#single = new TradingLink(() => this.#open('trading'), this.#events);
    else for (let shard = 0; shard < count; shard++) this.#shards.push(this.#createShard(shard));
    if (this.#started) for (const link of this.#links) link.start();
  }

  start(): void {
    this.#started = true;
    for (const link of this.#links) link.start();
  }

  stop(): void {
    this.#started = false;
    for (const link of this.#links) link.stop();
  }

  retryNow(): void {
    for (const link of this.#links) link.retryNow();
  }

  sendCredit(sequence: number, paintMs: number): void {
    this.#linkInView.sendCredit(sequence, paintMs);
  }

  takeFrame(): Uint8Array | undefined {
    const frame = this.#linkInView.takeFrame();
    if (frame !== undefined && this.#single === undefined) globalFrame(this.#inView, frame, this.#at);
    return frame;
  }

  /** As {@link TradingLink.request}. */
  async request(request: TradingRequest): Promise<unknown> {
    if (this.#single !== undefined) return this.#single.request(request);
    switch (request.kind) {
      case 'subscribe':
        return this.#subscribe(request.instrument);
      case 'place':
      case 'cancelAll':
      case 'removeSymbol': {
        const { shard, instrument } = this.#local(request.instrument);
        const result = await this.#linkOf(shard).request({ ...request, instrument });
        return isRecord(result) && typeof result['orderNumber'] === 'number'
          ? { ...result, orderNumber: globalNumber(shard, result['orderNumber']) }
          : result;
      }
      case 'strategyStart': {
        const { shard, instrument } = this.#local(request.instrument);
        const running = this.#shards.find((one) => one.strategy?.state === 'running')?.strategy;
        if (running !== undefined) throw new Error(`Strategy: expected stopped, was running (${running.name})`);
        return this.#linkOf(shard).request({ ...request, instrument });
      }
      case 'cancel': {
        const { shard, number } = localNumber(request.orderNumber);
        return this.#linkOf(shard).request({ ...request, orderNumber: number });
      }
      case 'strategyParameters':
        return this.#linkOf(this.#strategyShard).request(request);
      case 'kill':
      case 'killReset':
      case 'strategyStop':
        return this.#all(() => request);
      case 'rails':
        return this.#all((shard) => ({ ...request, rails: railsShare(request.rails, shard, this.#shards.length) }));
      case 'searchSymbols':
        return this.#globalMatches((await this.#linkOf(0).request(request)) as SymbolSearchResult);
      case 'addSymbol': {
        const shard = this.#shardFor(request.venue, request.symbol);
        const result = (await this.#linkOf(shard).request(request)) as { instrument: number };
        return { ...result, instrument: this.#at(shard, result.instrument) };
      }
      default:
        return this.#linkOf(0).request(request);
    }
  }

  get #links(): TradingLink[] {
    return this.#single === undefined ? this.#shards.map((shard) => shard.link) : [this.#single];
  }

  get #linkInView(): TradingLink {
    return this.#single ?? this.#linkOf(this.#inView);
  }

  get #isWhole(): boolean {
    return this.#shards.every((shard) => shard.hello !== undefined);
  }

  /** Index of a process's instrument among those of all; given out when first asked for. */
  readonly #at = (shard: number, instrument: number): number => {
    const globals = this.#globals[shard] ?? [];
    this.#globals[shard] = globals;
    let global = globals[instrument];
    if (global === undefined) {
      global = this.#locals.push({ shard, instrument }) - 1;
      globals[instrument] = global;
    }
    return global;
  };

  #local(global: number): { shard: number; instrument: number } {
    const local = this.#locals[global];
    if (local === undefined) throw new RangeError(`instrument: expected 0..${this.#locals.length - 1}, was ${global}`);
    return local;
  }

  #linkOf(shard: number): TradingLink {
    const found = this.#shards[shard];
    if (found === undefined) throw new RangeError(`shard: expected 0..${this.#shards.length - 1}, was ${shard}`);
    return found.link;
  }

  #createShard(index: number): Shard {
    const name = tradingProcessName(index);
    const link = new TradingLink(() => this.#open(name), {
      onHello: (hello) => this.#onHello(index, hello),
      onMessage: (message) => this.#onMessage(index, message),
      onPong: (sentMs, engineNs) => {
        if (index === this.#inView) this.#events.onPong(sentMs, engineNs);
      },
      onMarketFrame: (queued) => {
        if (index === this.#inView) this.#events.onMarketFrame(queued);
        // Of the instrument it was told of with its subscription, which nobody looks at.
        else while (link.takeFrame() !== undefined);
      },
      onDisconnect: (reason) => this.#onDisconnect(index, `${name}: ${reason}`),
      onBadFrame: this.#events.onBadFrame,
    });
    const unknown = undefined;
    return {
      link,
      hello: unknown,
      snapshot: unknown,
      stats: unknown,
      strategy: unknown,
      kill: unknown,
      rails: unknown,
      instrument: 0,
    };
  }

  /** Returns the process's own index of the instrument that it is to stream. */
  #onHello(index: number, hello: TradingHello): number {
    const shard = this.#shards[index] as Shard;
    shard.hello = hello;
    shard.rails = hello.rails;
    shard.snapshot = shard.stats = undefined;
    shard.instrument = 0;
    if (!this.#isWhole) return 0;
    // Dealt in turn, so taken in turn: the order of the settings.
    const most = Math.max(...this.#shards.map(({ hello: known }) => known?.instruments.length ?? 0));
    for (let i = 0; i < most; i++) {
      this.#shards.forEach(({ hello: known }, other) => {
        const spec = known?.instruments[i];
        if (spec !== undefined) this.#at(other, spec.index);
      });
    }
    this.#look(this.#events.onHello(this.#mergedHello()));
    this.#awaitSnapshots();
    this.#shards.forEach((other, i) => {
      if (i === index) return;
      other.link.request({ kind: 'subscribe', instrument: other.instrument }).catch(this.#events.onBadFrame);
    });
    return shard.instrument;
  }

  #mergedHello(): TradingHello {
    const hellos = this.#shards.map(({ hello }) => hello as TradingHello);
    return {
      ...(hellos[0] as TradingHello),
      // Another one when any of them has begun a new one.
      session: hellos.reduce((sum, { session }) => sum + session, 0),
      instruments: this.#instruments(),
      rails: this.#rails(),
    };
  }

  #instruments(): InstrumentSpec[] {
    const all = this.#shards.flatMap(({ hello }, shard) =>
      (hello?.instruments ?? []).map((spec) => ({ ...spec, index: this.#at(shard, spec.index) })),
    );
    return all.sort((a, b) => a.index - b.index);
  }

  #rails(): RiskRails {
    return wholeRails(this.#shards.flatMap(({ rails }) => rails ?? []));
  }

  /** The instrument on screen; the others keep what they stream, unseen. */
  #look(global: number): void {
    const local = this.#locals[global];
    if (local === undefined) return;
    if (local.shard !== this.#inView) this.#onOtherClock();
    this.#inView = local.shard;
    (this.#shards[local.shard] as Shard).instrument = local.instrument;
  }

  #awaitSnapshots(): void {
    this.#awaiting = true;
    this.#held.length = 0;
    for (const shard of this.#shards) shard.snapshot = undefined;
  }

  async #subscribe(global: number): Promise<unknown> {
    const { shard } = this.#local(global);
    this.#look(global);
    if (!this.#isWhole) throw new Error('The trading process is not connected');
    // Of all, not only of its process: a snapshot takes the place of everything that the page knows.
    this.#awaitSnapshots();
    const replies = this.#shards.map(({ link, instrument }) => link.request({ kind: 'subscribe', instrument }));
    await Promise.all(replies);
    return replies[shard];
  }

  async #all(requestOf: (shard: number) => TradingRequest): Promise<unknown> {
    const results = await Promise.allSettled(this.#shards.map(({ link }, shard) => link.request(requestOf(shard))));
    // Each was asked whatever became of the others.
    const refused = results.find((result) => result.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
    return undefined;
  }

  #shardFor(venue: string, symbol: string): number {
    const known = this.#instruments().find((spec) => spec.venue === venue && spec.symbol === symbol);
    if (known !== undefined) return this.#local(known.index).shard;
    const sizes = this.#shards.map(({ hello }) => hello?.instruments.length ?? Number.POSITIVE_INFINITY);
    return sizes.indexOf(Math.min(...sizes));
  }

  #globalMatches(result: SymbolSearchResult): SymbolSearchResult {
    const subscribed = this.#shards.flatMap(({ hello, stats }, shard) =>
      (hello?.instruments ?? [])
        .filter((spec) => stats?.feed[spec.index]?.removed !== true)
        .map((spec) => ({
          ...spec,
          index: this.#at(shard, spec.index),
        })),
    );
    const indexOf = (venue: string, symbol: string): number =>
      subscribed.find((spec) => spec.venue === venue && spec.symbol === symbol)?.index ?? -1;
    return {
      ...result,
      matches: result.matches.map((match) => ({ ...match, instrument: indexOf(match.venue, match.symbol) })),
    };
  }

  #onDisconnect(index: number, reason: string): void {
    const shard = this.#shards[index] as Shard;
    shard.hello = shard.snapshot = shard.stats = undefined;
    this.#awaiting = false;
    this.#held.length = 0;
    this.#events.onDisconnect(reason);
  }

  #onMessage(index: number, message: Message): void {
    const shard = this.#shards[index] as Shard;
    if (message.type === 'snapshot') {
      shard.snapshot = message;
      shard.strategy = message.strategy;
      shard.kill = message.kill;
      this.#emitSnapshot();
      return;
    }
    if (message.type === 'stats') {
      shard.stats = message;
      this.#emitStats(index);
      return;
    }
    const merged = this.#merged(index, message);
    if (merged === undefined) return;
    // Behind a snapshot that waits for the others: after it.
    if (this.#awaiting && shard.snapshot !== undefined) this.#held.push(() => this.#events.onMessage(merged));
    else this.#events.onMessage(merged);
  }

  #emitSnapshot(): void {
    const snapshots = this.#shards.flatMap(({ snapshot }) => snapshot ?? []);
    if (!this.#awaiting || snapshots.length < this.#shards.length) return;
    this.#awaiting = false;
    this.#events.onMessage(mergedSnapshot(snapshots, this.#strategy(), this.#at));
    for (const emit of this.#held.splice(0)) emit();
  }

  #emitStats(index: number): void {
    const stats = this.#shards.flatMap((shard) => shard.stats ?? []);
    if (index !== this.#inView || !this.#isWhole || stats.length < this.#shards.length) return;
    this.#events.onMessage(mergedStats(stats, this.#inView, this.#at));
  }

  /** The shown strategy, with its global instrument. */
  #strategy(): StrategyView {
    const views = this.#shards.map(({ strategy }) => strategy as StrategyView);
    this.#strategyShard = shownStrategy(views, this.#strategyShard);
    const view = views[this.#strategyShard] as StrategyView;
    return { ...view, instrument: this.#at(this.#strategyShard, view.instrument) };
  }

  #merged(index: number, message: Exclude<TradingServerMessage, TradingSnapshot | TradingStats>): Message | undefined {
    const shard = this.#shards[index] as Shard;
    switch (message.type) {
      case 'order':
        return { ...message, order: globalOrder(index, message.order, this.#at) };
      case 'fill':
        return { ...message, fill: globalFill(index, message.fill, this.#at) };
      case 'alert':
        return { ...message, alert: globalAlert(index, message.alert) };
      case 'position': {
        const { position } = message;
        return { ...message, position: { ...position, instrument: this.#at(index, position.instrument) } };
      }
      case 'bookState':
        return { ...message, instrument: this.#at(index, message.instrument) };
      case 'instruments':
        if (shard.hello !== undefined) shard.hello = { ...shard.hello, instruments: message.instruments };
        return { ...message, instruments: this.#instruments() };
      case 'rails':
        shard.rails = message.rails;
        return { ...message, rails: this.#rails() };
      case 'strategy':
        shard.strategy = message.strategy;
        return this.#shards.every(({ strategy }) => strategy) ? { ...message, strategy: this.#strategy() } : undefined;
      case 'kill': {
        shard.kill = message.kill;
        return { ...message, kill: mergedKill(this.#shards.flatMap(({ kill }) => kill ?? [])) };
      }
      default:
        return undefined;
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
