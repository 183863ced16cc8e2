import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { CallingLimits } from '../../src/model/security-rules.ts';
import type { Behaviour } from '../traces/fake-lines.ts';
import { LimitsWorld, minuteMs } from './limits-world.ts';

const talks: Behaviour = { answers: 0, hangsUp: 60 * minuteMs };

type Process = {
  readonly world: LimitsWorld;
  /** What the order is refused by, or the id of its call. */
  start(params?: object): Promise<string | number>;
  release(callSessionId: number): Promise<unknown>;
  /** As SIGTERM does, with no time left for calls. */
  stop(): Promise<void>;
};

/** Processes on one database, one after the other; what was not closed was killed. */
async function withDatabase(
  limits: Partial<CallingLimits>,
  work: (boot: () => Promise<Process>, clock: VirtualClock) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'dozvon-limits-'));
  const clock = new VirtualClock({ wallStart: Date.UTC(2026, 0, 1, 9) });
  const random = seededRandom(1);
  const path = join(folder, 'dozvon.sqlite');
  const opened: LimitsWorld[] = [];
  const boot = async (): Promise<Process> => {
    const options = { clock, random, path, behaviour: () => talks };
    const [world, [account]] = await LimitsWorld.open([limits], options);
    opened.push(world);
    const { token: access_token, number } = account!;
    return {
      world,
      async start(params = {}) {
        const { result, error } = await world.call('start.simple_call', {
          access_token,
          first_call: 'operator',
          virtual_phone_number: number,
          contact: '79260000000',
          operator: '79262444491',
          ...params,
        });
        const { mnemonic, params: values } = error?.data ?? {};
        return result?.data.call_session_id ?? values?.limit_type ?? mnemonic!;
      },
      async stop() {
        const stopped = world.registry.stop(0);
        await clock.advance(0);
        await stopped;
        await world.close();
      },
      release: (call_session_id) => world.call('release.call', { access_token, call_session_id }),
    };
  };
  try {
    await work(boot, clock);
  } finally {
    for (const world of opened) await world.close();
    await rm(folder, { recursive: true });
  }
}

for (const how of ['stopped', 'killed'] as const)
  test(`calls of the last minute count in the next process, when this one was ${how}`, () =>
    withDatabase({ callsPerMinutePerContact: 2 }, async (boot, clock) => {
      const first = await boot();
      const id = await first.start();
      await clock.advance(20_000);
      assert.equal(typeof (await first.start()), 'number');
      await first.release(id as number);
      if (how === 'stopped') await first.stop();

      const second = await boot();
      assert.equal(await second.start(), 'calls_per_minute_per_contact');
      await clock.advance(39_999);
      assert.equal(await second.start(), 'calls_per_minute_per_contact');
      await clock.advance(1);
      assert.equal(typeof (await second.start()), 'number', 'the first one is a minute ago');
      assert.equal(await second.start(), 'calls_per_minute_per_contact');
    }));

test('the minutes of the day outlive a stop to the millisecond', () =>
  withDatabase({ minutesPerDay: 10 }, async (boot, clock) => {
    const first = await boot();
    const id = (await first.start()) as number;
    await clock.advance(4 * minuteMs + 30_000); // Two legs.
    await first.release(id);
    await first.stop();

    const second = await boot();
    assert.equal(typeof (await second.start()), 'number');
    await clock.advance(29_999);
    assert.equal(second.world.registry.size, 1);
    await clock.advance(1);
    assert.equal(second.world.registry.size, 0, 'ten minutes are over');
    assert.equal(await second.start(), 'minutes_per_day');
    await second.stop();
    const third = await boot();
    assert.equal(await third.start(), 'minutes_per_day');
    await clock.advance(12 * 60 * minuteMs);
    assert.equal(typeof (await third.start()), 'number', 'Moscow has a new day');
  }));

test('a killed process forgets ten seconds of talk at most', () =>
  withDatabase({ minutesPerDay: 10 }, async (boot, clock) => {
    const first = await boot();
    await first.start();
    await clock.advance(4 * minuteMs + 9_000); // Two legs: 8:18, of which 8:00 are saved.

    const second = await boot();
    assert.equal(typeof (await second.start()), 'number');
    await clock.advance(minuteMs - 1);
    assert.equal(second.world.registry.size, 1);
    await clock.advance(1);
    assert.equal(second.world.registry.size, 0);
  }));

test('the number that met a contact is presented again after a restart', () =>
  withDatabase({}, async (boot) => {
    const first = await boot();
    const sticky = { virtual_phone_usage_rule: 'fixed_for_numa' };
    const second = '74993720699';
    await first.world.addNumber(second);
    await first.start({ ...sticky, virtual_phone_number: second });
    await first.stop();

    const next = await boot();
    const id = (await next.start(sticky)) as number;
    const [started] = next.world.registry.events(1, id)!;
    assert.equal(started?.type === 'callStarted' && started.virtualNumber, second);
  }));
