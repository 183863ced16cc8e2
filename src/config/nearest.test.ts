import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

const words = ['port', 'public_address', 'prefixes', 'operator_ring_seconds'];

for (const [word, expected] of [
  ['prot', 'port'],
  ['PORT', 'port'],
  ['public_adress', 'public_address'],
  ['prefix', 'prefixes'],
  ['operator_ring_second', 'operator_ring_seconds'],
  ['x', undefined],
  ['verbosity', undefined],
  ['part', 'port'],
] as const) {
  test(`"${word}" is a slip of ${expected ?? 'nothing'}`, () => {
    assert.equal(nearest(word, words), expected);
  });
}
