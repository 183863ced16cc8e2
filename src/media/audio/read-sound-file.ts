import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { MediaError } from '../media-engine.ts';

/** What the file was when it was read. */
export type SoundFile = {
  readonly content: Buffer;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
};

/** The whole of a file of bounded size, for the threads that may wait for a disk. Throws MediaError. */
export function readSoundFile(path: string, largestBytes: number): SoundFile {
  const descriptor = openSync(path, 'r');
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new MediaError('it is not a file');
    if (stat.size > largestBytes) {
      throw new MediaError(
        `it has ${stat.size} bytes; at most ${largestBytes} are read: shorten it`,
      );
    }
    const content = readFileSync(descriptor);
    return { content, sizeBytes: stat.size, mtimeMs: stat.mtimeMs };
  } finally {
    closeSync(descriptor);
  }
}

/** Why a sound cannot be read, for people. */
export function reasonOf(error: unknown): string {
  if (error instanceof MediaError) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file; put it there or correct the path';
  if (code === 'EACCES') return 'it may not be read; give this process the right to read it';
  return message;
}
