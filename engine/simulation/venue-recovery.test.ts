import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { Side } from '../contract/units.ts';
import type { PlaceRequest } from './order-checks.ts';
import { isWorking } from './own-order.ts';
import { type ExchangeSink, type InjectedEvent, SimulatedExchange } from './simulated-exchange.ts';
import { UNITS_PER_ASSET } from './symbol-spec.ts';
import { VenueError } from './venue-error.ts';

const START_MS = 1_760_000_000_000;
const FILE = 'venue-journal.ndjson';
const root = mkdtempSync(join(tmpdir(), 'christmas-venue-'));
after(() => rmSync(root, { recursive: true, force: true }));
let dirs = 0;
const newDir = (): string => join(root, `d${++dirs}`);

const nothing = (): void => undefined;
const SINK: ExchangeSink = {
  onTrade: nothing,
  onAggregateTrade: nothing,
  onQuote: nothing,
  onDepth: nothing,
  onExecution: nothing,
  onBalances: nothing,
  flush: nothing,
};

function open(dataDir: string | undefined, flow: 'live' | 'off' = 'off', startMs = START_MS): SimulatedExchange {
  return new SimulatedExchange({ seed: 3, symbols: ['BTCUSDT'], dataDir, startMs, flow }, SINK);
}

function order(side: 'BUY' | 'SELL', priceTicks: number, lots: number, clientOrderId: string): PlaceRequest {
  return { symbol: 'BTCUSDT', side, type: 'LIMIT', timeInForce: 'GTC', priceTicks, lots, clientOrderId };
}

/** Everything of the account that must survive. */
function accountOf(exchange: SimulatedExchange): object {
  return structuredClone({
    orders: exchange.orders(),
    fills: exchange.fills('BTCUSDT'),
    balances: Object.fromEntries(exchange.account.balances),
    resting: exchange.openOrders().map((o) => exchange.market(o.symbol).engine.remainingLots(o.orderId)),
  });
}

