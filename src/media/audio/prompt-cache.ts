import { stat } from 'node:fs/promises';
import { type Clock, systemClock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Prompt } from '../../model/party.ts';
import { MediaError } from '../media-engine.ts';
import { AudioThread } from './audio-thread.ts';
import { promptRate } from './prompt-decoder.ts';
import type { FileState, PromptJobResult } from './prompt-worker.ts';

/** A prompt ready to be heard: 16-bit mono in memory that media threads share. */
export type PreparedPrompt = {
  /** At 8000 Hz, on a SharedArrayBuffer: posting it to a worker copies nothing. */
  readonly samples: Int16Array;
  /** The same at 16000 Hz, where some party may hear it in wide band. */
  readonly wideSamples?: Int16Array;
  readonly durationMs: number;
  /** SHA-256 of the file: equal content has one PreparedPrompt whatever its path. */
  readonly contentHash: string;
};

type PromptCacheOptions = {
  /** Of decoded samples; what was used longest ago goes first. Default 64 MiB, over an hour of sound. */
  readonly cacheLimitBytes?: number;
  /** Some codec is a wide-band one: prompts are held at 16000 Hz as well. */
  readonly wideband?: boolean;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Longer files are refused. Default 10 minutes. */
  readonly longestMs?: number;
  /** Larger files are refused unread. Default 256 MiB. */
  readonly largestBytes?: number;
};

type Entry = {
  readonly prepared: PreparedPrompt;
  /** `prepared` as a promise, made once, so that the common case allocates nothing. */
  readonly ready: Promise<PreparedPrompt>;
  readonly file: FileState;
  /** Monotonic; the file is not looked at again before. */
  checkDue: number;
};

/** Longer files are neither played nor taken into the media library. */
export const longestPromptMs = 600_000;

/** A changed file is heard at the latest after this, and a file is looked at no more often. */
const checkEveryMs = 1_000;

/**
 * Prompts by path, read, decoded, mixed down and resampled in a thread of its own, so that neither
 * signalling nor RTP waits for a disk or a filter. `prepare` is called before every call: for a cached
 * prompt it is a map look-up, with one `stat` a second and file. Changed files are read again; the old
 * sound stays alive for whoever is hearing it.
 */
export class PromptCache {
  readonly #options: Required<PromptCacheOptions>;
  /** In the order of use, the longest ago first. */
  readonly #entries = new Map<string, Entry>();
  /** Work under way, by path: who asks meanwhile waits for the same. */
  readonly #underWay = new Map<string, Promise<PreparedPrompt>>();
  readonly #thread: AudioThread;
  #closed = false;

  constructor(options: PromptCacheOptions) {
    this.#options = {
      cacheLimitBytes: 64 * 2 ** 20,
      clock: systemClock,
      longestMs: longestPromptMs,
      largestBytes: 256 * 2 ** 20,
      wideband: false,
      ...options,
    };
    this.#thread = new AudioThread('prompt reader', (cause) => {
      this.#options.log.error({ err: cause }, 'the prompt reader stopped');
    });
  }

  /** Rejects with MediaError that names the file and the fix. */
  prepare(prompt: Prompt): Promise<PreparedPrompt> {
    const entry = this.#touch(prompt.path);
    if (entry !== undefined && this.#options.clock.now() < entry.checkDue) return entry.ready;
    const underWay = this.#underWay.get(prompt.path);
    if (underWay !== undefined) return underWay;
    const work = this.#refresh(prompt, entry).finally(() => this.#underWay.delete(prompt.path));
    this.#underWay.set(prompt.path, work);
    return work;
  }

  /** What `prepare` brought in last for this path, if it is still held. */
  get(path: string): PreparedPrompt | undefined {
    return this.#touch(path)?.prepared;
  }

  /** Bytes of decoded samples held. */
  get heldBytes(): number {
    const distinct = new Set([...this.#entries.values()].map((entry) => entry.prepared));
    let sum = 0;
    for (const { samples, wideSamples } of distinct) {
      sum += samples.byteLength + (wideSamples?.byteLength ?? 0);
    }
    return sum;
  }

  /** Ends the thread; work under way rejects. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#entries.clear();
    await this.#thread.close();
  }

  #touch(path: string): Entry | undefined {
    const entry = this.#entries.get(path);
    if (entry !== undefined) {
      this.#entries.delete(path);
      this.#entries.set(path, entry);
    }
    return entry;
  }

  async #refresh(prompt: Prompt, entry: Entry | undefined): Promise<PreparedPrompt> {
    const { path } = prompt;
    if (entry !== undefined && (await isSame(path, entry.file))) {
      entry.checkDue = this.#options.clock.now() + checkEveryMs;
      return entry.prepared;
    }
    const { longestMs, largestBytes, wideband } = this.#options;
    const knownHash = entry?.prepared.contentHash;
    const result = await this.#thread.run({
      kind: 'prompt',
      path,
      knownHash,
      longestMs,
      largestBytes,
      wideband,
    });
    if (result.type === 'failed') {
      this.#entries.delete(path);
      throw new MediaError(`prompt ${prompt.name} (${path}): ${result.reason}`);
    }
    const prepared =
      result.type === 'unchanged' && entry !== undefined
        ? entry.prepared
        : this.#preparedOf(result);
    this.#keep(path, prepared, result);
    const fields = { path, durationMs: prepared.durationMs };
    this.#options.log.debug(fields, `prompt ${result.type === 'decoded' ? 'read' : 'unchanged'}`);
    return prepared;
  }

  #preparedOf(result: PromptJobResult & { type: 'decoded' | 'unchanged' }): PreparedPrompt {
    for (const { prepared } of this.#entries.values()) {
      if (prepared.contentHash === result.contentHash) return prepared;
    }
    if (result.type === 'unchanged') throw new MediaError('defect: unchanged content is not held');
    const { samples, wideSamples, contentHash } = result;
    const durationMs = Math.round((samples.length * 1000) / promptRate);
    const wide = wideSamples === undefined ? {} : { wideSamples };
    return { samples, ...wide, durationMs, contentHash };
  }

  #keep(path: string, prepared: PreparedPrompt, file: FileState): void {
    if (this.#closed) return;
    const checkDue = this.#options.clock.now() + checkEveryMs;
    this.#entries.delete(path);
    this.#entries.set(path, { prepared, ready: Promise.resolve(prepared), file, checkDue });
    for (const oldest of this.#entries.keys()) {
      // The newest stays even if it alone is over the limit: its call is about to hear it.
      if (oldest === path || this.heldBytes <= this.#options.cacheLimitBytes) break;
      this.#entries.delete(oldest);
    }
  }
}

async function isSame(path: string, file: FileState): Promise<boolean> {
  try {
    const now = await stat(path);
    return now.size === file.sizeBytes && now.mtimeMs === file.mtimeMs;
  } catch {
    // Gone or unreadable: the reader says so in words.
    return false;
  }
}
