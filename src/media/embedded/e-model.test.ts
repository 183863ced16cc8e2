import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mosOf, rFactor } from './e-model.ts';

test('MOS of R: the values of G.107 annex B', () => {
  for (const [r, mos] of [
    [93.2, 4.41],
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
    [0, 1],
    [-5, 1],
    [5, 1],
  ] as const) {
    // The table of the standard is rounded a little otherwise than its formula.
    assert.ok(Math.abs(mosOf(r) - mos) < 0.011, `R ${r}: ${mosOf(r)}`);
  }
});

test('R falls with delay, faster beyond 177 ms, and with loss', () => {
  const cases: [delayMs: number, lossPercent: number, r: number][] = [
    [0, 0, 93.2],
    [100, 0, 90.8],
    [177.3, 0, 88.9],
    [300, 0, 72.5],
    [0, 1, 89.6],
    [0, 5, 77.4],
    [0, 25.1, 45.7],
    [2000, 50, 0],
  ];
  for (const [delayMs, lossPercent, r] of cases) {
    assert.equal(
      Math.round(rFactor(delayMs, lossPercent) * 10) / 10,
      r,
      `${delayMs} ${lossPercent}`,
    );
  }
});
