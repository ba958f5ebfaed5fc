import { RailCode } from '../contract/record.ts';
import type { InstrumentSpec } from '../contract/units.ts';
import type { RiskContext } from './risk-rails.ts';

/** One line for the user: which rail, what it expects, what the order was. */
export function railReason(code: RailCode, limit: number, spec: InstrumentSpec, c: RiskContext): string {
  const base = Number((c.sizeLots * Number(spec.lotSize)).toFixed(spec.sizeDecimals));
  const price = Number((c.priceTicks * Number(spec.tickSize)).toFixed(spec.priceDecimals));
  const value = Number((base * price).toFixed(2));
  switch (code) {
    case RailCode.bookNotLive:
      return 'Book: expected live, was not; orders wait until it is right again';
    case RailCode.maxOrderSize:
      return `Order size: expected at most ${limit} ${spec.baseAsset}, was ${base}`;
    case RailCode.maxPosition:
      return `Position with working orders: expected at most ${limit} ${spec.baseAsset} either way, would be more`;
    case RailCode.maxOrderValue:
      return `Order value: expected at most ${limit} ${spec.quoteAsset}, was ${value}`;
    case RailCode.priceCollar: {
      const reference = Number((c.referenceTicks * Number(spec.tickSize)).toFixed(spec.priceDecimals));
      return `Price: expected within ${limit} bps of ${reference}, was ${price}`;
    }
    case RailCode.orderRate:
      return `Order rate: expected at most ${limit} a second, was more`;
    case RailCode.dailyLoss:
      return `Day's loss: expected below ${limit} ${spec.quoteAsset}, was ${(-c.dayPnl).toFixed(2)}; only reducing orders pass`;
    case RailCode.killSwitch:
      return 'Kill switch: expected released, was active';
    case RailCode.noReferencePrice:
      return 'Reference price: expected a mid or a last trade, was neither';
    case RailCode.minNotional:
      return `Order value: expected at least ${limit} ${spec.quoteAsset}, was ${value}`;
    case RailCode.notReducing:
      return `Reduce-only order: expected to reduce a position of ${limit} lots, would not`;
    case RailCode.orderEntryDown:
      return 'Order entry: expected a connection, was down';
    case RailCode.invalidOrder:
      return `Order: expected a side, whole positive price and size, and not both post-only and IOC, was ${c.sizeLots} lots at ${c.priceTicks} ticks`;
    case RailCode.tooManyOpenOrders:
      return `Open orders: expected at most ${limit}, was ${c.openOrders} already`;
    default:
      return `Rail ${code as number}`;
  }
}
