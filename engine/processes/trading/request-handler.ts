import { RecordKind, StrategyCommand } from '../../contract/record.ts';
import type { TradingRequest } from '../../contract/trading-messages.ts';
import { Side } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import type { SessionState } from './session-state.ts';
import { orderFlags } from './order-flags.ts';

/**
 * Turns a page's request into an intent record and steps it. Returns what the page is told.
 * @throws Error with one line for the user: a bad field, or the rail that refused.
 */
export function handleRequest(session: SessionState, request: TradingRequest): unknown {
  if (session.hasEnded) throw new Error('The session has ended');
  switch (request.kind) {
    case 'place': {
      const instrument = checkInstrument(session, request.instrument);
      if (request.side !== 'buy' && request.side !== 'sell')
        throw new RangeError(`side: expected buy or sell, was ${request.side}`);
      checkPositive('priceTicks', request.priceTicks);
      checkPositive('sizeLots', request.sizeLots);
      if (!['limit', 'ioc', 'post-only'].includes(request.type)) {
        throw new RangeError(`type: expected limit, ioc or post-only, was ${request.type}`);
      }
      intent(session, RecordKind.intentPlace, instrument, (slot) => {
        slot.side = request.side === 'buy' ? Side.buy : Side.sell;
        slot.priceTicks = request.priceTicks;
        slot.sizeLots = request.sizeLots;
        slot.flags = orderFlags(request.type, request.reduceOnly === true);
      });
      return { orderNumber: session.core.intentOutcome.orderNumber };
    }
    case 'cancel': {
      const order = session.core.order(request.orderNumber);
      if (order === undefined) throw new RangeError(`orderNumber: expected a known order, was ${request.orderNumber}`);
      intent(session, RecordKind.intentCancel, order.instrument, (slot) => {
        slot.id = request.orderNumber;
      });
      return undefined;
    }
    case 'cancelAll':
      intent(session, RecordKind.intentCancelAll, checkInstrument(session, request.instrument));
      return undefined;
    case 'kill':
      intent(session, RecordKind.intentKill, 0);
      return undefined;
    case 'killReset':
      intent(session, RecordKind.intentKillReset, 0);
      return undefined;
    case 'strategyStart':
      intent(session, RecordKind.intentStrategy, checkInstrument(session, request.instrument), (slot) => {
        slot.id = StrategyCommand.start;
        slot.setText(JSON.stringify({ name: request.name, parameters: request.parameters }));
      });
      return undefined;
    case 'strategyStop':
      intent(session, RecordKind.intentStrategy, 0, (slot) => {
        slot.id = StrategyCommand.stop;
      });
      return undefined;
    case 'strategyParameters':
      intent(session, RecordKind.intentStrategy, 0, (slot) => {
        slot.id = StrategyCommand.parameters;
        slot.setText(JSON.stringify({ parameters: request.parameters }));
      });
      return undefined;
    case 'rails':
      intent(session, RecordKind.intentRails, 0, (slot) => {
        slot.setText(JSON.stringify(request.rails));
      });
      return undefined;
    case 'replaySpeed':
      if (request.speed !== 'max' && !(request.speed >= 0)) {
        throw new RangeError(`speed: expected max or a number of at least 0, was ${request.speed}`);
      }
      session.source.setSpeed(request.speed);
      return undefined;
    default:
      throw new RangeError(`kind: expected a known request, was ${(request as { kind: unknown }).kind}`);
  }
}

function intent(session: SessionState, kind: number, instrument: number, fill?: (slot: EventSlot) => void): void {
  session.input((slot) => {
    slot.begin(kind, instrument, session.clock.nowNs());
    fill?.(slot);
  });
  const outcome = session.core.intentOutcome;
  if (!outcome.ok) throw new Error(outcome.error);
}

function checkInstrument(session: SessionState, instrument: number): number {
  if (session.instruments[instrument] === undefined) {
    throw new RangeError(`instrument: expected 0..${session.instruments.length - 1}, was ${instrument}`);
  }
  return instrument;
}

function checkPositive(field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new RangeError(`${field}: expected a positive whole number, was ${value}`);
}
