// The long suite: twenty thousand calls. Another seed: DOZVON_SEED=123 npm run test:long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from '../simulation/simulate.ts';

const seed = Number(process.env.DOZVON_SEED ?? 100_000);

test(`twenty thousand calls from seed ${seed}`, async (t) => {
  const { calls, talks, sha256 } = await simulate(seed, 20_000);
  t.diagnostic(`${calls} calls, ${talks} talks, events ${sha256}`);
  assert.ok(talks > 5_000, `${talks} talks`);
});

test('the same seed, the same events; another seed, others', async () => {
  const [first, again, other] = [
    await simulate(seed, 400),
    await simulate(seed, 400),
    await simulate(seed + 1, 400),
  ];
  assert.equal(first.sha256, again.sha256);
  assert.notEqual(first.sha256, other.sha256);
});
