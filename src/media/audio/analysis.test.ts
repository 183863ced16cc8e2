import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { cut, findSample, level, rms, toneLevel } from './analysis.ts';
import { dialingMusic } from './dialing-music.ts';
import { Correlator, Fft } from './fft.ts';
import { decodeFrame, encodeFrame, pcmaToPcmu } from './g711.ts';
import { decodePrompt } from './prompt-decoder.ts';

const names = [
  'operator-message',
  'contact-message',
  'operator-voice',
  'contact-voice',
  'voicemail',
] as const;
const voices = Object.fromEntries(
  names.map((name) => [
    name,
    decodePrompt(readFileSync(new URL(`../../../assets/demo/${name}.wav`, import.meta.url)), {
      longestMs: 10_000,
    }),
  ]),
) as Record<(typeof names)[number], Int16Array>;
const music = dialingMusic();

type Put = { sound: Int16Array; atMs: number; fromMs?: number; toMs?: number; gain?: number };

/** A recording with sounds put into it, as A-law, then mu-law left it. */
function record(seconds: number, ...puts: readonly Put[]): Int16Array {
  const mixed = new Int16Array(seconds * 8_000);
  for (const { sound, atMs, fromMs = 0, toMs = Number.POSITIVE_INFINITY, gain = 1 } of puts) {
    const start = Math.round(atMs * 8);
    cut(sound, fromMs, Math.min(toMs, sound.length / 8)).forEach((sample, index) => {
      if (start + index >= mixed.length) return;
      const sum = mixed[start + index]! + gain * sample;
      mixed[start + index] = Math.max(-32_768, Math.min(32_767, sum));
    });
  }
  const octets = new Uint8Array(mixed.length);
  encodeFrame('PCMA', mixed, octets, 0);
  decodeFrame(
    'PCMU',
    octets.map((octet) => pcmaToPcmu[octet]!),
    mixed,
  );
  return mixed;
}

function near(actual: number | undefined, expected: number, within: number, what: string): void {
  assert.ok(actual !== undefined, `${what}: nothing`);
  assert.ok(Math.abs(actual - expected) <= within, `${what}: ${actual}, expected ${expected}`);
}

test('loudness: a full-scale sine is -3.01 dBFS, silence -120', () => {
  const sine = Int16Array.from({ length: 8_000 }, (_, i) => 32_767 * Math.sin((Math.PI * i) / 4));
  near(level(sine), -3.01, 0.01, 'level');
  near(rms(sine), 32_767 / Math.SQRT2, 1, 'rms');
  near(toneLevel(sine, 1_000), -3.01, 0.01, 'tone');
  assert.equal(level(new Int16Array(100)), -120);
  assert.equal(rms(new Int16Array(0)), 0);
  assert.equal(toneLevel(new Int16Array(0), 425), -120);
});

test('a tone beside others is measured alone', () => {
  const two = Int16Array.from(
    { length: 4_000 },
    (_, i) =>
      1_000 * Math.sin((2 * Math.PI * 425 * i) / 8_000) +
      10_000 * Math.sin((2 * Math.PI * 1_333 * i) / 8_000),
  );
  near(toneLevel(two, 425), 20 * Math.log10(1_000 / Math.SQRT2 / 32_768), 0.05, '425 Hz');
  assert.ok(toneLevel(two, 600) < -75, `${toneLevel(two, 600)}`);
});

test('the transform there and back, and the correlation by it, are those of the definitions', () => {
  const random = seededRandom(7);
  const re = Float64Array.from({ length: 64 }, () => random.next() - 0.5);
  const im = Float64Array.from({ length: 64 }, () => random.next() - 0.5);
  const fft = new Fft(64);
  const [gotRe, gotIm] = [re.slice(), im.slice()];
  fft.forward(gotRe, gotIm);
  let third = 0;
  re.forEach((value, n) => {
    const turn = (-2 * Math.PI * 3 * n) / 64;
    third += value * Math.cos(turn) - im[n]! * Math.sin(turn);
  });
  near(gotRe[3], third, 1e-9, 'the third coefficient');
  fft.inverse(gotRe, gotIm);
  for (const [n, value] of re.entries()) near(gotRe[n]! / 64, value, 1e-12, `sample ${n}`);
  const signal = Float64Array.from({ length: 5_000 }, () => random.next() - 0.5);
  const pattern = signal.slice(0, 300);
  const found = new Correlator(signal, 400).correlate(pattern);
  assert.equal(found.length, 4_701);
  for (const lag of [0, 1, 723, 724, 725, 3_000, 4_700]) {
    const direct = pattern.reduce((sum, value, index) => sum + value * signal[lag + index]!, 0);
    near(found[lag], direct, 1e-9, `lag ${lag}`);
  }
});

const voicemail = voices.voicemail;
const wholeMs = voicemail.length / 8;

