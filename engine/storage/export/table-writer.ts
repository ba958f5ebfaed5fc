import * as fs from 'node:fs';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import type { ExportFormat } from '../../contract/data-messages.ts';
import type { Row } from '../postgres-session.ts';
import type { ExportQuery } from './export-query.ts';

/** Writes rows to a file, some thousands at a time: nothing of the file is kept in memory. */
export interface TableWriter {
  write(rows: readonly Row[]): Promise<void>;
  finish(): Promise<void>;
}

export function openTableWriter(format: ExportFormat, file: string, columns: ExportQuery['columns']): TableWriter {
  if (format === 'csv') return new CsvWriter(file, columns);
  if (format === 'parquet') return new ParquetTable(file, columns);
  throw new RangeError(`format: expected csv or parquet, was ${String(format)}`);
}

/** Decimals as they are, no quotes needed: no text of ours holds a comma. */
class CsvWriter implements TableWriter {
  readonly #file: number;
  readonly #columns: ExportQuery['columns'];

  constructor(file: string, columns: ExportQuery['columns']) {
    this.#columns = columns;
    this.#file = fs.openSync(file, 'w');
    fs.writeSync(this.#file, `${columns.map(({ name }) => name).join(',')}\n`);
  }

  async write(rows: readonly Row[]): Promise<void> {
    const lines = rows.map((row) => `${this.#columns.map(({ name }) => row[name] ?? '').join(',')}\n`);
    fs.writeSync(this.#file, lines.join(''));
  }

  async finish(): Promise<void> {
    fs.closeSync(this.#file);
  }
}

const PARQUET_TYPES = {
  int: { type: 'INT64' },
  decimal: { type: 'DOUBLE' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
} as const;

/** A row group a call; times and ids are INT64, prices and sizes DOUBLE. */
class ParquetTable implements TableWriter {
  readonly #writer: ParquetWriter;
  readonly #columns: ExportQuery['columns'];

  constructor(file: string, columns: ExportQuery['columns']) {
    this.#columns = columns;
    this.#writer = new ParquetWriter({
      writer: fileWriter(file),
      schema: [
        { name: 'root', num_children: columns.length },
        ...columns.map(({ name, type }) => ({ name, ...PARQUET_TYPES[type], repetition_type: 'OPTIONAL' as const })),
      ],
    });
  }

  async write(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    await this.#writer.write({
      columnData: this.#columns.map(({ name, type }) => ({
        name,
        data: rows.map((row) => {
          const value = row[name] as string | null;
          if (value === null) return null;
          return type === 'int' ? BigInt(value) : type === 'decimal' ? Number(value) : value;
        }),
      })),
      rowGroupSize: rows.length,
    });
  }

  async finish(): Promise<void> {
    await this.#writer.finish();
  }
}
