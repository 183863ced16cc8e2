import { Worker } from 'node:worker_threads';
import { MediaError } from '../media-engine.ts';
import type { AudioJob, AudioJobResult, AudioReply, AudioRequest } from './prompt-worker.ts';

type PendingJob = {
  readonly resolve: (result: never) => void;
  readonly reject: (cause: Error) => void;
};

/**
 * A thread that reads and decodes sound files, so that neither signalling nor RTP waits for a disk, a
 * filter or a decoder. Started by the first job; it keeps the process alive only while it has one.
 */
export class AudioThread {
  /** For people: whose thread it is. */
  readonly #name: string;
  readonly #onStopped: (cause: Error) => void;
  readonly #jobs = new Map<number, PendingJob>();
  #lastJobId = 0;
  #worker: Worker | undefined;
  #closed = false;

  /** `onStopped`: the thread ended by itself, with work or without. */
  constructor(name: string, onStopped: (cause: Error) => void) {
    this.#name = name;
    this.#onStopped = onStopped;
  }

  /** Rejects with MediaError only when the thread stops. */
  run<Job extends AudioJob>(job: Job): Promise<AudioJobResult<Job>> {
    if (this.#closed) return Promise.reject(new MediaError(`the ${this.#name} is closed`));
    const jobId = ++this.#lastJobId;
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      this.#jobs.set(jobId, { resolve, reject });
      worker.ref();
      worker.postMessage({ jobId, job } satisfies AudioRequest);
    });
  }

  /** Ends the thread with its memory; work under way rejects with `cause`. The next job starts another. */
  async stop(cause: MediaError): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#failJobs(cause);
    await worker?.terminate();
  }

  /** The same for good. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.stop(new MediaError(`the ${this.#name} is closed`));
  }

  #start(): Worker {
    const worker = new Worker(new URL('./prompt-worker.ts', import.meta.url), { name: this.#name });
    worker.on('message', ({ jobId, result }: AudioReply) => {
      this.#jobs.get(jobId)?.resolve(result as never);
      this.#jobs.delete(jobId);
      if (this.#jobs.size === 0) worker.unref();
    });
    const lost = (cause: Error): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#onStopped(cause);
      this.#failJobs(new MediaError(`the ${this.#name} stopped: ${cause.message}`));
    };
    worker.on('error', lost);
    worker.on('exit', (code) => lost(new Error(`exit code ${code}`)));
    return worker;
  }

  #failJobs(cause: MediaError): void {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const job of jobs) job.reject(cause);
  }
}
