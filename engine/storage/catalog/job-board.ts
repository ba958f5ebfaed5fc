import type { DataJob } from '../../contract/data-messages.ts';

/** How many that have ended are remembered. */
const KEPT_JOBS = 20;

/** What a job is given: when to end early, and whom to tell how far it is. */
export interface JobControl {
  signal: AbortSignal;
  progress: (fraction: number, rows: number) => void;
}

export interface JobResult {
  detail: string;
  repeated?: boolean;
}

interface Job {
  view: DataJob;
  abort: AbortController;
}

/** Imports and exports, one after another in the order they were asked for. */
export class JobBoard {
  readonly #jobs: Job[] = [];
  #nextId = 1;
  #last: Promise<void> = Promise.resolve();
  #stopped = false;

  get views(): DataJob[] {
    return this.#jobs.map(({ view }) => ({ ...view }));
  }

  start(kind: DataJob['kind'], name: string, work: (control: JobControl) => Promise<JobResult>): DataJob {
    if (this.#stopped) throw new Error('the storage process is stopping');
    const view: DataJob = {
      id: this.#nextId++,
      kind,
      name,
      state: 'running',
      fraction: 0,
      rows: 0,
      detail: '',
      repeated: false,
    };
    const job: Job = { view, abort: new AbortController() };
    this.#jobs.push(job);
    const ended = this.#jobs.filter((each) => each.view.state !== 'running');
    if (ended.length > KEPT_JOBS) this.#jobs.splice(this.#jobs.indexOf(ended[0] as Job), 1);
    this.#last = this.#last.then(() => this.#run(job, work));
    return { ...view };
  }

  /** Ends it at the next chance; what is committed stays. @throws RangeError for a job that there is not. */
  cancel(id: number): void {
    const job = this.#jobs.find(({ view }) => view.id === id);
    if (job === undefined) throw new RangeError(`job: expected one that there is, was ${id}`);
    job.abort.abort();
  }

  /** Cancels what runs and waits for it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { abort } of this.#jobs) abort.abort();
    await this.#last;
  }

  async #run({ view, abort }: Job, work: (control: JobControl) => Promise<JobResult>): Promise<void> {
    const { signal } = abort;
    try {
      signal.throwIfAborted();
      const { detail, repeated = false } = await work({
        signal,
        progress: (fraction, rows) => {
          view.fraction = Math.max(view.fraction, Math.min(1, fraction));
          view.rows = rows;
        },
      });
      Object.assign(view, { state: 'done', fraction: 1, detail, repeated });
    } catch (error) {
      view.state = signal.aborted ? 'cancelled' : 'failed';
      view.detail = signal.aborted ? '' : (error as Error).message;
    }
  }
}
