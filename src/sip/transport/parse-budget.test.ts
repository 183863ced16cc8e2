import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { ParseBudget } from './parse-budget.ts';

test('a flood of one source leaves the others their time', async () => {
  const clock = new VirtualClock();
  const budget = new ParseBudget(clock);
  const readOf = (host: string, accepted: boolean, sent: number): number =>
    Array.from({ length: sent }, () => budget.allows(host, accepted)).filter(Boolean).length;
  assert.equal(readOf('192.0.2.1', true, 30_000), 10_000);
  assert.equal(readOf('192.0.2.2', true, 100), 100);
  await clock.advance(500);
  assert.equal(readOf('192.0.2.1', true, 30_000), 5_000);
});

test('strangers share one budget, however many addresses they have', () => {
  const budget = new ParseBudget(new VirtualClock());
  let read = 0;
  for (let index = 0; index < 10_000; index++) {
    if (budget.allows(`198.51.${index >> 8}.${index & 255}`, false)) read++;
  }
  assert.equal(read, 50);
  assert.ok(budget.allows('192.0.2.1', true));
});
