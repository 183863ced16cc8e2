import type { Clock } from '../base/clock.ts';
import { FailureCounts } from './failure-counts.ts';

/** Refused tokens an address has at once: after its session's end a busy client sends many, each several times. */
const burst = 200;
/** One more is allowed after each of these. */
const refillMs = 100;
/** An address over its allowance waits so long for each refusal. */
const delayMs = 1_000;
/** Refusals held back at the same time: more would be memory that anybody could fill. */
const mostWaiting = 1_000;

/**
 * Slows down who tries tokens. Only refusals wait: a token that is right is answered at once, whatever
 * else comes from its address.
 */
export class TokenGuard {
  readonly #clock: Clock;
  readonly #failures: FailureCounts;
  #waiting = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#failures = new FailureCounts(clock, refillMs);
  }

  /** Counts a refused token; resolves when the refusal may be answered. */
  async refused(address: string): Promise<void> {
    this.#failures.add(address);
    if (this.#failures.of(address) <= burst || this.#waiting >= mostWaiting) return;
    this.#waiting++;
    await new Promise<void>((resolve) => this.#clock.setTimer(delayMs, resolve));
    this.#waiting--;
  }
}
