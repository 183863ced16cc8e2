import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { startMediaSweeps } from './media-sweeps.ts';
import { openSqliteStore } from './sqlite/sqlite-store.ts';
import type { Store } from './store.ts';

const hour = 3_600_000;
const hash = (digit: string): string => digit.repeat(64);

async function withStore(
  t: { after(work: () => Promise<void>): void },
  start: number,
): Promise<{ clock: VirtualClock; store: Store }> {
  const clock = new VirtualClock({ wallStart: start });
  const store = await openSqliteStore({ path: ':memory:', log: silentLogger, clock });
  t.after(() => store.close());
  return { clock, store };
}

test('wanted are the files of all, and what calls without an end were ordered with', async (t) => {
  const { clock, store } = await withStore(t, 10 * 24 * hour);
  const file = { path: '/a.wav', durationMs: 1 };
  await store.media.put({ ...file, accountId: null, name: 'beep', contentHash: hash('a') });
  const order = (callSessionId: number, content: string, at = clock.wallTime()): void => {
    const music = { id: 7, name: 'x', path: `/data/media/${hash(content)}.normalised.wav` };
    const data = JSON.stringify({ order: { music, contact: '79260000000' } });
    store.calls.appendJournal({ callSessionId, sequence: 0, at, kind: 'order', data });
  };
  order(1, 'b');
  order(2, 'c');
  store.calls.appendJournal({ callSessionId: 2, sequence: 1, at: 1, kind: 'end', data: '{}' });
  order(3, 'd', clock.wallTime() - 3 * 24 * hour);
  await store.calls.flushed();

  const swept: string[][] = [];
  let next = Promise.withResolvers<void>();
  const sweeps = startMediaSweeps({
    store,
    clock,
    log: silentLogger,
    async sweep(wanted) {
      swept.push([...wanted].sort());
      next.resolve();
      return 0;
    },
  });
  await next.promise;
  assert.deepEqual(swept, [[hash('a'), hash('b')]]);
  next = Promise.withResolvers();
  store.calls.appendJournal({ callSessionId: 1, sequence: 1, at: 2, kind: 'end', data: '{}' });
  await store.calls.flushed();
  await clock.advance(hour - 1);
  assert.equal(swept.length, 1, 'an hour apart');
  await clock.advance(1);
  await next.promise;
  assert.deepEqual(swept[1], [hash('a')]);
  sweeps[Symbol.dispose]();
  await clock.advance(5 * hour);
  assert.equal(swept.length, 2);
});

test('a sweep that fails is told, and the next one comes', async (t) => {
  const { clock, store } = await withStore(t, 0);
  const told: string[] = [];
  let next = Promise.withResolvers<void>();
  const sweeps = startMediaSweeps({
    store,
    clock,
    log: { ...silentLogger, warn: (_, text) => told.push(text) },
    async sweep() {
      next.resolve();
      throw new Error('the disk is gone');
    },
  });
  t.after(async () => sweeps[Symbol.dispose]());
  await next.promise;
  next = Promise.withResolvers();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, ['media nobody needs could not be removed']);
  await clock.advance(hour);
  await next.promise;
});
