import type { SecurityRules } from '../model/security-rules.ts';

/** Which of an account's numbers met which contact, and when last: what sticky usage rules remember. */
export interface NumberUseStore {
  /** Most recently used first; also numbers that are inactive or gone since. */
  withContact(accountId: number, contact: string): Promise<readonly string[]>;
  /** `at`: wall ms. Of several at one instant, or after the clock was set back, the last is the most recent. */
  record(use: NumberUse): Promise<void>;
}

export type NumberUse = {
  readonly accountId: number;
  readonly contact: string;
  readonly number: string;
  readonly at: number;
};

/** What the calls of accounts have talked in the day that is under way, or in the last one they talked. */
export interface MinuteUseStore {
  list(): Promise<readonly MinuteUse[]>;
  /** Takes the place of what was saved for these accounts. */
  save(uses: readonly MinuteUse[]): Promise<void>;
}

export type MinuteUse = {
  readonly accountId: number;
  /** Wall ms of the midnight that ends the day. */
  readonly dayEndsAt: number;
  /** Of all answered legs together. */
  readonly usedMs: number;
};

/** Numbers `first` to `last`, E.164 digits as whole numbers, given to one region. */
export type NumberRange = {
  readonly first: number;
  readonly last: number;
  readonly region: string;
};

/** The regulator's numbering plan as imported; empty until then. */
export interface NumberingPlanStore {
  /** As the regulator writes it; undefined: the plan does not say. */
  region(number: string): Promise<string | undefined>;
  /** The same with the number that reports have for the region. */
  regionCard(number: string): Promise<{ readonly id: number; readonly name: string } | undefined>;
  /** Puts `ranges` in place of everything within the `blocks`, in one transaction. Ranges must not overlap. */
  replace(
    blocks: readonly { readonly first: number; readonly last: number }[],
    ranges: readonly NumberRange[],
  ): Promise<void>;
  /** How many ranges there are. */
  size(): Promise<number>;
}

/** The security rules of accounts. */
export interface SecurityStore {
  /** The default ones where nothing was set. */
  of(accountId: number): Promise<SecurityRules>;
  put(accountId: number, rules: SecurityRules): Promise<void>;
}
