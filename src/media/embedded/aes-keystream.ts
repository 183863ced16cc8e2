import { type Cipheriv, createCipheriv } from 'node:crypto';

/** So many blocks of 16 bytes are encrypted in one go: a packet of 1536 bytes. */
const blocksAtOnce = 96;
const counters = Buffer.alloc(16 * blocksAtOnce);

/**
 * AES in counter mode (RFC 3711 section 4.1.1) on one cipher object that lives as long as its key: a
 * new one for every packet, as node:crypto's own counter mode wants it, costs three times as much.
 */
export class AesKeystream {
  readonly #cipher: Cipheriv;

  /** `key` of 16 or 32 bytes. */
  constructor(key: Uint8Array) {
    const name = key.length === 32 ? 'aes-256-ecb' : 'aes-128-ecb';
    this.#cipher = createCipheriv(name, key, null).setAutoPadding(false);
  }

  /** XORs the keystream of `iv` (16 bytes, the last two are the block counter) into a stretch of `bytes`. */
  xor(bytes: Uint8Array, start: number, end: number, iv: Uint8Array): void {
    let block = (iv[14]! << 8) | iv[15]!;
    for (let at = start; at < end; ) {
      const count = Math.min(blocksAtOnce, (end - at + 15) >> 4);
      for (let i = 0, offset = 0; i < count; i++, block++, offset += 16) {
        for (let j = 0; j < 14; j++) counters[offset + j] = iv[j]!;
        counters[offset + 14] = block >>> 8;
        counters[offset + 15] = block;
      }
      const keystream = this.#cipher.update(counters.subarray(0, 16 * count));
      const stop = Math.min(end, at + keystream.length);
      for (let i = 0; at < stop; i++, at++) bytes[at]! ^= keystream[i]!;
    }
  }
}
