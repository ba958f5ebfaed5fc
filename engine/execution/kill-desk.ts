import {
  AlertLevel,
  KillState,
  OrderSource,
  RecordFlag,
  RecordKind,
  StrategyState,
  nameOf,
} from '../contract/record.ts';
import type { KillView } from '../contract/trading-messages.ts';
import { Side, type InstrumentSpec } from '../contract/units.ts';
import { KillSwitch, type KillPort } from '../risk/kill-switch.ts';
import type { RiskRailsCheck } from '../risk/risk-rails.ts';
import type { JournalledOutput } from './journalled-output.ts';
import type { Order } from './order.ts';
import type { OrderDesk } from './order-desk.ts';
import type { Position } from './position.ts';
import type { Reconciliation } from './reconciliation.ts';
import type { StrategyHost } from './strategy-host.ts';
import type { TradingState } from './trading-state.ts';

export interface KillDeskOptions {
  state: TradingState;
  output: JournalledOutput;
  rails: RiskRailsCheck;
  desk: OrderDesk;
  reconciliation: Reconciliation;
  strategy: StrategyHost;
}

/** Hands and eyes of the kill switch within the step. */
export class KillDesk implements KillPort {
  readonly #options: KillDeskOptions;
  readonly #switch: KillSwitch;

  constructor(options: KillDeskOptions) {
    this.#options = options;
    this.#switch = new KillSwitch(this);
  }

  /** The step has one instrument more. */
  instrumentAdded(): void {
    this.#switch.instrumentAdded();
  }

  get active(): boolean {
    return this.#switch.active;
  }

  get state(): KillState {
    return this.#switch.state;
  }

  view(): KillView {
    const { state, detail, elapsedMs } = this.#switch;
    return { state: nameOf(KillState, state), detail, elapsedMs };
  }

  press(): void {
    const { state, output, strategy } = this.#options;
    strategy.stop(StrategyState.halted, 'kill switch');
    if (!this.#switch.active) output.alert(AlertLevel.critical, 'Kill switch pressed');
    this.#switch.press(state.nowNs);
  }

  reset(): boolean {
    const { state, strategy } = this.#options;
    if (!this.#switch.reset(state.nowNs)) return false;
    strategy.stop(StrategyState.stopped, 'kill switch released');
    return true;
  }

  restore(killState: KillState): void {
    this.#switch.restore(killState, this.#options.state.nowNs);
  }

  advance(): void {
    this.#switch.advance(this.#options.state.nowNs);
  }

  onOpenOrders(instrument: number, open: number, answered: boolean): void {
    this.#switch.onOpenOrders(instrument, open, answered, this.#options.state.nowNs);
  }

  // KillPort
  get instrumentCount(): number {
    return this.#options.state.instruments.length;
  }

  orderEntryUp(): boolean {
    return this.#options.state.orderEntryUp;
  }

  liveOrders(instrument: number): number {
    let live = 0;
    for (const order of this.#options.state.orders.live) if (order.instrument === instrument) live++;
    return live;
  }

  positionLots(instrument: number): number {
    return (this.#options.state.positions[instrument] as Position).positionLots;
  }

  cancelEverything(): void {
    for (let i = 0; i < this.instrumentCount; i++) this.#options.desk.cancelEverything(i, isKillOrder);
  }

  closeSlice(instrument: number): string {
    const { state, rails, desk } = this.#options;
    const position = this.positionLots(instrument);
    const side = position > 0 ? Side.sell : Side.buy;
    const reference = state.referenceTicks(instrument);
    if (!(reference > 0)) return 'no reference price to close at';
    // As aggressive as the collar allows: the venue fills at the best prices first.
    const price = side === Side.sell ? rails.collarLowTicks(reference) : rails.collarHighTicks(reference);
    const size = sliceLots(
      Math.abs(position),
      price,
      instrument,
      rails,
      state.instruments[instrument] as InstrumentSpec,
    );
    const flags = RecordFlag.immediateOrCancel | RecordFlag.reduceOnly;
    const number = desk.place(OrderSource.killSwitch, instrument, side, price, size, flags, 0);
    return number === 0 ? desk.blockReason : '';
  }

  askOpenOrders(instrument: number): void {
    this.#options.reconciliation.askOpenOrders(instrument);
  }

  changed(killState: KillState, detail: string): void {
    const { output } = this.#options;
    const slot = output.begin(RecordKind.killState, 0);
    slot.id = killState;
    output.emit(slot.setText(detail));
    if (killState === KillState.alarm) output.alert(AlertLevel.critical, `Kill switch: ${detail}`);
    else if (killState === KillState.flatConfirmed) output.alert(AlertLevel.info, `Kill switch: ${detail}`);
    output.listener.onKill?.(this.view());
  }
}

function isKillOrder(order: Order): boolean {
  return order.source === OrderSource.killSwitch && order.immediateOrCancel;
}

/** Lots of the next slice: within size and value limits, leaving no rest too small for the venue. */
function sliceLots(
  lots: number,
  price: number,
  instrument: number,
  rails: RiskRailsCheck,
  spec: InstrumentSpec,
): number {
  const byValue = Math.floor(rails.rails.maxOrderValue / rails.valueOf(instrument, price, 1));
  const slice = Math.min(lots, rails.maxOrderLots(instrument), byValue);
  const rest = lots - slice;
  if (rest > 0 && rails.valueOf(instrument, price, rest) < spec.minNotional) return Math.max(1, Math.ceil(lots / 2));
  return slice;
}
