/** The SRTP suites we speak: RFC 4568 section 6.2, RFC 6188, RFC 7714; best first. */
export const srtpSuites = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
  'AES_CM_128_HMAC_SHA1_32',
] as const;

export type SrtpSuite = (typeof srtpSuites)[number];

/** Bytes of the master key and of the master salt, which follow one another in an `inline:` text. */
export const masterKeyLengths: Readonly<Record<SrtpSuite, { key: number; salt: number }>> = {
  AEAD_AES_256_GCM: { key: 32, salt: 12 },
  AEAD_AES_128_GCM: { key: 16, salt: 12 },
  AES_256_CM_HMAC_SHA1_80: { key: 32, salt: 14 },
  AES_CM_128_HMAC_SHA1_80: { key: 16, salt: 14 },
  AES_256_CM_HMAC_SHA1_32: { key: 32, salt: 14 },
  AES_CM_128_HMAC_SHA1_32: { key: 16, salt: 14 },
};

/** A suite and the key that one side sends with: what SRTP needs of one direction. */
export type SrtpKey = {
  readonly suite: SrtpSuite;
  /** Master key and salt in base64: secret, never in a log. */
  readonly key: string;
};

/** One `a=crypto` line (RFC 4568 section 9.1): the key is that of the packets its writer sends. */
export type CryptoAttribute = SrtpKey & {
  /** Up to nine digits; an answer repeats the tag of the line it chose. */
  readonly tag: number;
};

/** Lifetimes are read and not counted: `2^20` or decimal, RFC 4568 section 6.1. */
const lifetime = /^(?:2\^\d{1,2}|\d{1,20})$/;

/**
 * Reads what stands after `a=crypto:`; undefined for a line we cannot take: a suite we do not speak, a
 * master key identifier, several keys, or session parameters, all of which change what is on the wire
 * (section 6.3.7: a line with a parameter that is not understood must not be chosen). A lifetime is
 * no reason to refuse: 2^48 packets are never reached.
 */
export function parseCryptoAttribute(text: string): CryptoAttribute | undefined {
  const [tag = '', suite = '', keyParams = '', ...sessionParams] = text.trim().split(/ +/);
  const name = srtpSuites.find((one) => one === suite.toUpperCase());
  if (!/^\d{1,9}$/.test(tag) || name === undefined || sessionParams.length > 0) return undefined;
  const [method, info, ...rest] = keyParams.split(':');
  if (method!.toLowerCase() !== 'inline' || info === undefined || rest.length > 0) return undefined;
  const [key = '', ...options] = info.split('|');
  if (options.length > 1 || options.some((option) => !lifetime.test(option))) return undefined;
  const bytes = Buffer.from(key, 'base64');
  const lengths = masterKeyLengths[name];
  if (bytes.length !== lengths.key + lengths.salt) return undefined;
  // Written anew, so that the same key always reads the same.
  return { tag: Number(tag), suite: name, key: bytes.toString('base64') };
}
