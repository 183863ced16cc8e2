import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cut, level, toneLevel } from './analysis.ts';
import { dialingMusic } from './dialing-music.ts';
import { holdMusic } from './hold-music.ts';
import { soundRate } from './instruments.ts';
import { decodePrompt } from './prompt-decoder.ts';
import { beep, busyTone, doubleBeep, ringbackTone } from './ringback.ts';
import { confirmationTone, errorTone } from './short-tones.ts';
import { writeSystemSounds } from './system-sounds.ts';

const music = dialingMusic();

for (const [name, music, seconds] of [
  ['dialing music', dialingMusic(), 26.4],
  ['hold music', holdMusic(), 21.6],
] as const) {
  test(`the ${name}: length, loudness, room to the top`, () => {
    assert.equal(music.length, seconds * soundRate);
    assert.ok(Math.abs(level(music) + 16) < 0.2, `${level(music)}`);
    const peak = music.reduce((top, sample) => Math.max(top, Math.abs(sample)), 0);
    assert.ok(peak < 29_200, `${peak}`);
  });

  test(`the ${name} never pauses: each quarter second is within 12 dB of the whole`, () => {
    for (let atMs = 0; atMs < seconds * 1000 - 250; atMs += 250) {
      const part = level(cut(music, atMs, atMs + 250));
      assert.ok(Math.abs(part + 16) < 12, `${part} at ${atMs} ms`);
    }
  });

  test(`the ${name} loops without a click: no step at the seam is unlike its neighbours`, () => {
    const step = (at: number): number => {
      const [a, b, c] = [at - 1, at, at + 1].map((i) => music[(i + music.length) % music.length]!);
      return Math.abs(a! - 2 * b! + c!);
    };
    let usual = 0;
    for (let index = 1; index < 400; index++) {
      usual = Math.max(usual, step(index), step(music.length - 1 - index));
    }
    for (const at of [-1, 0]) assert.ok(step(at) <= usual, `${step(at)} > ${usual}`);
  });

  test(`the ${name} keeps away from the edge of the band`, () => {
    for (const hz of [3_600, 3_800, 3_950]) {
      assert.ok(toneLevel(music, hz) < -75, `${hz} Hz: ${toneLevel(music, hz)}`);
    }
  });
}

test('the beep: 880 Hz for 0.2 s; the double one twice 0.1 s with a pause between', () => {
  assert.equal(beep().length, 0.2 * soundRate);
  assert.ok(Math.abs(toneLevel(cut(beep(), 10, 190), 880) + 16) < 0.1);
  const twice = doubleBeep();
  assert.equal(twice.length, 0.3 * soundRate);
  for (const at of [0, 200]) {
    const tone = toneLevel(cut(twice, at + 10, at + 90), 880);
    assert.ok(Math.abs(tone + 16) < 0.2, `${tone} at ${at} ms`);
  }
  assert.equal(level(cut(twice, 100, 200)), -120);
  assert.equal(Math.abs(twice.at(-1)!) < 200, true, 'it ends softly');
});

for (const [name, tone, first, second, secondAtMs, lengthMs] of [
  ['confirmation', confirmationTone(), 659.26, 987.77, 120, 700],
  ['error', errorTone(), 622.25, 523.25, 220, 900],
] as const)
  test(`the ${name} tone: two notes, softly ended, as loud as speech`, () => {
    assert.equal(tone.length, (lengthMs * soundRate) / 1000);
    assert.ok(Math.abs(level(tone) + 18) < 0.1, `${level(tone)}`);
    const before = cut(tone, 20, secondAtMs - 10);
    assert.ok(toneLevel(before, first) > toneLevel(before, second) + 20, 'the first alone');
    const after = cut(tone, secondAtMs + 20, secondAtMs + 120);
    assert.ok(toneLevel(after, second) > toneLevel(after, first), 'then the second above it');
    for (const part of [before, after])
      assert.ok(toneLevel(part, 425) < toneLevel(part, first) - 15, 'no signal of the network');
    assert.ok(level(tone.subarray(-80)) < -60, `${level(tone.subarray(-80))}`);
  });

test('ringback: 425 Hz, one second on, four off, soft at the edges', () => {
  const tone = ringbackTone();
  assert.equal(tone.length, 5 * soundRate);
  const on = cut(tone, 10, 990);
  assert.ok(Math.abs(level(on) + 16) < 0.1, `${level(on)}`);
  assert.ok(Math.abs(toneLevel(on, 425) + 16) < 0.1);
  assert.equal(level(cut(tone, 1_000, 5_000)), -120);
  assert.equal(tone[0], 0);
  assert.ok(Math.abs(tone[999 * 8]!) < 400, 'it has nearly faded');
});

test('busy: 0.35 s on, 0.35 s off, ten times', () => {
  const tone = busyTone();
  assert.equal(tone.length, 7 * soundRate);
  for (let time = 0; time < 10; time++) {
    assert.ok(Math.abs(toneLevel(cut(tone, time * 700 + 10, time * 700 + 340), 425) + 16) < 0.1);
    assert.equal(level(cut(tone, time * 700 + 350, time * 700 + 700)), -120);
  }
});

test('the sounds are written once, whole, and again only when missing or changed', async (t) => {
  const folder = join(mkdtempSync(join(tmpdir(), 'sounds-')), 'system');
  t.after(() => rmSync(join(folder, '..'), { recursive: true }));
  const sounds = await writeSystemSounds(folder);
  const { dialingMusic: written, ringback, busy } = sounds;
  const names = ['beep', 'busy', 'confirmation', 'dialing_music', 'double_beep', 'error'];
  names.push('hold_music', 'ringback');
  const named = Object.values(sounds).map(({ name }) => name);
  assert.deepEqual(named.sort(), names);
  assert.deepEqual(
    readdirSync(folder).sort(),
    names.map((name) => `${name}.wav`),
  );
  const limits = { longestMs: 60_000 };
  assert.deepEqual(decodePrompt(readFileSync(written.path), limits), shared(music));
  const before = statSync(written.path);
  writeFileSync(ringback.path, 'damaged');
  rmSync(busy.path);
  await writeSystemSounds(folder);
  assert.equal(statSync(written.path).ino, before.ino, 'not touched');
  assert.deepEqual(decodePrompt(readFileSync(ringback.path), limits), shared(ringbackTone()));
  assert.deepEqual(decodePrompt(readFileSync(busy.path), limits), shared(busyTone()));
});

/** As the decoder returns it. */
function shared(samples: Int16Array): Int16Array {
  const copy = new Int16Array(new SharedArrayBuffer(samples.byteLength));
  copy.set(samples);
  return copy;
}
