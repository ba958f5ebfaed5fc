import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readFaultCommand } from '../../contract/read-fault-command.ts';
import type { FaultMenu } from './fault-menu.ts';

export const FAULT_CONTROL_PATH = '/control/faults';
const MAX_BODY_BYTES = 4096;

/** True for the path of the control API and what is below it. */
export function isFaultControl(url: string): boolean {
  return url === FAULT_CONTROL_PATH || url.startsWith(`${FAULT_CONTROL_PATH}/`);
}

/**
 * The control API: `POST /control/faults` arms a FaultCommand, `GET` lists every FaultStatus, `DELETE /control/faults/ID`
 * ends one. Only for programs on this machine that know the venue's key (header `x-api-key`); pages are kept out by their
 * Origin, other names for this address by the Host.
 */
export function handleFaultControl(
  menu: FaultMenu,
  apiKey: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const refusal = refusalOf(apiKey, request);
  if (refusal !== undefined) {
    answer(response, ...refusal);
    return;
  }
  const id = /^\/control\/faults\/(\d{1,9})$/.exec(request.url ?? '')?.[1];
  if (request.method === 'DELETE' && id !== undefined) {
    const ended = menu.disarm(Number(id));
    answer(response, ended ? 200 : 404, ended ? menu.list() : errorOf(`id: expected an active fault, was ${id}`));
  } else if (request.url !== FAULT_CONTROL_PATH) {
    answer(response, 404, errorOf(`Expected ${FAULT_CONTROL_PATH}, was ${request.url}`));
  } else if (request.method === 'GET') {
    answer(response, 200, menu.list());
  } else if (request.method === 'POST') {
    readBody(request, response, (body) => arm(menu, body, response));
  } else {
    answer(response, 405, errorOf(`Expected GET, POST or DELETE, was ${request.method}`));
  }
}

function arm(menu: FaultMenu, body: string, response: ServerResponse): void {
  try {
    answer(response, 200, menu.arm(readFaultCommand(JSON.parse(body))));
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof SyntaxError)) throw error;
    answer(response, 400, errorOf(error.message));
  }
}

function refusalOf(apiKey: string, { headers, socket }: IncomingMessage): [number, object] | undefined {
  if (headers.origin !== undefined) return [403, errorOf('Expected no Origin, was a page')];
  const hosts = [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`];
  if (!hosts.includes(headers.host ?? '')) return [403, errorOf(`Host: expected ${hosts[0]}, was ${headers.host}`)];
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const key = headers['x-api-key'];
  if (typeof key !== 'string' || !timingSafeEqual(digest(key), digest(apiKey))) {
    return [401, errorOf("x-api-key: expected the venue's key, was another")];
  }
  return undefined;
}

function readBody(request: IncomingMessage, response: ServerResponse, onBody: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.on('end', () => {
    if (bytes <= MAX_BODY_BYTES) onBody(Buffer.concat(chunks).toString('utf8'));
    else answer(response, 413, errorOf(`Expected at most ${MAX_BODY_BYTES} bytes, was ${bytes}`));
  });
}

function errorOf(error: string): object {
  return { error };
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
