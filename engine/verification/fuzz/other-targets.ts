import { FRAME_HEADER_BYTES, type FramePort, MAX_FRAME_BYTES, writeFrameHeader } from '../../contract/frame.ts';
import { defaultRiskRails } from '../../contract/risk-rails.ts';
import { decimalsOf, type InstrumentSpec, Side } from '../../contract/units.ts';
import { crc32 } from '../../core/crc32.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { CheckpointError, decodeCheckpoint } from '../../execution/checkpoint-format.ts';
import { TradingCore } from '../../execution/trading-core.ts';
import { PageConnection } from '../../processes/trading/page-connection.ts';
import { handleRequest } from '../../processes/trading/request-handler.ts';
import type { SessionState } from '../../processes/trading/session-state.ts';
import { CsvTradeConverter } from '../../simulation/player/csv-trades.ts';
import { decodePythonBytes } from '../../simulation/player/python-bytes.ts';
import { StreamLineReader } from '../../simulation/player/stream-line.ts';
import { openZip, ZipError } from '../../simulation/player/zip-reader.ts';
import { BinanceSpotOrderEntry } from '../../venue/binance-spot/order-entry.ts';
import { venueTimes } from '../../venue/venue-times.ts';
import { type FuzzTarget, isRangeError } from './fuzz-target.ts';

const spec: InstrumentSpec = {
  index: 0,
  venue: 'binance-spot',
  symbol: 'BTCUSDT',
  baseAsset: 'BTC',
  quoteAsset: 'USDT',
  tickSize: '0.01',
  lotSize: '0.00001',
  priceDecimals: decimalsOf('0.01'),
  sizeDecimals: decimalsOf('0.00001'),
  minNotional: 5,
  makerFee: 0.001,
  takerFee: 0.001,
};

/** Answers and user data of the order entry socket, with orders waiting for answers. */
const orderEntry: FuzzTarget = {
  name: 'order-entry',
  corpus: [
    '{"id":"1","status":200,"result":{"serverTime":1700000001000},"rateLimits":[]}',
    '{"id":"4","status":200,"result":{"symbol":"BTCUSDT","orderId":12569099453,"orderListId":-1,"clientOrderId":"xm-1000001","transactTime":1660801715639,"price":"100.00","origQty":"0.10000","executedQty":"0.05000","status":"PARTIALLY_FILLED","timeInForce":"GTC","type":"LIMIT","side":"BUY","fills":[{"price":"100.00","qty":"0.05000","commission":"0.00005","commissionAsset":"BTC","tradeId":7}]},"rateLimits":[{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50,"count":12}]}',
    '{"id":"5","status":400,"error":{"code":-2010,"msg":"Account has insufficient balance for requested action."},"rateLimits":[]}',
    '{"id":"6","status":500,"error":{"code":-1007,"msg":"Timeout waiting for response from backend server."}}',
    '{"subscriptionId":0,"event":{"e":"executionReport","E":1499405658658,"s":"BTCUSDT","c":"xm-1000001","S":"BUY","o":"LIMIT","f":"GTC","q":"0.10000","p":"100.00","P":"0","F":"0","g":-1,"C":"","x":"TRADE","X":"FILLED","r":"NONE","i":4293153,"l":"0.05000","z":"0.10000","L":"100.00","n":"0.005","N":"USDT","T":1499405658657,"t":8,"I":8641984,"w":false,"m":true,"O":1499405658657,"Z":"10","Y":"5","Q":"0","V":"NONE"}}',
    '{"subscriptionId":0,"event":{"e":"executionReport","E":1499405658658,"s":"BTCUSDT","c":"web_1","S":"SELL","o":"LIMIT","f":"GTC","q":"0.10000","p":"101.00","P":"0","F":"0","g":-1,"C":"","x":"NEW","X":"NEW","r":"NONE","i":4293154,"l":"0","z":"0","L":"0","n":"0","N":null,"T":1499405658657,"t":-1,"I":8641985,"w":true,"m":false,"O":1499405658657,"Z":"0","Y":"0","Q":"0","V":"NONE"}}',
    '{"subscriptionId":0,"event":{"e":"outboundAccountPosition","E":1564034571105,"u":1564034571073,"B":[{"a":"BTC","f":"1.5","l":"0.0"}]}}',
    '{"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1564034571105}}',
    '{"id":"7","status":200,"result":[{"symbol":"BTCUSDT","orderId":5,"clientOrderId":"web_2","price":"99.00","origQty":"1.00000","executedQty":"0","status":"NEW","timeInForce":"GTC","type":"LIMIT","side":"BUY","time":1,"updateTime":1}],"rateLimits":[]}',
  ],
  create: () => {
    let timeNs = 1e9;
    const strangers = new Map<string, number>();
    const entry = new BinanceSpotOrderEntry(
      {
        instruments: [spec],
        apiKey: 'k'.repeat(64),
        apiSecret: 's'.repeat(64),
        clientIdPrefix: 'xm-',
        strangers: {
          numberOf: (clientId) => strangers.get(clientId) ?? 0,
          clientIdOf: () => '',
          allocate: () => 5_000_000 + strangers.size,
        },
        wallClockMs: (ns) => 1_700_000_000_000 + ns / 1e6,
      },
      { emit: () => undefined, send: () => true },
    );
    entry.onConnected(timeNs);
    let inputs = 0;
    return {
      feed: (input) => {
        timeNs += 1e6;
        if (inputs++ % 50 === 0) {
          const orderNumber = 1_000_001 + inputs;
          const order = { orderNumber, instrument: 0, side: Side.buy, priceTicks: 10_000, sizeLots: 10_000 };
          entry.place({ ...order, postOnly: false, immediateOrCancel: false }, timeNs);
          entry.onTimer(timeNs);
        }
        entry.onMessage(input, timeNs);
      },
      badMessages: () => entry.badMessages,
    };
  },
};

