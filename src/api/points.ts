import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Account, PointStore } from '../store/store.ts';
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

export type PointsParts = {
  readonly clock: Clock;
  readonly log: Logger;
  /** Where the counters outlive the process. */
  readonly store: PointStore;
  /** Points by the name of a method, where they differ from its own weight. */
  readonly weights?: ReadonlyMap<string, number>;
};

const minuteMs = 60_000;
/** Counters are saved no more often: a killed process forgets the points of this time. */
const saveEveryMs = 1_000;

/**
 * The points of each account: a minute of the wall clock and a day of the account's time zone. Counted
 * in memory, saved a moment later, read again when the server starts.
 */
export class Points {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #store: PointStore;
  readonly #weights: ReadonlyMap<string, number>;
  readonly #counters = new Map<number, Counters>();
  /** Accounts whose counters are newer than what is saved. */
  readonly #unsaved = new Set<number>();
  #timer: Timer | undefined;

  constructor({ clock, log, store, weights = new Map() }: PointsParts) {
    this.#clock = clock;
    this.#log = log;
    this.#store = store;
    this.#weights = weights;
  }

  /** Goes on where the last process stopped; to be called before the first request. */
  async restore(): Promise<void> {
    for (const { accountId, minute, day } of await this.#store.list())
      this.#counters.set(accountId, { minute: { ...minute }, day: { ...day } });
  }

  /** Saves what was counted last; to be called after the last request. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#save();
  }

  /** Points that a method takes when it succeeds. */
  weightOf({ name, weight }: { readonly name: string; readonly weight: number }): number {
    return this.#weights.get(name) ?? weight;
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
    this.#changed(account.id);
    return () => {
      minute.used -= weight;
      day.used -= weight;
      this.#changed(account.id);
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

  #changed(accountId: number): void {
    this.#unsaved.add(accountId);
    this.#timer ??= this.#clock.setTimer(saveEveryMs, () => {
      this.#timer = undefined;
      void this.#save();
    });
  }

  async #save(): Promise<void> {
    const ids = [...this.#unsaved];
    this.#unsaved.clear();
    const counters = ids.map((accountId) => ({ accountId, ...this.#counters.get(accountId)! }));
    try {
      await this.#store.save(counters);
    } catch (error) {
      this.#log.warn({ error }, 'the points that were used could not be saved');
      for (const id of ids) this.#unsaved.add(id); // With the next change.
    }
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
