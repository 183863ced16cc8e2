import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Logger, silentLogger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { startRetention } from './retention.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

test('at the start and every hour, some at a time, until it is stopped', async () => {
  const clock = new VirtualClock({ wallStart: 100 * dayMs });
  const asked: string[] = [];
  let requests = 450;
  const told: string[] = [];
  const log: Logger = {
    ...silentLogger,
    info: (fields, text) => told.push(`${text} ${JSON.stringify(fields)}`),
    warn: (_, text) => told.push(text),
  };
  let fails = false;
  const store = {
    requests: {
      prune: async (before: number, limit: number) => {
        asked.push(`requests before day ${before / dayMs}`);
        const removed = Math.min(requests, limit);
        requests -= removed;
        return removed;
      },
    },
    journals: {
      prune: async (before: number) => {
        if (fails) throw new Error('the disk is gone');
        asked.push(`journals before day ${Math.floor(before / dayMs)}`);
        return 0;
      },
    },
  } as unknown as Parameters<typeof startRetention>[0]['store'];
  const retention = startRetention({ store, clock, log, requestDays: 90, journalDays: 30 });
  await clock.advance(1_000);
  const requestsBefore = 'requests before day 10';
  assert.deepEqual(asked, [
    requestsBefore,
    requestsBefore,
    requestsBefore,
    'journals before day 70',
  ]);
  assert.deepEqual(told, ['old API requests were removed {"removed":450,"days":90}']);

  asked.length = 0;
  fails = true;
  await clock.advance(hourMs);
  assert.equal(asked.length, 1);
  assert.equal(told.at(-1), 'old data could not be removed');
  fails = false;
  await clock.advance(hourMs);
  assert.equal(asked.length, 3, 'a failure is no end');
  retention[Symbol.dispose]();
  await clock.advance(2 * hourMs);
  assert.equal(asked.length, 3);
  assert.equal(clock.pendingTimers, 0);
});
