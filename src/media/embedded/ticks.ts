import type { Clock, Timer } from '../../base/clock.ts';

/** After a stall at most so many missed ticks are made up for: 60 ms fits any receiver's buffer. */
const catchUpTicks = 3;

export type Ticks = {
  stop(): void;
  /**
   * For whoever keeps the thread busy and knows the time: a tick that is due by then comes at once. Timers
   * wait until all packets that have arrived are done with, which may be many.
   */
  at(nowMs: number): void;
};

/**
 * Calls `tick` on deadlines that are multiples of `intervalMs` from the start, so that an hour of
 * sound takes an hour: lateness of one tick never moves the next. After a stall the last few ticks
 * are made up for and the others left out.
 */
export function startTicks(clock: Clock, intervalMs: number, tick: (dueMs: number) => void): Ticks {
  const start = clock.now();
  let count = 1;
  let dueMs = start + intervalMs;
  let timer: Timer;
  const runDue = (): void => {
    const passed = Math.floor((clock.now() - start) / intervalMs);
    count = Math.max(count, passed - catchUpTicks + 1);
    while (count <= passed) tick(start + count++ * intervalMs);
    dueMs = start + count * intervalMs;
  };
  const fire = (): void => {
    runDue();
    arm();
  };
  const arm = (): void => {
    // A timer may fire a little early: then nothing is due yet and it is set again.
    const delayMs = Math.ceil(start + count * intervalMs - clock.now());
    timer = clock.setTimer(Math.max(0, delayMs), fire);
  };
  arm();
  return {
    stop: () => timer.cancel(),
    // The timer that was set for it finds nothing due and is set again.
    at: (nowMs) => {
      if (nowMs >= dueMs) runDue();
    },
  };
}