/** A page's frames: the header broken, or right around a broken message. */
const pageFrames: FuzzTarget = {
  name: 'page-frames',
  corpus: [
    '{"type":"ping","clientTimeMs":12.5}',
    '{"type":"request","requestId":1,"request":{"kind":"subscribe","instrument":0}}',
    '{"type":"request","requestId":2,"request":{"kind":"place","instrument":0,"side":"buy","priceTicks":10000,"sizeLots":1000,"type":"limit"}}',
    '{"type":"request","requestId":3,"request":{"kind":"cancel","orderNumber":1000001}}',
    '{"type":"request","requestId":4,"request":{"kind":"cancelAll","instrument":0}}',
    '{"type":"request","requestId":5,"request":{"kind":"strategyStart","instrument":0,"name":"imbalance","parameters":{"levels":5,"orderValue":50}}}',
    '{"type":"request","requestId":6,"request":{"kind":"strategyParameters","parameters":{"levels":3}}}',
    '{"type":"request","requestId":7,"request":{"kind":"strategyStop"}}',
    `{"type":"request","requestId":8,"request":{"kind":"rails","rails":${JSON.stringify(defaultRiskRails)}}}`,
    '{"type":"request","requestId":9,"request":{"kind":"replaySpeed","speed":10}}',
    '{"type":"request","requestId":10,"request":{"kind":"kill"}}',
    '{"type":"request","requestId":11,"request":{"kind":"killReset"}}',
  ],
  create: () => {
    const core = new TradingCore({
      instruments: [spec],
      rails: defaultRiskRails,
      strategy: { name: 'none', parameters: {}, instrument: 0, autoStart: false },
      execution: 'paper',
      sessionNumber: 1,
      originUs: 1_700_000_000_000_000,
      clientIdPrefix: 'xm-',
      actions: {
        place: () => undefined,
        cancel: () => undefined,
        cancelAll: () => undefined,
        queryOrder: () => undefined,
        queryOpenOrders: () => undefined,
        crossed: () => undefined,
      },
      derived: { emit: () => undefined },
    });
    core.finishRestore(0);
    let timeNs = 1e9;
    const slot = new EventSlot();
    // What a request handler reaches of a session.
    const session = {
      instruments: [spec],
      core,
      hasEnded: false,
      clock: { nowNs: () => timeNs },
      source: { isLive: false, setSpeed: () => undefined },
      input: (fill: (slot: EventSlot) => void) => {
        fill(slot);
        core.step(slot);
      },
    } as unknown as SessionState;
    let refused = 0;
    const port = new FuzzedPort((message) => {
      if (message.includes('"ok":false')) refused++;
    });
    const open = (): PageConnection =>
      new PageConnection(
        port,
        {
          nowNs: () => timeNs,
          hello: () => ({ instruments: [spec] }) as never,
          snapshot: () => ({ type: 'snapshot' }) as never,
          handle: (request) => handleRequest(session, request),
          eventCount: () => 0,
          writeMarket: () => 0,
          newestCandleSecond: () => 0,
        },
        () => undefined,
      );
    open();
    let inputs = 0;
    return {
      feed: (input) => {
        timeNs += 1e7;
        const isRaw = inputs++ % 20 === 0;
        port.receive(isRaw ? input.slice(0, MAX_FRAME_BYTES + 1) : jsonFrame(input));
        if (port.closed) {
          refused++;
          port.closed = false;
          open();
        }
      },
      badMessages: () => refused,
    };
  },
};

class FuzzedPort implements FramePort {
  readonly bufferedBytes = 0;
  closed = false;
  readonly #onMessage: (text: string) => void;
  #listener: (frame: Uint8Array) => void = () => undefined;

  constructor(onMessage: (text: string) => void) {
    this.#onMessage = onMessage;
  }
  send(frame: Uint8Array): void {
    this.#onMessage(new TextDecoder().decode(frame.subarray(FRAME_HEADER_BYTES)));
  }
  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#listener = listener;
  }
  onClose(): void {
    return;
  }
  close(): void {
    this.closed = true;
  }
  receive(frame: Uint8Array): void {
    this.#listener(frame);
  }
}

