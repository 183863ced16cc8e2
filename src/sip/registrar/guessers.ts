import type { Clock } from '../../base/clock.ts';

const mostFailures = 20;
const windowMs = 60_000;
const mostAddresses = 10_000;

/** Addresses that failed to prove who they are so often that nothing is said to them for a while. */
export class Guessers {
  readonly #clock: Clock;
  readonly #failures = new Map<string, { count: number; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isOne(host: string): boolean {
    return this.#current(host).count >= mostFailures;
  }

  failed(host: string): void {
    const { count } = this.#current(host);
    this.#failures.delete(host);
    // The oldest is forgotten first: many addresses do not let one of them go on for long.
    if (this.#failures.size >= mostAddresses)
      this.#failures.delete(this.#failures.keys().next().value!);
    this.#failures.set(host, { count: count + 1, until: this.#clock.now() + windowMs });
  }

  #current(host: string): { readonly count: number } {
    const known = this.#failures.get(host);
    return known !== undefined && this.#clock.now() < known.until ? known : { count: 0 };
  }
}
