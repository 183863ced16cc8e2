import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Prompt } from '../../model/party.ts';
import { dialingMusic } from './dialing-music.ts';
import { holdMusic } from './hold-music.ts';
import { soundRate } from './instruments.ts';
import { beep, busyTone, doubleBeep, ringbackTone } from './ringback.ts';
import { confirmationTone, errorTone } from './short-tones.ts';
import { writeWav } from './wav.ts';

/** A sound of the server's own, with the size of its file. */
export type SystemSound = Prompt & { readonly sizeBytes: number };

/** The sounds the server brings along. Files of the media library stand beside them, never in place. */
export type SystemSounds = {
  /** Heard while the other side rings, looped. */
  readonly dialingMusic: SystemSound;
  /** Heard with early switching while a line only rings, looped. */
  readonly ringback: SystemSound;
  /** Heard by a party on hold, looped. */
  readonly holdMusic: SystemSound;
  readonly beep: SystemSound;
  readonly doubleBeep: SystemSound;
  /** It was done. */
  readonly confirmation: SystemSound;
  /** It cannot be done; listen. */
  readonly error: SystemSound;
  readonly busy: SystemSound;
};

/**
 * Makes the sounds and writes them as WAV files into `folder`, which is made too; a file that is as it
 * should be is not touched. A reader never sees half a file.
 */
export async function writeSystemSounds(folder: string): Promise<SystemSounds> {
  await mkdir(folder, { recursive: true });
  const write = async (name: string, samples: Int16Array): Promise<SystemSound> => {
    const path = resolve(join(folder, `${name}.wav`));
    const file = writeWav(soundRate, samples);
    const there = await readFile(path).catch(() => undefined);
    if (there === undefined || !there.equals(file)) {
      // Beside it and with our process id: two servers may start over one folder.
      const draft = `${path}.${process.pid}.tmp`;
      await writeFile(draft, file);
      await rename(draft, path);
    }
    return { id: 0, name, path, sizeBytes: file.length };
  };
  // The order of their ids in the media library: a new one comes last.
  return {
    dialingMusic: await write('dialing_music', dialingMusic()),
    ringback: await write('ringback', ringbackTone()),
    holdMusic: await write('hold_music', holdMusic()),
    beep: await write('beep', beep()),
    doubleBeep: await write('double_beep', doubleBeep()),
    confirmation: await write('confirmation', confirmationTone()),
    error: await write('error', errorTone()),
    busy: await write('busy', busyTone()),
  };
}