function jsonFrame(payload: Uint8Array): Uint8Array {
  const part = payload.subarray(0, MAX_FRAME_BYTES - FRAME_HEADER_BYTES);
  const frame = new Uint8Array(FRAME_HEADER_BYTES + part.length);
  writeFrameHeader(new DataView(frame.buffer), 1, 0, 0, part.length);
  frame.set(part, FRAME_HEADER_BYTES);
  return frame;
}

/** Answers to the question for a venue's time; refused where they are no venue's. */
const venueTime: FuzzTarget = {
  name: 'venue-time',
  corpus: [
    '{"serverTime":1499827319559}',
    '{"retCode":0,"retMsg":"OK","result":{"timeSecond":"1688639403","timeNano":"1688639403423213947"},"time":1688639403423}',
    '{"code":"0","msg":"","data":[{"ts":"1597026383085"}]}',
    '{"error":[],"result":{"unixtime":1616336594,"rfc1123":"Sun, 21 Mar 21 14:23:14 +0000"}}',
  ],
  create: () => ({
    feed: (input) => {
      let refusal: unknown;
      for (const time of Object.values(venueTimes)) {
        try {
          const us = time.read(input);
          if (!Number.isFinite(us)) throw new Error(`${time.path}: expected a time or a refusal, was ${us}`);
          return;
        } catch (error) {
          if (!isRangeError(error)) throw error;
          refusal = error;
        }
      }
      throw refusal;
    },
  }),
  refusal: isRangeError,
};

/** Lines of recordings: `<ns> <json>`, Binance's CSV files, Python byte strings. */
const recordedLines: FuzzTarget = {
  name: 'recorded-lines',
  corpus: [
    '1723161256314123456 {"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"s":"BTCUSDT","t":12345,"p":"100.01","q":"0.10000","T":1723161256321,"m":true,"M":true}}',
    '1723161256314123456 {"lastUpdateId":100,"bids":[["100.00","1.00000"]],"asks":[["100.01","1.50000"]]}',
    '26129,0.01633102,4.70443515,27781,27781,1498793709153,True,True',
    '28457,4.00000100,12.00000000,48.000012,1499865549590,True,True',
    String.raw`b'{"ty":"trade","cd":"KRW-BTC","c":"\xed\x95\x9c\n\'"}'`,
  ],
  create: () => {
    const lines = new StreamLineReader();
    const rows = new CsvTradeConverter('BTCUSDT');
    let refused = 0;
    return {
      feed: (input) => {
        if (!lines.read(input, 0, input.length)) refused++;
        if (!rows.read(input, 0, input.length)) refused++;
        decodePythonBytes(input);
      },
      badMessages: () => refused,
    };
  },
  refusal: isRangeError,
};

const zip: FuzzTarget = {
  name: 'zip',
  corpus: [zipOf('a.csv', 'hello, world\n')],
  create: () => ({
    feed: (input) => {
      for (const entry of openZip(input)) entry.read();
    },
  }),
  refusal: (error) => error instanceof ZipError,
};

const checkpoint: FuzzTarget = {
  name: 'checkpoint',
  corpus: [
    '{"version":1,"originUs":1700000000000000,"day":19675,"killState":0,"lastOrderNumber":1000002,"instruments":[["sim","BTCUSDT","0.1","0.00001",0,[10,-5,5,0.5,20,10],[0,0,0,0,0,0],0]],"liveOrders":[[1000001,0,1,618000,100,0,1,0,1,42,1700000000000000,1700000000000001,"","",[]]],"finishedOrders":[[1000002,0,2,618010,100,100,5,1,0,43,1700000000000000,1700000000000001,"","",[7]]],"fills":[[55,1000002,7,0,2,618010,100,0.06,1,1700000000000002]],"alerts":[[60,1,"BTCUSDT book is gap",1700000000000003]]}',
  ],
  create: () => ({ feed: (input) => void decodeCheckpoint(new TextDecoder().decode(input)) }),
  refusal: (error) => error instanceof CheckpointError,
};

/** What is read besides market data: order entry, pages, times, lines of recordings, checkpoints. */
export const otherTargets: readonly FuzzTarget[] = [orderEntry, pageFrames, venueTime, recordedLines, zip, checkpoint];

/** A stored (not deflated) archive of one file. */
function zipOf(name: string, content: string): Uint8Array {
  const bytes = new TextEncoder().encode(content);
  const u16 = (...values: number[]): string => values.map((v) => String.fromCharCode(v & 255, (v >> 8) & 255)).join('');
  const u32 = (value: number): string => u16(value & 0xffff, value >>> 16);
  const about = u32(crc32(bytes)) + u32(bytes.length) + u32(bytes.length) + u16(name.length);
  const local = `PK\x03\x04${u16(20, 0, 0)}${u32(0)}${about}${u16(0)}${name}${content}`;
  const central = `PK\x01\x02${u16(20, 20, 0, 0)}${u32(0)}${about}${u16(0, 0, 0, 0)}${u32(0)}${u32(0)}${name}`;
  const end = `PK\x05\x06${u16(0, 0, 1, 1)}${u32(central.length)}${u32(local.length)}${u16(0)}`;
  return Uint8Array.from(local + central + end, (character) => character.charCodeAt(0));
}
