/** What the venue may do wrong on demand. Counts go down as they are used; nothing is wrong by default. */
export interface VenueFaults {
  /** WebSocket API requests that are carried out, but whose answer and user data events never leave. */
  loseAnswers: number;
  /** depthUpdate messages (all symbols) that are swallowed: a gap for the client. */
  loseDepthUpdates: number;
  /** Market streams stay connected and answer pings, but say nothing. */
  stallStreams: boolean;
  /** REST answers `depth` with status 500. */
  failSnapshots: number;
  /** WebSocket API requests refused with -1007 although the order goes through. */
  timeoutAnswers: number;
}

export function noFaults(): VenueFaults {
  return { loseAnswers: 0, loseDepthUpdates: 0, stallStreams: false, failSnapshots: 0, timeoutAnswers: 0 };
}
