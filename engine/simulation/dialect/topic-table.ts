import type { Payload, PayloadKind } from './dialect.ts';

/** Something that clients listen to, by the name their protocol gives it. */
export interface Topic<S> {
  readonly name: string;
  readonly symbol: string;
  readonly sessions: Set<S>;
}

interface Pending<S> {
  topic: Topic<S>;
  kind: PayloadKind;
  payload: Payload;
}

/** Who listens to what, and what is about to leave: messages are encoded once a topic, and leave together. */
export class TopicTable<S> {
  readonly #topics = new Map<string, Topic<S>>();
  #pending: Pending<S>[] = [];

  /** Undefined when nobody listens. */
  get(name: string): Topic<S> | undefined {
    return this.#topics.get(name);
  }

  /** Somebody listens to something of this symbol. */
  isWanted(symbol: string): boolean {
    for (const topic of this.#topics.values()) if (topic.symbol === symbol) return true;
    return false;
  }

  add(name: string, symbol: string, session: S): Topic<S> {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = { name, symbol, sessions: new Set() };
      this.#topics.set(name, topic);
    }
    topic.sessions.add(session);
    return topic;
  }

  /** Forgets the topic when nobody is left. */
  remove(name: string, session: S): void {
    const topic = this.#topics.get(name);
    topic?.sessions.delete(session);
    if (topic?.sessions.size === 0) this.#topics.delete(name);
  }

  push(topic: Topic<S>, kind: PayloadKind, payload: Payload): void {
    this.#pending.push({ topic, kind, payload });
  }

  /** Hands out what has been pushed, in that order. */
  flush(deliver: (session: S, topic: Topic<S>, kind: PayloadKind, payload: Payload) => void): void {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    for (const { topic, kind, payload } of pending) {
      for (const session of topic.sessions) deliver(session, topic, kind, payload);
    }
  }
}
