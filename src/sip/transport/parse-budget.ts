import type { Clock } from '../../base/clock.ts';
import { TokenBucket } from '../../base/token-bucket.ts';

/** Messages a second: what one core can use, calls and all, is half of it. */
const perAccepted = 10_000;
/** All strangers together: what bears our mark without coming from a trunk is rare. */
const perStrangers = 50;
/** Sources come from the DNS or from registrations, so there are not many; a table all the same is bounded. */
const mostSources = 10_000;

/** How much reading each source may cost, so that a flood of one leaves time for the others. */
export class ParseBudget {
  readonly #clock: Clock;
  readonly #strangers: TokenBucket;
  readonly #sources = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#strangers = new TokenBucket(clock, perStrangers);
  }

  /** False: this message is dropped unread. */
  allows(host: string, accepted: boolean): boolean {
    if (!accepted) return this.#strangers.take();
    let bucket = this.#sources.get(host);
    if (bucket === undefined) {
      if (this.#sources.size >= mostSources) {
        this.#sources.delete(this.#sources.keys().next().value!);
      }
      bucket = new TokenBucket(this.#clock, perAccepted);
      this.#sources.set(host, bucket);
    }
    return bucket.take();
  }
}
