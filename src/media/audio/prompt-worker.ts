import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { StoredSound } from '../../model/stored-sound.ts';
import { MediaError } from '../media-engine.ts';
import { decodeAnyPrompt, widePromptRate } from './prompt-decoder.ts';
import { readSoundFile, reasonOf } from './read-sound-file.ts';
import { type ImportJob, importSound } from './sound-import.ts';

/** Read a file for a call. */
export type PromptJob = {
  readonly path: string;
  /** Content that the cache holds already: it is not decoded again. */
  readonly knownHash: string | undefined;
  readonly longestMs: number;
  readonly largestBytes: number;
  /** At 16000 Hz as well. */
  readonly wideband: boolean;
};

/** At 8000 Hz, and at 16000 Hz if that was asked for. */
type PromptSamples = { readonly samples: Int16Array; readonly wideSamples?: Int16Array };

/** What comes of it. */
export type PromptJobResult =
  | ({ readonly type: 'decoded' } & PromptSamples & FileState)
  | ({ readonly type: 'unchanged' } & FileState)
  | { readonly type: 'failed'; readonly reason: string };

/** What the file was when it was read. */
export type FileState = {
  readonly contentHash: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
};

/** What comes of taking a file into the library; `broken`: it may be right, and cannot be stored. */
export type ImportJobResult =
  | { readonly type: 'imported'; readonly sound: StoredSound }
  | { readonly type: 'refused' | 'broken'; readonly reason: string };

/** To the thread. */
export type AudioJob =
  | ({ readonly kind: 'prompt' } & PromptJob)
  | ({ readonly kind: 'import' } & ImportJob);
export type AudioJobResult<Job extends AudioJob> = Job extends { readonly kind: 'prompt' }
  ? PromptJobResult
  : ImportJobResult;
export type AudioRequest = { readonly jobId: number; readonly job: AudioJob };
export type AudioReply = {
  readonly jobId: number;
  readonly result: PromptJobResult | ImportJobResult;
};

/** One after the other: two long files at once would need the memory of both. */
let turn = Promise.resolve();

// The thread has nothing else to do: reading and decoding may block it.
parentPort?.on('message', ({ jobId, job }: AudioRequest) => {
  turn = turn.then(async () => {
    const result = await (job.kind === 'prompt' ? readPrompt(job) : takeIn(job));
    parentPort?.postMessage({ jobId, result } satisfies AudioReply);
  });
});

async function readPrompt(job: PromptJob): Promise<PromptJobResult> {
  try {
    const { content, ...file } = readSoundFile(job.path, job.largestBytes);
    const contentHash = createHash('sha256').update(content).digest('hex');
    const state = { contentHash, ...file };
    if (contentHash === job.knownHash) return { type: 'unchanged', ...state };
    const samples = await decodeAnyPrompt(content, job);
    if (!job.wideband) return { type: 'decoded', samples, ...state };
    const wideSamples = await decodeAnyPrompt(content, job, widePromptRate);
    return { type: 'decoded', samples, wideSamples, ...state };
  } catch (error) {
    return { type: 'failed', reason: reasonOf(error) };
  }
}

/** What the user of a path can mend. */
const unreadable = new Set<unknown>(['ENOENT', 'EACCES', 'EISDIR']);

async function takeIn(job: ImportJob): Promise<ImportJobResult> {
  try {
    return { type: 'imported', sound: await importSound(job) };
  } catch (error) {
    const { path, code } = error as NodeJS.ErrnoException;
    const isRefused = error instanceof MediaError || (path === job.path && unreadable.has(code));
    return { type: isRefused ? 'refused' : 'broken', reason: reasonOf(error) };
  }
}
