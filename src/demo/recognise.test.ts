import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeG711, encodeG711 } from '../sandbox/rtp-wire.ts';
import { babble, joined, pause, tone } from '../sandbox/sounds.ts';
import { type KnownSound, recognise } from './recognise.ts';

const message: KnownSound = {
  name: 'message',
  samples: babble({ pitchHz: 180, durationMs: 1500, seed: 1 }),
  loops: false,
};
const music: KnownSound = {
  name: 'music',
  samples: joined(tone(440, 300), tone(550, 200), tone(330, 250), tone(660, 150)),
  loops: true,
};
const voice: KnownSound = {
  name: 'voice',
  samples: babble({ pitchHz: 110, durationMs: 2000, seed: 2 }),
  loops: true,
};
const known = [message, music, voice];
const part = (sound: KnownSound, fromMs: number, toMs: number): Int16Array =>
  Int16Array.from(
    { length: (toMs - fromMs) * 8 },
    (_, at) => sound.samples[(fromMs * 8 + at) % sound.samples.length]!,
  );
const throughG711 = (samples: Int16Array): Int16Array =>
  decodeG711('PCMA', encodeG711('PCMA', samples));
const told = (samples: Int16Array): string[] =>
  recognise({ startMs: 1000, samples: throughG711(samples) }, known).map(
    ({ name = '?', fromMs, toMs, sourceFromMs }) =>
      `${name} ${round(fromMs)}-${round(toMs)} from ${round(sourceFromMs)}`,
  );
/** To 20 ms: pauses at the edges of babble are no sound. */
const round = (ms: number): number => Math.round(ms / 20) * 20;

test('a message, then looped music, then a voice from its middle', () => {
  const heard = joined(part(message, 0, 1500), part(music, 0, 2400), part(voice, 640, 3000));
  assert.deepEqual(told(heard), [
    'message 1000-2500 from 0',
    'music 2500-4900 from 0',
    'voice 4900-7260 from 640',
  ]);
});

test('silence is left out; gain does not matter', () => {
  const soft = part(music, 0, 600).map((sample) => sample / 5);
  assert.deepEqual(told(joined(pause(200), soft, pause(400))), ['music 1200-1800 from 0']);
});

test('a mix of two known sounds, or a strange one, is nothing known', () => {
  const a = part(music, 0, 800);
  const b = part(voice, 0, 800);
  const mixed = told(a.map((sample, at) => (sample + b[at]!) / 2));
  assert.ok(
    mixed.some((piece) => piece.startsWith('?')),
    mixed.join(),
  );
  assert.deepEqual(told(tone(1234, 400)), ['? 1000-1400 from 0']);
});

test('a message cut short ends where it was cut; one torn by a hole falls in two', () => {
  assert.deepEqual(told(joined(part(message, 0, 700), pause(300))), ['message 1000-1700 from 0']);
  const torn = joined(part(message, 0, 400), pause(200), part(message, 600, 1500));
  assert.deepEqual(told(torn), ['message 1000-1400 from 0', 'message 1600-2500 from 600']);
});
