import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import type { SessionKeys } from './srtp-keys.ts';
import { encryptedBit, rtcpClearLength, type SrtpTransform, writeWord } from './srtp-transform.ts';

/** RFC 7714 section 12: only the full tag is defined. */
const tagLength = 16;
const iv = new Uint8Array(12);

type Direction = { readonly key: KeyObject; readonly salt: Uint8Array };
type GcmName = 'aes-128-gcm' | 'aes-256-gcm';

/** AES-GCM: RFC 7714. node:crypto does it all; a cipher object serves one packet. */
export class GcmTransform implements SrtpTransform {
  readonly rtpOverhead = tagLength;
  readonly rtcpOverhead = tagLength + 4;
  readonly #name: GcmName;
  readonly #rtp: Direction;
  readonly #rtcp: Direction;

  constructor({ rtp, rtcp }: { readonly rtp: SessionKeys; readonly rtcp: SessionKeys }) {
    this.#name = rtp.cipherKey.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
    this.#rtp = { key: createSecretKey(rtp.cipherKey), salt: rtp.salt };
    this.#rtcp = { key: createSecretKey(rtcp.cipherKey), salt: rtcp.salt };
  }

  sealRtp(packet: Uint8Array, bodyStart: number, ssrc: number, index: number): void {
    const { key, salt } = this.#rtp;
    setRtpIv(salt, ssrc, index);
    const end = packet.length - tagLength;
    this.#seal(key, packet.subarray(0, bodyStart), packet, bodyStart, end);
  }

  openRtp(packet: Uint8Array, bodyStart: number, ssrc: number, index: number): boolean {
    const { key, salt } = this.#rtp;
    setRtpIv(salt, ssrc, index);
    const end = packet.length - tagLength;
    return this.#open(key, packet.subarray(0, bodyStart), packet, bodyStart, end);
  }

  sealRtcp(packet: Uint8Array, ssrc: number, index: number): void {
    const { key, salt } = this.#rtcp;
    setRtcpIv(salt, ssrc, index);
    const wordAt = packet.length - 4;
    writeWord(packet, wordAt, index + encryptedBit);
    const clear = clearPart(packet, rtcpClearLength, wordAt);
    this.#seal(key, clear, packet, rtcpClearLength, wordAt - tagLength);
  }

  openRtcp(packet: Uint8Array, ssrc: number, word: number): boolean {
    const { key, salt } = this.#rtcp;
    const isEncrypted = word >= encryptedBit;
    setRtcpIv(salt, ssrc, isEncrypted ? word - encryptedBit : word);
    const wordAt = packet.length - 4;
    const end = wordAt - tagLength;
    const bodyStart = isEncrypted ? rtcpClearLength : end;
    return this.#open(key, clearPart(packet, bodyStart, wordAt), packet, bodyStart, end);
  }

  rtcpWordAt(length: number): number {
    return length - 4;
  }

  #seal(key: KeyObject, clear: Uint8Array, packet: Uint8Array, from: number, to: number): void {
    const cipher = createCipheriv(this.#name, key, iv);
    cipher.setAAD(clear);
    packet.set(cipher.update(packet.subarray(from, to)), from);
    cipher.final();
    packet.set(cipher.getAuthTag(), to);
  }

  #open(key: KeyObject, clear: Uint8Array, packet: Uint8Array, from: number, to: number): boolean {
    const decipher = createDecipheriv(this.#name, key, iv);
    decipher.setAAD(clear);
    decipher.setAuthTag(packet.subarray(to, to + tagLength));
    const plain = decipher.update(packet.subarray(from, to));
    try {
      decipher.final();
    } catch {
      return false;
    }
    packet.set(plain, from);
    return true;
  }
}

/** What of an RTCP packet is authenticated and not encrypted: RFC 7714 section 9.2 and 9.3. */
function clearPart(packet: Uint8Array, length: number, wordAt: number): Uint8Array {
  const clear = new Uint8Array(length + 4);
  clear.set(packet.subarray(0, length));
  clear.set(packet.subarray(wordAt, wordAt + 4), length);
  return clear;
}

/** RFC 7714 section 8.1: two zero bytes, SSRC, rollover counter and sequence number, XOR salt. */
function setRtpIv(salt: Uint8Array, ssrc: number, index: number): void {
  setIv(salt, ssrc, Math.floor(index / 0x1_0000), index & 0xffff);
}

/** RFC 7714 section 9.1: two zero bytes, SSRC, two zero bytes and the index, XOR salt. */
function setRtcpIv(salt: Uint8Array, ssrc: number, index: number): void {
  setIv(salt, ssrc, index >>> 16, index & 0xffff);
}

function setIv(salt: Uint8Array, ssrc: number, high: number, low: number): void {
  iv[0] = 0;
  iv[1] = 0;
  writeWord(iv, 2, ssrc);
  writeWord(iv, 6, high);
  iv[10] = low >>> 8;
  iv[11] = low;
  for (let i = 0; i < 12; i++) iv[i]! ^= salt[i]!;
}
