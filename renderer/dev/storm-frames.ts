/** Market frames of a storm, made beforehand so that making them costs nothing while the page is measured: `dev.html?storm`. */
import {
  CANDLE_FIELDS,
  LEVEL_FIELDS,
  MARKET_HEADER_FIELDS,
  MarketField,
  MarketFrameWriter,
  TRADE_FIELDS,
} from '../../engine/contract/market-frame.ts';
import { Side } from '../../engine/contract/units.ts';
import { seededRandom } from './random-market.ts';

const FRAMES = 240;
const LEVELS = 400;
/** 20 000 messages a second at 60 frames, one in four of them a trade. */
const TRADES = 84;
const MESSAGES = 333;

/** Frames whose times and ids are to be set anew each time one is sent. */
export function stormFrames(instrument: number, midTicks: number): Float64Array[] {
  const random = seededRandom(99);
  const writer = new MarketFrameWriter();
  let mid = midTicks;
  return Array.from({ length: FRAMES }, () => {
    mid += Math.round((random() - 0.5) * 6);
    const { body } = writer;
    body.fill(0, 0, MARKET_HEADER_FIELDS);
    body[MarketField.instrument] = instrument;
    body[MarketField.bookState] = 2;
    body[MarketField.conflatedEvents] = MESSAGES;
    body[MarketField.lastPriceTicks] = mid;
    body[MarketField.lastSide] = random() < 0.5 ? Side.buy : Side.sell;
    body[MarketField.bidCount] = LEVELS;
    body[MarketField.askCount] = LEVELS;
    body[MarketField.tradeCount] = TRADES;
    body[MarketField.candleCount] = 1;
    let at = MARKET_HEADER_FIELDS;
    for (const sign of [-1, 1]) {
      for (let i = 0; i < LEVELS; i++, at += LEVEL_FIELDS) {
        body[at] = mid + sign * (i + 1);
        body[at + 1] = Math.ceil(random() ** 3 * 50_000);
      }
    }
    for (let i = 0; i < TRADES; i++, at += TRADE_FIELDS) {
      body[at + 1] = mid + Math.round((random() - 0.5) * 4);
      body[at + 2] = Math.ceil(random() ** 4 * 30_000);
      body[at + 4] = random() < 0.5 ? Side.buy : Side.sell;
    }
    body.set([0, mid, mid + 4, mid - 4, mid + 2, 900, 400], at);
    at += CANDLE_FIELDS;
    return body.slice(0, at);
  });
}

/** Gives a frame the times of now. */
export function stampStormFrame(frame: Float64Array, tradeId: number, timeUs: number, timeNs: number): void {
  frame[MarketField.exchangeTimeUs] = timeUs;
  frame[MarketField.sourceTimeNs] = timeNs;
  const trades = MARKET_HEADER_FIELDS + 2 * LEVELS * LEVEL_FIELDS;
  for (let i = 0; i < TRADES; i++) {
    frame[trades + i * TRADE_FIELDS] = timeUs + i;
    frame[trades + i * TRADE_FIELDS + 3] = tradeId + i;
  }
  frame[trades + TRADES * TRADE_FIELDS] = Math.floor(timeUs / 1e6);
}