/** What is said of `voicemail` in a recording of 20 s. */
const hearings: readonly {
  name: string;
  puts: readonly Put[];
  offsetMs: number;
  from?: number;
  to: number;
  complete: boolean;
  score: number;
}[] = [
  {
    name: 'whole, at a third of the loudness',
    puts: [{ sound: voicemail, atMs: 6_543.125, gain: 0.3 }],
    offsetMs: 6_543.125,
    to: wholeMs,
    complete: true,
    score: 0.99,
  },
  {
    name: 'whole, after music',
    puts: [
      { sound: music, atMs: 0, toMs: 7_000 },
      { sound: voicemail, atMs: 7_000 },
    ],
    offsetMs: 7_000,
    to: wholeMs,
    complete: true,
    score: 0.99,
  },
  ...[
    { name: 'silence', puts: [] },
    { name: 'music', puts: [{ sound: music, atMs: 2_543 }] },
    { name: 'another voice', puts: [{ sound: voices['contact-voice'], atMs: 2_543 }] },
  ].map(({ name, puts }) => ({
    name: `cut off after 1543 ms by ${name}`,
    puts: [{ sound: voicemail, atMs: 1_000, toMs: 1_543 }, ...puts],
    offsetMs: 1_000,
    to: 1_543,
    complete: false,
    score: 0.95,
  })),
  {
    name: 'from 800 ms on: the recording began late',
    puts: [{ sound: voicemail, atMs: 0, fromMs: 800 }],
    offsetMs: -800,
    from: 800,
    to: wholeMs,
    complete: false,
    score: 0.95,
  },
  {
    name: 'with 20 ms put in by the jitter buffer',
    puts: [
      { sound: voicemail, atMs: 1_000, toMs: 1_250 },
      { sound: voicemail, atMs: 2_270, fromMs: 1_250 },
    ],
    offsetMs: 1_000,
    to: wholeMs,
    complete: true,
    score: 0.95,
  },
  {
    name: 'with 20 ms left out by the jitter buffer',
    puts: [
      { sound: voicemail, atMs: 1_000, toMs: 1_250 },
      { sound: voicemail, atMs: 2_250, fromMs: 1_270 },
    ],
    offsetMs: 1_000,
    to: wholeMs,
    complete: true,
    score: 0.95,
  },
  {
    name: 'under a second voice as loud',
    puts: [
      { sound: voicemail, atMs: 1_000 },
      { sound: voices['contact-voice'], atMs: 1_000 },
    ],
    offsetMs: 1_000,
    to: wholeMs,
    complete: true,
    score: 0.7,
  },
  {
    name: 'twice: the first hearing counts',
    puts: [
      { sound: voicemail, atMs: 3_000, gain: 0.5 },
      { sound: voicemail, atMs: 9_000 },
    ],
    offsetMs: 3_000,
    to: wholeMs,
    complete: true,
    score: 0.99,
  },
];

for (const { name, puts, offsetMs, from = 0, to, complete, score } of hearings) {
  test(`finds a sample heard ${name}`, () => {
    const found = findSample(record(20, ...puts), voicemail);
    near(found?.offsetMs, offsetMs, 0.125, 'offset');
    near(found?.heardFromMs, from, 60, 'heard from');
    near(found?.heardToMs, to, 60, 'heard to');
    assert.equal(found?.complete, complete);
    assert.ok(found.score >= score, `score ${found.score}`);
  });
}

test('finds a sample of which each twentieth packet was lost', () => {
  const recording = record(20, { sound: voicemail, atMs: 1_000 });
  for (let packet = 0; packet < 1_000; packet += 20) {
    recording.fill(0, packet * 160, (packet + 1) * 160);
  }
  const found = findSample(recording, voicemail);
  near(found?.offsetMs, 1_000, 0.125, 'offset');
  assert.ok(found?.complete);
  assert.ok(found.coverage > 0.9 && found.score < 0.99, `${found.coverage}, ${found.score}`);
});

test('tells how long the dialing music was heard', () => {
  const found = findSample(record(20, { sound: music, atMs: 500, toMs: 7_000 }), music);
  near(found?.offsetMs, 500, 0.125, 'offset');
  near(found?.heardToMs, 7_000, 60, 'heard to');
  assert.equal(found?.complete, false);
});

test('the part searched can be chosen', () => {
  const recording = record(
    20,
    { sound: voicemail, atMs: 3_000 },
    { sound: voicemail, atMs: 9_000 },
  );
  near(findSample(recording, voicemail, { fromMs: 3_500 })?.offsetMs, 9_000, 0.125, 'offset');
  assert.equal(findSample(recording, voicemail, { fromMs: 13_000 }), undefined);
  const early = findSample(recording, voicemail, { untilMs: 5_000 });
  near(early?.heardToMs, 2_000, 60, 'heard to');
});

test('no voice is taken for another one, nor for music or silence', () => {
  for (const heard of names) {
    const recording = record(
      8,
      { sound: voices[heard], atMs: 1_000 },
      { sound: music, atMs: 4_500 },
    );
    const found = names.filter((name) => findSample(recording, voices[name]) !== undefined);
    assert.deepEqual(found, [heard]);
  }
  assert.equal(findSample(new Int16Array(80_000), voicemail), undefined);
  assert.equal(findSample(record(8), new Int16Array(8_000)), undefined);
  assert.equal(findSample(new Int16Array(0), voicemail), undefined);
  assert.equal(findSample(record(8), new Int16Array(0)), undefined);
});
