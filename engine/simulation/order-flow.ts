import { Side } from '../contract/units.ts';
import { BURST, type FlowRegime, nextRegime, QUIET, THIN, TREND } from './flow-regime.ts';
import { RestingOrders } from './resting-orders.ts';
import { SeededRandom } from './seeded-random.ts';

/** What the flow needs of the market it trades in. Sizes in lots, prices in ticks, 0 = no such level. */
export interface FlowMarket {
  readonly bestBidTicks: number;
  readonly bestAskTicks: number;
  /** Lots on the best `levels` levels. */
  topLots(side: Side, levels: number): number;
  /** Rests an order that must not trade. Returns its id, 0 when it would have crossed. */
  placeBackground(side: Side, priceTicks: number, sizeLots: number): number;
  /** Takes up to `sizeLots` as far as `limitTicks`. */
  takeBackground(side: Side, limitTicks: number, sizeLots: number): void;
  cancelBackground(orderId: number): void;
  /** Everything up to the next call happens at this time. */
  setTime(timeMs: number): void;
}

export interface OrderFlowOptions {
  seed: number;
  symbol: string;
  /** Fair price at the start. */
  priceTicks: number;
  /** Price that the fair price is drawn back to over the hours, so that a venue can run for weeks. */
  anchorTicks: number;
  maxPriceTicks: number;
  typicalLots: number;
  startMs: number;
  /** Stay in one regime: for tests. */
  regime?: FlowRegime;
}

const ORDERS_PER_SIDE = 700;
/** The levels that makers watch most, how much they like to see there (in typical orders), and how pressure tilts it. */
const TOUCH_LEVELS = 6;
const TOUCH_LOTS = 24;
const TOUCH_TILT = 1.5;
/** Decay of the self-excitation, per second. */
const EXCITATION_DECAY = 2.5;
const PRESSURE_SECONDS = 2.5;
const PRESSURE_DEVIATION = 0.85;

/**
 * Seeded background trading of one symbol. Makers quote around a wandering fair price; takers arrive in self-exciting
 * clusters (a Hawkes process by thinning); a slowly turning `pressure` tilts both the resting size near the touch and
 * the side of the takers, so the imbalance of the book says something about the next second, as in real markets.
 *
 * Time is what {@link advance} says. The events do not depend on how the time is cut into calls.
 */
export class OrderFlow {
  regime: FlowRegime;
  fairTicks: number;
  /** Positive = buyers are stronger. */
  pressure = 0;
  readonly #market: FlowMarket;
  readonly #random: SeededRandom;
  readonly #options: OrderFlowOptions;
  /** Coarse ticks (a cheap coin) move fewer ticks. */
  readonly #scale: number;
  readonly #farTicks: number;
  readonly #bids = new RestingOrders();
  readonly #asks = new RestingOrders();
  #timeS = 0;
  #nextS = 0;
  #intensity = 1;
  #excitation = 0;
  #direction = 1;
  #regimeEndsS = 0;
  #lastTakerSign = 0;
  #startMs: number;

  constructor(market: FlowMarket, options: OrderFlowOptions) {
    this.#market = market;
    this.#options = options;
    this.#startMs = options.startMs;
    this.#random = new SeededRandom(options.seed, options.symbol);
    this.fairTicks = options.priceTicks + 0.5;
    this.#scale = Math.min(1, Math.max(0.3, options.anchorTicks / 200_000));
    this.#farTicks = Math.max(60, Math.min(6000, Math.round(options.anchorTicks * 0.02)));
    this.regime = options.regime ?? QUIET;
    this.#regimeEndsS = 1 + Math.min(5, this.#random.exponential(3));
  }

  get restingOrders(): number {
    return this.#bids.ids.length + this.#asks.ids.length;
  }

  /** Lays the opening book around whatever rests already. */
  seed(): void {
    this.#market.setTime(this.#startMs);
    for (const side of [Side.buy, Side.sell] as const) {
      const count = Math.round(ORDERS_PER_SIDE * this.regime.depth);
      for (let i = 0; i < count; i++) this.#placeAt(side, this.#distance());
      for (let distance = 0; distance < 24; distance++) this.#placeAt(side, distance);
    }
    this.#schedule();
  }

