import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileAtomic } from './atomic-file.ts';
import type { LockedError } from './directory-lock.ts';

interface InstanceFile {
  pid: number;
  port: number;
  token: string;
}

const ASK_TIMEOUT_MS = 5_000;
const START_LIMIT_MS = 3_000;
const RETRY_MS = 100;

/** Where a second start asks the first one to show itself: loopback HTTP, its token in a file only the owner reads. */
export class InstanceEndpoint {
  readonly #server = createServer((incoming, outgoing) => this.#onRequest(incoming, outgoing));
  readonly #token = randomBytes(32).toString('hex');
  readonly #path: string;
  readonly #onFocus: () => Promise<string>;

  /** `onFocus` brings the app to the front and returns one line for the second start to print. */
  constructor(path: string, onFocus: () => Promise<string>) {
    this.#path = path;
    this.#onFocus = onFocus;
  }

  /** Listens, then publishes the file: who can read it can also connect. */
  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = this.#server.address() as AddressInfo;
    const file: InstanceFile = { pid: process.pid, port, token: this.#token };
    writeFileAtomic(this.#path, JSON.stringify(file), 0o600);
  }

  async close(): Promise<void> {
    rmSync(this.#path, { force: true });
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #onRequest(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const given = Buffer.from(incoming.headers.authorization ?? '');
    const wanted = Buffer.from(`Bearer ${this.#token}`);
    const allowed = given.byteLength === wanted.byteLength && timingSafeEqual(given, wanted);
    if (!allowed || incoming.method !== 'POST' || incoming.url !== '/focus') {
      outgoing.writeHead(403).end();
      return;
    }
    this.#onFocus().then(
      (text) => outgoing.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(text),
      (error: unknown) => outgoing.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  }
}

/**
 * Asks the running instance of a data folder to show itself; waits a little for one that is just starting.
 * @returns its one-line answer.
 * @throws LockedError as given when nobody answers: a headless run has no window to show.
 */
export async function askRunningInstance(path: string, locked: LockedError): Promise<string> {
  const giveUpMs = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      return await ask(path);
    } catch {
      // No file yet, one of a run that crashed, or no answer.
      if (Date.now() > giveUpMs) throw locked;
      await sleep(RETRY_MS);
    }
  }
}

function ask(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port, token } = JSON.parse(readFileSync(path, 'utf8')) as InstanceFile;
    const call = request(
      { host: '127.0.0.1', port, path: '/focus', method: 'POST', headers: { authorization: `Bearer ${token}` } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
        });
        response.on('end', () =>
          response.statusCode === 200 ? resolve(text) : reject(new Error(text || `answered ${response.statusCode}`)),
        );
      },
    );
    call.setTimeout(ASK_TIMEOUT_MS, () => call.destroy(new Error(`no answer in ${ASK_TIMEOUT_MS} ms`)));
    call.on('error', reject);
    call.end();
  });
}
