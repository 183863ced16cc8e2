import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * SRTP with AES_CM_128_HMAC_SHA1_80 as a phone of its own has it (RFC 3711), by node:crypto, packet by
 * packet, and shared with nothing of the server: for one stream each way.
 */

const tagLength = 10;

/** Turns counter mode on zeros into the keystream: RFC 3711 section 4.1.1. */
function counterMode(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Buffer {
  return createCipheriv('aes-128-ctr', key, iv).update(data);
}

/** One direction of a stream. */
export class PhoneSrtp {
  readonly #cipherKey: Buffer;
  readonly #authenticationKey: Buffer;
  readonly #salt: Buffer;
  #rollovers = 0;
  #lastSequence = -1;

  /** `inline` is master key and salt in base64. */
  constructor(inline: string) {
    const master = Buffer.from(inline, 'base64');
    const derive = (label: number, length: number): Buffer => {
      const iv = Buffer.concat([master.subarray(16, 30), Buffer.alloc(2)]);
      iv[7]! ^= label;
      return counterMode(master.subarray(0, 16), iv, Buffer.alloc(length));
    };
    this.#cipherKey = derive(0, 16);
    this.#authenticationKey = derive(1, 20);
    this.#salt = derive(2, 14);
  }

  /** Of a packet with a header of 12 bytes. */
  seal(packet: Uint8Array): Uint8Array {
    const rollovers = this.#rolloversOf(packet);
    const body = this.#crypt(packet, packet.length, rollovers);
    const sealed = Buffer.concat([packet.subarray(0, 12), body]);
    return Buffer.concat([sealed, this.#tag(sealed, rollovers)]);
  }

  /** undefined: not authentic. */
  open(packet: Uint8Array): Uint8Array | undefined {
    const end = packet.length - tagLength;
    if (end < 12) return undefined;
    const rollovers = this.#rolloversOf(packet);
    const tag = this.#tag(packet.subarray(0, end), rollovers);
    if (!timingSafeEqual(tag, packet.subarray(end))) return undefined;
    return Buffer.concat([packet.subarray(0, 12), this.#crypt(packet, end, rollovers)]);
  }

  #crypt(packet: Uint8Array, end: number, rollovers: number): Buffer {
    const iv = Buffer.concat([this.#salt, Buffer.alloc(2)]);
    for (let i = 0; i < 4; i++) iv[4 + i]! ^= packet[8 + i]!;
    const index = Buffer.alloc(6);
    index.writeUInt32BE(rollovers);
    index.set(packet.subarray(2, 4), 4);
    for (let i = 0; i < 6; i++) iv[8 + i]! ^= index[i]!;
    return counterMode(this.#cipherKey, iv, packet.subarray(12, end));
  }

  #tag(packet: Uint8Array, rollovers: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(rollovers);
    const hmac = createHmac('sha1', this.#authenticationKey).update(packet).update(counter);
    return hmac.digest().subarray(0, tagLength);
  }

  /** Counts the wraps of a stream that has no disorder around them. */
  #rolloversOf(packet: Uint8Array): number {
    const sequence = (packet[2]! << 8) | packet[3]!;
    if (this.#lastSequence - sequence > 0x8000) this.#rollovers++;
    this.#lastSequence = sequence;
    return this.#rollovers;
  }
}
