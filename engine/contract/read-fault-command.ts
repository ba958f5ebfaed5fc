import { type FaultCommand, faultNames, isFaultName } from './fault-menu.ts';
import { isMarketProtocol, marketProtocols, symbolPattern } from './market-protocol.ts';

const MAX_COUNT = 100_000;
const MAX_DURATION_MS = 24 * 3_600_000;
const fields = ['fault', 'protocol', 'symbol', 'count', 'durationMs'];

/** Checks a fault command from outside: control API, command line. @throws RangeError naming the field and its value. */
export function readFaultCommand(value: unknown): FaultCommand {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RangeError(`Expected a fault command as an object, was ${inWords(value)}`);
  }
  const input = value as Record<string, unknown>;
  for (const key of Object.keys(input)) {
    if (!fields.includes(key)) throw new RangeError(`Expected one of ${fields.join(', ')}, was "${key}"`);
  }
  const { fault, protocol, symbol } = input;
  if (!isFaultName(fault)) {
    throw new RangeError(`fault: expected one of ${faultNames.join(', ')}, was ${inWords(fault)}`);
  }
  const command: FaultCommand = { fault };
  if (protocol !== undefined) {
    if (typeof protocol !== 'string' || !isMarketProtocol(protocol)) {
      throw new RangeError(`protocol: expected one of ${marketProtocols.join(', ')}, was ${inWords(protocol)}`);
    }
    command.protocol = protocol;
  }
  if (symbol !== undefined) {
    if (typeof symbol !== 'string' || !symbolPattern.test(symbol)) {
      throw new RangeError(`symbol: expected an upper-case symbol, was ${inWords(symbol)}`);
    }
    command.symbol = symbol;
  }
  if (input['count'] !== undefined) command.count = whole(input, 'count', MAX_COUNT);
  if (input['durationMs'] !== undefined) command.durationMs = whole(input, 'durationMs', MAX_DURATION_MS);
  return command;
}

function whole(input: Record<string, unknown>, field: string, max: number): number {
  const value = input[field];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max) {
    throw new RangeError(`${field}: expected a whole number from 1 to ${max}, was ${inWords(value)}`);
  }
  return value;
}

function inWords(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
