import { RecordKind, StrategyCommand } from '../../contract/record.ts';
import type { RiskRails } from '../../contract/risk-rails.ts';
import type { TradingRequest } from '../../contract/trading-messages.ts';
import { Side } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import { checkRails } from '../../risk/check-rails.ts';
import { RefusedError } from './errors.ts';
import { orderFlags } from './order-flags.ts';
import type { SessionState } from './session-state.ts';
import { addSymbol, removeSymbol, searchSymbols } from './session-symbols.ts';
import { watchOnlyReason } from './watch-only.ts';

/** Longest JSON of strategy parameters that is journalled; real ones take some hundred characters. */
const MAX_INTENT_TEXT = 16_384;

/**
 * Turns a page's request into an intent record and steps it. Returns what the page is told, or a promise of it. The request came from a
 * page: its type is a hope, every field is checked before anything is journalled.
 * @throws RefusedError with one line for the user: a bad field, or the rail that refused. Any other error is a bug or a
 * broken journal, and must end the process.
 */
export function handleRequest(session: SessionState, request: TradingRequest): unknown {
  if (typeof request !== 'object' || request === null) throw new RefusedError('request: expected an object, was not');
  if (session.hasEnded) throw new RefusedError('The session has ended');
  switch (request.kind) {
    case 'place': {
      const instrument = checkTradable(session, request.instrument);
      if (request.side !== 'buy' && request.side !== 'sell')
        throw new RefusedError(`side: expected buy or sell, was ${shown(request.side)}`);
      checkPositive('priceTicks', request.priceTicks);
      checkPositive('sizeLots', request.sizeLots);
      if (!['limit', 'ioc', 'post-only'].includes(request.type)) {
        throw new RefusedError(`type: expected limit, ioc or post-only, was ${shown(request.type)}`);
      }
      if (request.reduceOnly !== undefined && typeof request.reduceOnly !== 'boolean') {
        throw new RefusedError(`reduceOnly: expected true or false, was ${shown(request.reduceOnly)}`);
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
      if (order === undefined)
        throw new RefusedError(`orderNumber: expected a known order, was ${shown(request.orderNumber)}`);
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
    case 'strategyStart': {
      if (typeof request.name !== 'string') {
        throw new RefusedError(`name: expected a strategy's name, was ${shown(request.name)}`);
      }
      const text = intentText({ name: request.name, parameters: checkObject('parameters', request.parameters) });
      intent(session, RecordKind.intentStrategy, checkTradable(session, request.instrument), (slot) => {
        slot.id = StrategyCommand.start;
        slot.setText(text);
      });
      return undefined;
    }
    case 'strategyStop':
      intent(session, RecordKind.intentStrategy, 0, (slot) => {
        slot.id = StrategyCommand.stop;
      });
      return undefined;
    case 'strategyParameters': {
      const text = intentText({ parameters: checkObject('parameters', request.parameters) });
      intent(session, RecordKind.intentStrategy, 0, (slot) => {
        slot.id = StrategyCommand.parameters;
        slot.setText(text);
      });
      return undefined;
    }
    case 'rails': {
      const text = JSON.stringify(checkedRails(request.rails));
      intent(session, RecordKind.intentRails, 0, (slot) => {
        slot.setText(text);
      });
      return undefined;
    }
    case 'replaySpeed': {
      const { speed } = request;
      if (speed !== 'max' && !(typeof speed === 'number' && Number.isFinite(speed) && speed >= 0)) {
        throw new RefusedError(`speed: expected max or a number of at least 0, was ${shown(speed)}`);
      }
      if (session.source.isLive) throw new RefusedError('speed: expected a recording, was a live market');
      session.source.setSpeed(speed);
      return undefined;
    }
    case 'searchSymbols':
      return searchSymbols(session, request);
    case 'addSymbol':
      return addSymbol(session, request);
    case 'removeSymbol':
      removeSymbol(session, checkInstrument(session, request.instrument));
      return undefined;
    default:
      throw new RefusedError(`kind: expected a known request, was ${shown((request as { kind: unknown }).kind)}`);
  }
}

function intent(session: SessionState, kind: number, instrument: number, fill?: (slot: EventSlot) => void): void {
  session.input((slot) => {
    slot.begin(kind, instrument, session.clock.nowNs());
    fill?.(slot);
  });
  const outcome = session.core.intentOutcome;
  if (!outcome.ok) throw new RefusedError(outcome.error);
}

function checkTradable(session: SessionState, instrument: number): number {
  const index = checkInstrument(session, instrument);
  const reason = watchOnlyReason(session.instruments[index], session.source.tradesOnly);
  if (reason !== '') throw new RefusedError(reason);
  return index;
}

function checkInstrument(session: SessionState, instrument: number): number {
  // An index that is no integer would still find something: 'length', or an array's methods.
  if (!Number.isInteger(instrument) || session.instruments[instrument] === undefined) {
    throw new RefusedError(`instrument: expected 0..${session.instruments.length - 1}, was ${shown(instrument)}`);
  }
  return instrument;
}

function checkPositive(field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new RefusedError(`${field}: expected a positive whole number, was ${shown(value)}`);
}

function checkObject(field: string, value: object): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RefusedError(`${field}: expected an object, was ${shown(value)}`);
  }
  return value;
}

function checkedRails(rails: RiskRails): RiskRails {
  try {
    return checkRails(rails);
  } catch (error) {
    throw new RefusedError((error as Error).message);
  }
}

function intentText(value: object): string {
  const text = JSON.stringify(value);
  if (text.length > MAX_INTENT_TEXT) {
    throw new RefusedError(`request: expected at most ${MAX_INTENT_TEXT} characters, was ${text.length}`);
  }
  return text;
}

/** Any value in a message: short, and never an exception (an object may lack a way to become text). */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
