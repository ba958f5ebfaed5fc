import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { type FramePort, MAX_FRAME_BYTES } from '../contract/frame.ts';
import type { ControlEvent, ControlRequest } from '../contract/process.ts';
import type { ControlChannel } from './control-channel.ts';
import { MessagePortFramePort, type MessagePortLike } from './message-port-frame-port.ts';
import { WebSocketFramePort } from './websocket-frame-port.ts';

/** Electron's process.parentPort in a utility process, without importing electron. */
interface ParentPortLike {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown; ports: MessagePortLike[] }) => void): unknown;
}

/** Environment variable with the pid of main; how a utility process notices that main is gone. */
const PARENT_PID_VARIABLE = 'CHRISTMAS_PARENT_PID';
const PARENT_POLL_MS = 1_000;

/** Requests and ports that arrive before their listener; kept, in order, until there is one. */
class Mailbox<T> {
  #listener: ((item: T) => void) | undefined;
  #early: T[] = [];

  deliver(item: T): void {
    if (this.#listener === undefined) this.#early.push(item);
    else this.#listener(item);
  }

  listen(listener: (item: T) => void): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const item of early) listener(item);
  }
}

/**
 * The control channel of this process: Electron's parentPort in a utility process, else Node's child-process IPC.
 * Call it once, at the start of an entry point; the process then posts `accepting` itself.
 * @throws Error when the process was started by hand and has neither.
 */
export function openControlChannel(): ControlChannel {
  const parentPort = (process as { parentPort?: ParentPortLike }).parentPort;
  if (parentPort !== undefined) return openParentPortChannel(parentPort);
  if (process.send !== undefined) return openIpcChannel();
  throw new Error('Expected to be started by Christmas (no control channel to a parent process)');
}

function openParentPortChannel(parentPort: ParentPortLike): ControlChannel {
  const requests = new Mailbox<ControlRequest>();
  const ports = new Mailbox<FramePort>();
  const parentGone = new Mailbox<void>();
  const deliver = deliverRequests(requests);
  parentPort.on('message', (event) => {
    const request = event.data as ControlRequest;
    if (request.type !== 'connect') deliver(request);
    else if (event.ports[0] !== undefined) ports.deliver(new MessagePortFramePort(event.ports[0]));
  });
  watchParent(() => parentGone.deliver());
  return {
    post: (event: ControlEvent) => parentPort.postMessage(event),
    onRequest: (listener) => requests.listen(listener),
    onPort: (listener) => ports.listen(listener),
    onParentGone: (listener) => parentGone.listen(listener),
  };
}

function openIpcChannel(): ControlChannel {
  const requests = new Mailbox<ControlRequest>();
  const ports = new Mailbox<FramePort>();
  const parentGone = new Mailbox<void>();
  const deliver = deliverRequests(requests);
  const upgrader = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_FRAME_BYTES });
  process.on('message', (message, handle) => {
    const request = message as ControlRequest;
    if (request.type !== 'connect') {
      deliver(request);
      return;
    }
    // The page may have closed its socket while the handle was under way: then there is none.
    const socket = handle as Socket | undefined;
    if (socket === undefined || request.upgrade === undefined) return;
    socket.setNoDelay(true);
    const head = Buffer.from(request.upgrade.headBase64, 'base64');
    // ws reads method, headers and url only; the request itself stayed behind in main.
    const { method, headers, url } = request.upgrade;
    upgrader.handleUpgrade({ method, headers, url } as IncomingMessage, socket, head, (webSocket) =>
      ports.deliver(new WebSocketFramePort(webSocket)),
    );
  });
  process.on('disconnect', () => parentGone.deliver());
  return {
    post: (event: ControlEvent) => {
      if (!process.connected) return;
      // An error here is the channel closing under us; 'disconnect' reports that to the process.
      process.send?.(event, undefined, undefined, () => undefined);
    },
    onRequest: (listener) => requests.listen(listener),
    onPort: (listener) => ports.listen(listener),
    onParentGone: (listener) => parentGone.listen(listener),
  };
}

/**
 * Passes requests on, `shutdown` only once. Signals: a terminal's or console's Ctrl-C is main's business, which then asks
 * for an orderly end; SIGTERM (from main, or from the system to everybody) is such a request itself.
 */
function deliverRequests(requests: Mailbox<ControlRequest>): (request: ControlRequest) => void {
  let ending = false;
  const deliver = (request: ControlRequest): void => {
    if (request.type === 'shutdown') {
      if (ending) return;
      ending = true;
    }
    requests.deliver(request);
  };
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => deliver({ type: 'shutdown' }));
  return deliver;
}

/** Polls for main's pid; a utility process has no event for it and its own parent may be Chromium's zygote. */
function watchParent(gone: () => void): void {
  const pid = Number(process.env[PARENT_PID_VARIABLE] ?? 0);
  if (!(pid > 0)) return;
  const timer = setInterval(() => {
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') return;
      clearInterval(timer);
      gone();
    }
  }, PARENT_POLL_MS);
  timer.unref();
}
