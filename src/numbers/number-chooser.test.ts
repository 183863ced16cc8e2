import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../base/logger.ts';
import { seededRandom } from '../base/random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { NumberChooser, type UsageRule, usageRules } from './number-chooser.ts';
import { RegionFinder } from './region-finder.ts';

const contact = '79130000001';
const [moscow, moscowTwo, omsk, inactive] = [
  '74990000001',
  '74990000002',
  '73812000001',
  '73812000002',
] as const;

type World = {
  readonly store: Store;
  readonly clock: VirtualClock;
  choose(rule: UsageRule, values?: { contact?: string; fallback?: string }): Promise<string>;
  setActive(number: string, active: boolean): Promise<void>;
};

/** Numbers of two regions; the plan says that 7913… are of Omsk. */
async function withWorld(work: (world: World) => Promise<void>, seed = 1): Promise<void> {
  const clock = new VirtualClock();
  const store = await openSqliteStore({ path: ':memory:', log: silentLogger, clock });
  const values = { active: true, timeZone: 'UTC', minuteLimit: 1, dayLimit: 1, ttsMaxLength: 1 };
  const { id: accountId } = await store.accounts.put({
    ...values,
    name: 'one',
    disabledComponents: [],
  });
  const setActive: World['setActive'] = (number, active) =>
    store.numbers.put({ accountId, number, active, label: '' });
  for (const number of [moscow, moscowTwo, omsk, inactive])
    await setActive(number, number !== inactive);
  const block = { first: 79130000000, last: 79139999999 };
  await store.numberingPlan.replace([block], [{ ...block, region: 'Омская область' }]);
  const regions = new RegionFinder(store.numberingPlan);
  const chooser = new NumberChooser({ store, clock, regions, random: seededRandom(seed) });
  const choose: World['choose'] = (rule, given = {}) =>
    chooser.choose({ accountId, rule, contact, fallback: moscow, ...given });
  await work({ store, clock, choose, setActive });
  await store.close();
}

test('fixed: the number asked for, also for a contact that met another', () =>
  withWorld(async ({ choose }) => {
    assert.equal(await choose('fixed', { fallback: moscowTwo }), moscowTwo);
    assert.equal(await choose('fixed'), moscow);
  }));

test('fixed_for_numa: the last one of any call; none: the number asked for, and that for good', () =>
  withWorld(async ({ choose, clock }) => {
    assert.equal(await choose('fixed_for_numa', { fallback: moscowTwo }), moscowTwo);
    await clock.advance(1_000);
    assert.equal(await choose('fixed_for_numa'), moscowTwo);
    await choose('fixed', { fallback: omsk });
    assert.equal(await choose('fixed_for_numa'), omsk, 'whatever rule it was chosen by');
    assert.equal(await choose('fixed_for_numa', { contact: '79139999999' }), moscow);
  }));

test('a number that is inactive or gone is passed over, and comes back', () =>
  withWorld(async ({ choose, setActive, store }) => {
    await choose('fixed', { fallback: moscowTwo });
    await choose('fixed', { fallback: omsk });
    await setActive(omsk, false);
    assert.equal(await choose('fixed_for_numa'), moscowTwo);
    await store.numbers.remove(1, moscowTwo);
    assert.equal(await choose('fixed_for_numa'), moscow);
    await setActive(omsk, true);
    assert.equal(await choose('fixed_for_numa'), moscow, 'that one was used later');
  }));

test('random: each active number about equally often', () =>
  withWorld(async ({ choose }) => {
    const counts = new Map<string, number>();
    for (let count = 0; count < 300; count++) {
      const number = await choose('random');
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    assert.deepEqual([...counts.keys()].sort(), [omsk, moscow, moscowTwo].sort());
    for (const [number, count] of counts) assert.ok(count > 70, `${number}: ${count} of 300`);
  }));

test('regional rules: active numbers of the contact’s region, else the number asked for', () =>
  withWorld(async ({ choose, setActive }) => {
    for (const rule of ['regional_random', 'regional_fixed_for_numa'] as const) {
      assert.equal(await choose(rule), omsk);
      assert.equal(await choose(rule, { contact: '79990000000' }), moscow, 'region not known');
      assert.equal(await choose(rule, { contact: '78120000000' }), moscow, 'no number there');
      assert.equal(await choose(rule, { contact: '0123456' }), moscow, 'a SIP line has none');
    }
    const city = { contact: '74951112233', fallback: omsk };
    const seen = new Set<string>();
    for (let count = 0; count < 30; count++) seen.add(await choose('regional_random', city));
    assert.deepEqual([...seen].sort(), [moscow, moscowTwo]);
    await setActive(omsk, false);
    assert.equal(await choose('regional_random'), moscow);
  }));

test('regional_fixed_for_numa: one of the region by chance, then always that', () =>
  withWorld(async ({ choose, setActive }) => {
    const city = { contact: '74951112233', fallback: omsk };
    const first = await choose('regional_fixed_for_numa', city);
    for (let count = 0; count < 10; count++)
      assert.equal(await choose('regional_fixed_for_numa', city), first);
    await choose('fixed', city);
    assert.equal(await choose('regional_fixed_for_numa', city), first, 'that one is of elsewhere');
    await setActive(first, false);
    const other = first === moscow ? moscowTwo : moscow;
    assert.equal(await choose('regional_fixed_for_numa', city), other);
  }));

test('calls to one contact at the same time agree under every sticky rule', async () => {
  for (const seed of [1, 2, 3, 4, 5])
    await withWorld(async ({ choose }) => {
      const city = { contact: '74951112233' };
      const asked = [moscow, moscowTwo, moscow, moscowTwo];
      for (const rule of ['regional_fixed_for_numa', 'fixed_for_numa'] as const) {
        const chosen = await Promise.all(
          asked.map((fallback) => choose(rule, { ...city, fallback })),
        );
        assert.equal(new Set(chosen).size, 1, rule);
      }
    }, seed);
});

test('what is chosen is remembered under every rule', () =>
  withWorld(async ({ choose, store }) => {
    for (const rule of usageRules) {
      const number = await choose(rule);
      assert.equal((await store.numberUse.withContact(1, contact))[0], number, rule);
    }
  }));
