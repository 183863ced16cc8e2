import type { Clock } from '../base/clock.ts';
import type { Account } from '../store/store.ts';
import { ApiError } from './errors.ts';
import { nextMidnight } from './zone-time.ts';

/** `metadata.limits`: points and whole seconds. spec/call-api.md section 3. */
export type Limits = {
  readonly day_limit: number;
  readonly day_remaining: number;
  readonly day_reset: number;
  readonly minute_limit: number;
  readonly minute_remaining: number;
  readonly minute_reset: number;
};

type Window = { startsAt: number; endsAt: number; used: number };
type Counters = { minute: Window; day: Window };

const minuteMs = 60_000;

/**
 * The points of each account: a minute of the wall clock and a day of the account's time zone. Kept in
 * memory only: a restart begins both windows anew.
 */
export class Points {
  readonly #clock: Clock;
  readonly #counters = new Map<number, Counters>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes points before the method runs, so that requests at the same time cannot exceed the limit
   * together. Only success costs: the function given back returns them. Throws `limit_exceeded`.
   */
  take(account: Account, weight: number): () => void {
    if (weight === 0) return () => {};
    const { minute, day } = this.#current(account);
    if (day.used + weight > account.dayLimit) throw exceeded('day', account.dayLimit);
    if (minute.used + weight > account.minuteLimit) throw exceeded('minute', account.minuteLimit);
    minute.used += weight;
    day.used += weight;
    return () => {
      minute.used -= weight;
      day.used -= weight;
    };
  }

  /** What is left and until when, as every answer tells it. */
  limits(account: Account): Limits {
    const { minute, day } = this.#current(account);
    const now = this.#clock.wallTime();
    return {
      day_limit: account.dayLimit,
      day_remaining: Math.max(0, account.dayLimit - day.used),
      day_reset: Math.ceil((day.endsAt - now) / 1000),
      minute_limit: account.minuteLimit,
      minute_remaining: Math.max(0, account.minuteLimit - minute.used),
      minute_reset: Math.ceil((minute.endsAt - now) / 1000),
    };
  }

  /** The counters with every window that is over replaced by a new one. */
  #current({ id, timeZone }: Account): Counters {
    const now = this.#clock.wallTime();
    let counters = this.#counters.get(id);
    if (counters === undefined) {
      const over = { startsAt: 0, endsAt: 0, used: 0 };
      counters = { minute: over, day: over };
      this.#counters.set(id, counters);
    }
    if (!isWithin(counters.minute, now)) {
      const startsAt = now - (now % minuteMs);
      counters.minute = { startsAt, endsAt: startsAt + minuteMs, used: 0 };
    }
    if (!isWithin(counters.day, now))
      counters.day = { startsAt: now, endsAt: nextMidnight(timeZone, now), used: 0 };
    return counters;
  }
}

/** A clock that was set back by more than a moment starts a new window too. */
function isWithin({ startsAt, endsAt }: Window, now: number): boolean {
  return now >= startsAt - minuteMs && now < endsAt;
}

function exceeded(type: 'day' | 'minute', limit: number): ApiError {
  return new ApiError('limit_exceeded', { params: { limit_type: type, limit_max_value: limit } });
}
