import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../base/clock.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { startTicks } from './ticks.ts';

/** A clock whose timers fire late by what `lateness` says, and once a little early. */
class RealisticClock implements Clock {
  #now = 1000.25;
  #fire: (() => void) | undefined;
  #delay = 0;
  now(): number {
    return this.#now;
  }
  wallTime(): number {
    return 0;
  }
  setTimer(delayMs: number, fire: () => void): { cancel(): void } {
    this.#delay = delayMs;
    this.#fire = fire;
    return { cancel: () => (this.#fire = undefined) };
  }
  pass(ms: number): void {
    this.#now += ms;
  }
  /** Lets the timer that is set fire `lateMs` after it was due; false when none is set. */
  fire(lateMs: number): boolean {
    const fire = this.#fire;
    this.#fire = undefined;
    this.#now += this.#delay + lateMs;
    fire?.();
    return fire !== undefined;
  }
}
test('a minute has 3,000 ticks, each on its deadline, and none after stop', async () => {
  const clock = new VirtualClock();
  let count = 0;
  let wrong = 0;
  const ticks = startTicks(clock, 20, (dueMs) => {
    count++;
    if (dueMs !== count * 20 || clock.now() !== dueMs) wrong++;
  });
  for (let minute = 0; minute < 5; minute++) await clock.advance(12_000);
  ticks.stop();
  assert.deepEqual({ count, wrong, left: clock.pendingTimers }, { count: 3000, wrong: 0, left: 0 });
});

test('late timers move no deadline', () => {
  const clock = new RealisticClock();
  const due: number[] = [];
  startTicks(clock, 20, (dueMs) => due.push(dueMs - 1000.25));
  for (let i = 0; i < 180_000; i++) clock.fire((i * 7) % 11);
  assert.equal(due.length, 180_000);
  assert.ok(due.every((at, index) => at === (index + 1) * 20));
});

test('a timer that fires early is set again, nothing is sent before its time', () => {
  const clock = new RealisticClock();
  const due: number[] = [];
  startTicks(clock, 20, (dueMs) => due.push(dueMs));
  clock.fire(-1.5);
  assert.deepEqual(due, []);
  clock.fire(0);
  assert.deepEqual(due, [1020.25]);
});

test('after a stall three ticks are made up for, the others left out', () => {
  const clock = new RealisticClock();
  const due: number[] = [];
  startTicks(clock, 20, (dueMs) => due.push(dueMs - 1000.25));
  clock.fire(500);
  clock.fire(0);
  assert.deepEqual(due, [480, 500, 520, 540]);
});

test('while packets keep the thread busy a tick comes with the first of them, and only once', () => {
  const clock = new RealisticClock();
  const due: number[] = [];
  const ticks = startTicks(clock, 20, (dueMs) => due.push(dueMs - 1000.25));
  clock.pass(19);
  ticks.at(clock.now());
  assert.deepEqual(due, []);
  clock.pass(2);
  ticks.at(clock.now());
  ticks.at(clock.now());
  assert.deepEqual(due, [20]);
  // Its timer, 26 ms late, finds the next one due.
  clock.fire(5);
  assert.deepEqual(due, [20, 40]);
  clock.fire(0);
  assert.deepEqual(due, [20, 40, 60]);
});
