import { HmacSha256 } from './hmac-sha256.ts';

/** Parameters of a request; numbers are sent and signed as their decimal text. */
export type SignedParameters = Record<string, string | number>;

/** Signs requests with HMAC-SHA256, as Binance's API keys of type HMAC do. The secret stays inside. */
export class RequestSigner {
  readonly #hmac: HmacSha256;

  /** @throws RangeError when the secret is empty. */
  constructor(secret: string) {
    if (secret === '') throw new RangeError('apiSecret: expected text, was empty');
    this.#hmac = new HmacSha256(secret);
  }

  /** Lower-case hex over exactly these characters: a REST query (plus body) in the order it is sent. */
  sign(payload: string): string {
    return this.#hmac.hex(payload);
  }

  /** Signature of a WebSocket API request: over its parameters sorted by name, `signature` left out. */
  signSorted(parameters: SignedParameters): string {
    return this.sign(sortedPayload(parameters));
  }
}

/** `a=1&b=2` of the parameters sorted by name. */
export function sortedPayload(parameters: SignedParameters): string {
  return Object.keys(parameters)
    .filter((name) => name !== 'signature')
    .sort()
    .map((name) => `${name}=${parameters[name]}`)
    .join('&');
}
