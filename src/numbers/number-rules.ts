import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { CallEvent } from '../model/call-event.ts';
import { isSipLine } from '../model/sip-line-number.ts';
import type { Account, Store } from '../store/store.ts';
import {
  CallLimiter,
  type LimitReached,
  type PlannedCall,
  type Reservation,
} from './call-limiter.ts';
import { restoreUsage } from './call-usage.ts';
import { MinuteSaver } from './minute-saver.ts';
import { NumberChooser, type NumberQuestion } from './number-chooser.ts';
import { type Refusal, refusalOf } from './number-permission.ts';
import { prepareNumberFacts } from './phone-metadata.ts';
import { RegionFinder } from './region-finder.ts';

export type NumberRulesParts = {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Wall ms of the next midnight of an IANA zone after an instant. */
  readonly nextMidnight: (timeZone: string, at: number) => number;
  /** Ends a call whose account has used up its minutes. */
  readonly endCall: (accountId: number, callSessionId: number) => void;
};

export type CallPlan = {
  readonly account: Account;
  readonly contact: string;
  readonly operator: string;
  /** `virtual_phone_number`: its region is the caller's own city. */
  readonly virtualNumber: string;
};

/** Whether the rules let both parties of a call be rung. */
export type Permission =
  | { readonly permitted: PlannedCall }
  | { readonly refused: Refusal; readonly field: 'contact' | 'operator' };

/** The door of numbers/: which number a call presents, whom an account may call, and how much. */
export class NumberRules {
  readonly regions: RegionFinder;
  readonly #parts: NumberRulesParts;
  readonly #chooser: NumberChooser;
  readonly #limiter: CallLimiter;
  readonly #saver: MinuteSaver;

  constructor(parts: NumberRulesParts) {
    this.#parts = parts;
    this.regions = new RegionFinder(parts.store.numberingPlan);
    this.#chooser = new NumberChooser({ ...parts, regions: this.regions });
    this.#limiter = new CallLimiter(parts);
    const { clock, log, store } = parts;
    this.#saver = new MinuteSaver({ clock, log, store: store.minuteUse, limiter: this.#limiter });
  }

  /** The number that a call presents by the usage rule: spec/simple-call.md section 5. */
  choose(question: NumberQuestion): Promise<string> {
    return this.#chooser.choose(question);
  }

  /** Whom the account may call: directions, prefixes, premium ranges. SIP lines are its own. */
  async permit({ account, contact, operator, virtualNumber }: CallPlan): Promise<Permission> {
    const rules = await this.#parts.store.security.of(account.id);
    for (const [field, number] of [
      ['contact', contact],
      ['operator', operator],
    ] as const) {
      if (isSipLine(number)) continue;
      const refused = await refusalOf(number, rules, () => this.#sameRegion(number, virtualNumber));
      if (refused !== undefined) return { refused, field };
    }
    const { id: accountId, timeZone } = account;
    return { permitted: { accountId, timeZone, contact, operator, limits: rules.limits } };
  }

  /** Takes what a permitted call needs of its account's limits, or says which is reached. */
  reserve(call: PlannedCall): Reservation | LimitReached {
    return this.#limiter.reserve(call);
  }

  /** Every event of every call: what gives back what calls hold. */
  take(event: CallEvent): void {
    this.#limiter.take(event);
    this.#saver.take(event);
  }

  /**
   * Counts what was called before this process began, and reads the world's numbering plans; to be called
   * before the first request.
   */
  async restore(): Promise<void> {
    const { store, clock, log } = this.#parts;
    await prepareNumberFacts();
    await restoreUsage({ store, clock, log, limiter: this.#limiter });
  }

  /** Saves what was counted last; to be called after the last call. */
  close(): Promise<void> {
    return this.#saver.close();
  }

  /** Calls that hold a place in their account's limits: zero when every call is over. */
  get held(): number {
    return this.#limiter.held;
  }

  async #sameRegion(number: string, other: string): Promise<boolean> {
    const region = await this.regions.of(number);
    return region !== undefined && region === (await this.regions.of(other));
  }
}
