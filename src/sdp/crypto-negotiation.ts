import type { CryptoAttribute, SrtpKey, SrtpSuite } from './crypto-attribute.ts';
import type { MediaDescription } from './session-description.ts';

/** Our side of SDES (RFC 4568): whether it must be, and the keys we send with, of every suite. */
export type LocalSrtp = {
  /** Plain RTP is refused; else it is what remains when the peer has no SRTP. */
  readonly required: boolean;
  readonly keys: Readonly<Record<SrtpSuite, string>>;
};

/** What both sides encrypt with. */
export type NegotiatedCrypto = { readonly send: SrtpKey; readonly receive: SrtpKey };

/** Offered in this order. More lines would make of an INVITE over UDP more than one packet. */
const offeredSuites = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_CM_128_HMAC_SHA1_80',
] as const satisfies readonly SrtpSuite[];

/** Is it RTP/SAVP or RTP/SAVPF: RFC 3711, RFC 5124? */
export function isSecureProfile({ protocol }: Pick<MediaDescription, 'protocol'>): boolean {
  return protocol === 'RTP/SAVP' || protocol === 'RTP/SAVPF';
}

/** AVPF without the feedback is AVP; what it adds is for video. */
export function isPlainProfile({ protocol }: Pick<MediaDescription, 'protocol'>): boolean {
  return protocol === 'RTP/AVP' || protocol === 'RTP/AVPF';
}

/**
 * The profile and the keys of an offer. SRTP that must be is offered as RTP/SAVP. SRTP that may be is
 * offered as RTP/AVP with keys beside it (RFC 8643): who does not know that answers plain RTP, and no
 * second INVITE is needed. A stream that was secure before stays so.
 */
export function offeredCrypto(
  srtp: LocalSrtp | undefined,
  previous: MediaDescription | undefined,
): Pick<MediaDescription, 'protocol' | 'crypto'> {
  if (srtp === undefined) return { protocol: 'RTP/AVP' };
  const wasSecure = previous !== undefined && isSecureProfile(previous);
  return {
    protocol: srtp.required || wasSecure ? 'RTP/SAVP' : 'RTP/AVP',
    crypto: offeredSuites.map((suite, index) => ({
      tag: index + 1,
      suite,
      key: srtp.keys[suite],
    })),
  };
}

/**
 * What the answer to our offer chose (RFC 4568 section 5.1.3): one line, by the tag and the suite of
 * one of ours. Undefined: plain RTP.
 */
export function chosenCrypto(
  ours: MediaDescription,
  theirs: MediaDescription,
): NegotiatedCrypto | undefined | { readonly problem: string } {
  for (const line of theirs.crypto ?? []) {
    const own = ours.crypto?.find(({ tag, suite }) => tag === line.tag && suite === line.suite);
    if (own !== undefined) return { send: keyOf(own), receive: keyOf(line) };
  }
  if (isSecureProfile(theirs)) {
    const problem =
      ours.crypto === undefined
        ? `${theirs.protocol} was answered, ${ours.protocol} was offered (srtp is off)`
        : `${theirs.protocol} was answered without the key of a suite we offered`;
    return { problem };
  }
  if (!isSecureProfile(ours)) return undefined;
  return { problem: `SRTP was required, and ${theirs.protocol} was answered` };
}

/**
 * The line of our answer to an offer (RFC 4568 section 5.1.2): the first of the offer, in its order,
 * whose suite we speak, with its tag and our key. `line` undefined: plain RTP.
 */
export function answeredCrypto(
  theirs: MediaDescription,
  srtp: LocalSrtp | undefined,
): { readonly line?: CryptoAttribute; readonly keys?: NegotiatedCrypto } | { problem: string } {
  const { protocol } = theirs;
  if (srtp === undefined) {
    return isSecureProfile(theirs)
      ? { problem: `the audio protocol is ${protocol}; RTP/AVP is served (srtp is off)` }
      : {};
  }
  const [line] = theirs.crypto ?? [];
  if (line !== undefined) {
    const own = { suite: line.suite, key: srtp.keys[line.suite] };
    return { line: { tag: line.tag, ...own }, keys: { send: own, receive: keyOf(line) } };
  }
  if (isSecureProfile(theirs))
    return { problem: `${protocol} was offered without a key we can use` };
  if (!srtp.required) return {};
  return { problem: `SRTP is required, and ${protocol} was offered without a key` };
}

function keyOf({ suite, key }: CryptoAttribute): SrtpKey {
  return { suite, key };
}
