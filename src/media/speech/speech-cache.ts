import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';

/** A use is written to the disk at most this often: it decides what a restart takes for old. */
const noteUseEveryMs = 3_600_000;
/** A draft this old was left by a process that ended. */
const draftAgeMs = 3_600_000;

/**
 * Spoken texts on disk, by content key, at most so many bytes; what was used longest ago goes first. The
 * folder may be shared: a file another process put there is found, half a file never.
 */
export class SpeechCache {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #clock: Clock;
  /** Sizes by file name, the longest unused first. */
  readonly #files = new Map<string, number>();
  #heldBytes = 0;
  #opened: Promise<void> | undefined;
  #drafts = 0;

  constructor(options: {
    readonly folder: string;
    readonly limitBytes: number;
    readonly clock: Clock;
  }) {
    this.#folder = options.folder;
    this.#limitBytes = options.limitBytes;
    this.#clock = options.clock;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The path of what is kept for this key. */
  async find(key: string): Promise<string | undefined> {
    await this.#open();
    const name = `${key}.wav`;
    const path = join(this.#folder, name);
    try {
      const { size, mtimeMs } = await stat(path);
      this.#note(name, size);
      const now = this.#clock.wallTime();
      if (now - mtimeMs > noteUseEveryMs) await utimes(path, now / 1000, now / 1000);
      return path;
    } catch {
      this.#forget(name);
      return undefined;
    }
  }

  /** Keeps a file, and drops others that there is no room for; resolves with its path. */
  async put(key: string, file: Uint8Array): Promise<string> {
    await this.#open();
    const name = `${key}.wav`;
    const path = join(this.#folder, name);
    const draft = `${path}.${process.pid}-${++this.#drafts}.tmp`;
    try {
      await writeFile(draft, file);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    this.#note(name, file.length);
    for (const oldest of this.#files.keys()) {
      // The newest stays even if it alone is over the limit: its call is about to play it.
      if (oldest === name || this.#heldBytes <= this.#limitBytes) break;
      this.#forget(oldest);
      await rm(join(this.#folder, oldest), { force: true });
    }
    return path;
  }

  #open(): Promise<void> {
    this.#opened ??= this.#read().catch((error) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #read(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const found: { name: string; size: number; mtimeMs: number }[] = [];
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      // Gone meanwhile: another process tidies up too.
      const state = await stat(path).catch(() => undefined);
      if (state === undefined) continue;
      if (name.endsWith('.wav')) found.push({ name, size: state.size, mtimeMs: state.mtimeMs });
      else if (name.endsWith('.tmp') && this.#clock.wallTime() - state.mtimeMs > draftAgeMs)
        await rm(path, { force: true });
    }
    found.sort((a, b) => a.mtimeMs - b.mtimeMs);
    for (const { name, size } of found) this.#note(name, size);
  }

  /** Used now. */
  #note(name: string, size: number): void {
    this.#forget(name);
    this.#files.set(name, size);
    this.#heldBytes += size;
  }

  #forget(name: string): void {
    this.#heldBytes -= this.#files.get(name) ?? 0;
    this.#files.delete(name);
  }
}
