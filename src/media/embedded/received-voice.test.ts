import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import type { CodecName } from '../../model/trunk.ts';
import { codecOf } from '../audio/codecs.ts';
import { ReceivedVoice } from './received-voice.ts';

type Network = {
  readonly seed: number;
  /** Each packet is late by up to so much. */
  readonly jitterMs: (atMs: number) => number;
  readonly lossShare?: number;
  /** Packets of this length. */
  readonly packetMs?: number;
  readonly codec?: CodecName;
  /** How much faster the sender's clock is than ours, in parts of a million. */
  readonly driftPpm?: number;
};

type Outcome = {
  /** Delay of the jitter buffer at the end of each second. */
  readonly delaysMs: readonly number[];
  readonly sound: Int16Array;
  readonly voice: ReceivedVoice;
  readonly sent: number;
};

/** Plays a tone of 400 Hz for `seconds` through a network to a listener that takes a frame in 20 ms. */
function simulate(network: Network, seconds: number): Outcome {
  const {
    seed,
    jitterMs,
    lossShare = 0,
    packetMs = 20,
    codec: name = 'PCMA',
    driftPpm = 0,
  } = network;
  const random = seededRandom(seed);
  const codec = codecOf(name);
  const encoder = codec.createEncoder();
  const voice = new ReceivedVoice(name);
  const length = (packetMs * codec.rate) / 1000;
  const arrivals: { atMs: number; sequence: number; payload: Uint8Array }[] = [];
  const count = Math.floor((seconds * 1000) / packetMs);
  const samples = new Int16Array(length);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < length; i++) {
      samples[i] = 8000 * Math.sin((2 * Math.PI * 400 * (n * length + i)) / codec.rate);
    }
    const out = new Uint8Array(2000);
    const payload = out.slice(0, encoder.encode(samples, out, 0));
    const sentMs = (n * packetMs * (1_000_000 - driftPpm)) / 1_000_000;
    const atMs = sentMs + random.next() * jitterMs(sentMs);
    if (random.next() >= lossShare) arrivals.push({ atMs, sequence: n & 0xffff, payload });
  }
  arrivals.sort((a, b) => a.atMs - b.atMs);
  const frames: Int16Array[] = [];
  const delaysMs: number[] = [];
  for (let tick = 1, next = 0; tick <= seconds * 50; tick++) {
    while (next < arrivals.length && arrivals[next]!.atMs <= tick * 20) {
      const { sequence, payload } = arrivals[next++]!;
      voice.put({ ssrc: 5, sequence }, payload, 'sound');
    }
    const frame = voice.frame(tick);
    frames.push(frame?.slice() ?? new Int16Array(codec.rate / 50));
    if (tick % 50 === 0) delaysMs.push(voice.delayMs);
  }
  const sound = new Int16Array(frames.length * (codec.rate / 50));
  for (const [index, frame] of frames.entries()) sound.set(frame, index * frame.length);
  return { delaysMs, sound, voice, sent: count };
}

const greatest = (numbers: readonly number[]): number => Math.max(...numbers);

test('without jitter 20 to 40 ms wait, and nothing is missing', () => {
  const { delaysMs, voice } = simulate({ seed: 1, jitterMs: () => 0 }, 20);
  assert.ok(greatest(delaysMs) <= 40, `${delaysMs}`);
  assert.deepEqual([voice.buffer.lost, voice.buffer.late, voice.buffer.ranDry], [0, 0, 0]);
});

for (const [jitter, atMostMs] of [
  [10, 60],
  [40, 100],
  [80, 140],
] as const) {
  test(`jitter of ${jitter} ms: at most ${atMostMs} ms wait, and less than 1 % is not heard`, () => {
    for (const seed of [1, 2, 3]) {
      const { delaysMs, voice, sent } = simulate({ seed, jitterMs: () => jitter }, 60);
      assert.ok(greatest(delaysMs) <= atMostMs, `seed ${seed}: ${delaysMs}`);
      const { lost, late } = voice.buffer;
      assert.ok(lost + late < sent / 100, `seed ${seed}: ${lost} lost, ${late} late of ${sent}`);
    }
  });
}

