import { z } from 'zod';
import { isCountry } from '../../../base/country.ts';
import type { SecurityRules } from '../../../model/security-rules.ts';
import { Listing } from '../../listing.ts';
import { defineMethod } from '../../method.ts';
import { wholeNumber } from '../../parameters.ts';
import { dataParams } from '../data-method.ts';
import { administers, mayStay, nothing } from '../entities.ts';

const mostPrefixes = 1_000;

const country = z
  .string()
  .refine(isCountry)
  .describe('ISO 3166-1 alpha-2: numbers of every other country are international');
const prefixes = z.array(z.string().regex(/^[1-9][0-9]{0,14}$/)).max(mostPrefixes);
/** 0: none at all. */
const limit = wholeNumber.min(0).max(1_000_000).nullable();

/** The rules flat, in the words of the API, each with its range. */
const rules = {
  home_country: country,
  mobile: z.boolean().describe('mobile numbers of the home country may be called'),
  long_distance: z.boolean().describe('other numbers of the home country may be called'),
  international: z.boolean().describe('numbers of other countries may be called'),
  allowed_prefixes: prefixes.describe('first digits of numbers that may be called all the same'),
  denied_prefixes: prefixes.describe('first digits of numbers that may not; the longest decides'),
  simultaneous_calls: limit.describe('at a time; null: no limit'),
  calls_per_minute_per_contact: limit.describe('begun within any 60 s; null: no limit'),
  calls_per_minute_per_operator: limit.describe('begun within any 60 s; null: no limit'),
  calls_per_minute_per_prefix: limit.describe('begun within any 60 s; null: no limit'),
  prefix_length: wholeNumber.min(1).max(15).describe('digits that make such a prefix'),
  minutes_per_day: limit.describe('of answered legs, between two midnights; null: no limit'),
};
const changes = Object.fromEntries(
  Object.entries(rules).map(([name, schema]) => [name, mayStay(schema as z.ZodType)]),
);
type Rules = z.output<z.ZodObject<typeof rules>>;

export const getSecurityRules = defineMethod({
  ...administers,
  name: 'get.security_rules',
  summary: 'Whom the calls of the account may ring, and how much of it: an array of one.',
  params: dataParams({}),
  result: z.array(z.strictObject(rules)),
  errors: [],

  async run({ caller: { account }, parts: { store } }) {
    return new Listing([toShown(await store.security.of(account.id))], 1);
  },
});

export const updateSecurityRules = defineMethod({
  ...administers,
  name: 'update.security_rules',
  summary:
    'Changes whom the calls of the account may ring; what is left out stays, lists are replaced whole.',
  params: dataParams(changes),
  result: nothing,
  errors: [],
  example: {
    params: { international: true, denied_prefixes: ['7900', '1'], minutes_per_day: 600 },
    result: {},
  },

  async run({ params, caller: { account }, parts: { store } }) {
    await store.transaction(async (within) => {
      const { access_token: _token, user_id: _user, ...sent } = params;
      const stored = toShown(await within.security.of(account.id));
      const given = Object.entries(sent).filter(([, value]) => value !== undefined);
      await within.security.put(account.id, toRules({ ...stored, ...Object.fromEntries(given) }));
    });
    return {};
  },
});

function toShown({ directions, limits, ...others }: SecurityRules): Rules {
  return {
    home_country: others.homeCountry,
    mobile: directions.mobile,
    long_distance: directions.long_distance,
    international: directions.international,
    allowed_prefixes: [...others.allowedPrefixes],
    denied_prefixes: [...others.deniedPrefixes],
    simultaneous_calls: limits.simultaneousCalls,
    calls_per_minute_per_contact: limits.callsPerMinutePerContact,
    calls_per_minute_per_operator: limits.callsPerMinutePerOperator,
    calls_per_minute_per_prefix: limits.callsPerMinutePerPrefix,
    prefix_length: limits.prefixLength,
    minutes_per_day: limits.minutesPerDay,
  };
}

function toRules(shown: Rules): SecurityRules {
  return {
    homeCountry: shown.home_country,
    directions: {
      mobile: shown.mobile,
      long_distance: shown.long_distance,
      international: shown.international,
    },
    allowedPrefixes: shown.allowed_prefixes,
    deniedPrefixes: shown.denied_prefixes,
    limits: {
      simultaneousCalls: shown.simultaneous_calls,
      callsPerMinutePerContact: shown.calls_per_minute_per_contact,
      callsPerMinutePerOperator: shown.calls_per_minute_per_operator,
      callsPerMinutePerPrefix: shown.calls_per_minute_per_prefix,
      prefixLength: shown.prefix_length,
      minutesPerDay: shown.minutes_per_day,
    },
  };
}
