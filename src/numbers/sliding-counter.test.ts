import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { SlidingCounter } from './sliding-counter.ts';

test('what happened counts for the window, to the millisecond, each name by itself', async () => {
  const clock = new VirtualClock();
  const counter = new SlidingCounter(clock, 60_000);
  counter.add('a');
  await clock.advance(30_000);
  counter.add('a');
  counter.add('b');
  await clock.advance(29_999);
  assert.deepEqual([counter.count('a'), counter.count('b'), counter.count('c')], [2, 1, 0]);
  await clock.advance(1);
  assert.equal(counter.count('a'), 1);
  await clock.advance(30_000);
  assert.deepEqual([counter.count('a'), counter.count('b')], [0, 0]);
});

test('what happened before counts by its age, in whatever order it is told', async () => {
  const clock = new VirtualClock();
  const counter = new SlidingCounter(clock, 60_000);
  counter.add('a');
  counter.add('a', 59_000);
  counter.add('a', 30_000);
  counter.add('a', 60_000);
  const counts: number[] = [];
  for (const ms of [0, 999, 1, 29_000, 30_000]) {
    await clock.advance(ms);
    counts.push(counter.count('a'));
  }
  assert.deepEqual(counts, [3, 3, 2, 1, 0]);
});

test('what is expected counts until it is settled, however long that takes, and then from that moment', async () => {
  const clock = new VirtualClock();
  const counter = new SlidingCounter(clock, 60_000);
  const [first, second] = [counter.expect('a'), counter.expect('a')];
  await clock.advance(100_000);
  assert.equal(counter.count('a'), 2);
  second.failed();
  second.happened();
  assert.equal(counter.count('a'), 1);
  first.happened();
  first.failed();
  await clock.advance(59_999);
  assert.equal(counter.count('a'), 1);
  await clock.advance(1);
  assert.equal(counter.count('a'), 0);
});

test('names of long ago are thrown out', async () => {
  const clock = new VirtualClock();
  const counter = new SlidingCounter(clock, 60_000);
  for (let name = 0; name < 999; name++) counter.add(String(name));
  assert.equal(counter.size, 999);
  await clock.advance(60_000);
  counter.add('last');
  assert.equal(counter.size, 1);
});
