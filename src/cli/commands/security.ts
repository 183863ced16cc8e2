import {
  type CallingLimits,
  changeSecurity,
  type Direction,
  type SecurityChange,
  type SecurityRules,
} from '../../model/security-rules.ts';
import { type Refusal, refusalOf } from '../../numbers/number-permission.ts';
import { RegionFinder } from '../../numbers/region-finder.ts';
import type { Account, Store } from '../../store/store.ts';
import { type Command, type CommandInput, type OptionSpec, UsageError } from '../command.ts';
import {
  accountOptions,
  checkPhoneNumber,
  checkPrefix,
  columns,
  withAccount,
} from './store-session.ts';

/** Options by what they set, in the order in which `show` lists it. */
const directions: Readonly<Record<string, Direction>> = {
  mobile: 'mobile',
  'long-distance': 'long_distance',
  international: 'international',
};

const limits: Readonly<Record<string, keyof CallingLimits>> = {
  'simultaneous-calls': 'simultaneousCalls',
  'calls-per-minute-per-contact': 'callsPerMinutePerContact',
  'calls-per-minute-per-operator': 'callsPerMinutePerOperator',
  'calls-per-minute-per-prefix': 'callsPerMinutePerPrefix',
  'prefix-length': 'prefixLength',
  'minutes-per-day': 'minutesPerDay',
};

const show: Command = {
  path: ['security', 'show'],
  summary: 'Shows whom an account may call, and how much.',
  options: accountOptions,
  examples: ['dozvon security show'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const rules = await store.security.of(account.id);
      input.terminal.out(columns([['RULE', 'VALUE'], ...rowsOf(rules)]));
      return 0;
    }),
};

const set: Command = {
  path: ['security', 'set'],
  summary: 'Changes security rules; they hold from the next call on.',
  options: {
    'home-country': { value: 'CC', help: 'two letters of ISO 3166; all others are international' },
    ...eachOption(directions, { value: 'on|off', help: 'whether such numbers may be called' }),
    ...eachOption(limits, { value: 'N', help: 'a whole number, or none' }),
    'prefix-length': { value: 'N', help: 'digits that count as one prefix, 1 to 15' },
    ...accountOptions,
  },
  examples: [
    'dozvon security set --international on',
    'dozvon security set --simultaneous-calls 20 --minutes-per-day 600',
  ],
  run: (input) => change(input, changeOf(input)),
};

const allow: Command = {
  path: ['security', 'allow'],
  summary: 'Lets numbers be called that begin so, whatever their direction; opens premium ranges.',
  operands: ['PREFIX'],
  options: accountOptions,
  examples: ['dozvon security allow 44', 'dozvon security allow 7809'],
  run: (input) =>
    changePrefixes(input, (prefix, { allowedPrefixes, deniedPrefixes }) => ({
      allowedPrefixes: [...without(allowedPrefixes, prefix), prefix],
      deniedPrefixes: without(deniedPrefixes, prefix),
    })),
};

const deny: Command = {
  path: ['security', 'deny'],
  summary: 'Keeps numbers from being called that begin so.',
  operands: ['PREFIX'],
  options: accountOptions,
  examples: ['dozvon security deny 7900'],
  run: (input) =>
    changePrefixes(input, (prefix, { allowedPrefixes, deniedPrefixes }) => ({
      allowedPrefixes: without(allowedPrefixes, prefix),
      deniedPrefixes: [...without(deniedPrefixes, prefix), prefix],
    })),
};

const forget: Command = {
  path: ['security', 'forget'],
  summary: 'Takes back an allow or a deny.',
  operands: ['PREFIX'],
  options: accountOptions,
  examples: ['dozvon security forget 44'],
  run: (input) =>
    changePrefixes(input, (prefix, { allowedPrefixes, deniedPrefixes }) => ({
      allowedPrefixes: without(allowedPrefixes, prefix),
      deniedPrefixes: without(deniedPrefixes, prefix),
    })),
};

const check: Command = {
  path: ['security', 'check'],
  summary: 'Tells whether an account may call a number; exit code 1: it may not.',
  operands: ['NUMBER'],
  options: {
    from: { value: 'NUMBER', help: 'the virtual number: its city is no long distance' },
    ...accountOptions,
  },
  examples: ['dozvon security check 442079460000'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const number = checkPhoneNumber(input.operands[0]!);
      const refusal = await refusalFor(number, { input, store, account });
      const verdict = refusal === undefined ? 'may be called' : `is refused: ${explain(refusal)}`;
      input.terminal.out(`${number} ${verdict}\n`);
      return refusal === undefined ? 0 : 1;
    }),
};

