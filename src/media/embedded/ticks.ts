import type { Clock, Timer } from '../../base/clock.ts';

/** After a stall at most so many missed ticks are made up for: 60 ms fits any receiver's buffer. */
const catchUpTicks = 3;

/**
 * Calls `tick` on deadlines that are multiples of `intervalMs` from the start, so that an hour of
 * sound takes an hour: lateness of one tick never moves the next. After a stall the last few ticks
 * are made up for and the others left out.
 */
export function startTicks(
  clock: Clock,
  intervalMs: number,
  tick: (dueMs: number) => void,
): { stop(): void } {
  const start = clock.now();
  let count = 1;
  let timer: Timer;
  const fire = (): void => {
    const passed = Math.floor((clock.now() - start) / intervalMs);
    count = Math.max(count, passed - catchUpTicks + 1);
    while (count <= passed) tick(start + count++ * intervalMs);
    arm();
  };
  const arm = (): void => {
    // A timer may fire a little early: then nothing is due yet and it is set again.
    const delayMs = Math.ceil(start + count * intervalMs - clock.now());
    timer = clock.setTimer(Math.max(0, delayMs), fire);
  };
  arm();
  return { stop: () => timer.cancel() };
}
