import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { MediaProbe } from '../config/bootstrap.ts';
import { parseWav } from '../media/audio/wav.ts';
import { MediaError } from '../media/media-engine.ts';
import { CommandError } from './command.ts';

/** Reads a sound file's length and content hash. @throws CommandError that names the file. */
export async function probeMedia(path: string): Promise<MediaProbe> {
  let file: Buffer;
  try {
    file = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw new CommandError(`${path}: ${why}`);
  }
  try {
    const { durationMs } = parseWav(file);
    return {
      contentHash: createHash('sha256').update(file).digest('hex'),
      durationMs: Math.round(durationMs),
    };
  } catch (error) {
    if (error instanceof MediaError) throw new CommandError(`${path}: ${error.message}`);
    throw error;
  }
}
