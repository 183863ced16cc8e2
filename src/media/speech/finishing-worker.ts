import { parentPort } from 'node:worker_threads';
import { MediaError } from '../media-engine.ts';
import { finishSpeech } from './finish-speech.ts';

/** From FinishingThread to its thread. */
export type FinishingJob = { readonly jobId: number; readonly file: Uint8Array };

/** Back from the thread. */
export type FinishingResult = { readonly jobId: number } & (
  | { readonly type: 'finished'; readonly file: Uint8Array }
  | { readonly type: 'failed'; readonly reason: string }
);

parentPort?.on('message', (job: FinishingJob) => parentPort?.postMessage(run(job)));

function run({ jobId, file }: FinishingJob): FinishingResult {
  try {
    return { jobId, type: 'finished', file: finishSpeech(file) };
  } catch (error) {
    if (error instanceof MediaError) return { jobId, type: 'failed', reason: error.message };
    return { jobId, type: 'failed', reason: `defect: ${(error as Error).message}` };
  }
}
