import type { Clock } from '../base/clock.ts';
import { FailureCounts } from './failure-counts.ts';

/** Failed logins an address has at once: clients repeat an error several times and are no attack. */
const burst = 20;
/** One more is allowed after each of these. */
const refillMs = 3_000;
/** Passwords checked at the same time, and waiting: scrypt must not take all of the machine. */
const mostAtOnce = 2;
const mostWaiting = 100;

/**
 * Slows down guessing of passwords: over its allowance an address is refused without a look at the
 * password. Nobody is locked out: no login is ever blocked, and the allowance comes back by itself.
 */
export class LoginGuard {
  readonly #failures: FailureCounts;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(clock: Clock) {
    this.#failures = new FailureCounts(clock, refillMs);
  }

  /** Whether a login from this address may be checked at all. */
  allows(address: string): boolean {
    return this.#failures.of(address) < burst && this.#waiting.length < mostWaiting;
  }

  /** Counts a wrong password or an unknown login. */
  failed(address: string): void {
    this.#failures.add(address);
  }

  /** Runs a check of a password when one of the places is free. */
  async check<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= mostAtOnce) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
