/**
 * Makes the speech samples of assets/demo/ with espeak-ng: run from the root of the repository, see
 * README.md beside this file. 8000 Hz mono, pauses at both ends cut, levelled to -16 dBFS RMS.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { levelTo } from '../src/media/audio/levels.ts';
import { resample } from '../src/media/audio/resampler.ts';
import { monoSamples, parseWav, writeWav } from '../src/media/audio/wav.ts';

const rate = 8_000;
/** Left at both ends: 40 ms. */
const margin = 320;

/** `[file, espeak voice, pitch, words a minute, text]` */
const voices = [
  ['operator-message', 'ru+f2', 55, 165, 'Звонок с сайта. Соединяю с клиентом.'],
  ['contact-message', 'ru+f2', 55, 165, 'Спасибо! Сейчас вам ответит менеджер.'],
  ['operator-voice', 'ru+f4', 70, 160, 'Добрый день! Меня зовут Анна. Слушаю вас.'],
  ['contact-voice', 'ru+m3', 30, 155, 'Здравствуйте. Когда привезут мой заказ?'],
  ['voicemail', 'ru+m7', 45, 170, 'Абонент не отвечает. Оставьте сообщение после сигнала.'],
] as const;

mkdirSync('assets/demo', { recursive: true });
for (const [name, voice, pitch, speed, text] of voices) {
  const options = ['--stdout', '-v', voice, '-p', `${pitch}`, '-s', `${speed}`, text];
  const wav = parseWav(execFileSync('espeak-ng', options, { maxBuffer: 2 ** 24 }));
  const sound = resample(monoSamples(wav, 0, wav.frames), wav.sampleRate, rate);
  const loud = (value: number): boolean => Math.abs(value) > 0.005;
  const from = Math.max(0, sound.findIndex(loud) - margin);
  const to = sound.findLastIndex(loud) + margin;
  const samples = levelTo(Float64Array.from(sound.subarray(from, to)), -16);
  writeFileSync(`assets/demo/${name}.wav`, writeWav(rate, samples));
  console.log(`${name}: ${(samples.length / rate).toFixed(2)} s`);
}
