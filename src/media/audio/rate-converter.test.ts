import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateConverter } from './rate-converter.ts';

/** Converts tone after tone, frame by frame, and tells the level in dB of what came out to what went in. */
function gainDb(hz: number, to: 8_000 | 16_000): number {
  const from = to === 8_000 ? 16_000 : 8_000;
  const amplitude = 10_000;
  const sound = Int16Array.from({ length: from }, (_, n) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * n) / from)),
  );
  const converted = convert(sound, to, from / 50);
  // The steady part, as its mean square: aliases count wherever they fall.
  const steady = converted.subarray(to / 4);
  const power = steady.reduce((sum, sample) => sum + sample * sample, 0) / steady.length;
  return 10 * Math.log10(power / (amplitude ** 2 / 2));
}

function convert(sound: Int16Array, to: 8_000 | 16_000, frame: number): Int16Array {
  const converter = new RateConverter(to);
  const out = new Int16Array(to === 8_000 ? sound.length / 2 : sound.length * 2);
  const ratio = out.length / sound.length;
  for (let at = 0; at < sound.length; at += frame) {
    const piece = sound.subarray(at, at + frame);
    converter.convert(piece, out.subarray(at * ratio, (at + piece.length) * ratio));
  }
  return out;
}

for (const to of [8_000, 16_000] as const) {
  for (const hz of [100, 1000, 2500, 3400]) {
    test(`to ${to}: ${hz} Hz passes unchanged`, () => {
      assert.ok(Math.abs(gainDb(hz, to)) < 0.1, `${gainDb(hz, to)} dB`);
    });
  }
}

for (const hz of [4600, 5000, 6300, 7900]) {
  test(`to 8000: ${hz} Hz leaves no alias`, () => {
    assert.ok(gainDb(hz, 8_000) < -60, `${gainDb(hz, 8_000)} dB`);
  });
}

test('to 16000: no image above 4 kHz', () => {
  const sound = Int16Array.from({ length: 8000 }, (_, n) => 10_000 * Math.sin(n * 2.2));
  const wide = convert(sound, 16_000, 160);
  // Down again nothing is missing, so what was added lies above: little enough to be nothing.
  const added = wide.subarray(4000);
  const image = goertzel(added, 16_000 / 2 - (2.2 * 8000) / (2 * Math.PI));
  assert.ok(image < 10, `image of ${image}`);
});

test('the frames in which sound comes change nothing, and the loudest is cut', () => {
  const square = Int16Array.from({ length: 960 }, (_, n) => (n % 20 < 10 ? 32_767 : -32_768));
  for (const to of [8_000, 16_000] as const) {
    assert.deepEqual(convert(square, to, 320), convert(square, to, 160));
    const peak = convert(square, to, 320).reduce((most, sample) => Math.max(most, sample), 0);
    assert.equal(peak, 32_767);
  }
});

function goertzel(sound: Int16Array, hz: number): number {
  let [real, imaginary] = [0, 0];
  for (const [n, sample] of sound.entries()) {
    real += sample * Math.cos((2 * Math.PI * hz * n) / 16_000);
    imaginary += sample * Math.sin((2 * Math.PI * hz * n) / 16_000);
  }
  return (2 * Math.hypot(real, imaginary)) / sound.length;
}
