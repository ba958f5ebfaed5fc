import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;
/** Tickets not yet used and browsers let in; the oldest goes when one more comes. */
const MAX_TICKETS = 16;
const MAX_SESSIONS = 64;

/**
 * Who may see the page: a ticket travels in the address once (an address can be read from the process list), is void
 * after its first use, and is exchanged for a session secret that lives in a cookie.
 */
export class TicketOffice {
  readonly #tickets: Buffer[] = [];
  readonly #sessions: Buffer[] = [];

  /** A new single-use ticket, 256 bits as base64url. */
  issue(): string {
    const ticket = randomBytes(SECRET_BYTES).toString('base64url');
    remember(this.#tickets, ticket, MAX_TICKETS);
    return ticket;
  }

  /** @returns the session secret for the cookie, or undefined when the ticket is unknown or was used. */
  redeem(ticket: string): string | undefined {
    const at = indexOf(this.#tickets, ticket);
    if (at < 0) return undefined;
    this.#tickets.splice(at, 1);
    const session = randomBytes(SECRET_BYTES).toString('base64url');
    remember(this.#sessions, session, MAX_SESSIONS);
    return session;
  }

  isSession(session: string): boolean {
    return indexOf(this.#sessions, session) >= 0;
  }
}

function remember(list: Buffer[], secret: string, limit: number): void {
  list.push(digest(secret));
  if (list.length > limit) list.shift();
}

/** Compares with every entry in constant time: digests have one length and no early exit tells which one was close. */
function indexOf(list: readonly Buffer[], secret: string): number {
  const wanted = digest(secret);
  let found = -1;
  for (const [i, entry] of list.entries()) if (timingSafeEqual(entry, wanted)) found = i;
  return found;
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
