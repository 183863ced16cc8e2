import type { Clock } from '../base/clock.ts';

/** How often names without anything in the window are thrown out. */
const sweepEvery = 1_000;

/** Something that is counted before it happens. The first of the two that is called holds. */
export type Expected = { happened(): void; failed(): void };

/** Counts what happened to a name within the last `windowMs`: exact, for any window, not by calendar minutes. */
export class SlidingCounter {
  readonly #clock: Clock;
  readonly #windowMs: number;
  /** Monotonic instants by name, oldest first. */
  readonly #instants = new Map<string, number[]>();
  #additions = 0;

  constructor(clock: Clock, windowMs: number) {
    this.#clock = clock;
    this.#windowMs = windowMs;
  }

  /** Names that are remembered. */
  get size(): number {
    return this.#instants.size;
  }

  count(name: string): number {
    const instants = this.#instants.get(name);
    if (instants === undefined) return 0;
    const since = this.#clock.now() - this.#windowMs;
    const kept = instants.findIndex((instant) => instant > since);
    if (kept === -1) this.#instants.delete(name);
    else if (kept > 0) instants.splice(0, kept);
    return kept === -1 ? 0 : instants.length;
  }

  /** `ageMs`: how long ago it happened. */
  add(name: string, ageMs = 0): void {
    if (ageMs < this.#windowMs) this.#insert(name, this.#clock.now() - ageMs);
  }

  /** What is to happen yet: it counts as of now, however long it takes, until it is settled. */
  expect(name: string): Expected {
    this.#insert(name, Infinity);
    let open = true;
    const settle = (happened: boolean): void => {
      if (!open) return;
      open = false;
      this.#remove(name, Infinity);
      if (happened) this.add(name);
    };
    return { happened: () => settle(true), failed: () => settle(false) };
  }

  #insert(name: string, instant: number): void {
    const instants = this.#instants.get(name);
    if (instants === undefined) this.#instants.set(name, [instant]);
    else instants.splice(instants.findLastIndex((other) => other <= instant) + 1, 0, instant);
    if (++this.#additions % sweepEvery === 0)
      for (const known of this.#instants.keys()) this.count(known);
  }

  #remove(name: string, instant: number): void {
    const instants = this.#instants.get(name);
    const place = instants?.indexOf(instant) ?? -1;
    if (place >= 0) instants!.splice(place, 1);
    if (instants?.length === 0) this.#instants.delete(name);
  }
}
