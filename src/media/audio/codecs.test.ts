import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecOf, packetMsFor } from './codecs.ts';

for (const [name, wanted, given] of [
  ['PCMA', 20, 20],
  ['PCMA', 25, 20],
  ['PCMA', 60, 60],
  ['G722', 30, 30],
  ['opus', 30, 20],
  ['opus', 60, 60],
  ['opus', 10, 10],
  ['PCMU', 4, 10],
] as const) {
  test(`${name}: a peer that wants ${wanted} ms gets packets of ${given} ms`, () => {
    assert.equal(packetMsFor(codecOf(name), wanted), given);
  });
}
