/** What one child process prints as its last line: one implementation, one run. */
export interface BenchSample {
  /** Figures by name, for example `updates` in M/s or `p50` in us. */
  figures: Record<string, number>;
  /** Same work, same answer: compared between implementations where both have the key. */
  checksums: Record<string, string>;
  /** JS heap bytes allocated per event, where measured. */
  bytesPerEvent?: number;
}

/** One implementation of a bench, run in a process of its own. */
export interface BenchImplementation {
  /** As printed: `nodejs-order-book 10.1.1`. */
  label: string;
  /** Script from the root, and its arguments. */
  script: string;
  args: string[];
  nodeFlags: string[];
}

/** A bench: one `ours`, one or more peers, and the rows that compare them. */
export interface Bench {
  name: string;
  ours: BenchImplementation;
  peers: BenchImplementation[];
  /** What all runs share: started once; its first line is one more argument of each run; it ends with its stdin. */
  shared?: BenchImplementation;
  rows: { figure: string; unit: string; better: 'higher' | 'lower'; added?: boolean }[];
  /** One more row: the geometric mean of all figures against the best peer of each. */
  geometricMean?: boolean;
}

/** One row of the printed table and of the JSON. `ratio` = ours / peer; whether more is better says `better`. */
export interface BenchRow {
  name: string;
  ours: number;
  peer: number;
  peerName: string;
  ratio: number;
  unit: string;
  better: 'higher' | 'lower';
  /** Smallest and largest ratio of the runs. */
  spread: [min: number, max: number];
  /** What ours adds to the peer, in `unit`: median of the differences run by run, and their range. */
  added?: { median: number; spread: [min: number, max: number] };
  bytesPerEvent?: number;
  peerBytesPerEvent?: number;
  runs: number;
}
