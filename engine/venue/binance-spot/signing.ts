import { createHmac } from 'node:crypto';

/** HMAC-SHA256, hex, of a payload as it stands (REST: the query string, percent-encoded before signing). */
export function signPayload(payload: string, secret: string): string {
  return createHmac('sha256', secret).update(payload).digest('hex');
}

export type RequestParameters = Record<string, string | number | boolean>;

/** What the WebSocket API signs: all parameters but the signature, by name, joined as a query string. */
export function signaturePayload(parameters: RequestParameters): string {
  return Object.keys(parameters)
    .sort()
    .map((name) => `${name}=${parameters[name]}`)
    .join('&');
}

/** The parameters with their `signature`. */
export function signParameters(parameters: RequestParameters, secret: string): RequestParameters {
  return { ...parameters, signature: signPayload(signaturePayload(parameters), secret) };
}
