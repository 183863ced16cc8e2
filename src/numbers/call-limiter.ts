import type { Clock, Timer } from '../base/clock.ts';
import type { CallEvent } from '../model/call-event.ts';
import type { CallingLimits } from '../model/security-rules.ts';
import { isSipLine } from '../model/sip-line-number.ts';
import type { MinuteUse } from '../store/numbers-store.ts';
import { LegMinutes } from './leg-minutes.ts';
import { type Expected, SlidingCounter } from './sliding-counter.ts';

/** Names of limits as `limit_type` tells them. */
export type LimitName =
  | 'simultaneous_calls'
  | 'calls_per_minute_per_contact'
  | 'calls_per_minute_per_operator'
  | 'calls_per_minute_per_prefix'
  | 'minutes_per_day';

export type LimitReached = {
  readonly limit: LimitName;
  readonly most: number;
  /** Whose number it was; undefined: the limit is of the account. */
  readonly field?: 'contact' | 'operator';
};

export type PlannedCall = {
  readonly accountId: number;
  readonly timeZone: string;
  readonly contact: string;
  readonly operator: string;
  readonly limits: CallingLimits;
};

/** What a call holds of its account's limits from before it is dialled. */
export interface Reservation {
  /** The call runs: what it holds is given back by its end, which may have come already. */
  started(callSessionId: number): void;
  /** Nothing was dialled: everything is given back. Does nothing after `started`. */
  failed(): void;
}

export type CallLimiterParts = {
  readonly clock: Clock;
  /** Wall ms of the next midnight of a zone after an instant. */
  readonly nextMidnight: (timeZone: string, at: number) => number;
  /** Ends a call whose account has no minutes left. */
  readonly endCall: (accountId: number, callSessionId: number) => void;
};

type Account = {
  /** As of its last order: they may have been changed since the one before. */
  limits: CallingLimits;
  readonly calls: Set<number>;
  /** Reservations whose call has no id yet. */
  starting: number;
  /** Calls that ended while some were starting: one of them may be theirs. */
  readonly ended: Set<number>;
  readonly contacts: SlidingCounter;
  readonly operators: SlidingCounter;
  readonly prefixes: SlidingCounter;
  readonly minutes: LegMinutes;
  exhausted: Timer | undefined;
};

/** Keeps each account within its calling limits, whatever happens in whatever order. In one process. */
export class CallLimiter {
  readonly #parts: CallLimiterParts;
  readonly #accounts = new Map<number, Account>();

  constructor(parts: CallLimiterParts) {
    this.#parts = parts;
  }

  /** Takes what the call needs of every limit, or nothing. Within one turn: nobody comes between. */
  reserve(call: PlannedCall): Reservation | LimitReached {
    const account = this.#account(call.accountId, call.timeZone);
    account.limits = call.limits;
    const reached = this.#firstReached(account, call);
    if (reached !== undefined) return reached;
    const expected = countersOf(account, call).map(([counter, name]) => counter.expect(name));
    account.starting++;
    this.#watchMinutes(call.accountId, account);
    let open = true;
    const close = (outcome: keyof Expected): boolean => {
      if (!open) return false;
      open = false;
      account.starting--;
      for (const it of expected) it[outcome]();
      return true;
    };
    return {
      started: (callSessionId) => {
        if (!close('happened')) return;
        if (!account.ended.delete(callSessionId)) account.calls.add(callSessionId);
        if (account.starting === 0) account.ended.clear();
      },
      failed: () => {
        if (close('failed') && account.starting === 0) account.ended.clear();
      },
    };
  }

  /** Every event of every call comes here. */
  take(event: CallEvent): void {
    const account = this.#accounts.get(event.accountId);
    if (account === undefined) return;
    switch (event.type) {
      case 'legAnswered':
        account.minutes.begin(event.legId, event.callSessionId);
        return this.#watchMinutes(event.accountId, account);
      case 'legEnded':
        account.minutes.end(event.legId);
        return this.#watchMinutes(event.accountId, account);
      case 'callEnded':
        if (!account.calls.delete(event.callSessionId) && account.starting > 0)
          account.ended.add(event.callSessionId);
        return;
    }
  }

  /** Counts what happened before this process: a call that began `ageMs` ago. */
  remember(call: PlannedCall, ageMs: number): void {
    const account = this.#account(call.accountId, call.timeZone);
    account.limits = call.limits;
    for (const [counter, name] of countersOf(account, call)) counter.add(name, ageMs);
  }

  /** Counts talk of today that was over before this process. */
  rememberMinutes(account: Pick<PlannedCall, 'accountId' | 'timeZone'>, ms: number): void {
    this.#account(account.accountId, account.timeZone).minutes.addUsed(ms);
  }

