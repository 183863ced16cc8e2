import { AesKeystream } from './aes-keystream.ts';
import { HmacSha1 } from './hmac-sha1.ts';
import type { SessionKeys } from './srtp-keys.ts';
import { encryptedBit, rtcpClearLength, type SrtpTransform, writeWord } from './srtp-transform.ts';

/** RFC 3711 section 3.4 with RFC 4568 section 6.2: 80 bits on RTCP, also where RTP has 32. */
const rtcpTagLength = 10;
const iv = new Uint8Array(16);

type Direction = {
  readonly keystream: AesKeystream;
  readonly hmac: HmacSha1;
  readonly salt: Uint8Array;
};

/** AES in counter mode with HMAC-SHA1: RFC 3711 section 4.1.1 and 4.2, RFC 6188. */
export class CounterModeTransform implements SrtpTransform {
  readonly rtpOverhead: number;
  readonly rtcpOverhead = 4 + rtcpTagLength;
  readonly #rtp: Direction;
  readonly #rtcp: Direction;

  constructor(
    keys: { readonly rtp: SessionKeys; readonly rtcp: SessionKeys },
    rtpTagLength: number,
  ) {
    this.rtpOverhead = rtpTagLength;
    this.#rtp = prepared(keys.rtp);
    this.#rtcp = prepared(keys.rtcp);
  }

  sealRtp(packet: Uint8Array, bodyStart: number, ssrc: number, index: number): void {
    const { keystream, hmac, salt } = this.#rtp;
    const end = packet.length - this.rtpOverhead;
    setIv(salt, ssrc, index);
    keystream.xor(packet, bodyStart, end, iv);
    hmac.digest(packet, end, Math.floor(index / 0x1_0000));
    hmac.writeTag(packet, end, this.rtpOverhead);
  }

  openRtp(packet: Uint8Array, bodyStart: number, ssrc: number, index: number): boolean {
    const { keystream, hmac, salt } = this.#rtp;
    const end = packet.length - this.rtpOverhead;
    hmac.digest(packet, end, Math.floor(index / 0x1_0000));
    if (!hmac.matches(packet, end, this.rtpOverhead)) return false;
    setIv(salt, ssrc, index);
    keystream.xor(packet, bodyStart, end, iv);
    return true;
  }

  sealRtcp(packet: Uint8Array, ssrc: number, index: number): void {
    const { keystream, hmac, salt } = this.#rtcp;
    const end = packet.length - this.rtcpOverhead;
    setIv(salt, ssrc, index);
    keystream.xor(packet, rtcpClearLength, end, iv);
    writeWord(packet, end, index + encryptedBit);
    hmac.digest(packet, end + 4);
    hmac.writeTag(packet, end + 4, rtcpTagLength);
  }

  openRtcp(packet: Uint8Array, ssrc: number, word: number): boolean {
    const { keystream, hmac, salt } = this.#rtcp;
    const end = packet.length - this.rtcpOverhead;
    hmac.digest(packet, end + 4);
    if (!hmac.matches(packet, end + 4, rtcpTagLength)) return false;
    if (word < encryptedBit) return true;
    setIv(salt, ssrc, word - encryptedBit);
    keystream.xor(packet, rtcpClearLength, end, iv);
    return true;
  }

  rtcpWordAt(length: number): number {
    return length - this.rtcpOverhead;
  }
}

function prepared({ cipherKey, authenticationKey, salt }: SessionKeys): Direction {
  return {
    keystream: new AesKeystream(cipherKey),
    hmac: new HmacSha1(authenticationKey),
    salt,
  };
}

/** RFC 3711 section 4.1.1: (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). */
function setIv(salt: Uint8Array, ssrc: number, index: number): void {
  for (let i = 0; i < 14; i++) iv[i] = salt[i]!;
  const high = Math.floor(index / 0x1_0000);
  iv[4]! ^= ssrc >>> 24;
  iv[5]! ^= ssrc >>> 16;
  iv[6]! ^= ssrc >>> 8;
  iv[7]! ^= ssrc;
  iv[8]! ^= high >>> 24;
  iv[9]! ^= high >>> 16;
  iv[10]! ^= high >>> 8;
  iv[11]! ^= high;
  iv[12]! ^= index >>> 8;
  iv[13]! ^= index;
}
