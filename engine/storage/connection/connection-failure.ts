import type { ConnectionFailure } from '../../contract/connection-report.ts';

const BY_CODE: Readonly<Record<string, ConnectionFailure>> = {
  ENOTFOUND: 'unknownHost',
  EAI_AGAIN: 'unknownHost',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timedOut',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  EPROTO: 'tls',
  // Postgres: password, any other authentication, database.
  '28P01': 'wrongPassword',
  '28000': 'wrongPassword',
  '3D000': 'unknownDatabase',
};

/** Drivers have no codes for these. */
const BY_TEXT: readonly (readonly [RegExp, ConnectionFailure])[] = [
  [/^WRONGPASS|invalid password/, 'wrongPassword'],
  [/^NOAUTH|password must be a (non-empty )?string/, 'noPassword'],
  [/Unknown RESP type|Protocol error, got|received invalid response|unrecognized message/i, 'otherServer'],
  [/SSL|TLS|certificate/i, 'tls'],
  [/timed? ?out|did not answer/i, 'timedOut'],
  [/terminated|is closed|hang up|disconnected before/i, 'closed'],
];

/** What an error of a driver or socket means. */
export function connectionFailure(error: Error): ConnectionFailure {
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') {
    const known = BY_CODE[code];
    if (known !== undefined) return known;
    if (/^ERR_(SSL|TLS)|CERT|SIGNATURE/.test(code)) return 'tls';
  }
  return BY_TEXT.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'other';
}
