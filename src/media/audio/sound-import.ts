import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { originalPath, type StoredSound } from '../../model/stored-sound.ts';
import { normalise } from './normalise.ts';
import { openSound } from './open-sound.ts';
import { decodeWhole, fillInt16 } from './prompt-decoder.ts';
import { readSoundFile } from './read-sound-file.ts';
import { parseWav, writeWav } from './wav.ts';

/** A file to be taken into the folder of the media library. */
export type ImportJob = {
  readonly path: string;
  /** Of the library; made when it is missing. */
  readonly folder: string;
  /** Bring it to the usual loudness. */
  readonly normalize: boolean;
  readonly longestMs: number;
  readonly largestBytes: number;
};

/**
 * Decodes a sound file to its end and stores it twice under the hash of its content: as it came, and as
 * the 16-bit mono WAV file that calls play, at 16000 Hz, or 8000 Hz when there is no more in it. The same
 * content is decoded and stored once. Throws MediaError for a file that is damaged or too long, other
 * errors when it cannot be stored; then nothing of it is left.
 */
export async function importSound(job: ImportJob): Promise<StoredSound> {
  const { content, sizeBytes } = readSoundFile(job.path, job.largestBytes);
  const contentHash = createHash('sha256').update(content).digest('hex');
  const playedPath = join(job.folder, `${contentHash}${job.normalize ? '.normalised' : ''}.wav`);
  const source = await openSound(content, { refuseCutShort: true });
  const listenFormat = source.playsInBrowser ? source.format : null;
  const stored = { path: playedPath, contentHash, normalized: job.normalize, listenFormat };
  const keptPath = originalPath(stored, source.format);

  if (existsSync(keptPath) && existsSync(playedPath)) {
    const durationMs = durationOf(playedPath);
    if (durationMs <= job.longestMs) {
      // For the sweep of another process: somebody has just asked for it again.
      const now = new Date();
      for (const path of [playedPath, keptPath]) utimesSync(path, now, now);
      return { ...stored, durationMs, sizeBytes };
    }
  }
  const rate = source.sampleRate < 16_000 ? 8_000 : 16_000;
  const sound = await decodeWhole(source, rate, job);
  if (job.normalize) normalise(sound, rate);
  const durationMs = Math.round((sound.length * 1000) / rate);
  mkdirSync(job.folder, { recursive: true, mode: 0o700 });
  const samples = new Int16Array(sound.length);
  fillInt16(samples, sound);
  const played = writeWav(rate, samples);
  const isNew = !existsSync(playedPath);
  writeWhole(playedPath, played);
  try {
    writeWhole(keptPath, content);
  } catch (error) {
    if (isNew) rmSync(playedPath, { force: true });
    throw error;
  }
  return { ...stored, durationMs, sizeBytes };
}

/** Nobody sees half a file; two processes that write the same do no harm. */
function writeWhole(path: string, content: Uint8Array): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, content, { mode: 0o600, flush: true });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** From the header of a file of our own. */
function durationOf(path: string): number {
  const header = new Uint8Array(44);
  const descriptor = openSync(path, 'r');
  try {
    readSync(descriptor, header);
  } finally {
    closeSync(descriptor);
  }
  const { sampleRate, missingOctets } = parseWav(header);
  return Math.round((missingOctets / 2 / sampleRate) * 1000);
}
