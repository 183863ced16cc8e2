import type { Clock, Timer } from '../../base/clock.ts';

/** The timers of one state of a transaction: one that repeats, one that ends the state. */
export class StateTimers {
  readonly #clock: Clock;
  #repeating: Timer | undefined;
  #ending: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  stop(): void {
    this.stopRepeating();
    this.#ending?.cancel();
    this.#ending = undefined;
  }

  stopRepeating(): void {
    this.#repeating?.cancel();
    this.#repeating = undefined;
  }

  endAfter(delayMs: number, fire: () => void): void {
    this.#ending = this.#clock.setTimer(delayMs, fire);
  }

  /** Fires after `delayMs`, then at intervals doubled each time up to `limitMs`, until stopped. */
  repeat(delayMs: number, limitMs: number, fire: () => void): void {
    const timer = this.#clock.setTimer(delayMs, () => {
      fire();
      // `fire` may have stopped these timers, or moved on to a state with its own.
      if (this.#repeating === timer) this.repeat(Math.min(2 * delayMs, limitMs), limitMs, fire);
    });
    this.#repeating = timer;
  }
}
