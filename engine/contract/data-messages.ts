/** What the page asks of the stored data: what there is, imports, exports, whether a server can be used. */
import type { MarketProtocol } from './market-protocol.ts';

/** Of one symbol of one venue, as far as one source gave it. Times are market time, us since the epoch. */
export interface StoredSeries {
  venue: string;
  symbol: string;
  /** `sim`, `live`, `replay:FILE` ..., or `import`. */
  source: string;
  fromUs: number;
  toUs: number;
  rows: number;
  trades: number;
  /** Its share of the tables' bytes, by rows. */
  bytes: number;
  /** Times when the book was not live after it had been, and pauses between sessions: how many, and how long together. */
  gaps: number;
  gapUs: number;
}

export interface ImportedFile {
  name: string;
  rows: number;
  /** False: it was interrupted; importing the same file again goes on where it was. */
  finished: boolean;
}

export interface DataCatalog {
  series: StoredSeries[];
  imports: ImportedFile[];
  journalBytes: number;
  postgresBytes: number;
  /** Ticks before it may be gone, us since the epoch; 0 when all are kept. Counts of rows then include what is gone. */
  droppedBeforeUs: number;
}

/** An import or export that runs or has ended since the storage process started. */
export interface DataJob {
  id: number;
  kind: 'import' | 'export';
  /** Files or what is exported, for the user. */
  name: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  /** 0..1. */
  fraction: number;
  rows: number;
  /** Why it failed, or where the export is. */
  detail: string;
  /** The same content was imported before: nothing was added. */
  repeated: boolean;
}

export type ExportFormat = 'csv' | 'parquet';
export type ExportTable = 'trades' | 'quotes' | 'candles';

export interface ExportOrder {
  venue: string;
  symbol: string;
  source: string;
  table: ExportTable;
  /** Of candles. */
  intervalSeconds: number;
  format: ExportFormat;
  /** Market time in [fromUs, toUs). */
  fromUs: number;
  toUs: number;
}

/** One recording, its files in order, or one public file. */
export interface ImportOrder {
  files: string[];
  /** Whose messages they are; found out when absent. */
  protocol?: MarketProtocol;
  /** Decimal strings, where the content does not tell. */
  tickSize?: string;
  lotSize?: string;
}

/** Answers: DataCatalog, DataJob (twice), null, ConnectionReport. */
export type DataRequest =
  | { kind: 'catalog' }
  | { kind: 'startImport'; order: ImportOrder }
  | { kind: 'startExport'; order: ExportOrder }
  | { kind: 'cancelJob'; job: number }
  /** The server of the settings as the storage process has it: no address or password travels. */
  | { kind: 'checkConnection'; server: 'postgres' | 'redis' };

export const dataRequestKinds: readonly DataRequest['kind'][] = [
  'catalog',
  'startImport',
  'startExport',
  'cancelJob',
  'checkConnection',
];
