import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { HmacSha256 } from './hmac-sha256.ts';

/** Parameters of a request; numbers are sent and signed as their decimal text. */
export type SignedParameters = Record<string, string | number>;

/**
 * Signs requests as Binance's API keys do: HMAC-SHA256 in lower-case hex, or, where the secret is a private key in PEM,
 * Ed25519 in Base64. The secret stays inside.
 */
export class RequestSigner {
  readonly #hmac: HmacSha256 | undefined;
  readonly #key: KeyObject | undefined;

  /** @throws RangeError when the secret is empty, or a PEM of another kind than an Ed25519 private key. */
  constructor(secret: string) {
    if (secret === '') throw new RangeError('apiSecret: expected text, was empty');
    if (isPrivateKey(secret)) this.#key = ed25519Key(secret);
    else this.#hmac = new HmacSha256(secret);
  }

  /** Over exactly these characters: a REST query (plus body) in the order it is sent. */
  sign(payload: string): string {
    if (this.#key === undefined) return (this.#hmac as HmacSha256).hex(payload);
    return sign(null, Buffer.from(payload, 'utf8'), this.#key).toString('base64');
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

/** Keys of this kind may log a connection on; its requests are then not signed any more. */
export function isPrivateKey(secret: string): boolean {
  return secret.startsWith('-----BEGIN');
}

function ed25519Key(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new RangeError(
      `apiSecret: expected an Ed25519 private key in PEM, was unreadable (${(error as Error).message})`,
    );
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new RangeError(`apiSecret: expected an Ed25519 private key, was ${key.asymmetricKeyType ?? 'of no type'}`);
  }
  return key;
}
