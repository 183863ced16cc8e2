import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Concealment } from './concealment.ts';

for (const rate of [8_000, 16_000] as const) {
  /** A voice of 130 Hz: its overtones make every period alike and nothing else. */
  const voice = (n: number): number =>
    3000 * Math.sin((2 * Math.PI * 130 * n) / rate) +
    2000 * Math.sin((2 * Math.PI * 390 * n) / rate);

  test(`${rate} Hz: what is made up goes on as the voice would, and fades within 60 ms`, () => {
    const concealment = new Concealment(rate);
    const heard = Int16Array.from({ length: rate / 20 }, (_, n) => voice(n));
    concealment.heard(heard, heard.length);
    const made = new Int16Array(rate / 10);
    concealment.fill(made, 0, made.length);
    for (let n = 0; n < made.length; n++) {
      const gain = Math.max(0, 1 - n / (0.06 * rate));
      const expected = gain * voice(heard.length + n);
      assert.ok(Math.abs(made[n]! - expected) < 900, `sample ${n}: ${made[n]}, not ${expected}`);
    }
    assert.ok(concealment.faded);
  });

  test(`${rate} Hz: the first sound after a loss is blended in without a step`, () => {
    const concealment = new Concealment(rate);
    const heard = Int16Array.from({ length: rate / 25 }, (_, n) => voice(n));
    concealment.heard(heard, heard.length);
    const made = new Int16Array(rate / 50);
    concealment.fill(made, 0, made.length);
    // The voice comes back turned upside down: as far from what was made up as it can be.
    const back = Int16Array.from({ length: rate / 50 }, (_, n) => -voice(heard.length + n));
    const last = back.at(-1);
    concealment.heard(back, back.length);
    const steepest = (3000 * 2 * Math.PI * 130 + 2000 * 2 * Math.PI * 390) / rate;
    assert.ok(
      Math.abs(back[0]! - made.at(-1)!) < 2 * steepest,
      `a step of ${back[0]! - made.at(-1)!}`,
    );
    assert.equal(back.at(-1), last);
    assert.ok(!concealment.faded);
  });
}
