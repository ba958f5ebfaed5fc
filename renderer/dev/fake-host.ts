/** A HostApi without an engine, to look at the page and to try its states: dev.html only. */
import type { DataCatalog } from '../../engine/contract/data-messages.ts';
import type { FaultCommand, FaultStatus } from '../../engine/contract/fault-menu.ts';
import {
  encodeJsonFrames,
  FrameKind,
  type FramePort,
  JsonFrameAssembler,
  readFrameHeader,
} from '../../engine/contract/frame.ts';
import type { HostApi } from '../../engine/contract/host-api.ts';
import { MarketFrameWriter } from '../../engine/contract/market-frame.ts';
import type { ProcessName, ProcessStatus } from '../../engine/contract/process.ts';
import { defaultRiskRails } from '../../engine/contract/risk-rails.ts';
import { defaultSettings, type Settings } from '../../engine/contract/settings.ts';
import type { StorageClientMessage } from '../../engine/contract/storage-messages.ts';
import type {
  FillView,
  KillView,
  OrderView,
  TradingClientMessage,
  TradingServerMessage,
} from '../../engine/contract/trading-messages.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { fakeInstrument, searchCatalogue } from './fake-catalogue.ts';
import { FakeIntegrity } from './fake-integrity.ts';
import { RandomMarket } from './random-market.ts';
import { stampStormFrame, stormFrames } from './storm-frames.ts';

const noData: DataCatalog = { series: [], imports: [], journalBytes: 0, postgresBytes: 0, droppedBeforeUs: 0 };

/** Two ends of a port in one page. */
function portPair(): [FramePort, FramePort] {
  const make = () => {
    const frames: ((frame: Uint8Array) => void)[] = [];
    const closes: ((reason: string) => void)[] = [];
    return { frames, closes, other: undefined as unknown as { frames: typeof frames; closes: typeof closes } };
  };
  const a = make();
  const b = make();
  a.other = b;
  b.other = a;
  const end = (self: typeof a): FramePort => ({
    bufferedBytes: 0,
    send: (frame) => {
      const copy = frame.slice();
      setTimeout(() => {
        for (const listener of self.other.frames) listener(copy);
      }, 0);
    },
    onFrame: (listener) => self.frames.push(listener),
    onClose: (listener) => self.closes.push(listener),
    close: () => {
      for (const listener of [...self.other.closes, ...self.closes]) listener('closed');
    },
  });
  return [end(a), end(b)];
}

