import { masterKeyLengths, type SrtpKey } from '../../sdp/crypto-attribute.ts';
import { AesKeystream } from './aes-keystream.ts';

/** What a session works with, for RTP or for RTCP. */
export type SessionKeys = {
  readonly cipherKey: Uint8Array;
  /** 14 bytes, or 12 for GCM. */
  readonly salt: Uint8Array;
  /** For HMAC-SHA1; GCM has no use for it. */
  readonly authenticationKey: Uint8Array;
};

/** RFC 3711 section 4.3.1: the label of the cipher key; authentication key and salt have the next two. */
const firstLabel = { rtp: 0, rtcp: 3 } as const;
/** RFC 3711 section 5.2: 160 bits for every suite with HMAC-SHA1. */
const authenticationKeyLength = 20;

/** Session keys from a master key (RFC 3711 section 4.3, RFC 7714 section 11), with a derivation rate of 0. */
export function deriveSessionKeys({ suite, key }: SrtpKey, of: 'rtp' | 'rtcp'): SessionKeys {
  const master = Buffer.from(key, 'base64');
  const lengths = masterKeyLengths[suite];
  const keystream = new AesKeystream(master.subarray(0, lengths.key));
  const masterSalt = master.subarray(lengths.key);
  const derive = (label: number, length: number): Uint8Array => {
    const iv = new Uint8Array(16);
    iv.set(masterSalt);
    iv[7]! ^= label;
    const derived = new Uint8Array(length);
    keystream.xor(derived, 0, length, iv);
    return derived;
  };
  const label = firstLabel[of];
  return {
    cipherKey: derive(label, lengths.key),
    authenticationKey: derive(label + 1, authenticationKeyLength),
    salt: derive(label + 2, lengths.salt),
  };
}
