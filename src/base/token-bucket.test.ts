import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from './token-bucket.ts';
import { VirtualClock } from './virtual-clock.ts';

test('so many at once, then one each time its share of a second has passed', async () => {
  const clock = new VirtualClock();
  const bucket = new TokenBucket(clock, 4);
  const taken = (): number =>
    Array.from({ length: 10 }, () => bucket.take()).filter(Boolean).length;
  assert.equal(taken(), 4);
  await clock.advance(249);
  assert.equal(taken(), 0);
  await clock.advance(1);
  assert.equal(taken(), 1);
  await clock.advance(60_000);
  assert.equal(taken(), 4, 'what was not used is not saved up');
});
