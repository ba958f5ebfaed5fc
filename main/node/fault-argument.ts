import type { FaultCommand } from '../../engine/contract/fault-menu.ts';
import { readFaultCommand } from '../../engine/contract/read-fault-command.ts';
import { ArgumentError } from '../supervisor/command-line.ts';

/** A fault that the simulated venue is told of while a session runs. */
export interface TimedFault {
  /** Seconds after the session's start. */
  atSeconds: number;
  command: FaultCommand;
}

const wholeFields: readonly string[] = ['count', 'durationMs'];

/**
 * Reads `NAME[:FIELD=VALUE[,FIELD=VALUE...]]@SECONDS`, for example `gap:count=1,symbol=BTCUSDT@5`.
 * @throws ArgumentError naming the field and its value.
 */
export function readFaultArgument(value: string): TimedFault {
  const at = value.lastIndexOf('@');
  const seconds = at < 0 ? '' : value.slice(at + 1);
  if (!/^\d+(\.\d+)?$/.test(seconds)) {
    throw new ArgumentError(`--fault: expected NAME[:FIELD=VALUE,...]@SECONDS, was "${value}"`);
  }
  const [fault = '', rest] = splitAtFirst(value.slice(0, at), ':');
  const command: Record<string, unknown> = { fault };
  for (const pair of rest === undefined ? [] : rest.split(',')) {
    const [field = '', text] = splitAtFirst(pair, '=');
    if (text === undefined) throw new ArgumentError(`--fault: expected FIELD=VALUE, was "${pair}"`);
    command[field] = wholeFields.includes(field) && /^\d+$/.test(text) ? Number(text) : text;
  }
  try {
    return { atSeconds: Number(seconds), command: readFaultCommand(command) };
  } catch (error) {
    throw new ArgumentError(`--fault: ${(error as Error).message}`);
  }
}

function splitAtFirst(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
