import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { optionalInteger, optionalText, type RequestParameters, requiredText } from '../order-checks.ts';
import { VenueError } from '../venue-error.ts';

const DEFAULT_RECV_WINDOW_MS = 5000;
const MAX_RECV_WINDOW_MS = 60_000;
/** How far ahead of the venue's clock a timestamp may be. */
const MAX_AHEAD_MS = 1000;

/** Lower-case hex of HMAC-SHA256, as Binance signs. */
export function hmacHex(secret: string, payload: string): string {
  return createHmac('sha256', secret).update(payload, 'utf8').digest('hex');
}

/** What a WebSocket API request signs: all parameters but the signature, by name, as `name=value&...`. */
export function signedPayload(parameters: RequestParameters): string {
  return Object.keys(parameters)
    .filter((name) => name !== 'signature')
    .sort()
    .map((name) => `${name}=${String(parameters[name])}`)
    .join('&');
}

export interface Credentials {
  apiKey: string;
  /** HMAC secret, or an Ed25519 key in PEM (of which only the public half is used). */
  apiSecret: string;
}

/** True for keys that may log a connection on. */
export function isEd25519(credentials: Credentials): boolean {
  return credentials.apiSecret.startsWith('-----BEGIN');
}

function isRight(signature: string, payload: string, credentials: Credentials): boolean {
  if (isEd25519(credentials)) {
    const given = Buffer.from(signature, 'base64');
    return verify(null, Buffer.from(payload, 'utf8'), createPublicKey(credentials.apiSecret), given);
  }
  const expected = Buffer.from(hmacHex(credentials.apiSecret, payload), 'latin1');
  const given = Buffer.from(signature.toLowerCase(), 'latin1');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * Checks key, signature and time of a signed request.
 * @throws VenueError -2015 key, -1022 signature, -1021 time, -1131 window, -1102 missing parameter.
 */
export function checkSigned(
  parameters: RequestParameters,
  payload: string,
  apiKey: string | undefined,
  credentials: Credentials,
  nowMs: number,
): void {
  if (apiKey !== credentials.apiKey) {
    throw new VenueError(-2015, 'Invalid API-key, IP, or permissions for action.', 401);
  }
  const signature = requiredText(parameters, 'signature');
  checkTime(parameters, nowMs, () => {
    if (!isRight(signature, payload, credentials)) {
      throw new VenueError(-1022, 'Signature for this request is not valid.');
    }
  });
}

/**
 * Checks the time of a request; `checkSignature` comes between its form and its value, as at the venue.
 * @throws VenueError -1021 time, -1131 window, -1102 missing parameter.
 */
export function checkTime(parameters: RequestParameters, nowMs: number, checkSignature?: () => void): void {
  const timestamp = optionalInteger(parameters, 'timestamp');
  if (timestamp === undefined) {
    throw new VenueError(-1102, "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.");
  }
  const windowText = optionalText(parameters, 'recvWindow');
  const recvWindowMs = windowText === undefined ? DEFAULT_RECV_WINDOW_MS : Number(windowText);
  if (!(recvWindowMs >= 0 && recvWindowMs <= MAX_RECV_WINDOW_MS)) {
    throw new VenueError(-1131, `recvWindow must be less than ${MAX_RECV_WINDOW_MS}`);
  }
  checkSignature?.();
  if (timestamp >= nowMs + MAX_AHEAD_MS) {
    throw new VenueError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  }
  if (nowMs - timestamp > recvWindowMs) {
    throw new VenueError(-1021, 'Timestamp for this request is outside of the recvWindow.');
  }
}
