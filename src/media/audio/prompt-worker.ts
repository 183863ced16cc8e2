import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { MediaError } from '../media-engine.ts';
import { decodePrompt } from './prompt-decoder.ts';

/** From the cache to its thread. */
export type PromptJob = {
  readonly jobId: number;
  readonly path: string;
  /** Content that the cache holds already: it is not decoded again. */
  readonly knownHash: string | undefined;
  readonly longestMs: number;
  readonly largestBytes: number;
};

/** Back from the thread. */
export type PromptJobResult = { readonly jobId: number } & (
  | ({ readonly type: 'decoded'; readonly samples: Int16Array } & FileState)
  | ({ readonly type: 'unchanged' } & FileState)
  | { readonly type: 'failed'; readonly reason: string }
);

/** What the file was when it was read. */
export type FileState = {
  readonly contentHash: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
};

// The thread has nothing else to do: reading and decoding may block it.
parentPort?.on('message', (job: PromptJob) => parentPort?.postMessage(run(job)));

function run(job: PromptJob): PromptJobResult {
  const { jobId } = job;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(job.path, 'r');
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new MediaError('it is not a file');
    if (stat.size > job.largestBytes) {
      throw new MediaError(
        `it has ${stat.size} bytes; at most ${job.largestBytes} are read: shorten it`,
      );
    }
    const content = readFileSync(descriptor);
    const contentHash = createHash('sha256').update(content).digest('hex');
    const state = { contentHash, sizeBytes: stat.size, mtimeMs: stat.mtimeMs };
    if (contentHash === job.knownHash) return { jobId, type: 'unchanged', ...state };
    return { jobId, type: 'decoded', samples: decodePrompt(content, job), ...state };
  } catch (error) {
    return { jobId, type: 'failed', reason: reasonOf(error) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof MediaError) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file; put it there or correct the path';
  if (code === 'EACCES') return 'it may not be read; give this process the right to read it';
  return message;
}
