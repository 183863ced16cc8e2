import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Resampler, resample } from './resampler.ts';

function tone(hz: number, rate: number): Float32Array {
  return Float32Array.from({ length: rate }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate));
}

/** Decibels against the full tone, the ends left out. */
function gain(samples: Float32Array): number {
  const middle = samples.subarray(1_000, 7_000);
  const power = middle.reduce((sum, value) => sum + value * value, 0) / middle.length;
  return 10 * Math.log10(2 * power);
}

const usualRates = [11_025, 12_000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000];

for (const rate of usualRates) {
  test(`${rate} Hz: the telephone band passes, what would fold into it does not`, () => {
    for (const hz of [100, 300, 1_000, 3_400]) {
      assert.ok(Math.abs(gain(resample(tone(hz, rate), rate, 8_000))) < 0.1, `${hz} Hz`);
    }
    for (const hz of [4_300, 5_000, 5_400]) {
      assert.ok(gain(resample(tone(hz, rate), rate, 8_000)) < -80, `${hz} Hz`);
    }
  });
}

test('an odd rate: no spur above -70 dB', () => {
  const made = resample(tone(1_000, 44_101), 44_101, 8_000);
  const wanted = tone(1_000, 8_000);
  const difference = made.map((value, index) => value - wanted[index]!);
  assert.ok(gain(difference) < -70, `${gain(difference)}`);
});

test('a sample stays at its time: the delay of the filter is taken out', () => {
  for (const rate of [6_000, 16_000, 44_100]) {
    const made = resample(tone(500, rate), rate, 8_000);
    const wanted = tone(500, 8_000);
    const difference = made.map((value, index) => value - wanted[index]!);
    assert.ok(gain(difference) < -60, `${rate}: ${gain(difference)}`);
  }
});

test('the length is that of the sound, rounded up', () => {
  for (const [length, rate, expected] of [
    [0, 44_100, 0],
    [1, 44_100, 1],
    [6, 48_000, 1],
    [7, 48_000, 2],
    [44_100, 44_100, 8_000],
    [11_025, 11_025, 8_000],
    [48_001, 48_000, 8_001],
    [4_000, 4_000, 8_000],
  ] as const) {
    assert.equal(resample(new Float32Array(length), rate, 8_000).length, expected, `${length}`);
  }
});

test('in pieces of any size it makes the same as at once', () => {
  const sound = tone(1_234, 22_050).map((value, index) => value * ((index % 997) / 997));
  const whole = resample(sound, 22_050, 8_000);
  for (const size of [1, 7, 160, 5_000]) {
    const resampler = new Resampler(22_050, 8_000);
    const pieces: number[] = [];
    for (let from = 0; from < sound.length; from += size) {
      pieces.push(...resampler.push(sound.subarray(from, from + size)));
    }
    pieces.push(...resampler.flush());
    assert.deepEqual(Float32Array.from(pieces), whole, `pieces of ${size}`);
  }
});

test('a constant stays one in every phase', () => {
  const made = resample(new Float32Array(44_100).fill(0.5), 44_100, 8_000);
  for (const value of made.subarray(100, 7_900)) assert.ok(Math.abs(value - 0.5) < 1e-6);
});
