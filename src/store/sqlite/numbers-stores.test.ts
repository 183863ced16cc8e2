import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { defaultSecurityRules } from '../../model/security-rules.ts';
import { numbers } from '../migrations/0003-numbers.ts';
import type { Store } from '../store.ts';
import { openSqliteStore } from './sqlite-store.ts';

const open = (path = ':memory:'): Promise<Store> =>
  openSqliteStore({ path, log: silentLogger, clock: new VirtualClock() });

const addAccount = async (store: Store, name = 'one'): Promise<number> =>
  (
    await store.accounts.put({
      name,
      active: true,
      timeZone: 'UTC',
      minuteLimit: 1,
      dayLimit: 1,
      ttsMaxLength: 1,
      disabledComponents: [],
    })
  ).id;

test('a blacklisted prefix covers what begins with it, and nothing else', async () => {
  const store = await open();
  const accountId = await addAccount(store);
  const other = await addAccount(store, 'two');
  await store.blacklist.add(accountId, '7809*');
  await store.blacklist.add(accountId, '74950000000');
  const table: readonly (readonly [number: string, listed: boolean])[] = [
    ['78091234567', true],
    ['7809', true],
    ['780', false],
    ['7808091234', false],
    ['17809123456', false],
    ['74950000000', true],
    ['749500000001', false],
    ['7495000000', false],
  ];
  for (const [number, listed] of table)
    assert.equal(await store.blacklist.has(accountId, number), listed, number);
  assert.equal(await store.blacklist.has(other, '78091234567'), false);
  await store.blacklist.remove(accountId, '7809*');
  assert.equal(await store.blacklist.has(accountId, '78091234567'), false);
  await store.close();
});

test('uses of numbers: the last one first, also when the clock stands still or goes back', async () => {
  const store = await open();
  const accountId = await addAccount(store);
  const contact = '79260000000';
  const use = (number: string, at: number, who = contact) =>
    store.numberUse.record({ accountId, contact: who, number, at });
  await use('71', 1000);
  await use('72', 1000);
  await use('73', 10);
  await use('79', 5000, '79261111111');
  assert.deepEqual(await store.numberUse.withContact(accountId, contact), ['73', '72', '71']);
  await use('71', 0);
  assert.deepEqual(await store.numberUse.withContact(accountId, contact), ['71', '73', '72']);
  assert.deepEqual(await store.numberUse.withContact(accountId, '79262222222'), []);
  assert.deepEqual(await store.numberUse.withContact(accountId + 1, contact), []);
  await store.close();
});

test('the plan: a number lies in one range or in none; a block is replaced as a whole', async () => {
  const { numberingPlan: plan, close } = await open().then((store) => ({
    numberingPlan: store.numberingPlan,
    close: () => store.close(),
  }));
  const block = { first: 79260000000, last: 79269999999 };
  await plan.replace(
    [block, { first: 74950000000, last: 74959999999 }],
    [
      { first: 79260000000, last: 79264999999, region: 'Москва' },
      { first: 79266000000, last: 79269999999, region: 'Тверская область' },
      { first: 74950000000, last: 74959999999, region: 'Москва' },
    ],
  );
  const table: readonly (readonly [string, string | undefined])[] = [
    ['79259999999', undefined],
    ['79260000000', 'Москва'],
    ['79264999999', 'Москва'],
    ['79265000000', undefined],
    ['79266000000', 'Тверская область'],
    ['79269999999', 'Тверская область'],
    ['79270000000', undefined],
    ['9266000000', undefined],
    ['792660000000', undefined],
  ];
  for (const [number, region] of table) assert.equal(await plan.region(number), region, number);
  await plan.replace([block], [{ first: 79265000000, last: 79265000009, region: 'Тула' }]);
  assert.equal(await plan.region('79260000000'), undefined);
  assert.equal(await plan.region('79265000009'), 'Тула');
  assert.equal(await plan.region('74951234567'), 'Москва', 'another block stays');
  assert.equal(await plan.size(), 2);
  await close();
});

test('security rules: the default ones until others are put; a missing key has its default', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dozvon-'));
  const path = join(folder, 'test.sqlite');
  const store = await open(path);
  const accountId = await addAccount(store);
  assert.deepEqual(await store.security.of(accountId), defaultSecurityRules);
  const rules = { ...defaultSecurityRules, homeCountry: 'KZ', deniedPrefixes: ['7700'] };
  await store.security.put(accountId, defaultSecurityRules);
  await store.security.put(accountId, rules);
  assert.deepEqual(await store.security.of(accountId), rules);
  await store.close();

  const raw = new DatabaseSync(path);
  const partial = { limits: { simultaneousCalls: 3 }, directions: { mobile: false } };
  raw.prepare('UPDATE account_security SET rules = ?').run(JSON.stringify(partial));
  raw.close();
  const again = await open(path);
  const { directions, limits } = defaultSecurityRules;
  assert.deepEqual(await again.security.of(accountId), {
    ...defaultSecurityRules,
    directions: { ...directions, mobile: false },
    limits: { ...limits, simultaneousCalls: 3 },
  });
  await again.close();
  await rm(folder, { recursive: true });
});

test('minutes of a day: the last that were saved, by account', async () => {
  const store = await open();
  const accountId = await addAccount(store);
  const other = await addAccount(store, 'two');
  assert.deepEqual(await store.minuteUse.list(), []);
  await store.minuteUse.save([]);
  await store.minuteUse.save([
    { accountId, dayEndsAt: 1_000.4, usedMs: 5.6 },
    { accountId: other, dayEndsAt: 2_000, usedMs: 7 },
  ]);
  await store.minuteUse.save([{ accountId, dayEndsAt: 3_000, usedMs: 1 }]);
  assert.deepEqual(await store.minuteUse.list(), [
    { accountId, dayEndsAt: 3_000, usedMs: 1 },
    { accountId: other, dayEndsAt: 2_000, usedMs: 7 },
  ]);
  await store.close();
});

test('a database from before the rules remembers what its calls used', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dozvon-'));
  const path = join(folder, 'test.sqlite');
  const store = await open(path);
  const accountId = await addAccount(store);
  await store.close();

  const raw = new DatabaseSync(path);
  for (const table of ['number_use', 'numbering_range', 'numbering_region', 'account_security'])
    raw.exec(`DROP TABLE ${table}`);
  raw.exec('DROP TRIGGER call_record_region'); // Of a later migration.
  const insert = raw.prepare(
    `INSERT INTO call_record (call_session_id, account_id, source, direction, virtual_number, contact,
      operator, started_at, ended_at, cause, finish_reason)
     VALUES (?, ?, 'callapi', 'in', ?, '79260000000', '', ?, 0, '{}', '')`,
  );
  insert.run(1, accountId, '71', 5);
  insert.run(2, accountId, '72', 7);
  insert.run(3, accountId, '71', 9);
  insert.run(4, 999, '73', 9); // The account is gone.
  const { Kysely } = await import('kysely');
  const { nodeSqliteDialect } = await import('./dialect.ts');
  const { SqliteConnection } = await import('./connection.ts');
  const connection = await SqliteConnection.open(path, new VirtualClock());
  const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(connection) });
  await numbers.up(db);
  const rows = raw.prepare('SELECT number FROM number_use ORDER BY used_at DESC').all();
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [{ number: '71' }, { number: '72' }],
  );
  await db.destroy();
  raw.close();
  await rm(folder, { recursive: true });
});
