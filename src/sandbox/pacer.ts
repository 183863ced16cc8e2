import type { Clock, Timer } from '../base/clock.ts';

/**
 * Calls `tick` once for every 20 ms since the start, on absolute deadlines: a late wake-up is made up
 * for and never shifts those that follow. Stops when told.
 */
export function startPacer(clock: Clock, periodMs: number, tick: () => void): Timer {
  const start = clock.now();
  let done = 0;
  let timer: Timer | undefined;
  let isStopped = false;
  const wake = (): void => {
    while (!isStopped && start + done * periodMs <= clock.now()) {
      done++;
      tick();
    }
    if (isStopped) return;
    const delayMs = start + done * periodMs - clock.now();
    timer = clock.setTimer(Math.max(0, delayMs), wake);
  };
  wake();
  return {
    cancel: () => {
      isStopped = true;
      timer?.cancel();
    },
  };
}
