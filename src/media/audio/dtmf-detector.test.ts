import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { babble } from '../../sandbox/sounds.ts';
import { dialingMusic } from './dialing-music.ts';
import { DtmfDetector } from './dtmf-detector.ts';
import { decodeFrame, encodeFrame } from './g711.ts';
import { holdMusic } from './hold-music.ts';
import { decodePrompt } from './prompt-decoder.ts';
import { ringbackTone } from './ringback.ts';

const frequencies: Readonly<Record<string, readonly [row: number, column: number]>> = {
  1: [697, 1209],
  5: [770, 1336],
  9: [852, 1477],
  0: [941, 1336],
  '*': [941, 1209],
  '#': [941, 1477],
  A: [697, 1633],
  D: [941, 1633],
};

type Press = {
  readonly key?: string;
  readonly ms?: number;
  /** Of each tone; 0 dBm0 is a peak of 22,800. */
  readonly dbm?: number;
  /** Column above row, dB. */
  readonly twistDb?: number;
  /** Both frequencies off by so many per cent. */
  readonly offPercent?: number;
  /** White noise so far below the tones. */
  readonly noiseDb?: number;
  /** Silence in the midst of it. */
  readonly breakMs?: number;
  readonly atSample?: number;
};

function press(options: Press): Int16Array {
  const { key = '5', ms = 100, dbm = -10, twistDb = 0, offPercent = 0, noiseDb = 90 } = options;
  const random = seededRandom(3);
  const [row, column] = frequencies[key]!.map((hz) => hz * (1 + offPercent / 100));
  const level = 22_800 * 10 ** (dbm / 20);
  const [low, high] = [level * 10 ** (-twistDb / 40), level * 10 ** (twistDb / 40)];
  const noise = Math.hypot(low, high) * 10 ** (-noiseDb / 20) * Math.sqrt(1.5);
  const start = 400 + (options.atSample ?? 0);
  const length = ms * 8;
  const brokenFrom = start + length / 2;
  const brokenTo = brokenFrom + (options.breakMs ?? 0) * 8;
  return Int16Array.from({ length: start + length + 800 }, (_, n) => {
    const hiss = noise * (2 * random.next() - 1);
    if (n < start || n >= start + length || (n >= brokenFrom && n < brokenTo)) return hiss;
    const at = (2 * Math.PI * n) / 8000;
    const sum = low * Math.sin(at * row!) + high * Math.sin(at * column! + 1) + hiss;
    return Math.max(-32_768, Math.min(32_767, sum));
  });
}

function keysOf(sound: Int16Array, piece = 160): string[] {
  const heard: string[] = [];
  const detector = new DtmfDetector((key, durationMs) => heard.push(`${key} ${durationMs}`));
  for (let at = 0; at < sound.length; at += piece) detector.push(sound.subarray(at, at + piece));
  return heard;
}

const justKeys = (sound: Int16Array): string =>
  keysOf(sound)
    .map((it) => it[0])
    .join('');

for (const key of Object.keys(frequencies)) {
  test(`key ${key} of 100 ms`, () => {
    const [heard, ...others] = keysOf(press({ key }));
    assert.deepEqual(others, []);
    const [name, durationMs] = heard!.split(' ');
    assert.equal(name, key);
    assert.ok(Math.abs(Number(durationMs) - 100) <= 20, `${durationMs} ms`);
  });
}

/** ITU-T Q.24 table A-1, mostly the limits of the strictest administration. */
const limits: readonly [name: string, options: Press, accepted: boolean][] = [
  ['40 ms', { ms: 40 }, true],
  ['20 ms', { ms: 20 }, false],
  ['-25 dBm0', { dbm: -25 }, true],
  ['0 dBm0', { dbm: -3 }, true],
  ['-45 dBm0', { dbm: -45 }, false],
  ['the column 4 dB stronger', { twistDb: 4 }, true],
  ['the row 8 dB stronger', { twistDb: -8 }, true],
  ['the column 15 dB stronger', { twistDb: 15 }, false],
  ['the row 15 dB stronger', { twistDb: -15 }, false],
  ['1.5 % too high', { offPercent: 1.5 }, true],
  ['1.5 % too low', { offPercent: -1.5 }, true],
  ['4 % too high', { offPercent: 4 }, false],
  ['4 % too low', { offPercent: -4 }, false],
  ['noise 15 dB below', { noiseDb: 15 }, true],
  [
    'weak, twisted, off, noisy at once',
    { dbm: -22, twistDb: -6, offPercent: 1, noiseDb: 20 },
    true,
  ],
  ['interrupted for 10 ms', { ms: 150, breakMs: 10 }, true],
];

for (const [name, options, accepted] of limits) {
  test(`a key ${name} is ${accepted ? 'heard once' : 'not heard'}`, () => {
    for (const key of Object.keys(frequencies)) {
      // Wherever the tone lies between the windows.
      for (let atSample = 0; atSample < 51; atSample += 10) {
        const heard = justKeys(press({ key, ...options, atSample }));
        assert.equal(heard, accepted ? key : '', `key ${key} at ${atSample}`);
      }
    }
  });
}

test('the same key twice, 40 ms apart, is two keys', () => {
  const one = press({ ms: 60 }).subarray(0, 400 + 480);
  const other = press({ ms: 60 }).subarray(400 - 320);
  const both = new Int16Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  assert.equal(justKeys(both), '55');
});

test('through either law of G.711, in pieces of any length', () => {
  for (const law of ['PCMA', 'PCMU'] as const) {
    const sound = press({ key: '#', dbm: -20 });
    const octets = new Uint8Array(sound.length);
    encodeFrame(law, sound, octets, 0);
    decodeFrame(law, octets, sound);
    assert.equal(justKeys(sound), '#');
    assert.deepEqual(keysOf(sound, 7), keysOf(sound, 480));
  }
});

test('no key in speech, babble, music, tones and noise', () => {
  const folder = new URL('../../../assets/demo/', import.meta.url);
  const sounds = new Map<string, Int16Array>();
  for (const name of readdirSync(folder)) {
    const file = readFileSync(new URL(name, folder));
    sounds.set(name, decodePrompt(file, { longestMs: 600_000 }));
  }
  for (let seed = 1; seed <= 6; seed++) {
    const voice = { pitchHz: 80 + 30 * seed, durationMs: 20_000, seed };
    sounds.set(`babble ${seed}`, babble(voice));
  }
  sounds.set('dialing music', dialingMusic());
  sounds.set('hold music', holdMusic());
  sounds.set('ringback', ringbackTone());
  const random = seededRandom(9);
  sounds.set(
    'noise',
    Int16Array.from({ length: 160_000 }, () => 20_000 * (random.next() - 0.5)),
  );
  for (const [name, sound] of sounds) assert.deepEqual(keysOf(sound), [], name);
});
