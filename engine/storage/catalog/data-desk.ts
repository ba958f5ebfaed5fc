import * as path from 'node:path';
import type { ConnectionReport } from '../../contract/connection-report.ts';
import type { DataCatalog, DataJob, DataRequest, ExportOrder, ImportOrder } from '../../contract/data-messages.ts';
import { checkExportOrder, exportFileName, runExport } from '../export/run-export.ts';
import type { OpenImport } from '../import/import-source.ts';
import { nameOf, runImport } from '../import/run-import.ts';
import type { PreparedStore } from '../prepare-store.ts';
import { JobBoard } from './job-board.ts';
import { readCatalog } from './stored-data.ts';

export interface DataDeskOptions {
  /** A new connection, its schema up to date. */
  connect: (applicationName: string) => Promise<PreparedStore>;
  journalDirs: readonly string[];
  /** Where exports are written: a page names no folder. */
  exportsDir: string;
  openImport: OpenImport;
  /** Checks the server that the store was configured with. */
  check: Record<'postgres' | 'redis', () => Promise<ConnectionReport>>;
}

/** Answers what the data panel asks; every question and every job on a connection of its own. */
export class DataDesk {
  readonly #options: DataDeskOptions;
  readonly #jobs = new JobBoard();
  /** Asked for several times at once, the catalog is read once. */
  #catalog: Promise<DataCatalog> | undefined;

  constructor(options: DataDeskOptions) {
    this.#options = options;
  }

  get jobs(): DataJob[] {
    return this.#jobs.views;
  }

  /** @throws Error of one line. */
  async request(request: DataRequest): Promise<unknown> {
    switch (request.kind) {
      case 'catalog':
        this.#catalog ??= this.#readCatalog().finally(() => {
          this.#catalog = undefined;
        });
        return await this.#catalog;
      case 'startImport':
        return this.#startImport(request.order);
      case 'startExport':
        return this.#startExport(request.order);
      case 'cancelJob':
        this.#jobs.cancel(request.job);
        return null;
      case 'checkConnection':
        if (request.server !== 'postgres' && request.server !== 'redis') {
          throw new RangeError(`server: expected postgres or redis, was ${String(request.server)}`);
        }
        return await this.#options.check[request.server]();
      default:
        throw new RangeError(`kind: expected a request about data, was ${(request as { kind: string }).kind}`);
    }
  }

  /** Ends what runs; an import goes on when it is asked for again. */
  stop(): Promise<void> {
    return this.#jobs.stop();
  }

  #startImport(order: ImportOrder): DataJob {
    const { files } = order;
    if (!Array.isArray(files) || files.length === 0 || files.some((file) => typeof file !== 'string')) {
      throw new RangeError('files: expected at least one path, was none');
    }
    const relative = files.find((file) => !path.isAbsolute(file));
    if (relative !== undefined) throw new RangeError(`files: expected a full path, was "${relative}"`);
    return this.#jobs.start('import', nameOf(order), (control) =>
      runImport(() => this.#options.connect('christmas import'), this.#options.openImport, order, control),
    );
  }

  #startExport(order: ExportOrder): DataJob {
    checkExportOrder(order);
    return this.#jobs.start('export', exportFileName(order), async (control) => {
      const store = await this.#options.connect('christmas export');
      try {
        return await runExport(store, order, this.#options.exportsDir, control);
      } finally {
        await store.db.close();
      }
    });
  }

  async #readCatalog(): Promise<DataCatalog> {
    const { db } = await this.#options.connect('christmas catalog');
    try {
      return await readCatalog(db, this.#options.journalDirs);
    } finally {
      await db.close();
    }
  }
}