  /** What every account has talked today, and whether somebody of it still does. */
  minutes(): readonly (MinuteUse & { readonly talks: boolean })[] {
    return Array.from(this.#accounts, ([accountId, { minutes }]) => ({
      accountId,
      dayEndsAt: minutes.dayEndsAt,
      usedMs: minutes.usedMs,
      talks: minutes.running > 0,
    }));
  }

  /** Calls that hold a place in their account's limits, for invariants. */
  get held(): number {
    let sum = 0;
    for (const { calls, starting } of this.#accounts.values()) sum += calls.size + starting;
    return sum;
  }

  #firstReached(account: Account, call: PlannedCall): LimitReached | undefined {
    const { limits, contact, operator } = call;
    const most = (limit: number | null): number => limit ?? Infinity;
    if (account.calls.size + account.starting >= most(limits.simultaneousCalls))
      return { limit: 'simultaneous_calls', most: limits.simultaneousCalls! };
    const perContact = limits.callsPerMinutePerContact;
    if (account.contacts.count(contact) >= most(perContact))
      return { limit: 'calls_per_minute_per_contact', most: perContact!, field: 'contact' };
    const perOperator = limits.callsPerMinutePerOperator;
    if (account.operators.count(operator) >= most(perOperator))
      return { limit: 'calls_per_minute_per_operator', most: perOperator!, field: 'operator' };
    const perPrefix = limits.callsPerMinutePerPrefix;
    for (const field of ['contact', 'operator'] as const) {
      const [prefix] = prefixesOf([call[field]], limits);
      if (prefix !== undefined && account.prefixes.count(prefix) >= most(perPrefix))
        return { limit: 'calls_per_minute_per_prefix', most: perPrefix!, field };
    }
    if (account.minutes.usedMs >= most(limits.minutesPerDay) * minuteMs)
      return { limit: 'minutes_per_day', most: limits.minutesPerDay! };
    return undefined;
  }

  /** Calls that talk when the day's minutes run out are ended: their length is known to nobody before. */
  #watchMinutes(accountId: number, account: Account): void {
    account.exhausted?.cancel();
    account.exhausted = undefined;
    const { minutesPerDay } = account.limits;
    const { minutes } = account;
    if (minutesPerDay === null || minutes.running === 0) return;
    const left = Math.max(0, minutesPerDay * minuteMs - minutes.usedMs);
    // Rounded down, so that the last moment is not one too many; at midnight it is counted anew.
    const wait = Math.min(Math.floor(left / minutes.running), minutes.msToMidnight);
    account.exhausted = this.#parts.clock.setTimer(wait, () => {
      if (minutes.usedMs + minutes.running > minutesPerDay * minuteMs)
        for (const callSessionId of minutes.calls()) this.#parts.endCall(accountId, callSessionId);
      else this.#watchMinutes(accountId, account);
    });
  }

  #account(accountId: number, timeZone: string): Account {
    const known = this.#accounts.get(accountId);
    if (known !== undefined) {
      known.minutes.timeZone = timeZone;
      return known;
    }
    const { clock, nextMidnight } = this.#parts;
    const account: Account = {
      limits: unlimited,
      calls: new Set(),
      starting: 0,
      ended: new Set(),
      contacts: new SlidingCounter(clock, minuteMs),
      operators: new SlidingCounter(clock, minuteMs),
      prefixes: new SlidingCounter(clock, minuteMs),
      minutes: new LegMinutes({ clock, nextMidnight, timeZone }),
      exhausted: undefined,
    };
    this.#accounts.set(accountId, account);
    return account;
  }
}

const minuteMs = 60_000;

const unlimited: CallingLimits = {
  simultaneousCalls: null,
  callsPerMinutePerContact: null,
  callsPerMinutePerOperator: null,
  callsPerMinutePerPrefix: null,
  prefixLength: 15,
  minutesPerDay: null,
};

/** A call whose two parties share a prefix is one call to it; SIP lines are nobody's range. */
const prefixesOf = (
  numbers: readonly string[],
  { prefixLength }: CallingLimits,
): ReadonlySet<string> =>
  new Set(numbers.filter((it) => !isSipLine(it)).map((it) => it.slice(0, prefixLength)));

/** Where a call counts within its minute, and by which name. */
function countersOf(
  account: Account,
  { contact, operator, limits }: PlannedCall,
): readonly (readonly [SlidingCounter, name: string])[] {
  return [
    [account.contacts, contact],
    [account.operators, operator],
    ...Array.from(
      prefixesOf([contact, operator], limits),
      (prefix) => [account.prefixes, prefix] as const,
    ),
  ];
}
