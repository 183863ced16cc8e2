import type { Clock } from '../base/clock.ts';

/** Failed logins an address has at once: clients repeat an error several times and are no attack. */
const burst = 20;
/** One more is allowed after each of these. */
const refillMs = 3_000;
const mostAddresses = 10_000;
/** Passwords checked at the same time, and waiting: scrypt must not take all of the machine. */
const mostAtOnce = 2;
const mostWaiting = 100;

type Bucket = { failures: number; since: number };

/**
 * Slows down guessing of passwords: over its allowance an address is refused without a look at the
 * password. Nobody is locked out: no login is ever blocked, and the allowance comes back by itself.
 */
export class LoginGuard {
  readonly #clock: Clock;
  /** In the order of the last failure. */
  readonly #buckets = new Map<string, Bucket>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a login from this address may be checked at all. */
  allows(address: string): boolean {
    return this.#failures(address) < burst && this.#waiting.length < mostWaiting;
  }

  /** Counts a wrong password or an unknown login. */
  failed(address: string): void {
    const failures = this.#failures(address) + 1;
    this.#buckets.delete(address);
    this.#buckets.set(address, { failures, since: this.#clock.now() });
    if (this.#buckets.size > mostAddresses)
      this.#buckets.delete(this.#buckets.keys().next().value!);
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

  /** What is left of the failures after the time that has passed: a leaky bucket. */
  #failures(address: string): number {
    const bucket = this.#buckets.get(address);
    if (bucket === undefined) return 0;
    return Math.max(0, bucket.failures - (this.#clock.now() - bucket.since) / refillMs);
  }
}
