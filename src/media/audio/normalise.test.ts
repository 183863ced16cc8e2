import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalise, usualLoudness } from './normalise.ts';

const dbfs = (value: number): number => 20 * Math.log10(value);
const rms = (sound: Float32Array): number =>
  Math.sqrt(sound.reduce((sum, value) => sum + value * value, 0) / sound.length);
const peak = (sound: Float32Array): number =>
  sound.reduce((most, it) => Math.max(most, Math.abs(it)), 0);

/** Two seconds at 16 kHz. */
const made = (at: (index: number) => number): Float32Array =>
  Float32Array.from({ length: 32_000 }, (_, index) => at(index));
const sine = (amplitude: number) => (at: number) =>
  amplitude * Math.sin((2 * Math.PI * 440 * at) / 16_000);

const sounds: readonly (readonly [name: string, sound: Float32Array])[] = [
  ['a quiet tone', made(sine(0.01))],
  ['a loud tone', made(sine(1))],
  ['one above full scale', made(sine(3))],
  ['speech: bursts and pauses', made((at) => (at % 8_000 < 3_000 ? sine(0.1)(at) : 0))],
  ['a quiet tone with a click', made((at) => (at === 9_000 ? 1 : sine(0.02)(at)))],
];

for (const [name, sound] of sounds) {
  test(`${name} gets the usual loudness, no peak above -1 dBFS`, () => {
    normalise(sound, 16_000);
    assert.ok(Math.abs(dbfs(rms(sound)) - usualLoudness) < 0.5, `${dbfs(rms(sound))} dBFS RMS`);
    assert.ok(peak(sound) <= 0.8901, `peak ${peak(sound)}`);
  });
}

test('what needs no limiter keeps its shape', () => {
  const sound = made(sine(0.05));
  normalise(sound, 16_000);
  const factor = sound[9]! / sine(0.05)(9);
  for (const [at, value] of sound.entries())
    assert.ok(Math.abs(value - factor * sine(0.05)(at)) < 1e-6);
});

test('silence stays silence, and noise at the bottom is lifted by 40 dB at most', () => {
  const silence = new Float32Array(1_000);
  normalise(silence, 8_000);
  assert.ok(silence.every((value) => value === 0));
  const noise = made(sine(0.0001));
  normalise(noise, 16_000);
  assert.ok(Math.abs(peak(noise) - 0.01) < 0.0001);
});
