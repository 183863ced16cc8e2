/** Why a range is denied until an account allows it. */
export type RangeKind = 'premium' | 'satellite' | 'global' | 'callback' | 'fraud';

export type DeniedRange = {
  /** E.164 digits. */
  readonly prefix: string;
  readonly kind: RangeKind;
  readonly what: string;
};

/**
 * Ranges that cost their caller much, or that toll fraud is paid by. An account opens one by an allowed
 * prefix at least as long; `callback` and `fraud` do not hold within its home country. Numbers that
 * libphonenumber knows as premium rate are denied besides, in every country. Sources: 1 ITU-T, List of ITU-T Recommendation E.164 assigned country codes; 2 Russia's system
 * and plan of numbering; 3 the national plan as libphonenumber's metadata has it; 4 the FCC's consumer
 * guides on one-ring and "809" calls; 5 destinations that public reports on revenue share fraud name again
 * and again. Of 5 only ranges that hardly anybody calls back to are here: it is no list of bad countries.
 */
// biome-ignore format: a table
export const deniedRanges: readonly DeniedRange[] = [
  // 2, 3
  { prefix: '7803', kind: 'premium', what: 'Russia 8-803: televoting' },
  { prefix: '7809', kind: 'premium', what: 'Russia 8-809: premium rate' },
  { prefix: '7954', kind: 'satellite', what: 'Russia 8-954: Globalstar' },
  // 1: codes of no country
  { prefix: '808', kind: 'global', what: 'International Shared Cost Service' },
  { prefix: '870', kind: 'satellite', what: 'Inmarsat' },
  { prefix: '878', kind: 'global', what: 'Universal Personal Telecommunications' },
  { prefix: '881', kind: 'satellite', what: 'Global Mobile Satellite System: Iridium, Globalstar' },
  { prefix: '882', kind: 'global', what: 'International Networks' },
  { prefix: '883', kind: 'global', what: 'International Networks' },
  { prefix: '888', kind: 'global', what: 'formerly disaster relief' },
  { prefix: '979', kind: 'premium', what: 'International Premium Rate Service' },
  { prefix: '991', kind: 'global', what: 'formerly a trial of ITPCS' },
  // 3: premium rate, where libphonenumber's type is not the whole of it
  { prefix: '1900', kind: 'premium', what: 'North America 900' },
  { prefix: '4470', kind: 'premium', what: 'United Kingdom 070: personal numbers' },
  { prefix: '4487', kind: 'premium', what: 'United Kingdom 087: service numbers' },
  { prefix: '449', kind: 'premium', what: 'United Kingdom 09' },
  { prefix: '380900', kind: 'premium', what: 'Ukraine 0900' },
  { prefix: '375902', kind: 'premium', what: 'Belarus 8-902' },
  { prefix: '49900', kind: 'premium', what: 'Germany 0900' },
  { prefix: '3389', kind: 'premium', what: 'France 089' },
  { prefix: '39899', kind: 'premium', what: 'Italy 899' },
  { prefix: '34803', kind: 'premium', what: 'Spain 803' },
  { prefix: '34806', kind: 'premium', what: 'Spain 806' },
  { prefix: '34807', kind: 'premium', what: 'Spain 807' },
  // 4: look like the United States and are not
  { prefix: '1242', kind: 'callback', what: 'Bahamas' },
  { prefix: '1246', kind: 'callback', what: 'Barbados' },
  { prefix: '1268', kind: 'callback', what: 'Antigua and Barbuda' },
  { prefix: '1284', kind: 'callback', what: 'British Virgin Islands' },
  { prefix: '1473', kind: 'callback', what: 'Grenada' },
  { prefix: '1649', kind: 'callback', what: 'Turks and Caicos Islands' },
  { prefix: '1664', kind: 'callback', what: 'Montserrat' },
  { prefix: '1767', kind: 'callback', what: 'Dominica' },
  { prefix: '1809', kind: 'callback', what: 'Dominican Republic' },
  { prefix: '1829', kind: 'callback', what: 'Dominican Republic' },
  { prefix: '1849', kind: 'callback', what: 'Dominican Republic' },
  { prefix: '1876', kind: 'callback', what: 'Jamaica' },
  { prefix: '222', kind: 'callback', what: 'Mauritania' },
  // 5: small networks whose numbers fraud has been paid by
  { prefix: '232', kind: 'fraud', what: 'Sierra Leone' },
  { prefix: '239', kind: 'fraud', what: 'São Tomé and Príncipe' },
  { prefix: '246', kind: 'fraud', what: 'Diego Garcia' },
  { prefix: '247', kind: 'fraud', what: 'Ascension' },
  { prefix: '252', kind: 'fraud', what: 'Somalia' },
  { prefix: '257', kind: 'fraud', what: 'Burundi' },
  { prefix: '269', kind: 'fraud', what: 'Comoros' },
  { prefix: '290', kind: 'fraud', what: 'Saint Helena, Tristan da Cunha' },
  { prefix: '500', kind: 'fraud', what: 'Falkland Islands' },
  { prefix: '53', kind: 'fraud', what: 'Cuba' },
  { prefix: '670', kind: 'fraud', what: 'Timor-Leste' },
  { prefix: '672', kind: 'fraud', what: 'Norfolk Island, Antarctica' },
  { prefix: '674', kind: 'fraud', what: 'Nauru' },
  { prefix: '675', kind: 'fraud', what: 'Papua New Guinea' },
  { prefix: '677', kind: 'fraud', what: 'Solomon Islands' },
  { prefix: '678', kind: 'fraud', what: 'Vanuatu' },
  { prefix: '681', kind: 'fraud', what: 'Wallis and Futuna' },
  { prefix: '682', kind: 'fraud', what: 'Cook Islands' },
  { prefix: '683', kind: 'fraud', what: 'Niue' },
  { prefix: '686', kind: 'fraud', what: 'Kiribati' },
  { prefix: '688', kind: 'fraud', what: 'Tuvalu' },
  { prefix: '690', kind: 'fraud', what: 'Tokelau' },
  { prefix: '692', kind: 'fraud', what: 'Marshall Islands' },
];
