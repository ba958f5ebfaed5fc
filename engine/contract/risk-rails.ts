/** Pre-trade rails. Every field is mandatory: a rail that is not set is a configuration error, never "no limit". */
export interface RiskRails {
  /** Base units, decimal. */
  maxOrderSize: number;
  /** Absolute position, base units. */
  maxPosition: number;
  /** Quote units. */
  maxOrderValue: number;
  /** Largest distance of a limit price from the reference price (mid, else last), in basis points. */
  priceCollarBps: number;
  /** Orders (places and cancels of strategies) per second; cancels by hand and by the kill switch always pass. */
  maxOrdersPerSecond: number;
  /** Loss of the day (realised + unrealised - fees), quote units, after which only reducing orders pass. */
  maxDailyLoss: number;
  /** Working orders an instrument. */
  maxOpenOrders: number;
}

export const defaultRiskRails: RiskRails = {
  maxOrderSize: 1,
  maxPosition: 3,
  maxOrderValue: 100_000,
  priceCollarBps: 100,
  maxOrdersPerSecond: 20,
  maxDailyLoss: 1_000,
  maxOpenOrders: 50,
};
