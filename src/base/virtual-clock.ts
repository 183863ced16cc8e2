import type { Clock, Timer } from './clock.ts';

type Entry = { at: number; sequence: number; fire: () => void; cancelled: boolean };

/**
 * A clock that moves only when told to: one due timer at a time, promises settled in between.
 * With it a test is exact to the millisecond and an hour takes no time.
 */
export class VirtualClock implements Clock {
  #now = 0;
  #sequence = 0;
  #pending = 0;
  /** Binary heap by due time, then by the order of setting. */
  readonly #heap: Entry[] = [];
  readonly #wallStart: number;

  constructor(options: { wallStart?: number } = {}) {
    this.#wallStart = options.wallStart ?? Date.UTC(2026, 0, 1);
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#wallStart + this.#now;
  }

  /** Timers set and neither fired nor cancelled: a leak when a call is over. */
  get pendingTimers(): number {
    return this.#pending;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const at = this.#now + Math.max(0, delayMs);
    const entry: Entry = { at, sequence: this.#sequence++, fire, cancelled: false };
    this.#push(entry);
    this.#pending++;
    return {
      cancel: () => {
        if (entry.cancelled) return;
        entry.cancelled = true;
        this.#pending--;
      },
    };
  }

  /** Moves time on by `durationMs`, firing what falls due, letting promises settle before each timer. */
  async advance(durationMs: number): Promise<void> {
    const end = this.#now + durationMs;
    for (;;) {
      await settled();
      const due = this.#takeDue(end);
      if (due === undefined) break;
      this.#now = due.at;
      due.fire();
    }
    this.#now = end;
  }

  /** Moves time on until no timer is left, at most `limitMs`; tells how long it took. */
  async runOut(limitMs: number): Promise<number> {
    const start = this.#now;
    for (;;) {
      await settled();
      const due = this.#takeDue(start + limitMs);
      if (due === undefined) return this.#now - start;
      this.#now = due.at;
      due.fire();
    }
  }

  #takeDue(end: number): Entry | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || (!first.cancelled && first.at > end)) return undefined;
      this.#pop();
      if (first.cancelled) continue;
      first.cancelled = true; // A cancel that comes after the fire changes nothing.
      this.#pending--;
      return first;
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}

/** Lets every promise reaction that is already queued run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
