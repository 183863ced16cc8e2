// How soon a message of type tts can be heard: from the text to samples that are ready to be sent.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/logger.ts';
import { speechSchema } from '../src/config/speech-schema.ts';
import { toSpeech } from '../src/config/to-speech.ts';
import { PromptCache } from '../src/media/audio/prompt-cache.ts';
import { openSpeech } from '../src/media/speech/open-speech.ts';
import type { Speech } from '../src/media/speech/speech.ts';
import { type Figure, percentile } from './figure.ts';

/** A sentence of 60 characters that was not spoken yet. */
const sentence = (number: number): string =>
  `Ваш заказ номер ${100 + number} готов, его доставят сегодня до полуночи.`;
const sentences = 100;

export async function benchSpeech(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dozvon-bench-speech-'));
  const settings = toSpeech(speechSchema.parse({ engines: [{ type: 'espeak-ng-wasm' }] }));
  const parts = { settings, folder, clock: systemClock, log: silentLogger };
  const running = { speech: openSpeech(parts), prompts: new PromptCache({ log: silentLogger }) };
  const restarted = { speech: openSpeech(parts), prompts: new PromptCache({ log: silentLogger }) };
  try {
    const [{ obstacle } = { obstacle: undefined }] = await running.speech.plan(undefined, 'ru');
    if (obstacle !== undefined) {
      console.log(`  skipped: ${obstacle}`);
      return [];
    }
    const first = await toFirstAudio(running, 0);
    const made = await times((number) => toFirstAudio(running, number));
    await toFirstAudio(restarted, 0); // Its thread is begun.
    const cached = await times((number) => toFirstAudio(restarted, number));
    const of = 'time to first audio of 60 characters of Russian (eSpeak NG as WebAssembly)';
    return [
      { name: `${of}, not cached, p50`, value: percentile(made, 0.5), unit: 'ms' },
      { name: 'the same, p99', value: percentile(made, 0.99), unit: 'ms' },
      { name: 'the same, the first text of a process', value: first, unit: 'ms' },
      { name: 'the same, from the disk cache, p50', value: percentile(cached, 0.5), unit: 'ms' },
      { name: 'the same, from the disk cache, p99', value: percentile(cached, 0.99), unit: 'ms' },
    ];
  } finally {
    for (const { speech, prompts } of [running, restarted])
      await Promise.all([speech.close(), prompts.close()]);
    await rm(folder, { recursive: true });
  }
}

async function times(measure: (number: number) => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let number = 1; number <= sentences; number++) all.push(await measure(number));
  return all;
}

type Parts = { readonly speech: Speech; readonly prompts: PromptCache };

/** Milliseconds from the text until its samples can be sent: they are not in memory before. */
async function toFirstAudio({ speech, prompts }: Parts, number: number): Promise<number> {
  const begin = performance.now();
  const { prompt } = await speech.say(undefined, sentence(number));
  await prompts.prepare(prompt);
  return performance.now() - begin;
}

if (import.meta.main) for (const figure of await benchSpeech()) console.log(figure);