describe('simulated exchange: recovery', () => {
  it('restores orders, fills and balances after a crash, and continues near the last price with larger ids', () => {
    const dir = newDir();
    const before = open(dir, 'live');
    for (let ms = 100; ms <= 20_000; ms += 100) before.advance(START_MS + ms);
    const market = before.market('BTCUSDT');
    before.place({ ...order('BUY', 0, 5000, 'm'), type: 'MARKET' });
    before.place(order('BUY', market.bestBidTicks - 20, 2000, 'low'));
    before.place(order('SELL', market.bestAskTicks + 20, 3000, 'high'));
    before.cancel('BTCUSDT', undefined, 'low', 'c1');
    before.place(order('BUY', market.bestBidTicks - 30, 2000, 'low'));
    const expected = accountOf(before);
    const ids = { ...market.ids };
    const { lastPriceTicks } = market;
    // Everything is in the file already: closing (which Windows needs before the next open) adds nothing.
    const written = readFileSync(join(dir, FILE));
    before.close();
    assert.ok(readFileSync(join(dir, FILE)).equals(written));
    const restarted = open(dir, 'live', START_MS + 60_000);
    assert.deepEqual(accountOf(restarted), expected);
    const now = restarted.market('BTCUSDT');
    for (const name of ['orderId', 'tradeId', 'aggregateId', 'updateId'] as const) {
      assert.ok(now.ids[name] >= ids[name], `Expected ${name} of at least ${ids[name]}, was ${now.ids[name]}`);
    }
    const mid = (now.bestBidTicks + now.bestAskTicks) / 2;
    assert.ok(Math.abs(mid - lastPriceTicks) < 15, `Expected a price near ${lastPriceTicks}, was ${mid}`);
    assert.throws(() => restarted.place(order('BUY', now.bestBidTicks - 40, 2000, 'low')), /Duplicate order sent/);
    const { order: next } = restarted.place(order('BUY', now.bestBidTicks - 40, 2000, 'fresh'));
    assert.ok(next.orderId > ids.orderId);
    // The restored orders really rest in the new book: the flow around them can be traded through.
    const high = restarted.find('BTCUSDT', undefined, 'high');
    assert.ok(high !== undefined && isWorking(high));
    restarted.inject({ kind: 'take', symbol: 'BTCUSDT', side: Side.buy, limitTicks: high.priceTicks, sizeLots: 1e9 });
    assert.equal(high.status, 'FILLED');
    restarted.close();
  });

  it('drops a torn last line, wherever it is cut, and refuses damage before it', () => {
    const dir = newDir();
    const exchange = open(dir);
    exchange.inject({ kind: 'rest', symbol: 'BTCUSDT', side: Side.sell, priceTicks: 618_000, sizeLots: 500 });
    exchange.place(order('BUY', 617_000, 1000, 'a'));
    const before = accountOf(exchange);
    const sizeBefore = readFileSync(join(dir, FILE)).length;
    exchange.place(order('BUY', 618_000, 800, 'b'));
    const whole = readFileSync(join(dir, FILE));
    const afterwards = accountOf(exchange);
    exchange.close();
    assert.notDeepEqual(afterwards, before);
    for (let cut = sizeBefore; cut <= whole.length; cut += cut === whole.length - 1 ? 1 : 7) {
      const copy = newDir();
      cpSync(dir, copy, { recursive: true });
      truncateSync(join(copy, FILE), Math.min(cut, whole.length));
      const expected = cut >= whole.length ? afterwards : before;
      // What was recovered is written anew, so a second start sees the same.
      for (const start of ['first', 'second']) {
        const recovered = open(copy);
        assert.deepEqual(accountOf(recovered), expected, `${start} start, cut at ${cut} of ${whole.length}`);
        recovered.close();
      }
    }
    const damaged = newDir();
    cpSync(dir, damaged, { recursive: true });
    writeFileSync(join(damaged, FILE), `{"orders":\n${whole.toString('utf8')}`);
    assert.throws(() => open(damaged), /Expected JSON in line 1 of .*venue-journal\.ndjson/);
  });

  it('keeps every unit: balances equal fills, locks equal working orders, and a restart changes nothing', () => {
    const side = fc.constantFrom(Side.buy, Side.sell);
    const price = fc.integer({ min: 617_990, max: 618_010 });
    type Step = { own: PlaceRequest } | { cancel: number } | { injected: InjectedEvent } | { restart: true };
    const step: fc.Arbitrary<Step> = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          own: fc.record({
            symbol: fc.constant('BTCUSDT'),
            side: fc.constantFrom('BUY' as const, 'SELL' as const),
            type: fc.constantFrom('LIMIT' as const, 'LIMIT_MAKER' as const, 'MARKET' as const),
            timeInForce: fc.constantFrom('GTC' as const, 'IOC' as const),
            priceTicks: price,
            lots: fc.integer({ min: 1, max: 900_000 }),
            clientOrderId: fc.constant(''),
          }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ cancel: fc.nat(20) }) },
      {
        weight: 4,
        arbitrary: fc.record({
          injected: fc.oneof(
            fc.record({
              kind: fc.constant('rest' as const),
              symbol: fc.constant('BTCUSDT'),
              side,
              priceTicks: price,
              sizeLots: fc.integer({ min: 1, max: 300_000 }),
            }),
            fc.record({
              kind: fc.constant('take' as const),
              symbol: fc.constant('BTCUSDT'),
              side,
              limitTicks: price,
              sizeLots: fc.integer({ min: 1, max: 300_000 }),
            }),
          ),
        }),
      },
      { weight: 1, arbitrary: fc.record({ restart: fc.constant(true as const) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const dir = newDir();
        let exchange = open(dir);
        steps.forEach((item, index) => {
          if ('restart' in item) {
            const expected = accountOf(exchange);
            exchange.close();
            exchange = open(dir);
            assert.deepEqual(accountOf(exchange), expected);
          } else if ('injected' in item) exchange.inject(item.injected);
          else {
            try {
              if ('cancel' in item) exchange.cancel('BTCUSDT', undefined, `c${index - item.cancel}`, 'x');
              else {
                const priceTicks = item.own.type === 'MARKET' ? 0 : item.own.priceTicks;
                exchange.place({ ...item.own, priceTicks, clientOrderId: `c${index}` });
              }
            } catch (error) {
              // Refusals are part of the game: they must change nothing, which the sums below show.
              if (!(error instanceof VenueError)) throw error;
            }
          }
          const expected = { USDT: 1_000_000 * UNITS_PER_ASSET, BTC: 100 * UNITS_PER_ASSET };
          for (const fill of exchange.fills('BTCUSDT')) {
            const sign = fill.isBuyer ? 1 : -1;
            expected.BTC += sign * fill.lots * 1000;
            expected.USDT -= sign * fill.priceTicks * fill.lots * 100;
            expected[fill.commissionAsset as 'BTC' | 'USDT'] -= fill.commissionUnits;
          }
          const locked = { USDT: 0, BTC: 0 };
          for (const working of exchange.openOrders()) {
            const left = working.origLots - working.executedLots;
            assert.equal(exchange.market('BTCUSDT').engine.remainingLots(working.orderId), left);
            locked[working.side === 'BUY' ? 'USDT' : 'BTC'] +=
              working.side === 'BUY' ? working.priceTicks * left * 100 : left * 1000;
          }
          for (const asset of ['USDT', 'BTC'] as const) {
            const balance = exchange.account.balance(asset);
            assert.deepEqual(balance, { free: expected[asset] - locked[asset], locked: locked[asset] });
            assert.ok(balance.free >= 0, `Expected no debt, was ${balance.free} ${asset}`);
          }
        });
        exchange.close();
      }),
      { numRuns: 60 },
    );
  });
});