test('the delay follows the jitter up and down again', () => {
  const bad = (atMs: number): number => (atMs > 10_000 && atMs < 20_000 ? 120 : 5);
  const { delaysMs } = simulate({ seed: 4, jitterMs: bad }, 50);
  assert.ok(greatest(delaysMs.slice(2, 9)) <= 60, `before: ${delaysMs}`);
  assert.ok(greatest(delaysMs.slice(12, 20)) >= 80, `amid: ${delaysMs}`);
  assert.ok(greatest(delaysMs.slice(30)) <= 60, `after: ${delaysMs}`);
});

test('clocks that drift apart by 500 ppm: an hour of it neither runs over nor dry', () => {
  for (const driftPpm of [500, -500]) {
    const { delaysMs, voice, sent } = simulate({ seed: 5, jitterMs: () => 5, driftPpm }, 600);
    assert.ok(greatest(delaysMs) <= 80, `${greatest(delaysMs)}`);
    assert.ok(voice.buffer.lost + voice.buffer.late < sent / 1000);
  }
});

for (const [codec, packetMs] of [
  ['PCMU', 10],
  ['PCMA', 30],
  ['PCMA', 60],
  ['G722', 20],
  ['G722', 40],
  ['opus', 20],
  ['opus', 60],
] as const) {
  test(`${codec} in packets of ${packetMs} ms with 3 % lost: the tone goes on, without a hole`, () => {
    const network: Network = { seed: 6, jitterMs: () => 8, lossShare: 0.03, packetMs, codec };
    const { sound, voice } = simulate(network, 10);
    assert.ok(voice.buffer.lost > 0, 'the network lost nothing');
    const perFrame = voice.rate / 50;
    let weak = 0;
    for (let at = 50 * perFrame; at < sound.length; at += perFrame) {
      const power = sound.subarray(at, at + perFrame).reduce((sum, it) => sum + it * it, 0);
      if (Math.sqrt(power / perFrame) < 0.3 * (8000 / Math.SQRT2)) weak++;
    }
    // Of a lost 60 ms packet the end has faded: that, and no more.
    assert.ok(weak <= (packetMs >= 40 ? 15 : 1), `${weak} of 450 frames are weak`);
    voice.close();
  });
}

test('comfort noise is heard at its level until sound comes back', () => {
  const voice = new ReceivedVoice('PCMA');
  const alaw = new Uint8Array(160).fill(0xfa);
  voice.put({ ssrc: 1, sequence: 1 }, alaw, 'sound');
  voice.put({ ssrc: 1, sequence: 2 }, alaw, 'sound');
  voice.put({ ssrc: 1, sequence: 3 }, Uint8Array.of(50, 9, 9), 'noise');
  const frames = Array.from({ length: 30 }, (_, tick) => voice.frame(tick)!.slice());
  assert.ok(frames[1]!.every((sample) => sample === frames[0]![0]));
  for (const frame of frames.slice(3)) {
    const rms = Math.sqrt(frame.reduce((sum, it) => sum + it * it, 0) / frame.length);
    // 50 dB below overload: 104.
    assert.ok(rms > 70 && rms < 140, `rms ${rms}`);
  }
  assert.equal(voice.buffer.ranDry, 0);
});

test('a party that stops without a word fades away into silence', () => {
  const voice = new ReceivedVoice('PCMA');
  const alaw = new Uint8Array(160).fill(0xfa);
  for (const sequence of [1, 2]) voice.put({ ssrc: 1, sequence }, alaw, 'sound');
  const last = Array.from({ length: 6 }, (_, tick) => voice.frame(tick)?.at(-1));
  const level = last[1]!;
  const faded = [2 / 3, 1 / 3, 0].map((share) => Math.round((level * share) / 10) * 10);
  assert.deepEqual(
    last.slice(2, 5).map((sample) => Math.round(sample! / 10) * 10),
    faded,
  );
  assert.equal(last[5], undefined);
});

test('all listeners of a tick get the same frame', () => {
  const voice = new ReceivedVoice('PCMA');
  for (const sequence of [1, 2]) {
    voice.put({ ssrc: 1, sequence }, new Uint8Array(160).fill(sequence), 'sound');
  }
  const first = voice.frame(7)!.slice();
  assert.deepEqual(voice.frame(7), first);
  assert.notDeepEqual(voice.frame(8), first);
});
