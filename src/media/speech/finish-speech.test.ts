import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { level } from '../audio/analysis.ts';
import { dialingMusic } from '../audio/dialing-music.ts';
import { resample } from '../audio/resampler.ts';
import { monoSamples, parseWav, writeWav } from '../audio/wav.ts';
import { MediaError } from '../media-engine.ts';
import { finishSpeech } from './finish-speech.ts';
import { FinishingThread } from './finishing-thread.ts';
import { SpeechError } from './speech-engine.ts';

const asset = readFileSync(new URL('../../../assets/demo/contact-message.wav', import.meta.url));

function samplesOf(file: Uint8Array): Int16Array {
  const wav = parseWav(file);
  assert.deepEqual([wav.sampleRate, wav.channels, wav.encoding], [8000, 1, 'pcm16']);
  return Int16Array.from(monoSamples(wav, 0, wav.frames), (value) => value * 32_768);
}

/** Spoken words at another loudness and rate, between two silences with a little noise. */
function recording(gain: number, rate: number, silenceMs: number): Uint8Array {
  const wav = parseWav(asset);
  const words = resample(monoSamples(wav, 0, wav.frames), 8000, rate);
  const silence = Math.round((rate * silenceMs) / 1000);
  const samples = new Int16Array(words.length + 2 * silence);
  for (let at = 0; at < samples.length; at++) samples[at] = at % 2;
  words.forEach((value, at) => {
    samples[silence + at] = Math.max(-32_768, Math.min(32_767, value * gain * 32_768));
  });
  return writeWav(rate, samples);
}

for (const [gain, rate, silenceMs] of [
  [0.05, 22_050, 0],
  [0.4, 16_000, 700],
  [1, 8_000, 1500],
  [1, 24_000, 100],
  [1, 48_000, 300],
] as const) {
  test(`gain ${gain} at ${rate} Hz after ${silenceMs} ms of silence: as loud as music, at once`, () => {
    const finished = samplesOf(finishSpeech(recording(gain, rate, silenceMs)));
    assert.ok(Math.abs(level(finished) - -16) < 0.5, `${level(finished)} dBFS`);
    assert.ok(Math.abs(level(finished) - level(dialingMusic())) < 1.5, 'music is as loud');
    const peak = finished.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.ok(peak <= 0.891 * 32_768, `a peak of ${peak}`);
    const begins = finished.findIndex((value) => Math.abs(value) > 0.02 * peak);
    assert.ok(begins > 80 && begins < 800, `it begins after ${begins / 8} ms`);
  });
}

test('the length in the header may be made up, as eSpeak leaves it', () => {
  const file = recording(0.5, 22_050, 0);
  new DataView(file.buffer).setUint32(40, 0x7ffff000, true);
  assert.deepEqual(finishSpeech(file), finishSpeech(recording(0.5, 22_050, 0)));
});

test('what is no sound is refused', () => {
  assert.throws(() => finishSpeech(Buffer.from('{"error":"no such voice"}')), MediaError);
  assert.throws(() => finishSpeech(writeWav(8000, new Int16Array(8000).fill(20))), /it is silent/);
  assert.throws(() => finishSpeech(writeWav(8000, new Int16Array(0))), /it is silent/);
});

test('the thread does the same, and says why it cannot', async () => {
  const thread = new FinishingThread();
  const file = recording(0.3, 22_050, 400);
  const [finished] = await Promise.all([
    thread.finish(file),
    assert.rejects(thread.finish(Buffer.from('nonsense, really')), (error) => {
      assert.ok(error instanceof SpeechError);
      assert.match(error.message, /^what it made cannot be used: it is not a WAV file/);
      return true;
    }),
  ]);
  assert.deepEqual(finished, finishSpeech(file));
  await thread.close();
  await assert.rejects(thread.finish(file), /closed/);
});
