import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Logger, silentLogger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { Account, PointCounters, PointStore } from '../store/store.ts';
import { ApiError } from './errors.ts';
import { Points } from './points.ts';
import { localTime, nextMidnight } from './zone-time.ts';

const account = {
  id: 1,
  timeZone: 'Europe/Moscow',
  minuteLimit: 2,
  dayLimit: 5,
} as Account;

/** Points that nobody saves. */
function pointsOn(clock: VirtualClock): Points {
  const store: PointStore = { list: async () => [], save: async () => {} };
  return new Points({ clock, log: silentLogger, store });
}

const at = (text: string): number => Date.parse(text);

/** `limit_exceeded` in short: `minute 2`. */
function take(points: Points, of: Account = account, weight = 1): string {
  try {
    points.take(of, weight);
    return 'taken';
  } catch (error) {
    assert.ok(error instanceof ApiError);
    const { limit_type, limit_max_value } = error.details.params!;
    return `${limit_type} ${limit_max_value}`;
  }
}

test('a minute of the wall clock, then a day of the account’s time zone', async () => {
  const clock = new VirtualClock({ wallStart: at('2026-01-01T20:57:30.500Z') });
  const points = pointsOn(clock);
  const limits = () => Object.values(points.limits(account));
  // day: limit, remaining, reset; minute: limit, remaining, reset
  assert.deepEqual(limits(), [5, 5, 150, 2, 2, 30]);
  assert.deepEqual([take(points), take(points), take(points)], ['taken', 'taken', 'minute 2']);
  assert.deepEqual(limits(), [5, 3, 150, 2, 0, 30]);
  await clock.advance(29_499);
  assert.equal(take(points), 'minute 2');
  await clock.advance(1);
  assert.deepEqual(limits(), [5, 3, 120, 2, 2, 60]);
  assert.deepEqual([take(points), take(points)], ['taken', 'taken']);
  await clock.advance(60_000);
  assert.deepEqual([take(points), take(points)], ['taken', 'day 5']);
  await clock.advance(60_000); // Midnight in Moscow.
  assert.deepEqual(limits(), [5, 5, 86_400, 2, 2, 60]);
  assert.equal(take(points), 'taken');
});

test('what is given back can be taken again; other accounts are apart', () => {
  const points = pointsOn(new VirtualClock());
  const giveBack = points.take(account, 2);
  assert.equal(take(points), 'minute 2');
  assert.equal(take(points, { ...account, id: 2 }), 'taken');
  giveBack();
  assert.equal(points.limits(account).day_remaining, 5);
  assert.equal(take(points, account, 3), 'minute 2');
  assert.equal(take(points, account, 0), 'taken');
  assert.equal(take(points, { ...account, minuteLimit: 10 }, 5), 'taken', 'a raised limit counts');
});

test('counters are saved at most once a second, and go on after a restart', async () => {
  const clock = new VirtualClock({ wallStart: at('2026-01-01T20:57:30.500Z') });
  const saves: (readonly PointCounters[])[] = [];
  const warnings: string[] = [];
  let works = true;
  const store: PointStore = {
    list: async () => saves.at(-1) ?? [],
    save: async (counters) => {
      if (!works) throw new Error('the disk is full');
      saves.push(structuredClone(counters));
    },
  };
  const log: Logger = { ...silentLogger, warn: (_, text) => warnings.push(text) };
  const open = async (): Promise<Points> => {
    const points = new Points({ clock, log, store });
    await points.restore();
    return points;
  };
  const left = (points: Points): readonly number[] => {
    const { day_remaining, minute_remaining } = points.limits(account);
    return [day_remaining, minute_remaining];
  };

  const first = await open();
  const giveBack = first.take(account, 1);
  take(first);
  await clock.advance(999);
  assert.equal(saves.length, 0);
  await clock.advance(1);
  assert.equal(saves.length, 1);
  assert.deepEqual(left(await open()), [3, 0]); // Killed: what was saved counts.
  giveBack();
  works = false;
  await clock.advance(1_000);
  assert.deepEqual(warnings, ['the points that were used could not be saved']);
  works = true;
  await first.close();
  assert.equal(saves.length, 2);
  assert.equal(clock.pendingTimers, 0);

  const second = await open();
  assert.deepEqual(left(second), [4, 1]);
  await clock.advance(30_000); // The next minute of the same day.
  assert.deepEqual(left(await open()), [4, 2]);
  await clock.advance(120_000); // Midnight in Moscow.
  assert.deepEqual(left(await open()), [5, 2]);
});

test('a method costs what it is given in the configuration, else its own weight', () => {
  const store: PointStore = { list: async () => [], save: async () => {} };
  const weights = new Map([['list.calls', 0]]);
  const points = new Points({ clock: new VirtualClock(), log: silentLogger, store, weights });
  assert.equal(points.weightOf({ name: 'list.calls', weight: 1 }), 0);
  assert.equal(points.weightOf({ name: 'release.call', weight: 1 }), 1);
});

test('midnight and local time by the zone’s own rules', () => {
  const rows: readonly [zone: string, now: string, midnight: string][] = [
    ['UTC', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
    ['Europe/Moscow', '2026-01-01T20:59:59.999Z', '2026-01-01T21:00:00Z'],
    ['Europe/Moscow', '2026-01-01T21:00:00Z', '2026-01-02T21:00:00Z'],
    ['America/New_York', '2026-03-08T05:30:00Z', '2026-03-09T04:00:00Z'], // 23 hours
    ['America/New_York', '2026-11-01T04:30:00Z', '2026-11-02T05:00:00Z'], // 25 hours
    ['Asia/Kathmandu', '2026-05-05T18:14:00Z', '2026-05-05T18:15:00Z'],
    ['No/Such_Zone', '2026-05-05T18:14:00Z', '2026-05-06T00:00:00Z'], // UTC
  ];
  for (const [zone, now, midnight] of rows)
    assert.equal(nextMidnight(zone, at(now)), at(midnight), `${zone} ${now}`);
  assert.equal(localTime('Europe/Moscow', 1476869208418), '2016-10-19T12:26:48.418');
  assert.equal(localTime('Asia/Kathmandu', 1476869208418), '2016-10-19T15:11:48.418');
  assert.equal(
    localTime('America/New_York', at('2026-03-08T07:00:00Z')),
    '2026-03-08T03:00:00.000',
  );
});
