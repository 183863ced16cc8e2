/** Time as the server sees it: every timer in the code comes from here, so tests can own it. */
export interface Clock {
  /** Monotonic milliseconds: only differences have meaning. For every timeout. */
  now(): number;
  /** Milliseconds since 1970. For records and logs; never for a timeout. */
  wallTime(): number;
  /** Calls `fire` once, `delayMs` from now. */
  setTimer(delayMs: number, fire: () => void): Timer;
}

export interface Timer {
  /** Idempotent; after it `fire` is not called. */
  cancel(): void;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimer(delayMs, fire) {
    const handle = setTimeout(fire, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
