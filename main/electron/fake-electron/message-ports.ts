import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** MessagePortMain over a worker_threads port: events carry `data`, messages flow after start(). */
export class MessagePortMain extends EventEmitter {
  readonly inner: MessagePort;
  #started = false;

  constructor(inner: MessagePort) {
    super();
    this.inner = inner;
    inner.on('close', () => this.emit('close'));
  }

  postMessage(message: unknown, transfer: unknown[] = []): void {
    if (transfer.length > 0) throw new TypeError('Port at index 0 is not a valid port');
    this.inner.postMessage(message);
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.inner.on('message', (data: unknown) => this.emit('message', { data, ports: [] }));
  }

  close(): void {
    this.inner.close();
  }
}

export class MessageChannelMain {
  readonly port1: MessagePortMain;
  readonly port2: MessagePortMain;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = new MessagePortMain(port1);
    this.port2 = new MessagePortMain(port2);
  }
}
