import { StreamSession } from './stream-session.ts';

/** A connection that listens to topics of its dialect, by name. */
export abstract class TopicSession extends StreamSession {
  readonly topics = new Set<string>();

  /** The clock has moved on: silence that is cut, heartbeats. */
  abstract onTimer(nowMs: number): void;
}
