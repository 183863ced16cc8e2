import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextMidnight } from '../api/zone-time.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { LegMinutes } from './leg-minutes.ts';

const hourMs = 3_600_000;
/** 22:00 in Moscow. */
const evening = Date.UTC(2026, 0, 1, 19);

function open(timeZone = 'Europe/Moscow'): { clock: VirtualClock; minutes: LegMinutes } {
  const clock = new VirtualClock({ wallStart: evening });
  return { clock, minutes: new LegMinutes({ clock, nextMidnight, timeZone }) };
}

test('each answered leg counts from its answer to its end', async () => {
  const { clock, minutes } = open();
  minutes.begin(1, 10);
  await clock.advance(1_000);
  minutes.begin(2, 10);
  minutes.begin(3, 11);
  await clock.advance(500);
  assert.deepEqual([minutes.usedMs, minutes.running], [2_500, 3]);
  assert.deepEqual([...minutes.calls()], [10, 11]);
  minutes.end(1);
  minutes.end(1);
  minutes.end(99);
  await clock.advance(100);
  assert.equal(minutes.usedMs, 2_700);
  minutes.addUsed(300);
  assert.equal(minutes.usedMs, 3_000);
});

test('midnight of the zone begins anew; a leg that is up counts from there', async () => {
  const { clock, minutes } = open();
  assert.equal(minutes.msToMidnight, 2 * hourMs);
  assert.equal(minutes.dayEndsAt, evening + 2 * hourMs);
  minutes.begin(1, 10);
  await clock.advance(2 * hourMs - 1);
  assert.equal(minutes.usedMs, 2 * hourMs - 1);
  await clock.advance(1);
  assert.equal(minutes.usedMs, 0);
  await clock.advance(700);
  assert.equal(minutes.usedMs, 700);
  assert.equal(minutes.dayEndsAt, evening + 26 * hourMs);
});

test('days that nobody looked at pass too', async () => {
  const { clock, minutes } = open('UTC');
  minutes.begin(1, 10);
  await clock.advance(5 * hourMs + 2 * 24 * hourMs + 60_000);
  assert.equal(minutes.usedMs, 60_000);
  minutes.end(1);
  await clock.advance(24 * hourMs);
  assert.equal(minutes.usedMs, 0);
});

test('a new zone holds from the next midnight on', async () => {
  const { clock, minutes } = open();
  minutes.timeZone = 'Asia/Vladivostok';
  assert.equal(minutes.msToMidnight, 2 * hourMs);
  await clock.advance(2 * hourMs);
  assert.equal(minutes.msToMidnight, 17 * hourMs, 'there it is 07:00');
});
