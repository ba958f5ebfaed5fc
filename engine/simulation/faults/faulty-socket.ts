import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { MarketProtocol } from '../../contract/market-protocol.ts';
import type { Payload } from '../dialect/dialect.ts';
import { sendBounded } from '../protocol/send-bounded.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { FaultMenu } from './fault-menu.ts';
import { FaultyLink } from './faulty-link.ts';
import { systemLinkClock } from './link-clock.ts';
import { splitMessage } from './split-message.ts';
import type { VenueConnection } from './venue-connections.ts';

/** A stream connection of the loopback server, with the fault menu between its WebSocket and its TCP connection. */
export class FaultySocket implements VenueConnection {
  readonly protocol: MarketProtocol;
  readonly socket: WebSocket;
  readonly #menu: FaultMenu;
  readonly #random: SeededRandom;
  readonly #link: FaultyLink;

  constructor(protocol: MarketProtocol, socket: WebSocket, transport: Duplex, menu: FaultMenu, random: SeededRandom) {
    this.protocol = protocol;
    this.socket = socket;
    this.#menu = menu;
    this.#random = random;
    const write = transport.write.bind(transport);
    this.#link = new FaultyLink(menu, protocol, systemLinkClock, random, (bytes) => write(bytes));
    // In place of a stream of its own: without a fault the bytes take the same way as ever.
    transport.write = ((chunk: Uint8Array | string, ...rest: unknown[]): boolean => {
      if (this.#link.isStraight) return write(chunk, ...(rest as [() => void]));
      const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : 'utf8';
      this.#link.write(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
      const callback = rest.at(-1);
      if (typeof callback === 'function') process.nextTick(callback);
      return true;
    }) as typeof transport.write;
    socket.on('close', () => this.#link.end());
    // Answered here, as the fault menu may leave pings unanswered.
    socket.on('ping', (data) => {
      if (!menu.holds('unansweredPing', protocol)) socket.pong(data);
    });
  }

  send(payload: Payload): void {
    const { socket } = this;
    if (!this.#menu.holds('splitFrames', this.protocol)) {
      sendBounded(socket, payload);
      return;
    }
    if (socket.readyState !== WebSocket.OPEN) return;
    const fragments = splitMessage(payload, this.#random);
    const binary = typeof payload !== 'string';
    for (const [i, fragment] of fragments.entries()) {
      socket.send(fragment, { binary, fin: i === fragments.length - 1 });
    }
  }

  /** Pings it, unless a fault keeps pings away. */
  ping(data: string): void {
    if (!this.#menu.holds('unansweredPing', this.protocol)) this.socket.ping(data);
  }

  cut(): void {
    this.socket.terminate();
  }

  goHalfOpen(): void {
    this.#link.goHalfOpen();
    this.socket.pause();
  }
}