  /** An order has left the book: filled. Unknown ids are somebody else's. */
  orderGone(orderId: number): void {
    if (!this.#bids.remove(orderId)) this.#asks.remove(orderId);
  }

  /** Lets everything happen that is due up to `toMs`, ms since the epoch. */
  advance(toMs: number): void {
    const toS = (toMs - this.#startMs) / 1000;
    while (this.#nextS <= toS) {
      const seconds = this.#nextS - this.#timeS;
      this.#timeS = this.#nextS;
      this.#evolve(seconds);
      this.#market.setTime(this.#startMs + Math.floor(this.#timeS * 1000));
      this.#act();
      this.#schedule();
    }
  }

  /** Passes over `ms` in which nothing happens: the machine slept or its clock was set. */
  skip(ms: number): void {
    this.#startMs += ms;
  }

  #schedule(): void {
    this.#intensity = this.#limitRate() + this.#cancelRate() + this.#takerRate();
    this.#nextS = this.#timeS + this.#random.exponential(1 / this.#intensity);
  }

  #evolve(seconds: number): void {
    const random = this.#random;
    const root = Math.sqrt(seconds);
    this.#excitation *= Math.exp(-EXCITATION_DECAY * seconds);
    if (this.#timeS >= this.#regimeEndsS && this.#options.regime === undefined) {
      this.regime = nextRegime(this.regime, random.next());
      this.#direction = random.chance(0.5) ? 1 : -1;
      this.#regimeEndsS =
        this.#timeS + 0.5 + Math.min(random.exponential(this.regime.meanSeconds), 1.8 * this.regime.meanSeconds);
    }
    const regime = this.regime;
    const centre = regime.drift > 0 ? this.#direction * 0.6 : 0;
    this.pressure += ((centre - this.pressure) * seconds) / PRESSURE_SECONDS;
    this.pressure += PRESSURE_DEVIATION * Math.sqrt(2 / PRESSURE_SECONDS) * root * random.normal();
    this.pressure = Math.max(-1.6, Math.min(1.6, this.pressure));
    const anchor = this.#options.anchorTicks;
    const drift = regime.drift * this.#direction + regime.pull * this.pressure;
    this.fairTicks += this.#scale * (drift * seconds + regime.volatility * root * random.normal());
    this.fairTicks += ((anchor - this.fairTicks) * seconds) / 3600;
    this.fairTicks = Math.max(anchor * 0.3, Math.min(anchor * 3, this.fairTicks));
    // The market finds its price by trading: the fair price leads the quotes, but never by much. So it is the thinner
    // side of the book that gives way, and makers keep up behind a move.
    const { bestBidTicks: bid, bestAskTicks: ask } = this.#market;
    if (ask > 0) this.fairTicks = Math.min(this.fairTicks, ask + regime.lead);
    if (bid > 0) this.fairTicks = Math.max(this.fairTicks, bid - regime.lead);
  }

