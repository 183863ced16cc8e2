import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { IntakeOptions, MediaIntake, Taken } from '../../model/stored-sound.ts';
import { AudioThread } from '../audio/audio-thread.ts';
import { MediaError } from '../media-engine.ts';
import { Turns } from '../speech/turns.ts';

export type MediaLibraryOptions = {
  /** Where the sounds are stored, as an absolute path; made by the first one. */
  readonly folder: string;
  /** Longer sounds are refused. */
  readonly longestMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Larger files are refused unread. Default 256 MiB. */
  readonly largestBytes?: number;
  /** Larger files are not received to their end. Default 64 MiB. */
  readonly largestReceivedBytes?: number;
  /** A file that takes longer to decode is refused. Default two minutes. */
  readonly patienceMs?: number;
};

/** The names of `importSound`: the hash, then what of it. */
const storedName = /^([0-9a-f]{64})\./;
/** A file that is being written or received; a process that dies leaves it behind. */
const draftName = /\.tmp$/;
/** Files received at the same time; whoever sends another one is not read meanwhile. */
const mostReceived = 32;

/**
 * The folder with the sounds of the media library. Files are taken in by a thread of its own, one after
 * the other, so that no call waits for an upload; when nothing is left to do the thread ends, and the
 * memory of the decoders with it.
 */
export class MediaLibrary implements MediaIntake {
  readonly #options: Required<MediaLibraryOptions>;
  readonly #thread: AudioThread;
  /** Files are taken in and swept out one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #receiving = new Turns(mostReceived);
  /** Names of files that the last sweep found nobody needs, and when they were changed. */
  #unwanted: ReadonlyMap<string, number> = new Map();

  constructor(options: MediaLibraryOptions) {
    this.#options = {
      largestBytes: 256 * 2 ** 20,
      largestReceivedBytes: 64 * 2 ** 20,
      patienceMs: 120_000,
      ...options,
    };
    this.#thread = new AudioThread('media library', (cause) => {
      this.#options.log.error({ err: cause }, 'the thread of the media library stopped');
    });
  }

  /** Where the sounds are stored, as an absolute path. */
  get folder(): string {
    return this.#options.folder;
  }

  take(path: string, options: IntakeOptions): Promise<Taken> {
    this.#waiting++;
    return this.#inTurn(() => this.#takeNow(path, options));
  }

  async receive(content: AsyncIterable<Uint8Array>, options: IntakeOptions): Promise<Taken> {
    const { folder, largestReceivedBytes } = this.#options;
    const draft = join(folder, `${randomUUID()}.tmp`);
    await this.#receiving.take();
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (!(await write(content, draft, largestReceivedBytes)))
        return {
          refused: `it has more than ${largestReceivedBytes} bytes: shorten it, or save it as MP3 or Ogg Opus`,
        };
      return await this.take(draft, options);
    } finally {
      await rm(draft, { force: true });
      this.#receiving.giveBack();
    }
  }

  /**
   * Removes content that was not `wanted` at this sweep and the one before, nor taken in again between
   * them: a call that began meanwhile may still be about to play what was deleted, and a file is stored
   * a moment before its row. So sweeps must be further apart than a file takes to be received.
   * Resolves with the number of contents removed.
   */
  sweep(wanted: ReadonlySet<string>): Promise<number> {
    return this.#inTurn(() => this.#sweepNow(wanted));
  }

  /** Work under way is given up. Idempotent. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #sweepNow(wanted: ReadonlySet<string>): Promise<number> {
    const { folder, log } = this.#options;
    const names = await readdir(folder).catch((): string[] => []);
    const unwanted = new Map<string, number>();
    const removed = new Set<string>();
    for (const name of names) {
      const path = join(folder, name);
      const hash = storedName.exec(name)?.[1];
      const isDraft = draftName.test(name);
      if (!isDraft && (hash === undefined || wanted.has(hash))) continue;
      // Taking content in that is there already touches it, maybe in another process.
      const at = await changedAt(path);
      if (this.#unwanted.get(name) === at) {
        await rm(path, { force: true });
        if (hash !== undefined) removed.add(hash);
      } else unwanted.set(name, at);
    }
    this.#unwanted = unwanted;
    if (removed.size > 0)
      log.info({ contents: removed.size }, 'media nobody needs any more removed');
    return removed.size;
  }

  async #takeNow(path: string, { normalize }: IntakeOptions): Promise<Taken> {
    const { folder, longestMs, largestBytes, patienceMs, clock } = this.#options;
    const seconds = Math.round(patienceMs / 1000);
    // A decoder that a hostile file drives in circles is ended with its thread.
    const limit = clock.setTimer(patienceMs, () => {
      void this.#thread.stop(new MediaError(`it could not be decoded within ${seconds} s`));
    });
    const job = { kind: 'import', path, folder, normalize, longestMs, largestBytes } as const;
    try {
      const result = await this.#thread.run(job);
      if (result.type === 'imported') return { sound: result.sound };
      if (result.type === 'refused') return { refused: result.reason };
      throw new Error(`a sound could not be stored: ${result.reason}`);
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      return { refused: error.message };
    } finally {
      limit.cancel();
      if (--this.#waiting === 0) await this.#thread.stop(new MediaError('nothing is left to do'));
    }
  }
}

/** Writes content as it comes; false as soon as it is more than allowed. */
async function write(
  content: AsyncIterable<Uint8Array>,
  path: string,
  mostBytes: number,
): Promise<boolean> {
  await using file = await open(path, 'wx', 0o600);
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.length;
    if (bytes > mostBytes) return false;
    await file.writeFile(piece);
  }
  return true;
}

/** Wall ms of the last change; 0: it is gone. */
async function changedAt(path: string): Promise<number> {
  const state = await stat(path).catch(() => undefined);
  return state?.mtimeMs ?? 0;
}
