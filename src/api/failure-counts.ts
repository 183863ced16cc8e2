import type { Clock } from '../base/clock.ts';

const mostAddresses = 10_000;

type Bucket = { readonly failures: number; readonly since: number };

/** Failures by address, each forgotten after a while: a leaky bucket. The oldest addresses go when there are too many. */
export class FailureCounts {
  readonly #clock: Clock;
  readonly #forgetMs: number;
  /** In the order of the last failure. */
  readonly #buckets = new Map<string, Bucket>();

  /** One failure is forgotten every `forgetMs`. */
  constructor(clock: Clock, forgetMs: number) {
    this.#clock = clock;
    this.#forgetMs = forgetMs;
  }

  /** What is left of the failures after the time that has passed. */
  of(address: string): number {
    const bucket = this.#buckets.get(address);
    if (bucket === undefined) return 0;
    return Math.max(0, bucket.failures - (this.#clock.now() - bucket.since) / this.#forgetMs);
  }

  add(address: string): void {
    const failures = this.of(address) + 1;
    this.#buckets.delete(address);
    this.#buckets.set(address, { failures, since: this.#clock.now() });
    if (this.#buckets.size > mostAddresses)
      this.#buckets.delete(this.#buckets.keys().next().value!);
  }
}