  #act(): void {
    let draw = this.#random.next() * this.#intensity;
    draw -= this.#takerRate();
    if (draw < 0) {
      this.#take();
      return;
    }
    draw -= this.#limitRate();
    if (draw < 0) {
      this.#quote();
      return;
    }
    draw -= this.#cancelRate();
    if (draw < 0) this.#withdraw();
    // else: the excitation has faded since the event was scheduled; nothing happens (thinning).
  }

  #fill(side: Side): number {
    const orders = side === Side.buy ? this.#bids : this.#asks;
    return orders.ids.length / (ORDERS_PER_SIDE * this.regime.depth);
  }
  #limitRate(): number {
    const fill = (this.#fill(Side.buy) + this.#fill(Side.sell)) / 2;
    return this.regime.limitRate * (fill < 1 ? 1 + 1.5 * (1 - fill) : 1);
  }
  #cancelRate(): number {
    const fill = (this.#fill(Side.buy) + this.#fill(Side.sell)) / 2;
    return this.regime.limitRate * Math.min(3, 0.72 * fill * fill);
  }
  #takerRate(): number {
    // The further makers' quotes are from the fair price, the more it pays to take them.
    const gap = Math.abs(this.#gapTicks());
    return this.regime.takerRate * (1 + Math.min(4, gap * 0.25)) + this.#excitation;
  }

  /** How far the fair price lies outside the quotes: positive above the ask, negative below the bid. */
  #gapTicks(): number {
    const { bestBidTicks, bestAskTicks } = this.#market;
    if (bestAskTicks > 0 && this.fairTicks > bestAskTicks) return this.fairTicks - bestAskTicks;
    if (bestBidTicks > 0 && this.fairTicks < bestBidTicks) return this.fairTicks - bestBidTicks;
    return 0;
  }

  #take(): void {
    const random = this.#random;
    const market = this.#market;
    const { bestBidTicks: bid, bestAskTicks: ask } = market;
    if (bid === 0 || ask === 0) return;
    const bidLots = market.topLots(Side.buy, TOUCH_LEVELS);
    const askLots = market.topLots(Side.sell, TOUCH_LEVELS);
    const imbalance = (bidLots - askLots) / (bidLots + askLots);
    const mid = (bid + ask) / 2;
    const pull = Math.max(-0.35, Math.min(0.35, (this.fairTicks - mid) / 12));
    const buying = 0.5 + 0.16 * Math.tanh(1.2 * this.pressure) + 0.14 * imbalance + pull + 0.07 * this.#lastTakerSign;
    const side = random.chance(Math.max(0.03, Math.min(0.97, buying))) ? Side.buy : Side.sell;
    this.#lastTakerSign = side === Side.buy ? 1 : -1;
    const gap = this.#gapTicks();
    const informed = side === Side.buy ? gap > 1 : gap < -1;
    let lots = random.logNormal(this.#options.typicalLots * 0.6 * this.regime.takerSize, 1.1);
    if (random.chance(0.05)) lots *= 6;
    if (informed) lots *= 3;
    const walk = informed ? Math.abs(gap) : random.integer(this.regime.maxWalk + 1);
    const limit = side === Side.buy ? ask + Math.floor(walk) : bid - Math.floor(walk);
    this.#excitation = Math.min(120, this.#excitation + this.regime.branching * EXCITATION_DECAY);
    market.takeBackground(side, this.#clampPrice(limit), Math.max(1, Math.round(lots)));
  }

  #quote(): void {
    const random = this.#random;
    if (random.chance(0.72)) {
      this.#quoteTouch();
      return;
    }
    const lean = 0.5 + 0.6 * (this.#fill(Side.sell) - this.#fill(Side.buy));
    const side = random.chance(Math.max(0.1, Math.min(0.9, lean))) ? Side.buy : Side.sell;
    this.#placeAt(side, this.#distance());
  }

  /** Makers at the touch: improve a wide spread, else add where less rests than the pressure asks for. */
  #quoteTouch(): void {
    const random = this.#random;
    const { bestBidTicks: bid, bestAskTicks: ask } = this.#market;
    const side = this.#touchRatio(Side.buy) < this.#touchRatio(Side.sell) ? Side.buy : Side.sell;
    const spread = ask - bid;
    if (bid > 0 && ask > 0 && spread > 1 && random.chance(spread > 2 + this.regime.halfSpread * 2 ? 0.8 : 0.3)) {
      const bidRoom = this.fairTicks - this.regime.halfSpread - bid;
      const askRoom = ask - this.fairTicks - this.regime.halfSpread;
      const improving = bidRoom > askRoom ? Side.buy : Side.sell;
      if (Math.max(bidRoom, askRoom) >= 1) {
        const step = 1 + random.integer(Math.max(1, Math.floor(Math.max(bidRoom, askRoom) * 0.6)));
        this.#place(improving, improving === Side.buy ? bid + step : ask - step, 0);
        return;
      }
    }
    const best = side === Side.buy ? bid : ask;
    const away = Math.floor(random.exponential(2.2)) + (this.#tooTight() ? 1 : 0);
    const beyond = side === Side.buy ? best > this.fairTicks : best < this.fairTicks;
    // Nobody joins a level that the fair price has left behind.
    if (best === 0 || beyond) this.#placeAt(side, away);
    else this.#place(side, side === Side.buy ? best - away : best + away, away);
  }

  /** The spread is less than makers ask for: they leave the best level and join behind it. */
  #tooTight(): boolean {
    return this.#market.bestAskTicks - this.#market.bestBidTicks < 2 * this.regime.halfSpread;
  }

  /** Lots at the touch compared with what the pressure asks for: above 1 is too much. */
  #touchRatio(side: Side): number {
    const tilt = Math.exp((side === Side.buy ? 1 : -1) * this.pressure * TOUCH_TILT);
    return (
      this.#market.topLots(side, TOUCH_LEVELS) / (TOUCH_LOTS * this.#options.typicalLots * this.regime.depth * tilt)
    );
  }

  /** Ticks from the fair price that a maker away from the touch quotes: a hump close by, a tail over hundreds of levels. */
  #distance(): number {
    const random = this.#random;
    const draw = random.next();
    if (draw < 0.06) return Math.floor(random.exponential(8));
    if (draw < 0.4) return Math.floor(random.exponential(60));
    return Math.floor(20 * (this.#farTicks / 20) ** random.next());
  }

  #placeAt(side: Side, distance: number): void {
    const half = this.regime.halfSpread + this.#random.next() * 0.6;
    const { bestBidTicks: bid, bestAskTicks: ask } = this.#market;
    let price =
      side === Side.buy ? Math.floor(this.fairTicks - half) - distance : Math.ceil(this.fairTicks + half) + distance;
    if (side === Side.buy && ask > 0) price = Math.min(price, ask - 1);
    if (side === Side.sell && bid > 0) price = Math.max(price, bid + 1);
    this.#place(side, price, distance);
  }

  #place(side: Side, priceTicks: number, distance: number): void {
    const tilt = (side === Side.buy ? 1 : -1) * this.pressure * (distance < TOUCH_LEVELS ? 0.4 : 0);
    const median = this.#options.typicalLots * (distance < TOUCH_LEVELS ? 1.6 : 0.9) * Math.exp(tilt);
    const lots = Math.max(1, Math.round(this.#random.logNormal(median, 0.8)));
    const price = this.#clampPrice(priceTicks);
    const id = this.#market.placeBackground(side, price, lots);
    if (id > 0) (side === Side.buy ? this.#bids : this.#asks).add(id, price);
  }

  #withdraw(): void {
    const random = this.#random;
    const gap = this.#gapTicks();
    // Quotes that the fair price has left behind go first, then what is too much at the touch, then anything.
    const stale = gap > 1 ? Side.sell : gap < -1 ? Side.buy : Side.none;
    const touch = random.chance(0.6);
    const reach = this.#tooTight() && random.chance(0.7) ? 0 : TOUCH_LEVELS;
    let side: Side;
    if (touch && stale !== Side.none && random.chance(0.6)) side = stale;
    else if (touch) side = this.#touchRatio(Side.buy) > this.#touchRatio(Side.sell) ? Side.buy : Side.sell;
    else {
      const lean = 0.5 + 0.6 * (this.#fill(Side.buy) - this.#fill(Side.sell));
      side = random.chance(Math.max(0.1, Math.min(0.9, lean))) ? Side.buy : Side.sell;
    }
    const orders = side === Side.buy ? this.#bids : this.#asks;
    if (orders.ids.length === 0) return;
    const best = side === Side.buy ? this.#market.bestBidTicks : this.#market.bestAskTicks;
    let chosen = random.integer(orders.ids.length);
    for (let tries = 0; tries < 12; tries++) {
      const distance = Math.abs((orders.prices[chosen] as number) - best);
      if (touch ? distance <= reach : distance > this.#farTicks * 1.3 || random.chance(0.3)) break;
      chosen = random.integer(orders.ids.length);
    }
    const id = orders.ids[chosen] as number;
    orders.remove(id);
    this.#market.cancelBackground(id);
  }

  #clampPrice(priceTicks: number): number {
    return Math.max(1, Math.min(this.#options.maxPriceTicks, Math.round(priceTicks)));
  }
}

/** All regimes by name, for tests and configuration. */
export const FLOW_REGIMES = { quiet: QUIET, trend: TREND, burst: BURST, thin: THIN } as const;
