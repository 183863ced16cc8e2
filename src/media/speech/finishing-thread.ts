import { Worker } from 'node:worker_threads';
import type { FinishingJob, FinishingResult } from './finishing-worker.ts';
import { SpeechError } from './speech-engine.ts';

type PendingJob = {
  readonly resolve: (file: Uint8Array) => void;
  readonly reject: (cause: Error) => void;
};

/**
 * `finishSpeech` in a thread of its own: a minute of sound takes a tenth of a second, which signalling
 * must not wait for. Begun with the first text.
 */
export class FinishingThread {
  readonly #jobs = new Map<number, PendingJob>();
  #lastJobId = 0;
  #worker: Worker | undefined;
  #closed = false;

  /** Rejects with SpeechError for what is no sound. */
  finish(file: Uint8Array): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(new SpeechError('speech is closed'));
    const jobId = ++this.#lastJobId;
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      this.#jobs.set(jobId, { resolve, reject });
      worker.ref(); // Only work under way keeps the process alive.
      worker.postMessage({ jobId, file } satisfies FinishingJob);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#fail('speech is closed');
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./finishing-worker.ts', import.meta.url), {
      name: 'speech finisher',
    });
    worker.on('message', (result: FinishingResult) => {
      const job = this.#jobs.get(result.jobId);
      this.#jobs.delete(result.jobId);
      if (this.#jobs.size === 0) worker.unref();
      if (result.type === 'finished') job?.resolve(result.file);
      else job?.reject(new SpeechError(`what it made cannot be used: ${result.reason}`));
    });
    const lost = (reason: string): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined; // The next text begins another.
      this.#fail(`the thread that finishes speech stopped: ${reason}`);
    };
    worker.on('error', (cause) => lost((cause as Error).message));
    worker.on('exit', (code) => lost(`exit code ${code}`));
    return worker;
  }

  #fail(reason: string): void {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const job of jobs) job.reject(new SpeechError(reason));
  }
}
