import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../../base/clock.ts';
import type { ReportPage, ReportQuery } from '../data-store.ts';
import type { ReportName } from './report-query.ts';
import type { ReportJob, ReportResult } from './report-worker.ts';

/** Less than a request of the API may take, which then fails rather than hangs. */
const longestMs = 8_000;

type PendingJob = {
  readonly resolve: (page: ReportPage) => void;
  readonly reject: (cause: Error) => void;
  readonly limit: Timer;
};

/**
 * Reports are read in a thread with a handle of its own on the database file, so that no call waits for
 * a filter over a million rows. Begun with the first report; it keeps the process alive only while it has one.
 */
export class ReportThread {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #jobs = new Map<number, PendingJob>();
  #lastJobId = 0;
  #worker: Worker | undefined;
  #closed = false;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** Rejects when the query fails or takes longer than a request may. */
  read(name: ReportName, query: ReportQuery): Promise<ReportPage> {
    if (this.#closed) return Promise.reject(new Error('the store is closed'));
    const jobId = ++this.#lastJobId;
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const limit = this.#clock.setTimer(longestMs, () => {
        void this.#stop(`a report took longer than ${longestMs} ms`);
      });
      this.#jobs.set(jobId, { resolve, reject, limit });
      worker.ref();
      worker.postMessage({ jobId, name, query } satisfies ReportJob);
    });
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#stop('the store is closed');
  }

  /** Also what waits behind a query that never ends; the next report begins another thread. */
  async #stop(reason: string): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#fail(reason);
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./report-worker.ts', import.meta.url), {
      name: 'reports',
      workerData: { path: this.#path },
    });
    worker.on('message', (result: ReportResult) => {
      const job = this.#jobs.get(result.jobId);
      this.#jobs.delete(result.jobId);
      job?.limit.cancel();
      if (this.#jobs.size === 0) worker.unref();
      if ('page' in result) job?.resolve(result.page);
      else job?.reject(new Error(`a report failed: ${result.failure}`));
    });
    const lost = (reason: string): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#fail(`the thread of the reports stopped: ${reason}`);
    };
    worker.on('error', (cause) => lost((cause as Error).message));
    worker.on('exit', (code) => lost(`exit code ${code}`));
    return worker;
  }

  #fail(reason: string): void {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const { limit, reject } of jobs) {
      limit.cancel();
      reject(new Error(reason));
    }
  }
}
