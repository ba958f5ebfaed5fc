/** Where the newest ticks are kept for this and other programs. The password is a secret of the host, not a setting. */
export interface RedisSettings {
  /** `host:port`, of a cluster one or more of its nodes; empty keeps the ticks in memory. */
  hosts: string[];
  cluster: boolean;
  /** ACL user; empty for the default one. */
  user: string;
  tls: boolean;
  /** PEM file of the certificate authority; empty for those that the system knows. */
  tlsCaFile: string;
  /** First part of every key. */
  prefix: string;
  /** Newest ticks kept a series and kind, in memory as well. */
  capacity: number;
}

/** What the storage process is given. */
export interface RedisConfig extends RedisSettings {
  /** Empty for none. */
  password: string;
}

export const defaultRedisSettings: RedisSettings = {
  hosts: [],
  cluster: false,
  user: '',
  tls: false,
  tlsCaFile: '',
  prefix: 'christmas',
  capacity: 10_000,
};
