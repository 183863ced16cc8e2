import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { G722Decoder, G722Encoder } from './g722.ts';

const rate = 16_000;
const frame = 320;

function encode(samples: Int16Array, pieces: readonly number[] = [frame]): Uint8Array {
  const encoder = new G722Encoder();
  const octets = new Uint8Array(samples.length / 2);
  for (let at = 0, turn = 0; at < samples.length; turn++) {
    const piece = samples.subarray(at, at + pieces[turn % pieces.length]!);
    assert.equal(encoder.encode(piece, octets, at / 2), piece.length / 2);
    at += piece.length;
  }
  return octets;
}

function decode(octets: Uint8Array, pieces: readonly number[] = [frame]): Int16Array {
  const decoder = new G722Decoder();
  const samples = new Int16Array(octets.length * 2);
  for (let at = 0, turn = 0; at < samples.length; turn++) {
    const piece = octets.subarray(at / 2, (at + pieces[turn % pieces.length]!) / 2);
    assert.equal(decoder.decode(piece, samples.subarray(at)), piece.length * 2);
    at += piece.length * 2;
  }
  return samples;
}

function tone(hz: number, amplitude: number, ms = 500): Int16Array {
  return Int16Array.from({ length: (ms * rate) / 1000 }, (_, n) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * n) / rate)),
  );
}

/** Signal to noise in dB after the first 50 ms, at the delay of the mirror filters. */
function signalToNoise(before: Int16Array, after: Int16Array): number {
  const delay = 22;
  let signal = 0;
  let noise = 0;
  for (let n = 800; n + delay < after.length; n++) {
    signal += before[n]! ** 2;
    noise += (after[n + delay]! - before[n]!) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

/** Noise of several levels and square waves of several pitches: every part of the codec is moved. */
function exercise(): Int16Array {
  let state = 1;
  return Int16Array.from({ length: 2 * rate }, (_, n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const noise = (state >>> 16) - 32_768;
    const square = Math.floor(n / (4 + Math.floor(n / 8000))) % 2 === 1 ? 9000 : -9000;
    const quieter = [2, 8, 32, 4][Math.floor(n / 4000) % 4]!;
    return Math.floor(n / 2000) % 2 === 1 ? Math.floor(noise / quieter) : square;
  });
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('bit for bit what SpanDSP makes of the same sound, both ways', () => {
  const octets = encode(exercise());
  assert.equal(sha256(octets), 'b8e6dcc79ef1d11d32441c4e5d427ba77dc6673757b8a27e0e6b2278d950e066');
  const samples = decode(octets);
  assert.equal(
    sha256(new Uint8Array(samples.buffer)),
    '260847f1c35d0b52aa062d09b9ce3a3f35a0bf34824a3e1717f3cb9ea49e07eb',
  );
});

for (const [hz, amplitude, atLeastDb] of [
  [300, 8000, 40],
  [1000, 8000, 35],
  [1000, 100, 20],
  [3000, 8000, 30],
  [5000, 8000, 14],
  [6500, 8000, 10],
] as const) {
  test(`a tone of ${hz} Hz at ${amplitude} comes through with ${atLeastDb} dB to spare`, () => {
    const before = tone(hz, amplitude);
    const db = signalToNoise(before, decode(encode(before)));
    assert.ok(db > atLeastDb, `${db.toFixed(1)} dB`);
  });
}

test('silence stays silent', () => {
  const after = decode(encode(new Int16Array(rate)));
  assert.ok(after.every((sample) => Math.abs(sample) <= 4));
});

test('the loudest sound is cut, not wrapped', () => {
  const square = Int16Array.from({ length: rate }, (_, n) => (n % 40 < 20 ? 32_767 : -32_768));
  const after = decode(encode(square));
  // In the middle of each half wave the sign must be right.
  for (let n = 1600; n + 32 < after.length; n += 20) {
    assert.equal(Math.sign(after[n + 32]!), Math.sign(square[n + 10]!), `sample ${n}`);
  }
});

test('the pieces in which sound is handed over change nothing', () => {
  const sound = exercise();
  const octets = encode(sound);
  assert.deepEqual(encode(sound, [160, 2, 480, 638]), octets);
  assert.deepEqual(decode(octets, [640, 320, 6, 962]), decode(octets));
});
