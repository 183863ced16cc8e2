import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import { defaultSecurityRules, type SecurityRules } from '../model/security-rules.ts';
import { directionOf, refusalOf } from './number-permission.ts';
import { deniedRanges } from './premium-ranges.ts';

type Row = readonly [number: string, rules: Partial<SecurityRules>, refusal: string | undefined];

const closed = { mobile: false, long_distance: false, international: false };
const open = { mobile: true, long_distance: true, international: true };

// biome-ignore format: a table
const table: readonly Row[] = [
  // As it comes.
  ['79262444491', {}, undefined],
  ['74951234567', {}, undefined],
  ['78001234567', {}, undefined],
  ['77273334455', {}, 'direction international'],
  ['76001234567', {}, 'direction international'],
  ['375291234567', {}, 'direction international'],
  ['12125551234', {}, 'direction international'],
  ['442079460000', {}, 'direction international'],
  ['2101234567', {}, 'direction international'],
  ['79400000000', {}, 'direction international'],
  ['78402345678', {}, 'direction international'],
  ['78091234567', {}, 'premium 7809'],
  ['78031234567', {}, 'premium 7803'],
  ['79541234567', {}, 'premium 7954'],
  ['870773111632', {}, 'premium 870'],
  ['881612345678', {}, 'premium 881'],
  ['882133000001', {}, 'premium 882'],
  ['883123456789', {}, 'premium 883'],
  ['979123456789', {}, 'premium 979'],
  // Ranges of no plan are of the country that their digits say.
  ['70001234567', { directions: { ...open, long_distance: false } }, 'direction long_distance'],
  // Directions.
  ['79262444491', { directions: closed }, 'direction mobile'],
  ['74951234567', { directions: closed }, 'direction long_distance'],
  ['12125551234', { directions: open }, undefined],
  ['380441234567', { directions: open }, undefined],
  // The shipped table, and the type of a number that the table does not name.
  ['2321234567', { directions: open }, 'premium 232'],
  ['18095551234', { directions: open }, 'premium 1809'],
  ['19005551234', { directions: open }, 'premium 1900'],
  ['447012345678', { directions: open }, 'premium 4470'],
  ['43900123456', { directions: open }, 'premium 43900'],
  // Prefixes: the longest one decides, whosever it is.
  ['79262444491', { deniedPrefixes: ['7926'] }, 'denied_prefix 7926'],
  ['79262444491', { deniedPrefixes: ['7926'], allowedPrefixes: ['792624'] }, undefined],
  ['79262444491', { deniedPrefixes: ['792624'], allowedPrefixes: ['7926'] }, 'denied_prefix 792624'],
  ['79262444491', { deniedPrefixes: ['7926'], allowedPrefixes: ['7926'] }, 'denied_prefix 7926'],
  ['79262444491', { deniedPrefixes: ['7927'] }, undefined],
  ['79262444491', { directions: closed, allowedPrefixes: ['7926'] }, undefined],
  ['375291234567', { allowedPrefixes: ['375'] }, undefined],
  ['442079460000', { allowedPrefixes: ['44'] }, undefined],
  ['449012345678', { allowedPrefixes: ['44'] }, 'premium 449'],
  ['449012345678', { allowedPrefixes: ['449'] }, undefined],
  ['78091234567', { allowedPrefixes: ['7'] }, 'premium 7809'],
  ['78091234567', { allowedPrefixes: ['7809'] }, undefined],
  ['43900123456', { allowedPrefixes: ['43'] }, 'premium 43900'],
  ['43900123456', { allowedPrefixes: ['43900'] }, undefined],
  ['2321234567', { allowedPrefixes: ['232'] }, undefined],
  // Another home.
  ['77273334455', { homeCountry: 'KZ' }, undefined],
  ['79262444491', { homeCountry: 'KZ' }, 'direction international'],
  ['12125551234', { homeCountry: 'US' }, undefined],
  ['12125551234', { homeCountry: 'US', directions: { ...open, mobile: false } }, 'direction mobile'],
  ['12425551234', { homeCountry: 'US', directions: { ...open, international: false } }, 'premium 1242'],
  ['14165551234', { homeCountry: 'US' }, 'direction international'],
  ['5371234567', { homeCountry: 'CU' }, undefined],
  ['881612345678', { homeCountry: 'CU' }, 'premium 881'],
  ['79262444491', { homeCountry: 'AQ' }, 'direction international'],
];

for (const [number, rules, refusal] of table)
  test(`${number} ${JSON.stringify(rules)} -> ${refusal ?? 'allowed'}`, async () => {
    const found = await refusalOf(number, { ...defaultSecurityRules, ...rules }, async () => false);
    const text =
      found && `${found.because} ${found.because === 'direction' ? found.direction : found.prefix}`;
    assert.equal(text, refusal);
  });

test('a number of one’s own city is no long-distance one, and only that', async () => {
  const rules = { ...defaultSecurityRules, directions: closed };
  const local = async () => true;
  assert.equal(await refusalOf('74951234567', rules, local), undefined);
  assert.deepEqual(await refusalOf('79262444491', rules, local), {
    because: 'direction',
    direction: 'mobile',
  });
});

/** ITU-T, List of Recommendation E.164 assigned country codes: what belongs to no single country. */
const sharedByNoCountry = ['800', '808', '870', '878', '881', '882', '883', '888', '979', '991'];

test('every E.164 country code is classified: international but for the home country’s', async () => {
  const codes = new Set<string>(getCountries().map((it) => getCountryCallingCode(it)));
  for (const code of sharedByNoCountry) codes.add(code);
  assert.ok(codes.size > 210, 'the world has more codes');
  for (const code of codes) {
    const numbers = Array.from({ length: 10 }, (_, digit) => `${code}${digit}0123456`);
    for (const number of numbers) {
      const direction = await directionOf(number, 'RU');
      if (code !== '7') assert.equal(direction, 'international', number);
    }
  }
  assert.equal(await directionOf('79262444491', 'RU'), 'mobile');
  assert.equal(await directionOf('74951234567', 'RU'), 'long_distance');
});

test('codes that are assigned to nobody are international too', async () => {
  for (let code = 1; code <= 999; code++) {
    const number = `${code}`.padEnd(11, '5');
    const direction = await directionOf(number, 'RU');
    const russian = number.startsWith('7') && !/^7[67]/.test(number);
    assert.equal(direction !== 'international', russian, number);
  }
});

test('the shipped table: digits only, each prefix once', () => {
  const prefixes = deniedRanges.map(({ prefix }) => prefix);
  assert.equal(new Set(prefixes).size, prefixes.length);
  for (const prefix of prefixes) assert.match(prefix, /^[1-9][0-9]{1,6}$/);
});
