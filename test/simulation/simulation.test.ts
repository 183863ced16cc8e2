import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runWorld } from './world.ts';

// 2,400 calls, eight at a time in a world of their own. Another seed: DOZVON_SEED=123 npm run test:units.
const callsInWorld = 8;
const worlds = 300;
const firstSeed = Number(process.env.DOZVON_SEED ?? 1);

test(`random calls over a bad network: ${worlds * callsInWorld} of them, from seed ${firstSeed}`, async () => {
  const reasons = new Map<string, number>();
  let talks = 0;
  let calls = 0;
  for (let seed = firstSeed; seed < firstSeed + worlds; seed++) {
    try {
      const result = await runWorld(seed, callsInWorld);
      calls += result.calls;
      talks += result.talks;
      for (const reason of result.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    } catch (error) {
      throw new Error(`seed ${seed} failed: replay with node test/simulation/replay.ts ${seed}`, {
        cause: error,
      });
    }
  }
  // The simulation has to reach what it is there for.
  assert.ok(calls >= 2_000, `${calls} calls`);
  assert.ok(talks > calls / 8, `${talks} talks of ${calls} calls`);
  for (const reason of [
    'no_success_operator_call',
    'no_success_subscriber_call',
    'operator_disconnects',
    'subscriber_disconnects',
    'no_operator_confirmation',
  ]) {
    assert.ok((reasons.get(reason) ?? 0) > 10, `${reason}: ${reasons.get(reason)}`);
  }
});

test('who is willing to talk is connected, with up to a fifth of all packets lost', async () => {
  let talks = 0;
  for (let seed = firstSeed; seed < firstSeed + 40; seed++) {
    talks += (await runWorld(seed, callsInWorld, 'willing')).talks;
  }
  assert.ok(talks >= 40 * callsInWorld - 2, `${talks} talks`);
});

test('the same seed gives the same calls', async () => {
  assert.deepEqual(await runWorld(7, callsInWorld), await runWorld(7, callsInWorld));
});
