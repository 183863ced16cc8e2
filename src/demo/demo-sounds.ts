import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodePrompt } from '../media/audio/prompt-decoder.ts';
import { writeWav } from '../media/audio/wav.ts';
import { joined, tone } from '../sandbox/sounds.ts';
import type { KnownSound } from './recognise.ts';
import type { SoundName } from './scenarios.ts';

/** What the people and messages of the demo sound like: 8 kHz. */
export type DemoSounds = {
  readonly operatorVoice: Int16Array;
  readonly contactVoice: Int16Array;
  readonly announcement: Int16Array;
  readonly operatorMessage: Int16Array;
  readonly contactMessage: Int16Array;
  readonly ownMusic: Int16Array;
};

const assets = new URL('../../assets/demo/', import.meta.url);
const longestMs = 60_000;

/** The phrases that come with the project, and a little tune as the user's own music. */
export async function loadDemoSounds(): Promise<DemoSounds> {
  const load = async (name: string): Promise<Int16Array> =>
    decodePrompt(await readFile(new URL(`${name}.wav`, assets)), { longestMs });
  const tune = [523, 659, 784, 1047, 784, 659, 587, 698, 880, 698];
  return {
    operatorVoice: await load('operator-voice'),
    contactVoice: await load('contact-voice'),
    announcement: await load('voicemail'),
    operatorMessage: await load('operator-message'),
    contactMessage: await load('contact-message'),
    ownMusic: joined(...tune.map((hz) => tone(hz, 240, 5000))),
  };
}

/** Writes what the server plays into `folder`; tells the path of each file. */
export async function writeDemoMedia(
  folder: string,
  sounds: DemoSounds,
): Promise<Record<'operatorMessage' | 'contactMessage' | 'ownMusic', string>> {
  await mkdir(folder, { recursive: true });
  const write = async (name: string, samples: Int16Array): Promise<string> => {
    const path = join(folder, `${name}.wav`);
    await writeFile(path, writeWav(8000, samples));
    return path;
  };
  return {
    operatorMessage: await write('operator-message', sounds.operatorMessage),
    contactMessage: await write('contact-message', sounds.contactMessage),
    ownMusic: await write('own-music', sounds.ownMusic),
  };
}

/** Every sound that can be heard in the demo, to recognise it by. `systemFolder`: the server's own. */
export async function knownSounds(
  sounds: DemoSounds,
  systemFolder: string,
): Promise<(KnownSound & { readonly name: SoundName })[]> {
  const system = async (file: string): Promise<Int16Array> =>
    decodePrompt(await readFile(join(systemFolder, file)), { longestMs });
  return [
    { name: 'operator_message', samples: sounds.operatorMessage, loops: false },
    { name: 'contact_message', samples: sounds.contactMessage, loops: false },
    { name: 'own_music', samples: sounds.ownMusic, loops: true },
    { name: 'dialing_music', samples: await system('dialing_music.wav'), loops: true },
    { name: 'ringback', samples: await system('ringback.wav'), loops: true },
    { name: 'announcement', samples: sounds.announcement, loops: false },
    { name: 'operator_voice', samples: sounds.operatorVoice, loops: true },
    { name: 'contact_voice', samples: sounds.contactVoice, loops: true },
  ];
}