export class FakeHost implements HostApi {
  readonly info = { host: 'node' as const, version: '0.1.0', platform: 'linux', canPickFiles: false };
  readonly #instruments: InstrumentSpec[] = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'].map((symbol, index) =>
    fakeInstrument(index, 'binance-spot', symbol),
  );
  readonly #markets = [new RandomMarket(0, 618_376, 6), new RandomMarket(1, 30_041, 2), new RandomMarket(2, 1_523, 1)];
  readonly #removed = new Set<number>();
  /** States and timing of the made-up feeds, to be played with from the console: `christmas.integrity.set(0, 'gap', 'why')`. */
  readonly integrity = new FakeIntegrity((change) => this.#send({ type: 'bookState', ...change }));
  readonly #settingsListeners = new Set<(settings: Settings) => void>();
  readonly #processListeners = new Set<(processes: ProcessStatus[]) => void>();
  #settings: Settings = { ...defaultSettings, ...JSON.parse(localStorage.getItem('settings') ?? '{}') };
  #orders: OrderView[] = [];
  #fills: FillView[] = [];
  #kill: KillView = { state: 'idle', detail: '', elapsedMs: 0 };
  #position = [25_000, 618_301, 12.41, 3.2, 1.87];
  #running = false;
  #nextOrder = 1;
  readonly #faults: FaultStatus[] = [];
  #trading: FramePort | undefined;
  #send: (message: TradingServerMessage) => void = () => undefined;
  #processes: ProcessStatus[] = (['venue', 'trading', 'storage'] as const).map((name, i) => ({
    name,
    state: 'ready',
    pid: 4100 + i,
    restarts: 0,
    detail: '',
    sinceMs: Date.now(),
    health: { cpuFraction: 0.03 + i * 0.04, rssBytes: 9e7, heapUsedBytes: 3e7, loopDelayP99Ms: 1.4 },
  }));

  async openPort(process: ProcessName): Promise<FramePort> {
    const [page, engine] = portPair();
    if (process === 'storage') this.#serveStorage(engine);
    else this.#serveTrading(engine);
    return page;
  }

  async getSettings(): Promise<Settings> {
    return this.#settings;
  }

  async venueFault(command?: FaultCommand): Promise<FaultStatus[]> {
    if (command) {
      if (command.symbol && !this.#instruments.some((spec) => spec.symbol === command.symbol)) {
        throw new Error(`symbol: expected one that the venue trades, was ${command.symbol}`);
      }
      const status = { ...command, id: this.#faults.length + 1, hits: 0, active: true };
      this.#faults.push(status);
      setTimeout(() => Object.assign(status, { hits: command.count ?? 1, active: false }), 1_500);
      this.integrity.plant(command);
    }
    return this.#faults.map((fault) => ({ ...fault }));
  }

  async updateSettings(patch: Partial<Settings>): Promise<Settings> {
    this.#settings = { ...this.#settings, ...patch };
    localStorage.setItem('settings', JSON.stringify(this.#settings));
    for (const listener of this.#settingsListeners) listener(this.#settings);
    return this.#settings;
  }

  onSettings(listener: (settings: Settings) => void): () => void {
    this.#settingsListeners.add(listener);
    return () => this.#settingsListeners.delete(listener);
  }

  async getProcesses(): Promise<ProcessStatus[]> {
    return this.#processes;
  }

  onProcesses(listener: (processes: ProcessStatus[]) => void): () => void {
    this.#processListeners.add(listener);
    return () => this.#processListeners.delete(listener);
  }

  async restartProcess(name: ProcessName): Promise<void> {
    const set = (patch: Partial<ProcessStatus>) => {
      this.#processes = this.#processes.map((p) => (p.name === name ? { ...p, ...patch } : p));
      for (const listener of this.#processListeners) listener(this.#processes);
    };
    set({ state: 'restarting', detail: 'exited with signal SIGKILL', sinceMs: Date.now(), restarts: 1 });
    if (name === 'trading') this.#trading?.close();
    await new Promise((resolve) => setTimeout(resolve, 4000));
    set({ state: 'ready', detail: '', sinceMs: Date.now() });
  }

  async setRedisPassword(): Promise<void> {
    // Nothing is connected here.
  }

  async pickFiles(): Promise<string[]> {
    return [];
  }

  #serveTrading(port: FramePort): void {
    this.#trading = port;
    const writer = new MarketFrameWriter();
    const assembler = new JsonFrameAssembler();
    let instrument = 0;
    let sequence = 0;
    let credit = true;
    let open = true;
    const storm = location.search === '?storm' ? stormFrames(0, 618_376) : undefined;
    const instruments = this.#instruments;
    const send = (message: TradingServerMessage) => {
      for (const frame of encodeJsonFrames(message, performance.now() * 1e6)) port.send(frame);
    };
    this.#send = send;
    const snapshot = () =>
      send({
        type: 'snapshot',
        orders: this.#orders,
        fills: this.#fills,
        positions: instruments.map((s) => ({
          instrument: s.index,
          positionLots: s.index === 0 ? (this.#position[0] as number) : 0,
          averagePriceTicks: s.index === 0 ? (this.#position[1] as number) : 0,
          realizedPnl: s.index === 0 ? 12.41 : -2.2,
          unrealizedPnl: 0,
          fees: 0.4,
        })),
        alerts: [
          {
            sequence: 5,
            level: 'warning',
            text: 'Order refused: price collar: expected within 100 bps of 61837.64, was 62544.00',
            timeUs: Date.now() * 1000 - 6e7,
          },
          { sequence: 3, level: 'info', text: 'Book of BTCUSDT is live', timeUs: Date.now() * 1000 - 9e7 },
        ],
        strategy: {
          name: 'imbalance',
          instrument: 0,
          state: this.#running ? 'running' : 'stopped',
          reason: '',
          parameters: {},
        },
        kill: this.#kill,
        bookStates: instruments.map((s) => ({ instrument: s.index, ...this.integrity.of(s.index) })),
        integrity: this.integrity.changes,
        candles: instruments.map((s) => ({
          instrument: s.index,
          rows: [...(this.#markets[s.index] as RandomMarket).candles.values()].slice(-300).flat(),
        })),
      });
    send({
      type: 'hello',
      protocol: 1,
      session: 17,
      mode: 'sim',
      source: { kind: 'sim', description: 'Simulated exchange, seed 1' },
      instruments,
      rails: defaultRiskRails,
      strategies: [
        {
          name: 'imbalance',
          label: { en: 'Order-book imbalance scalper', ko: '호가 불균형 스캘퍼' },
          parameters: (
            [
              ['depthLevels', 'Depth levels', '호가 단계', '', 10, 1, 50],
              ['entryImbalance', 'Entry imbalance', '진입 불균형', '', 0.65, 0.5, 1],
              ['momentumMs', 'Momentum window', '모멘텀 구간', 'ms', 500, 50, 5000],
              ['takeProfitTicks', 'Take profit', '익절', 'ticks', 120, 1, 10000],
              ['stopTicks', 'Stop', '손절', 'ticks', 200, 1, 10000],
              ['maxHoldMs', 'Longest hold', '최대 보유 시간', 'ms', 8000, 100, 600000],
            ] as const
          ).map(([key, en, ko, unit, value, min, max]) => ({
            key,
            kind: key === 'entryImbalance' ? ('number' as const) : ('integer' as const),
            unit,
            default: value,
            min,
            max,
            label: { en, ko },
            help: { en, ko },
          })),
        },
      ],
    });
    port.onFrame((frame) => {
      const header = readFrameHeader(frame);
      if (header.kind === FrameKind.credit) {
        credit = true;
        return;
      }
      const message = assembler.push(frame, header) as TradingClientMessage | undefined;
      if (!message) return;
      if (message.type === 'ping') {
        send({ type: 'pong', clientTimeMs: message.clientTimeMs, engineTimeNs: performance.now() * 1e6 + 5e9 });
        return;
      }
      const { requestId, request } = message;
      const ok = () => send({ type: 'reply', requestId, ok: true });
      const now = Date.now() * 1000;
      if (request.kind === 'subscribe') {
        instrument = request.instrument;
        ok();
        snapshot();
      } else if (request.kind === 'place') {
        if (request.sizeLots > 50_000) {
          send({ type: 'reply', requestId, ok: false, error: 'maxOrderSize: expected at most 0.5, was more' });
          return;
        }
        const order: OrderView = {
          orderNumber: this.#nextOrder++,
          clientId: `x-${this.#nextOrder}`,
          venueOrderId: 900 + this.#nextOrder,
          instrument: request.instrument,
          side: request.side,
          type: request.type,
          reduceOnly: request.reduceOnly ?? false,
          priceTicks: request.priceTicks,
          sizeLots: request.sizeLots,
          filledLots: 0,
          status: 'working',
          source: 'manual',
          reason: '',
          createdUs: now,
          updatedUs: now,
        };
        this.#orders.push(order);
        ok();
        send({ type: 'order', order });
      } else if (request.kind === 'cancel' || request.kind === 'cancelAll') {
        for (const order of this.#orders) {
          if (order.status !== 'working') continue;
          if (request.kind === 'cancel' && order.orderNumber !== request.orderNumber) continue;
          order.status = 'cancelled';
          order.updatedUs = now;
          send({ type: 'order', order: { ...order } });
        }
        ok();
      } else if (request.kind === 'kill' || request.kind === 'killReset') {
        this.#kill =
          request.kind === 'kill'
            ? { state: 'flatConfirmed', detail: 'Venue reports no orders and no position', elapsedMs: 840 }
            : { state: 'idle', detail: '', elapsedMs: 0 };
        ok();
        send({ type: 'kill', kill: this.#kill });
      } else if (request.kind === 'strategyStart' || request.kind === 'strategyStop') {
        this.#running = request.kind === 'strategyStart';
        ok();
        send({
          type: 'strategy',
          strategy: {
            name: 'imbalance',
            instrument,
            state: this.#running ? 'running' : 'stopped',
            reason: '',
            parameters: {},
          },
        });
      } else if (request.kind === 'searchSymbols') {
        const result = searchCatalogue(request.text, request.venue, request.limit ?? 50, instruments);
        setTimeout(() => send({ type: 'reply', requestId, ok: true, result }), 150);
      } else if (request.kind === 'addSymbol') {
        setTimeout(() => this.#add(requestId, request.venue, request.symbol), 400);
      } else if (request.kind === 'removeSymbol') {
        if (request.instrument === 0) {
          send({ type: 'reply', requestId, ok: false, error: 'BTCUSDT: expected no position, was 2.5000 BTC' });
          return;
        }
        this.#removed.add(request.instrument);
        send({ type: 'instruments', instruments });
        ok();
      } else ok();
    });
    const timer = setInterval(
      () => {
        const now = Date.now() * 1000;
        if (!storm) for (const market of this.#markets) market.step(now);
        this.#match(send);
        if (!credit || !open) return;
        credit = false;
        if (storm) {
          const body = storm[++sequence % storm.length] as Float64Array;
          stampStormFrame(body, sequence * 100, now, performance.now() * 1e6 + 5e9);
          writer.body.set(body);
          port.send(writer.finish(sequence, performance.now() * 1e6 + 5e9, body.length));
          return;
        }
        const market = this.#markets[instrument] as RandomMarket;
        const working = this.#orders.filter((o) => o.status === 'working' && o.instrument === instrument);
        const position = instrument === 0 ? this.#position : [0, 0, -2.2, 0, 0.4];
        port.send(
          writer.finish(
            ++sequence,
            performance.now() * 1e6 + 5e9,
            market.write(writer, now, performance.now() * 1e6 + 5e9, working, position),
          ),
        );
      },
      storm ? 4 : 16,
    );
    const stats = setInterval(() => {
      const stage = { count: 900, p50: 84_000, p99: 310_000, p999: 1_200_000, max: 4_000_000 };
      send({
        type: 'stats',
        latencyNs: { tickToOrder: stage },
        feed: instruments.map(({ index }) => ({
          ...this.integrity.feed(index, (this.#markets[index] as RandomMarket).lastPriceTicks),
          ...(this.#removed.has(index) ? { removed: true } : {}),
        })),
        loopDelayP99Ms: 1.3,
        eventsPerSecond: 842,
        journal: { records: 100, bytes: 1e6 },
        waitStrategy: 'hybrid',
        scheduling: 'priority -10: not permitted (EACCES); affinity: CPU 1',
        orderEntry: 'up',
      });
    }, 500);
    port.onClose(() => {
      open = false;
      clearInterval(timer);
      clearInterval(stats);
    });
  }

  #add(requestId: number, venue: string, symbol: string): void {
    const known = this.#instruments.find((spec) => spec.venue === venue && spec.symbol === symbol);
    const index = known?.index ?? this.#instruments.length;
    if (!known) {
      this.#instruments.push(fakeInstrument(index, venue, symbol));
      this.#markets.push(new RandomMarket(index, 48_120 + index * 900, 2));
    }
    this.#removed.delete(index);
    this.#send({ type: 'instruments', instruments: this.#instruments });
    this.#send({ type: 'reply', requestId, ok: true, result: { instrument: index } });
    if (known) return;
    this.integrity.set(index, 'syncing', 'waiting for the snapshot');
    setTimeout(() => this.integrity.set(index, 'live'), 900);
  }

  #match(send: (message: TradingServerMessage) => void): void {
    for (const order of this.#orders) {
      if (order.status !== 'working') continue;
      const market = this.#markets[order.instrument] as RandomMarket;
      const crossed =
        order.side === 'buy' ? market.lastPriceTicks < order.priceTicks : market.lastPriceTicks > order.priceTicks;
      if (!crossed) continue;
      order.status = 'filled';
      order.filledLots = order.sizeLots;
      order.updatedUs = Date.now() * 1000;
      send({ type: 'order', order: { ...order } });
      const fill: FillView = {
        sequence: this.#fills.length + 1,
        orderNumber: order.orderNumber,
        venueTradeId: 1,
        instrument: order.instrument,
        side: order.side,
        priceTicks: order.priceTicks,
        sizeLots: order.sizeLots,
        fee: 0.12,
        maker: true,
        timeUs: Date.now() * 1000,
      };
      this.#fills.push(fill);
      send({ type: 'fill', fill });
    }
  }

  #serveStorage(port: FramePort): void {
    const assembler = new JsonFrameAssembler();
    const send = (message: unknown) => {
      for (const frame of encodeJsonFrames(message, 0)) port.send(frame);
    };
    const status = () =>
      send({
        type: 'status',
        status: {
          state: 'up',
          reason: '',
          server: 'embedded',
          rows: 128_412,
          rowsByTable: {},
          backlog: 0,
          committedUs: Date.now() * 1000,
          jobs: [],
        },
      });
    status();
    const timer = setInterval(status, 1000);
    port.onClose(() => clearInterval(timer));
    port.onFrame((frame) => {
      const message = assembler.push(frame, readFrameHeader(frame)) as StorageClientMessage | undefined;
      if (message?.type !== 'request') return;
      const { requestId, request } = message;
      if (request.kind === 'catalog') {
        send({ type: 'reply', requestId, ok: true, result: noData });
        return;
      }
      if (request.kind === 'integrity') {
        send({ type: 'reply', requestId, ok: true, result: [] });
        return;
      }
      if (request.kind === 'range') {
        const rows = [...(this.#markets[0] as RandomMarket).candles.keys()];
        const [fromS, toS] = [Math.min(...rows), Math.max(...rows) + 1];
        const steps = { tickSize: '0.01', lotSize: '0.00001', intervalS: 1, tradesFromUs: null };
        send({ type: 'reply', requestId, ok: true, result: { source: 'sim', ...steps, fromS, toS } });
        return;
      }
      if (request.kind !== 'candles') {
        send({
          type: 'reply',
          requestId,
          ok: true,
          result: { timeUs: [], priceTicks: [], sizeLots: [], id: [], side: [] },
        });
        return;
      }
      const index = this.#instruments.findIndex((s) => s.symbol === request.symbol);
      const folded = new Map<number, number[]>();
      for (const row of (this.#markets[index] as RandomMarket).candles.values()) {
        const openS = Math.floor((row[0] as number) / request.intervalSeconds) * request.intervalSeconds;
        if (openS < request.fromS || openS >= request.toS) continue;
        const into = folded.get(openS);
        if (!into) folded.set(openS, [openS, ...row.slice(1)]);
        else {
          into[2] = Math.max(into[2] as number, row[2] as number);
          into[3] = Math.min(into[3] as number, row[3] as number);
          into[4] = row[4] as number;
          into[5] = (into[5] as number) + (row[5] as number);
          into[6] = (into[6] as number) + (row[6] as number);
        }
      }
      const all = [...folded.values()];
      const rows = request.oldest ? all.slice(0, request.limit) : all.slice(-request.limit);
      const column = (i: number) => rows.map((row) => row[i]);
      const names = ['openTimeS', 'open', 'high', 'low', 'close', 'volumeLots', 'buyVolumeLots'];
      send({
        type: 'reply',
        requestId,
        ok: true,
        result: Object.fromEntries(names.map((name, i) => [name, column(i)])),
      });
    });
  }
}
