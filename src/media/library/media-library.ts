import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { MediaIntake, StoredSound } from '../../model/stored-sound.ts';
import { AudioThread } from '../audio/audio-thread.ts';
import { MediaError } from '../media-engine.ts';

export type MediaLibraryOptions = {
  /** Where the sounds are stored; made by the first one. */
  readonly folder: string;
  /** Longer sounds are refused. */
  readonly longestMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Larger files are refused unread. Default 256 MiB. */
  readonly largestBytes?: number;
  /** A file that takes longer to decode is refused. Default two minutes. */
  readonly patienceMs?: number;
};

/** The names of `importSound`: the hash, then what of it. */
const storedName = /^([0-9a-f]{64})\./;

/**
 * The folder with the sounds of the media library. Files are taken in by a thread of its own, one after
 * the other, so that no call waits for an upload; when nothing is left to do the thread ends, and the
 * memory of the decoders with it.
 */
export class MediaLibrary implements MediaIntake {
  readonly #options: Required<MediaLibraryOptions>;
  readonly #thread: AudioThread;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Content that the last sweep found nobody needs. */
  #unwanted: ReadonlySet<string> = new Set();

  constructor(options: MediaLibraryOptions) {
    this.#options = { largestBytes: 256 * 2 ** 20, patienceMs: 120_000, ...options };
    this.#thread = new AudioThread('media library', (cause) => {
      this.#options.log.error({ err: cause }, 'the thread of the media library stopped');
    });
  }

  take(
    path: string,
    options: { readonly normalize: boolean },
  ): Promise<{ readonly sound: StoredSound } | { readonly refused: string }> {
    this.#waiting++;
    const taken = this.#turn.then(() => this.#takeNow(path, options));
    this.#turn = taken.catch(() => {});
    return taken;
  }

  /**
   * Removes content that no row of the store has needed at this sweep and the one before: a call that
   * began between them may still be about to play what was deleted, and a file may be stored a moment
   * before its row. Resolves with the number of contents removed.
   */
  async sweep(wanted: ReadonlySet<string>): Promise<number> {
    const { folder, log } = this.#options;
    const names = await readdir(folder).catch((): string[] => []);
    const unwanted = new Set<string>();
    const removed = new Set<string>();
    for (const name of names) {
      const hash = storedName.exec(name)?.[1];
      if (hash === undefined || wanted.has(hash)) continue;
      unwanted.add(hash);
      if (!this.#unwanted.has(hash)) continue;
      await rm(join(folder, name), { force: true });
      removed.add(hash);
    }
    this.#unwanted = unwanted;
    if (removed.size > 0)
      log.info({ contents: removed.size }, 'media nobody needs any more removed');
    return removed.size;
  }

  /** Work under way is given up. Idempotent. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  async #takeNow(
    path: string,
    { normalize }: { readonly normalize: boolean },
  ): Promise<{ readonly sound: StoredSound } | { readonly refused: string }> {
    const { folder, longestMs, largestBytes, patienceMs, clock } = this.#options;
    const seconds = Math.round(patienceMs / 1000);
    // A decoder that a hostile file drives in circles is ended with its thread.
    const limit = clock.setTimer(patienceMs, () => {
      void this.#thread.stop(new MediaError(`it could not be decoded within ${seconds} s`));
    });
    const job = { kind: 'import', path, folder, normalize, longestMs, largestBytes } as const;
    try {
      const result = await this.#thread.run(job);
      return result.type === 'failed' ? { refused: result.reason } : { sound: result.sound };
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      return { refused: error.message };
    } finally {
      limit.cancel();
      if (--this.#waiting === 0) await this.#thread.stop(new MediaError('nothing is left to do'));
    }
  }
}
