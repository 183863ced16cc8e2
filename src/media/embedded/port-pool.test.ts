import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PortPool } from './port-pool.ts';

test('even ports of the range, both ends included, each once', () => {
  const pool = new PortPool({ min: 10_001, max: 10_008 }, 0.5);
  assert.equal(pool.size, 4);
  const taken = [pool.take(), pool.take(), pool.take(), pool.take(), pool.take()];
  assert.deepEqual(taken, [10_006, 10_008, 10_002, 10_004, undefined]);
  assert.equal(pool.taken, 4);
});

test('a port that came back is used last', () => {
  const pool = new PortPool({ min: 10_000, max: 10_005 }, 0);
  pool.giveBack(pool.take()!);
  assert.deepEqual([pool.take(), pool.take(), pool.take()], [10_002, 10_004, 10_000]);
  pool.giveBack(10_002);
  assert.deepEqual([pool.taken, pool.take()], [2, 10_002]);
});

test('a range without an even port', () => {
  assert.equal(new PortPool({ min: 10_001, max: 10_001 }, 0).size, 0);
});
