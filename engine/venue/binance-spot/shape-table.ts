import { MessageShape } from './message-shape.ts';
import type { PayloadBytes } from './payload-bytes.ts';

/** A power of two, several times the streams of a connection. */
const SLOTS = 4096;
/** Where the stream's name begins in a payload of a combined stream, and how much of it tells the streams apart. */
const NAME_OFFSET = 11;
const NAME_WORDS = 6;
/** The shortest payload that has so many bytes. */
export const MIN_SHAPED_BYTES = NAME_OFFSET + 4 * NAME_WORDS;

/** Shapes of the messages of combined streams. Streams that share a slot take it from each other. */
export class ShapeTable {
  readonly #shapes: (MessageShape | undefined)[] = new Array<MessageShape | undefined>(SLOTS).fill(undefined);

  /** The slot of a payload of at least {@link MIN_SHAPED_BYTES} bytes. */
  slotOf({ view }: PayloadBytes): number {
    let hash = 0;
    for (let i = 0; i < NAME_WORDS; i++) hash = Math.imul(hash ^ view.getInt32(NAME_OFFSET + 4 * i, true), 0x9e3779b1);
    return (hash ^ (hash >>> 15)) & (SLOTS - 1);
  }

  /** Undefined before the first message. */
  at(slot: number): MessageShape | undefined {
    return this.#shapes[slot];
  }

  /** The slot's shape, to learn another. */
  take(slot: number): MessageShape {
    const shape = this.#shapes[slot] ?? new MessageShape();
    this.#shapes[slot] = shape;
    return shape;
  }
}
