import type { IncomingHttpHeaders } from 'node:http';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';

/** Largest document of a venue that is taken into memory; the instrument list of a big one is some 15 MB. */
const MAX_BYTES = 64 * 1024 * 1024;

/** What a venue answered; any status. */
export interface VenueAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** GET a document of at most 64 MiB within `timeoutMs`. @throws Error naming the URL and what went wrong. */
export function fetchAnswer(url: string, timeoutMs = 5_000): Promise<VenueAnswer> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? httpsGet : httpGet;
    // Over all, not since the last byte: a trickle must end too.
    const signal = AbortSignal.timeout(timeoutMs);
    const failed = (error: Error): void =>
      reject(signal.aborted ? new Error(`${url}: no answer within ${timeoutMs} ms`) : error);
    const request = get(url, { signal }, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.byteLength;
        if (bytes > MAX_BYTES) request.destroy(new Error(`${url}: expected at most ${MAX_BYTES} bytes, was more`));
        else parts.push(part);
      });
      response.on('error', failed);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) });
      });
    });
    request.on('error', failed);
  });
}

/** As {@link fetchAnswer}. @throws Error also for any other status than 200, with the beginning of what was said. */
export async function fetchBytes(url: string, timeoutMs = 5_000): Promise<Uint8Array> {
  const answer = await fetchAnswer(url, timeoutMs);
  if (answer.status !== 200) throw new Error(statusError(url, answer));
  return answer.body;
}

export function statusError(url: string, { status, body }: VenueAnswer): string {
  return `${url}: expected status 200, was ${status} ${body.toString('utf8', 0, 200)}`;
}

/** ms of a `Retry-After` header in seconds; 0 without, or where it is a date. */
export function retryAfterMs(headers: IncomingHttpHeaders): number {
  const seconds = Number(headers['retry-after'] ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 7 * 86_400) * 1_000 : 0;
}
