import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ear, type HeardPacket } from './ear.ts';

const frame = (value: number): Int16Array => new Int16Array(160).fill(value);
const packet = (n: number, over: Partial<HeardPacket> = {}): HeardPacket => ({
  marker: false,
  payloadType: 8,
  sequenceNumber: n,
  timestamp: (4_294_967_000 + 160 * n) >>> 0, // Wraps after the second packet.
  ssrc: 1,
  payload: new Uint8Array(160),
  ...over,
});
const event = (timestamp: number, sequenceNumber: number, flags: number, duration: number) =>
  packet(sequenceNumber, {
    timestamp,
    payload: Uint8Array.of(5, flags, duration >> 8, duration & 0xff),
  });
/** The record as runs of equal samples: `ms x value`. */
const runs = (samples: Int16Array): string => {
  const parts: [number, number][] = [];
  for (const sample of samples) {
    if (parts.at(-1)?.[1] === sample) parts.at(-1)![0]++;
    else parts.push([1, sample]);
  }
  return parts.map(([length, value]) => `${length / 8}ms x ${value}`).join(', ');
};

test('packets are laid where their timestamps say, whatever the jitter and across the wrap', () => {
  const ear = new Ear({ keepsSound: true });
  for (const [n, arrivedMs] of [
    [0, 1007],
    [1, 1020],
    [3, 1060],
    [2, 1061],
  ] as const)
    ear.hearSound(packet(n), frame(n + 1), arrivedMs);
  const { startMs, samples, gaps, jumps } = ear.record();
  assert.equal(startMs, 1000);
  assert.equal(runs(samples), '20ms x 1, 20ms x 2, 20ms x 3, 20ms x 4');
  assert.deepEqual([gaps, jumps], [[], 0]);
});

test('what does not come is silence and a gap; what comes twice counts once', () => {
  const ear = new Ear({ keepsSound: true });
  ear.hearSound(packet(0), frame(1), 500);
  ear.hearSound(packet(0), frame(1), 501);
  ear.hearSound(packet(3), frame(4), 560);
  const { samples, gaps, packets, duplicates } = ear.record();
  assert.equal(runs(samples), '20ms x 1, 40ms x 0, 20ms x 4');
  assert.deepEqual(gaps, [{ fromMs: 520, toMs: 560 }]);
  assert.deepEqual([packets, duplicates], [2, 1]);
});

test('a leap of the timestamps begins a new stretch at its arrival and is counted', () => {
  const ear = new Ear({ keepsSound: true });
  ear.hearSound(packet(0), frame(1), 0);
  ear.hearSound(packet(1, { timestamp: 50_000 }), frame(2), 20);
  ear.hearSound(packet(2, { timestamp: 50_160, ssrc: 2 }), frame(3), 40);
  const { samples, jumps, ssrcs } = ear.record();
  assert.equal(runs(samples), '20ms x 1, 20ms x 2, 20ms x 3');
  assert.deepEqual([jumps, ssrcs], [1, 2]);
});

test('keys: told once at the first end packet, with times by RTP timestamp and all its facts', () => {
  const ear = new Ear({ keepsSound: true });
  ear.hearSound(packet(0, { timestamp: 0 }), frame(1), 100);
  const told = [
    ear.hearEvent(event(160, 1, 10, 160), 125),
    ear.hearEvent(event(160, 2, 10, 320), 144),
    ear.hearEvent(event(160, 3, 0x8a, 480), 160),
    ear.hearEvent(event(160, 4, 0x8a, 480), 160),
    ear.hearEvent(event(1600, 6, 0x8a, 480), 300),
  ];
  assert.deepEqual(told, [
    undefined,
    undefined,
    { key: '5', durationMs: 60 },
    undefined,
    { key: '5', durationMs: 60 },
  ]);
  assert.deepEqual(ear.record().keys, [
    { key: '5', arrivedMs: 125, startMs: 120, durationMs: 60, endPackets: 2, hadMarker: false },
    { key: '5', arrivedMs: 300, startMs: 300, durationMs: 60, endPackets: 1, hadMarker: false },
  ]);
  assert.deepEqual(ear.record().gaps, [{ fromMs: 180, toMs: 300 }]);
});

test('an ear that keeps no sound still hears keys', () => {
  const ear = new Ear({ keepsSound: false });
  ear.hearSound(packet(0), frame(1), 0);
  assert.deepEqual(ear.hearEvent(event(160, 1, 0x8a, 800), 20), { key: '5', durationMs: 100 });
  assert.ok(ear.record().samples.every((sample) => sample === 0));
});
