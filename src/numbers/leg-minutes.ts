import type { Clock } from '../base/clock.ts';

export type LegMinutesParts = {
  readonly clock: Clock;
  /** Wall ms of the next midnight of a zone after an instant. */
  readonly nextMidnight: (timeZone: string, at: number) => number;
  readonly timeZone: string;
};

/** How long the answered legs of one account have lasted today, together, those still up included. */
export class LegMinutes {
  timeZone: string;
  readonly #clock: Clock;
  readonly #nextMidnight: LegMinutesParts['nextMidnight'];
  /** Legs that are up, with their call. */
  readonly #running = new Map<number, number>();
  #usedMs = 0;
  /** Monotonic: until when `#usedMs` counts, and when the day ends. */
  #countedTo: number;
  #dayDue: number;

  constructor({ clock, nextMidnight, timeZone }: LegMinutesParts) {
    this.timeZone = timeZone;
    this.#clock = clock;
    this.#nextMidnight = nextMidnight;
    this.#countedTo = clock.now();
    this.#dayDue = this.#midnightAfter(clock.now());
  }

  get usedMs(): number {
    this.#count();
    return this.#usedMs;
  }

  /** Legs that are up. */
  get running(): number {
    return this.#running.size;
  }

  /** Wall ms of the midnight that ends this day. */
  get dayEndsAt(): number {
    return this.#clock.wallTime() + this.msToMidnight;
  }

  get msToMidnight(): number {
    this.#count();
    return Math.max(0, this.#dayDue - this.#clock.now());
  }

  /** The calls of the legs that are up. */
  calls(): ReadonlySet<number> {
    return new Set(this.#running.values());
  }

  begin(legId: number, callSessionId: number): void {
    this.#count();
    this.#running.set(legId, callSessionId);
  }

  end(legId: number): void {
    this.#count();
    this.#running.delete(legId);
  }

  addUsed(ms: number): void {
    this.#count();
    this.#usedMs += ms;
  }

  #count(): void {
    const now = this.#clock.now();
    while (now >= this.#dayDue) {
      this.#usedMs = 0;
      this.#countedTo = this.#dayDue;
      this.#dayDue = this.#midnightAfter(this.#dayDue);
    }
    this.#usedMs += (now - this.#countedTo) * this.#running.size;
    this.#countedTo = now;
  }

  /** Monotonic, of a monotonic instant. */
  #midnightAfter(instant: number): number {
    const wallAhead = this.#clock.wallTime() - this.#clock.now();
    const due = this.#nextMidnight(this.timeZone, instant + wallAhead) - wallAhead;
    return Math.max(due, instant + 1_000); // However the clock of the wall is moved, a day has an end.
  }
}
