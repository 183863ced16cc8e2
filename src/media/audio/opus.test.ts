import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { openOpus } from './opus.ts';

const rate = 16_000;
const frame = 320;

function tone(hz: number, frames: number): Int16Array {
  return Int16Array.from({ length: frames * frame }, (_, n) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hz * n) / rate)),
  );
}

/** Each frame encoded on its own; what came out, one payload a frame. */
function encode(sound: Int16Array, samples = frame): Uint8Array[] {
  const encoder = openOpus().createEncoder();
  const payloads: Uint8Array[] = [];
  for (let at = 0; at < sound.length; at += samples) {
    const out = new Uint8Array(1500);
    const length = encoder.encode(sound.subarray(at, at + samples), out, 100);
    payloads.push(out.subarray(100, 100 + length));
  }
  encoder.close();
  encoder.close();
  return payloads;
}

function levelOf(sound: Int16Array, hz: number): number {
  let [real, imaginary] = [0, 0];
  for (const [n, sample] of sound.entries()) {
    real += sample * Math.cos((2 * Math.PI * hz * n) / rate);
    imaginary += sample * Math.sin((2 * Math.PI * hz * n) / rate);
  }
  return (2 * Math.hypot(real, imaginary)) / sound.length;
}

for (const [hz, samples] of [
  [1000, 160],
  [1000, 320],
  [5000, 320],
  [6500, 640],
  [440, 960],
] as const) {
  test(`a tone of ${hz} Hz in packets of ${samples / 16} ms comes through`, () => {
    const decoder = openOpus().createDecoder();
    const heard = encode(tone(hz, 30), samples).map((payload) => {
      assert.ok(payload.length > 10 && payload.length < 300, `${payload.length} octets`);
      const out = new Int16Array(1920);
      assert.equal(decoder.decode(payload, out), samples);
      return out.slice(0, samples);
    });
    const last = heard.at(-1)!;
    assert.ok(levelOf(last, hz) > 5000, `level ${levelOf(last, hz)}`);
    decoder.close();
  });
}

test('a lost packet is concealed, or recovered from the one after it', () => {
  const payloads = encode(tone(500, 30));
  const out = new Int16Array(frame);
  for (const way of ['conceal', 'recover'] as const) {
    const decoder = openOpus().createDecoder();
    for (const payload of payloads.slice(0, 20)) decoder.decode(payload, out);
    const done = way === 'conceal' ? decoder.conceal(out) : decoder.recover(payloads[21]!, out);
    assert.ok(done);
    assert.ok(levelOf(out, 500) > 3000, `${way}: ${levelOf(out, 500)}`);
    decoder.close();
  }
});

test('damaged payloads make no sound and break nothing', () => {
  const random = seededRandom(5);
  const decoder = openOpus().createDecoder();
  const out = new Int16Array(1920);
  const good = encode(tone(700, 4));
  for (let round = 0; round < 3000; round++) {
    const damaged = good[round % good.length]!.slice(0, Math.floor(random.next() * 60));
    for (let n = 0; n < 5; n++) {
      damaged[Math.floor(random.next() * damaged.length)] = Math.floor(random.next() * 256);
    }
    decoder.decode(damaged, out);
  }
  assert.equal(decoder.decode(new Uint8Array(0), out), 0);
  assert.equal(decoder.decode(new Uint8Array(9000).fill(0xff), out), 0);
  assert.equal(decoder.decode(good[0]!, out), frame);
});

test('thousands of streams one after the other need the memory of one', () => {
  const opus = openOpus();
  const before = process.memoryUsage().external;
  for (let n = 0; n < 3000; n++) {
    const [encoder, decoder] = [opus.createEncoder(), opus.createDecoder()];
    encoder.close();
    decoder.close();
  }
  assert.ok(process.memoryUsage().external - before < 8 * 2 ** 20);
});
