import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pick, type Random, randomInt, seededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { CallingLimits } from '../../src/model/security-rules.ts';
import { type BilledAccount, LimitsWorld, minuteMs } from './limits-world.ts';

/** Of each account; the last has none, and shows that nothing else holds its calls back. */
const limits: readonly Partial<CallingLimits>[] = [
  { simultaneousCalls: 3, callsPerMinutePerContact: 4, minutesPerDay: 25 },
  { callsPerMinutePerOperator: 3, callsPerMinutePerPrefix: 4, prefixLength: 5, minutesPerDay: 90 },
  { simultaneousCalls: 6, callsPerMinutePerContact: 2, callsPerMinutePerOperator: 5 },
  {},
];

const contacts = ['79261111111', '79261111112', '79272222222', '74951234567', '79990000001'];
const operators = ['79263333333', '79263333334', '73812000000', '442079460000'];

/** One order as somebody would place it who wants as much as he can get. */
function order(random: Random, { token, number }: BilledAccount): object {
  const chance = (share: number): boolean => random.next() < share;
  const text = { type: 'tts', value: 'x' };
  return {
    access_token: token,
    first_call: chance(0.5) ? 'operator' : 'contact',
    switch_at_once: chance(0.5),
    virtual_phone_number: number,
    virtual_phone_usage_rule: chance(0.2) ? 'random' : 'fixed',
    contact: pick(random, contacts),
    operator: pick(random, operators),
    ...(chance(0.2) && { contact_message: text }),
    ...(chance(0.1) && { operator_message: text, operator_confirmation: 'any' }),
  };
}

const seeds = [1, 2];
const stepsEach = 5_000;

test('no order of requests exceeds a limit, and the end of every call gives back what it held', async () => {
  let requests = 0;
  const refused = new Set<string>();
  for (const seed of seeds) {
    const random = seededRandom(seed);
    const clock = new VirtualClock({ wallStart: Date.UTC(2026, 0, 1, 23, 40) });
    const [world, accounts] = await LimitsWorld.open(limits, { clock, random });
    const ids: number[] = [];
    const open = new Set<Promise<void>>();
    const place = (account: BilledAccount): void => {
      requests++;
      const answered = world
        .call('start.simple_call', order(random, account))
        .then(({ result, error }) => {
          if (result) ids.push(result.data.call_session_id);
          if (error?.data.mnemonic === 'limit_exceeded') refused.add(error.data.params.limit_type!);
        });
      open.add(answered);
      void answered.finally(() => open.delete(answered));
    };
    const release = async (): Promise<void> => {
      const call_session_id = ids.splice(randomInt(random, 0, ids.length - 1), 1)[0];
      if (call_session_id === undefined) return;
      for (const { token } of accounts)
        await world.call('release.call', { access_token: token, call_session_id });
    };
    for (let step = 0; step < stepsEach; step++) {
      const what = random.next();
      if (what < 0.6)
        for (let n = randomInt(random, 1, 5); n > 0; n--) place(pick(random, accounts));
      else if (what < 0.7) await release();
      else if (what < 0.98) await world.clock.advance(randomInt(random, 0, 15_000));
      else await world.clock.advance(randomInt(random, 0, 40 * minuteMs));
      if (step % 10 !== 0) continue; // What a day has used only grows.
      try {
        world.bill.check();
      } catch (error) {
        throw new Error(`seed ${seed}, step ${step}`, { cause: error });
      }
    }
    await world.clock.runOut(3 * 60 * minuteMs);
    await Promise.all(open);
    world.bill.check();
    assert.equal(world.registry.size, 0, 'every call is over');
    assert.equal(world.numbers.held, 0, 'and holds nothing any more');
    assert.equal(world.bill.mostAlive.get(accounts[0]!.id), 3, 'the limit was reached');
    assert.equal(world.bill.mostAlive.get(accounts[2]!.id), 6);
    assert.ok(world.bill.mostAlive.get(accounts[3]!.id)! > 12, 'nothing held the last one back');
    await world.clock.advance(24 * 60 * minuteMs);
    for (const account of accounts) {
      const fresh = { ...order(random, account), contact: contacts[0], operator: operators[0] };
      const answer = world.call('start.simple_call', fresh);
      await world.clock.advance(80_000); // Sound files and speech take their time.
      const { error } = await answer;
      assert.notEqual(error?.data.mnemonic, 'limit_exceeded', 'there is room again');
    }
    await world.close();
  }
  assert.ok(requests > 15_000, `${requests} requests`);
  assert.deepEqual([...refused].sort(), [
    'calls_per_minute_per_contact',
    'calls_per_minute_per_operator',
    'calls_per_minute_per_prefix',
    'minutes_per_day',
    'simultaneous_calls',
  ]);
});
