export const CursorKind = {
  message: 0,
  /** A REST book snapshot. */
  snapshot: 1,
  /** The answer to a snapshot request was no book; see `reason`. */
  snapshotFailed: 2,
  /** The recorder's connection was lost and opened again. */
  reopened: 3,
  /** Only the time moves on. */
  nothing: 4,
} as const;
export type CursorKind = (typeof CursorKind)[keyof typeof CursorKind];

/**
 * A scanned recording, item by item. `next` moves within what is in memory and `fill` reads on, so that playing awaits
 * once a block and not once a message.
 */
export interface RecordingCursor {
  readonly kind: CursorKind;
  /** Recording time of the item, ns; may go back where the recorder's clock did. */
  readonly timeNs: number;
  /** Payload; valid until the next call. */
  readonly bytes: Uint8Array;
  /** Of a snapshot; empty where the recording has only one symbol. */
  readonly symbol: string;
  readonly reason: string;
  readonly file: string;
  /** 0..1 of the whole recording that was read. */
  readonly fraction: number;
  /** The next item in memory; false when there is none. @throws Error when the file changed since it was scanned. */
  next(): boolean;
  /** Reads on; false at the end. */
  fill(): Promise<boolean>;
}
