import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Redactor } from './redactor.ts';

export interface LogFileOptions {
  /** Rotated when the next line would make it larger than this. */
  maxBytes?: number;
  /** Files kept, the current one included. */
  keep?: number;
}

const MAX_LINE_CHARS = 8_192;

/**
 * One process's log: lines with a time stamp, secrets masked, rotated by size (`x.log`, `x.log.1`, ...).
 * Writes are synchronous: logs are rare, main is not on the data path, and the last lines before a crash must be there.
 */
export class LogFile {
  readonly #path: string;
  readonly #redactor: Redactor;
  readonly #maxBytes: number;
  readonly #keep: number;
  readonly #partial = { stdout: '', stderr: '' };
  readonly #decoder = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  #fd: number | undefined;
  #bytes = 0;
  #closed = false;
  /** The last write did not succeed. */
  #failed = false;

  constructor(path: string, redactor: Redactor, options: LogFileOptions = {}) {
    this.#path = path;
    this.#redactor = redactor;
    this.#maxBytes = options.maxBytes ?? 5 * 1024 * 1024;
    this.#keep = options.keep ?? 5;
    mkdirSync(dirname(path), { recursive: true });
    this.#open();
  }

  /** One line; line breaks inside are kept visible as spaces. */
  line(text: string): void {
    const clean = this.#redactor.redact(text).replace(/[\r\n]+/g, ' ');
    const cut = clean.length > MAX_LINE_CHARS ? `${clean.slice(0, MAX_LINE_CHARS)} ...` : clean;
    this.#write(`${new Date().toISOString()} ${cut}\n`);
  }

  /** Output of a process as it comes; cut into lines. A line of secrets split over two chunks is masked whole. */
  output(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    const text = this.#partial[stream] + this.#decoder[stream].write(Buffer.from(chunk));
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) this.line(line);
    // A process that never ends its line must not fill memory.
    if (rest.length > MAX_LINE_CHARS) {
      this.line(rest);
      this.#partial[stream] = '';
    } else this.#partial[stream] = rest;
  }

  /** Writes what is left without a line end. The file stays usable. */
  flush(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#partial[stream] !== '') this.line(this.#partial[stream]);
      this.#partial[stream] = '';
    }
  }

  close(): void {
    this.flush();
    this.#closed = true;
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(): void {
    this.#fd = openSync(this.#path, 'a', 0o600);
    this.#bytes = fstatSync(this.#fd).size;
  }

  #write(text: string): void {
    if (this.#closed) return;
    const bytes = Buffer.from(text);
    try {
      if (this.#fd === undefined) this.#open();
      if (this.#bytes > 0 && this.#bytes + bytes.byteLength > this.#maxBytes) this.#rotate();
      writeSync(this.#fd as number, bytes);
      this.#bytes += bytes.byteLength;
    } catch (error) {
      // A full disk: main must live on to stop and restart the others. The log says nothing until there is room.
      if (!this.#failed) process.stderr.write(`${this.#path}: ${(error as Error).message}\n`);
      this.#failed = true;
      return;
    }
    this.#failed = false;
  }

  #rotate(): void {
    closeSync(this.#fd as number);
    // Until the new file is open there is none: the number may soon be another file's.
    this.#fd = undefined;
    rmSync(`${this.#path}.${this.#keep - 1}`, { force: true });
    for (let i = this.#keep - 2; i >= 1; i--) {
      if (existsSync(`${this.#path}.${i}`)) renameSync(`${this.#path}.${i}`, `${this.#path}.${i + 1}`);
    }
    if (this.#keep > 1) renameSync(this.#path, `${this.#path}.1`);
    else rmSync(this.#path, { force: true });
    this.#open();
  }
}
