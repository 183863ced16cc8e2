import { z } from 'zod';
import { isCountry } from '../base/country.ts';
import type { SecurityChange } from '../model/security-rules.ts';
import type { KeyPath } from './key-tree.ts';
import type { ValueProblem } from './problems.ts';

const allowed = z.boolean().describe('true (allowed) or false').optional();

const prefixes = z
  .array(
    z
      .union([z.string(), z.int().min(0)])
      .transform(String)
      .pipe(z.string().regex(/^[1-9][0-9]{0,14}$/))
      .describe('the first digits of numbers with the country code, as 7800 or 44'),
  )
  .describe('a list of the first digits of numbers, as [7800, 44]')
  .optional();

const limit = (what: string) =>
  z
    .union([z.literal('none'), z.int().min(0).max(1_000_000)])
    .describe(`a whole number from 0 to 1000000 (${what}), or none`)
    .optional();

/**
 * `security` of an account: docs/operating/security.md. No key has a default here, for what the file does
 * not name stays as it is in the database.
 */
export const securitySchema = z
  .strictObject({
    home_country: z
      .string()
      .refine(isCountry)
      .describe('a country of ISO 3166 by two letters, as RU')
      .optional(),
    directions: z
      .strictObject({ mobile: allowed, long_distance: allowed, international: allowed })
      .optional(),
    allowed_prefixes: prefixes,
    denied_prefixes: prefixes,
    limits: z
      .strictObject({
        simultaneous_calls: limit('calls'),
        calls_per_minute_per_contact: limit('calls'),
        calls_per_minute_per_operator: limit('calls'),
        calls_per_minute_per_prefix: limit('calls'),
        prefix_length: z
          .int()
          .min(1)
          .max(15)
          .describe('a whole number from 1 to 15 (digits)')
          .optional(),
        minutes_per_day: limit('minutes'),
      })
      .optional(),
  })
  .optional();

export type SecurityValues = NonNullable<z.output<typeof securitySchema>>;

/** From the file's names to the program's; what is not named is not there. */
export function toSecurityChange(values: SecurityValues): SecurityChange {
  const { directions, limits } = values;
  return withoutUndefined<SecurityChange>({
    homeCountry: values.home_country,
    directions: directions && withoutUndefined(directions),
    allowedPrefixes: values.allowed_prefixes,
    deniedPrefixes: values.denied_prefixes,
    limits:
      limits &&
      withoutUndefined<NonNullable<SecurityChange['limits']>>({
        simultaneousCalls: toLimit(limits.simultaneous_calls),
        callsPerMinutePerContact: toLimit(limits.calls_per_minute_per_contact),
        callsPerMinutePerOperator: toLimit(limits.calls_per_minute_per_operator),
        callsPerMinutePerPrefix: toLimit(limits.calls_per_minute_per_prefix),
        prefixLength: limits.prefix_length,
        minutesPerDay: toLimit(limits.minutes_per_day),
      }),
  });
}

/** A prefix that is allowed and denied is denied: whoever wrote both meant something else. */
export function* checkSecurity(
  { allowed_prefixes = [], denied_prefixes = [] }: SecurityValues,
  path: KeyPath,
): Iterable<ValueProblem> {
  for (const [place, prefix] of allowed_prefixes.entries())
    if (denied_prefixes.includes(prefix))
      yield {
        path: [...path, 'allowed_prefixes', place],
        atKey: false,
        text: `${JSON.stringify(prefix)} is in denied_prefixes too: remove one of the two`,
      };
}

function toLimit(value: number | 'none' | undefined): number | null | undefined {
  return value === 'none' ? null : value;
}

function withoutUndefined<T extends object>(values: { [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
