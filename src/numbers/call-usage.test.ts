import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { Cdr } from '../model/cdr.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { restoreUsage } from './call-usage.ts';

const account = { active: true, minuteLimit: 1, dayLimit: 1, ttsMaxLength: 1 };
const parties = { contact: '79260000000', operator: '79262444491' };

/** What a limiter would be told of what is in the store, one line each. */
async function restored(fill: (store: Store, now: number) => Promise<void>): Promise<string[]> {
  const clock = new VirtualClock();
  const store = await openSqliteStore({ path: ':memory:', log: silentLogger, clock });
  for (const [name, timeZone] of [
    ['one', 'UTC'],
    ['two', 'Asia/Tokyo'],
  ] as const)
    await store.accounts.put({ ...account, name, timeZone, disabledComponents: [] });
  await fill(store, clock.wallTime());
  await store.calls.flushed();
  const told: string[] = [];
  await restoreUsage({
    store,
    clock,
    log: { ...silentLogger, warn: (fields) => told.push(`warn ${JSON.stringify(fields)}`) },
    limiter: {
      remember: ({ accountId, timeZone, contact, operator }, ageMs) =>
        told.push(`call ${accountId} ${timeZone} ${contact} ${operator} ${ageMs}`),
      rememberMinutes: ({ accountId, timeZone }, ms) =>
        told.push(`minutes ${accountId} ${timeZone} ${ms}`),
    },
  });
  await store.close();
  return told;
}

const ended = (callSessionId: number, startedAt: number, accountId = 1): Cdr => ({
  ...parties,
  callSessionId,
  accountId,
  source: 'callapi',
  direction: 'in',
  virtualNumber: '74993720692',
  externalId: null,
  startedAt,
  talkStartedAt: null,
  endedAt: startedAt,
  cause: { type: 'normal' },
  finishReason: 'operator_disconnects',
  legs: [],
});

test('nothing is remembered of an empty store', async () => {
  assert.deepEqual(await restored(async () => {}), []);
});

test('the minutes of a day that is not over', async () => {
  const told = await restored((store, now) =>
    store.minuteUse.save([
      { accountId: 1, dayEndsAt: now, usedMs: 5_000 },
      { accountId: 2, dayEndsAt: now + 1, usedMs: 7_000 },
    ]),
  );
  assert.deepEqual(told, ['minutes 2 Asia/Tokyo 7000']);
});

test('calls of the last minute, ended or cut off, each of its account; none that is older', async () => {
  const told = await restored(async (store, now) => {
    const began = (callSessionId: number, at: number, data: object): void =>
      store.calls.appendJournal({
        callSessionId,
        sequence: 0,
        at,
        kind: 'order',
        data: JSON.stringify(data),
      });
    store.calls.saveRecord(ended(1, now - 60_000));
    store.calls.saveRecord(ended(2, now - 59_999));
    store.calls.saveRecord(ended(3, now - 1_000, 2));
    began(4, now - 70_000, { order: { accountId: 1, ...parties } });
    began(5, now - 500, { order: { accountId: 1, ...parties, operator: '0123456' } });
    began(6, now - 400, {});
    began(7, now - 300, { order: { accountId: 99, ...parties } });
  });
  assert.deepEqual(told, [
    'warn {"callSessionId":6}',
    'call 1 UTC 79260000000 0123456 500',
    'call 1 UTC 79260000000 79262444491 59999',
    'call 2 Asia/Tokyo 79260000000 79262444491 1000',
  ]);
});

test('as many calls as there were', async () => {
  const told = await restored(async (store, now) => {
    for (let id = 1; id <= 250; id++) store.calls.saveRecord(ended(id, now - 1_000));
  });
  assert.equal(told.length, 250);
});
