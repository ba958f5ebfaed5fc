import { type Account, MAKER_FEE, TAKER_FEE } from '../account.ts';
import type { OwnFill, OwnOrder } from '../own-order.ts';
import type { ExecutionType } from '../simulated-exchange.ts';
import { formatUnits, type SymbolSpec } from '../symbol-spec.ts';
import { priceText, sizeText } from '../dialect/binance-messages.ts';

/** User data event `executionReport`. */
export function executionReport(
  spec: SymbolSpec,
  type: ExecutionType,
  order: OwnOrder,
  fill: OwnFill | undefined,
  reason: string,
  eventMs: number,
  executionId: number,
  cancelId: string | undefined,
): object {
  return {
    e: 'executionReport',
    E: eventMs,
    s: order.symbol,
    c: cancelId ?? order.clientOrderId,
    S: order.side,
    o: order.type,
    f: order.timeInForce,
    q: sizeText(spec, order.origLots),
    p: priceText(spec, order.priceTicks),
    P: '0.00000000',
    F: '0.00000000',
    g: -1,
    C: cancelId === undefined ? '' : order.clientOrderId,
    x: type,
    X: type === 'REJECTED' ? 'REJECTED' : order.status,
    r: reason,
    i: order.orderId,
    l: sizeText(spec, fill?.lots ?? 0),
    z: sizeText(spec, order.executedLots),
    L: priceText(spec, fill?.priceTicks ?? 0),
    n: fill === undefined ? '0' : formatUnits(fill.commissionUnits),
    N: fill?.commissionAsset ?? null,
    T: fill?.timeMs ?? order.updateMs,
    t: fill?.tradeId ?? -1,
    I: executionId,
    w: (type === 'NEW' || type === 'TRADE') && (order.status === 'NEW' || order.status === 'PARTIALLY_FILLED'),
    m: fill?.isMaker ?? false,
    M: false,
    O: order.timeMs,
    Z: formatUnits(order.quoteUnits),
    Y: formatUnits(fill?.quoteUnits ?? 0),
    Q: '0.00000000',
    W: order.timeMs,
    V: 'NONE',
  };
}

/** User data event `outboundAccountPosition` for the assets that changed. */
export function accountPosition(account: Account, assets: readonly string[], eventMs: number): object {
  return { e: 'outboundAccountPosition', E: eventMs, u: eventMs, B: assets.map((asset) => balanceRow(account, asset)) };
}

function balanceRow(account: Account, asset: string): object {
  const balance = account.balance(asset);
  return { a: asset, f: formatUnits(balance.free), l: formatUnits(balance.locked) };
}

/** Answer to `order.place`: ACK, RESULT or FULL. */
export function placedOrder(
  spec: SymbolSpec,
  order: OwnOrder,
  fills: readonly OwnFill[],
  responseType: 'ACK' | 'RESULT' | 'FULL',
): object {
  const ack = {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    transactTime: order.updateMs,
  };
  if (responseType === 'ACK') return ack;
  const result = {
    ...ack,
    price: priceText(spec, order.priceTicks),
    origQty: sizeText(spec, order.origLots),
    executedQty: sizeText(spec, order.executedLots),
    origQuoteOrderQty: '0.00000000',
    cummulativeQuoteQty: formatUnits(order.quoteUnits),
    status: order.status,
    timeInForce: order.timeInForce,
    type: order.type,
    side: order.side,
    workingTime: order.timeMs,
    selfTradePreventionMode: 'NONE',
  };
  if (responseType === 'RESULT') return result;
  return {
    ...result,
    fills: fills.map((fill) => ({
      price: priceText(spec, fill.priceTicks),
      qty: sizeText(spec, fill.lots),
      commission: formatUnits(fill.commissionUnits),
      commissionAsset: fill.commissionAsset,
      tradeId: fill.tradeId,
    })),
  };
}

/** Answer to `order.cancel`, and an element of `openOrders.cancelAll`. */
export function cancelledOrder(spec: SymbolSpec, order: OwnOrder, cancelClientOrderId: string): object {
  return {
    symbol: order.symbol,
    origClientOrderId: order.clientOrderId,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: cancelClientOrderId,
    transactTime: order.updateMs,
    price: priceText(spec, order.priceTicks),
    origQty: sizeText(spec, order.origLots),
    executedQty: sizeText(spec, order.executedLots),
    origQuoteOrderQty: '0.00000000',
    cummulativeQuoteQty: formatUnits(order.quoteUnits),
    status: order.status,
    timeInForce: order.timeInForce,
    type: order.type,
    side: order.side,
    selfTradePreventionMode: 'NONE',
  };
}

/** Answer to `order.status`, and an element of `openOrders.status` and `allOrders`. */
export function orderStatus(spec: SymbolSpec, order: OwnOrder): object {
  return {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    price: priceText(spec, order.priceTicks),
    origQty: sizeText(spec, order.origLots),
    executedQty: sizeText(spec, order.executedLots),
    cummulativeQuoteQty: formatUnits(order.quoteUnits),
    status: order.status,
    timeInForce: order.timeInForce,
    type: order.type,
    side: order.side,
    stopPrice: '0.00000000',
    icebergQty: '0.00000000',
    time: order.timeMs,
    updateTime: order.updateMs,
    isWorking: true,
    workingTime: order.timeMs,
    origQuoteOrderQty: '0.00000000',
    selfTradePreventionMode: 'NONE',
  };
}

/** Element of `myTrades`. */
export function accountTrade(spec: SymbolSpec, fill: OwnFill): object {
  return {
    symbol: fill.symbol,
    id: fill.tradeId,
    orderId: fill.orderId,
    orderListId: -1,
    price: priceText(spec, fill.priceTicks),
    qty: sizeText(spec, fill.lots),
    quoteQty: formatUnits(fill.quoteUnits),
    commission: formatUnits(fill.commissionUnits),
    commissionAsset: fill.commissionAsset,
    time: fill.timeMs,
    isBuyer: fill.isBuyer,
    isMaker: fill.isMaker,
    isBestMatch: true,
  };
}

/** Answer to `account.status`. */
export function accountStatus(account: Account, nowMs: number, omitZero: boolean): object {
  const rows = [...account.balances]
    .filter(([, balance]) => !omitZero || balance.free + balance.locked > 0)
    .map(([asset, balance]) => ({ asset, free: formatUnits(balance.free), locked: formatUnits(balance.locked) }));
  return {
    makerCommission: MAKER_FEE * 10_000,
    takerCommission: TAKER_FEE * 10_000,
    buyerCommission: 0,
    sellerCommission: 0,
    canTrade: true,
    canWithdraw: false,
    canDeposit: false,
    commissionRates: {
      maker: MAKER_FEE.toFixed(8),
      taker: TAKER_FEE.toFixed(8),
      buyer: '0.00000000',
      seller: '0.00000000',
    },
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: nowMs,
    accountType: 'SPOT',
    balances: rows,
    permissions: ['SPOT'],
    uid: 1,
  };
}

/** Answer to `account.commission` and to REST `account/commission`. */
export function accountCommission(symbol: string): object {
  const none = { maker: '0.00000000', taker: '0.00000000', buyer: '0.00000000', seller: '0.00000000' };
  return {
    symbol,
    standardCommission: { ...none, maker: MAKER_FEE.toFixed(8), taker: TAKER_FEE.toFixed(8) },
    specialCommission: none,
    taxCommission: none,
    discount: { enabledForAccount: false, enabledForSymbol: false, discountAsset: 'BNB', discount: '0.00000000' },
  };
}
