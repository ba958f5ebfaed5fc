/** A refusal in the venue's own words: `code` and message as Binance documents them, `status` as HTTP would say it. */
export class VenueError extends Error {
  readonly code: number;
  readonly status: number;
  /** ms since the epoch, with rate-limit refusals. */
  readonly retryAfterMs: number | undefined;

  constructor(code: number, message: string, status = 400, retryAfterMs?: number) {
    super(message);
    this.name = 'VenueError';
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}