export const securityCommands: readonly Command[] = [show, set, allow, deny, forget, check];

function rowsOf({
  homeCountry,
  directions: open,
  allowedPrefixes,
  deniedPrefixes,
  limits: most,
}: SecurityRules): readonly (readonly string[])[] {
  return [
    ['home-country', homeCountry],
    ...Object.entries(directions).map(([name, key]) => [name, open[key] ? 'on' : 'off']),
    ['allowed prefixes', allowedPrefixes.join(', ') || '-'],
    ['denied prefixes', deniedPrefixes.join(', ') || '-'],
    ...Object.entries(limits).map(([name, key]) => [name, String(most[key] ?? 'none')]),
  ];
}

function eachOption(names: object, spec: OptionSpec): Readonly<Record<string, OptionSpec>> {
  return Object.fromEntries(Object.keys(names).map((name) => [name, spec]));
}

function changeOf(input: CommandInput): SecurityChange {
  const country = input.text('home-country');
  if (country !== undefined && !/^[A-Z]{2}$/.test(country))
    throw new UsageError(`--home-country: ${JSON.stringify(country)} is no country, as RU`);
  const given = <Key extends string, Value>(
    names: Readonly<Record<string, Key>>,
    read: (option: string, text: string) => Value,
  ): Partial<Record<Key, Value>> =>
    Object.fromEntries(
      Object.entries(names).flatMap(([option, key]) => {
        const text = input.text(option);
        return text === undefined ? [] : [[key, read(option, text)]];
      }),
    ) as Partial<Record<Key, Value>>;
  const change = {
    ...(country !== undefined && { homeCountry: country }),
    directions: given(directions, readSwitch),
    limits: given(limits, readLimit) as Partial<CallingLimits>,
  };
  const values = [...Object.keys(change.directions), ...Object.keys(change.limits)];
  if (country === undefined && values.length === 0)
    throw new UsageError('say what to set, as --international on or --simultaneous-calls 20');
  return change;
}

function readSwitch(option: string, text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new UsageError(`--${option}: on or off is wanted, not ${JSON.stringify(text)}`);
}

function readLimit(option: string, text: string): number | null {
  const isLength = option === 'prefix-length';
  if (text === 'none' && !isLength) return null;
  const [low, high] = isLength ? [1, 15] : [0, 1_000_000];
  const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= low && value <= high) return value;
  const wanted = `a whole number from ${low} to ${high}${isLength ? '' : ' or none'}`;
  throw new UsageError(`--${option}: ${wanted} is wanted, not ${JSON.stringify(text)}`);
}

function change(
  input: CommandInput,
  changes: SecurityChange | ((rules: SecurityRules) => SecurityChange),
): Promise<number> {
  return withAccount(input, async (store, account) => {
    // One transaction: what another command changes at the same time is kept.
    const rules = await store.transaction(async ({ security }) => {
      const before = await security.of(account.id);
      const change = typeof changes === 'function' ? changes(before) : changes;
      const after = changeSecurity(before, change);
      await security.put(account.id, after);
      return after;
    });
    input.terminal.out(columns([['RULE', 'VALUE'], ...rowsOf(rules)]));
    return 0;
  });
}

function changePrefixes(
  input: CommandInput,
  changes: (prefix: string, rules: SecurityRules) => SecurityChange,
): Promise<number> {
  const prefix = checkPrefix(input.operands[0]!);
  return change(input, (rules) => changes(prefix, rules));
}

const without = (prefixes: readonly string[], prefix: string): readonly string[] =>
  prefixes.filter((it) => it !== prefix);

async function refusalFor(
  number: string,
  { input, store, account }: { input: CommandInput; store: Store; account: Account },
): Promise<Refusal | undefined> {
  const rules = await store.security.of(account.id);
  const regions = new RegionFinder(store.numberingPlan);
  const given = input.text('from');
  const from = given === undefined ? undefined : checkPhoneNumber(given);
  return refusalOf(number, rules, async () => {
    const region = await regions.of(number);
    if (from === undefined || region === undefined) return false;
    return region === (await regions.of(from));
  });
}

function explain(refusal: Refusal): string {
  switch (refusal.because) {
    case 'direction':
      return `${refusal.direction} numbers are switched off: dozvon security set --${refusal.direction.replace('_', '-')} on, or allow a prefix`;
    case 'denied_prefix':
      return `the account denies ${refusal.prefix}: dozvon security forget ${refusal.prefix}`;
    case 'premium':
      return `${refusal.prefix} is a premium or fraud range: dozvon security allow ${refusal.prefix} opens it`;
  }
}
