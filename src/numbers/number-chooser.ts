import type { Clock } from '../base/clock.ts';
import { pick, type Random } from '../base/random.ts';
import type { Store } from '../store/store.ts';
import type { RegionFinder } from './region-finder.ts';

/** The values of `virtual_phone_usage_rule`: spec/simple-call.md section 5. */
export const usageRules = [
  'fixed',
  'fixed_for_numa',
  'random',
  'regional_random',
  'regional_fixed_for_numa',
] as const;

export type UsageRule = (typeof usageRules)[number];

export type NumberQuestion = {
  readonly accountId: number;
  readonly rule: UsageRule;
  readonly contact: string;
  /** `virtual_phone_number`: an active number of the account, taken when no number fits the rule. */
  readonly fallback: string;
};

type ChooserParts = {
  readonly store: Store;
  readonly regions: RegionFinder;
  readonly clock: Clock;
  readonly random: Random;
};

/** Chooses the number a call presents, and remembers that the contact met it. */
export class NumberChooser {
  readonly #parts: ChooserParts;

  constructor(parts: ChooserParts) {
    this.#parts = parts;
  }

  /** Choice and memory are one transaction: calls to one contact at the same time agree. */
  async choose(question: NumberQuestion): Promise<string> {
    const { store, clock } = this.#parts;
    const { accountId, rule, contact, fallback } = question;
    const at = clock.wallTime();
    if (rule === 'fixed') {
      await store.numberUse.record({ accountId, contact, number: fallback, at });
      return fallback;
    }
    // Regions are read from files, so they are found before the transaction holds up the journal.
    const near = isRegional(rule) ? await this.#numbersNear(question) : undefined;
    return store.transaction(async (within) => {
      const own = await activeNumbers(within, accountId);
      const candidates = near === undefined ? own : own.filter((number) => near.has(number));
      const number =
        (isSticky(rule) && (await lastUsed(within, question, candidates))) ||
        this.#fresh(rule, candidates) ||
        fallback;
      await within.numberUse.record({ accountId, contact, number, at });
      return number;
    });
  }

  /** The rule's first number for a contact; undefined: none fits. */
  #fresh(rule: UsageRule, candidates: readonly string[]): string | undefined {
    if (rule === 'fixed_for_numa' || candidates.length === 0) return undefined;
    return pick(this.#parts.random, candidates);
  }

  /** The account's numbers of the contact's region; none while that is unknown. */
  async #numbersNear({ accountId, contact }: NumberQuestion): Promise<ReadonlySet<string>> {
    const { store, regions } = this.#parts;
    const region = await regions.of(contact);
    if (region === undefined) return new Set();
    const own = await activeNumbers(store, accountId);
    const found = await Promise.all(own.map((number) => regions.of(number)));
    return new Set(own.filter((_, index) => found[index] === region));
  }
}

const isSticky = (rule: UsageRule): boolean =>
  rule === 'fixed_for_numa' || rule === 'regional_fixed_for_numa';

const isRegional = (rule: UsageRule): boolean =>
  rule === 'regional_random' || rule === 'regional_fixed_for_numa';

async function activeNumbers(store: Store, accountId: number): Promise<readonly string[]> {
  const numbers = await store.numbers.list(accountId);
  return numbers.filter(({ active }) => active).map(({ number }) => number);
}

async function lastUsed(
  store: Store,
  { accountId, contact }: NumberQuestion,
  candidates: readonly string[],
): Promise<string | undefined> {
  const used = await store.numberUse.withContact(accountId, contact);
  return used.find((number) => candidates.includes(number));
}
