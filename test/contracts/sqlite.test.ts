import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { entry, someAccount, someRecord, testStore } from './store.contract.ts';

async function temporaryFile(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'dozvon-store-'));
  return {
    path: join(folder, 'test.sqlite'),
    remove: () => rm(folder, { recursive: true }),
  };
}

testStore({
  name: 'SQLite',
  async create() {
    const { path, remove } = await temporaryFile();
    return {
      open: () => openSqliteStore({ path, log: silentLogger, clock: systemClock }),
      remove,
    };
  },
});

test('a database in memory works alike and is nobody else’s', async () => {
  const options = { path: ':memory:', log: silentLogger, clock: systemClock };
  const one = await openSqliteStore(options);
  const two = await openSqliteStore(options);
  await one.accounts.put(someAccount);
  assert.deepEqual(await two.accounts.list(), []);
  await assert.rejects(
    one.transaction(async (within) => {
      await within.accounts.put({ ...someAccount, name: 'two' });
      throw new Error('no');
    }),
  );
  assert.equal((await one.accounts.list()).length, 1);
  await Promise.all([one.close(), two.close()]);
});

test('what comes in one turn of the event loop is one commit, and flushed() tells of it', async () => {
  const turns: (() => void)[] = [];
  const store = await openSqliteStore({
    path: ':memory:',
    log: silentLogger,
    clock: new VirtualClock(),
    defer: (work) => turns.push(work),
  });
  const { calls } = store;
  calls.appendJournal(entry(7, 0));
  calls.appendJournal(entry(7, 1));
  calls.saveRecord(someRecord(7, 1));
  let stored = false;
  const flushed = calls.flushed().then(() => {
    stored = true;
  });
  assert.equal(turns.length, 1);
  assert.deepEqual([await calls.journal(7), stored], [[], false]);
  turns.shift()!();
  await flushed;
  assert.equal((await calls.journal(7)).length, 2);
  await calls.flushed(); // Nothing waits: it resolves by itself.
  calls.appendJournal(entry(7, 2));
  assert.equal(turns.length, 1);
  await store.close();
});

test('while another process holds the file, calls wait in memory and nothing throws', async () => {
  const { path, remove } = await temporaryFile();
  const clock = new VirtualClock();
  const errors: string[] = [];
  const log: Logger = { ...silentLogger, error: (_, text) => errors.push(text) };
  const store = await openSqliteStore({ path, log, clock });
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  store.calls.appendJournal(entry(7, 0, 'order'));
  let stored = false;
  const flushed = store.calls.flushed().then(() => {
    stored = true;
  });
  await clock.advance(1_000);
  store.calls.appendJournal(entry(7, 1));
  await clock.advance(0);
  assert.deepEqual([stored, await store.calls.journal(7)], [false, []]);
  assert.ok(errors.includes('calls could not be stored; trying again'));
  other.exec('ROLLBACK');
  await clock.advance(5_000);
  await flushed;
  assert.deepEqual(await store.calls.journal(7), [entry(7, 0, 'order'), entry(7, 1)]);
  other.close();
  await store.close();
  await remove();
});

test('a change waits for another process to finish writing', async () => {
  const { path, remove } = await temporaryFile();
  const clock = new VirtualClock();
  const store = await openSqliteStore({ path, log: silentLogger, clock });
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  const change = store.accounts.put(someAccount);
  const transaction = store.transaction((it) => it.accounts.put({ ...someAccount, name: 'two' }));
  await clock.advance(100);
  other.exec('COMMIT');
  await clock.advance(100);
  assert.deepEqual([(await change).name, (await transaction).name], ['one', 'two']);

  other.exec('BEGIN IMMEDIATE');
  const refused = assert.rejects(store.accounts.put(someAccount), /locked/);
  await clock.advance(6_000);
  await refused;
  other.close();
  await store.close();
  await remove();
});

test('a row that can never be stored does not hold up the others', async () => {
  const errors: string[] = [];
  const log: Logger = { ...silentLogger, error: (_, text) => errors.push(text) };
  const clock = new VirtualClock();
  const store = await openSqliteStore({ path: ':memory:', log, clock });
  const bad = { ...entry(7, 1), data: undefined as unknown as string };
  store.calls.appendJournal(entry(7, 0));
  store.calls.appendJournal(bad);
  store.calls.appendJournal(entry(7, 2));
  await clock.advance(1_000);
  await store.calls.flushed();
  assert.deepEqual(await store.calls.journal(7), [entry(7, 0), entry(7, 2)]);
  assert.ok(errors.includes('a row of a call cannot be stored: dropped'));
  await store.close();
});

test('a path that cannot be opened is named', async () => {
  const options = { path: '/nowhere/at/all.sqlite', log: silentLogger, clock: systemClock };
  await assert.rejects(openSqliteStore(options), /cannot open the database \/nowhere\/at\/all/);
});

test('a database of a newer version is refused, not damaged', async () => {
  const { path, remove } = await temporaryFile();
  const options = { path, log: silentLogger, clock: systemClock };
  await (await openSqliteStore(options)).close();
  const raw = new DatabaseSync(path);
  raw.exec(`INSERT INTO kysely_migration VALUES ('9999-future', '2030-01-01')`);
  raw.close();
  await assert.rejects(openSqliteStore(options), /9999-future/);
  await remove();
});

const everything = {
  accountId: 1,
  interval: { from: 0, till: 4_000_000_000 },
  query: { sort: [], limit: 10, offset: 0 },
  fields: ['id'],
};

test('a report of a file is read beside the signalling thread, and sees what was stored before', async () => {
  const { path, remove } = await temporaryFile();
  const store = await openSqliteStore({ path, log: silentLogger, clock: systemClock });
  const sums = { rows: [{ id: 7 }], total: 1 };
  const empty = { rows: [], total: 0 };
  assert.deepEqual(await store.reports.calls(everything), empty);
  store.calls.saveRecord(someRecord(7, 1));
  await store.calls.flushed();
  assert.deepEqual(await store.reports.calls(everything), sums);
  const filter = { field: 'contact_phone_number', operator: 'regexp', value: '^79' } as const;
  const filtered = { ...everything, query: { ...everything.query, filter } };
  assert.deepEqual(await store.reports.calls(filtered), sums);
  const faulty = { ...everything, fields: ['nobody'] };
  await assert.rejects(store.reports.calls(faulty), /a report failed: /);
  const within = await store.transaction(async (inner) => inner.reports.calls(everything));
  assert.deepEqual(within, sums);
  await store.close();
  await assert.rejects(store.reports.calls(everything), /closed/);
  await remove();
});

test('a report that takes too long fails, and the next one is answered', async () => {
  const { path, remove } = await temporaryFile();
  const clock = new VirtualClock();
  const store = await openSqliteStore({ path, log: silentLogger, clock });
  const slow = assert.rejects(store.reports.calls(everything), /took longer than 8000 ms/);
  await clock.advance(8_000); // Sooner than any thread starts.
  await slow;
  assert.deepEqual(await store.reports.legs(everything), { rows: [], total: 0 });
  assert.equal(clock.pendingTimers, 0);
  await store.close();
  await remove();
});
