import type { Direction, SecurityRules } from '../model/security-rules.ts';
import { callingCodeOf, type NumberFacts, numberFacts } from './phone-metadata.ts';
import { deniedRanges } from './premium-ranges.ts';

/** Why a number may not be called. */
export type Refusal =
  | { readonly because: 'direction'; readonly direction: Direction }
  /** A prefix that the account denies. */
  | { readonly because: 'denied_prefix'; readonly prefix: string }
  /** A range of the shipped table, or a number of the type premium rate. */
  | { readonly because: 'premium'; readonly prefix: string };

/** Whether a fixed line is in the caller's own city: asked only where that decides. */
export type IsLocal = () => Promise<boolean>;

/**
 * Whether an account's rules let a number be called. The longest prefix decides, the account's own and
 * the shipped ones alike, a denied one before an allowed one of the same length; where none speaks, the
 * direction does.
 */
export async function refusalOf(
  number: string,
  rules: SecurityRules,
  isLocal: IsLocal,
): Promise<Refusal | undefined> {
  const facts = await numberFacts(number);
  const allowed = longestOf(rules.allowedPrefixes, number);
  const denied = longestOf(rules.deniedPrefixes, number);
  const atHome = await isAtHome(number, facts, rules.homeCountry);
  const shipped = shippedPrefix(number, facts, atHome);
  const allowedLength = allowed?.length ?? -1;
  if (denied !== undefined && denied.length >= allowedLength)
    return { because: 'denied_prefix', prefix: denied };
  if (shipped !== undefined && shipped.length > allowedLength)
    return { because: 'premium', prefix: shipped };
  if (allowed !== undefined) return undefined;
  for (const direction of directionsOf(facts, atHome)) {
    if (rules.directions[direction]) continue;
    if (direction === 'long_distance' && (await isLocal())) continue;
    return { because: 'direction', direction };
  }
  return undefined;
}

/** What an account of `homeCountry` pays for a number as. */
export async function directionOf(number: string, homeCountry: string): Promise<Direction> {
  const facts = await numberFacts(number);
  return directionsOf(facts, await isAtHome(number, facts, homeCountry))[0]!;
}

/** In North America a mobile number cannot be told from a fixed one: both must be allowed. */
function directionsOf({ type }: NumberFacts, atHome: boolean): readonly Direction[] {
  if (!atHome) return ['international'];
  if (type === 'MOBILE') return ['mobile'];
  return type === 'FIXED_LINE_OR_MOBILE' ? ['long_distance', 'mobile'] : ['long_distance'];
}

/** Whatever is not known to be of the home country is not. */
async function isAtHome(
  number: string,
  { callingCode, country }: Pick<NumberFacts, 'callingCode' | 'country'>,
  homeCountry: string,
): Promise<boolean> {
  if (homeCountry === 'RU' && abkhazia.test(number)) return false;
  if (country !== undefined) return country === homeCountry;
  const home = await callingCodeOf(homeCountry);
  if (home === undefined || !number.startsWith(home)) return false;
  if (callingCode !== undefined && callingCode !== home) return false;
  // A number of no plan, as of a range just opened. Of the codes that countries share only Russia's own
  // part is known: Kazakhstan has 76 and 77.
  if (home === '7') return homeCountry === 'RU' ? !/^7[67]/.test(number) : /^7[67]/.test(number);
  return !sharedCodes.has(home);
}

/** Numbers of Russia's plan to libphonenumber; carriers bill them as calls abroad. */
const abkhazia = /^7[89]40/;

/** E.164 codes of several countries: where the country is not known the home country is not assumed. */
const sharedCodes: ReadonlySet<string> = new Set(
  '1 39 44 47 61 212 262 290 358 590 599'.split(' '),
);

function longestOf(prefixes: readonly string[], number: string): string | undefined {
  let longest: string | undefined;
  for (const prefix of prefixes)
    if (number.startsWith(prefix) && prefix.length > (longest?.length ?? -1)) longest = prefix;
  return longest;
}

const everywhere = deniedRanges
  .filter(({ kind }) => kind !== 'callback' && kind !== 'fraud')
  .map(({ prefix }) => prefix);
const abroad = deniedRanges.map(({ prefix }) => prefix);
/** Digits after the country code that an allowed prefix needs to open a number of the type premium rate. */
const premiumDigits = 3;

function shippedPrefix(
  number: string,
  { callingCode, type }: NumberFacts,
  atHome: boolean,
): string | undefined {
  const listed = longestOf(atHome ? everywhere : abroad, number);
  if (listed !== undefined || type !== 'PREMIUM_RATE') return listed;
  return number.slice(0, (callingCode?.length ?? 0) + premiumDigits);
}
