/** Why a server cannot be used. `closed`: it hung up without a word, as one does that wants TLS or is something else. */
export type ConnectionFailure =
  | 'unknownHost'
  | 'unreachable'
  | 'refused'
  | 'timedOut'
  | 'wrongPassword'
  | 'noPassword'
  | 'otherServer'
  | 'tls'
  | 'closed'
  | 'unknownDatabase'
  | 'other';

/** What a server that answers lacks. The store does without `timescale`, slower; `eviction` loses ticks that are read again. */
export type ConnectionLack =
  | 'timescale'
  | 'createTables'
  | 'readOnly'
  | 'oldServer'
  | 'clusterOn'
  | 'clusterOff'
  | 'eviction';

/** What came of a check of a server of the settings. */
export interface ConnectionReport {
  /** `none`: it can be reached and asked; what it lacks may still forbid its use. */
  failure: ConnectionFailure | 'none';
  /** The server's or the socket's own words; never an address of the settings, which may hold a password. */
  detail: string;
  /** Median of a few round trips, ms; 0 where it cannot be reached. */
  latencyMs: number;
  /** `PostgreSQL 15.14`, `TimescaleDB 2.21.0`, `Redis 7.0.15`. */
  versions: string[];
  lacks: ConnectionLack[];
}
