/** SHA-1 works on 64 bytes at a time. */
const blockLength = 64;

const schedule = new Int32Array(80);
const block = new Uint8Array(2 * blockLength);
const start = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);

/**
 * HMAC-SHA1 (RFC 2104) with the two padded keys digested beforehand, which halves the work on an RTP
 * packet; by hand, for the call into OpenSSL costs more than the digest of so short a message.
 */
export class HmacSha1 {
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;
  readonly #state = new Int32Array(5);

  /** `key` of at most 64 bytes. */
  constructor(key: Uint8Array) {
    this.#inner = padded(key, 0x36);
    this.#outer = padded(key, 0x5c);
  }

  /**
   * Digests the first `length` bytes of `message`, and `trailer` after them as 32 bits if it is given
   * (the rollover counter of RFC 3711 section 4.2). `writeTag` and `matches` then have the result.
   */
  digest(message: Uint8Array, length: number, trailer?: number): void {
    const state = this.#state;
    state.set(this.#inner);
    let at = 0;
    for (; at + blockLength <= length; at += blockLength) compress(state, message, at);
    let rest = 0;
    block.fill(0);
    while (at < length) block[rest++] = message[at++]!;
    if (trailer !== undefined) {
      writeWord(block, rest, trailer);
      rest += 4;
    }
    finish(state, rest, blockLength + length + (trailer === undefined ? 0 : 4));
    block.fill(0);
    for (let i = 0; i < 5; i++) writeWord(block, 4 * i, state[i]!);
    state.set(this.#outer);
    finish(state, 20, blockLength + 20);
  }

  /** The leftmost `length` bytes of the digest, at `at`. */
  writeTag(into: Uint8Array, at: number, length: number): void {
    const state = this.#state;
    for (let i = 0; i < length; i++) into[at + i] = state[i >> 2]! >>> (24 - 8 * (i & 3));
  }

  /** Looks at every byte whatever it finds, so that time tells nothing. */
  matches(bytes: Uint8Array, at: number, length: number): boolean {
    const state = this.#state;
    let difference = 0;
    for (let i = 0; i < length; i++) {
      difference |= bytes[at + i]! ^ ((state[i >> 2]! >>> (24 - 8 * (i & 3))) & 0xff);
    }
    return difference === 0;
  }
}

function padded(key: Uint8Array, pad: number): Int32Array {
  const bytes = new Uint8Array(blockLength).fill(pad);
  for (const [i, octet] of key.entries()) bytes[i]! ^= octet;
  const state = Int32Array.from(start);
  compress(state, bytes, 0);
  return state;
}

/** The last block or two: what is in `block`, a one bit, zeros, and the length of all in bits. */
function finish(state: Int32Array, rest: number, total: number): void {
  block[rest] = 0x80;
  const end = rest + 9 > blockLength ? 2 * blockLength : blockLength;
  writeWord(block, end - 4, total * 8);
  for (let at = 0; at < end; at += blockLength) compress(state, block, at);
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** FIPS 180-4 section 6.1.2, a loop for each of the four functions. */
function compress(state: Int32Array, bytes: Uint8Array, offset: number): void {
  const w = schedule;
  for (let i = 0, at = offset; i < 16; i++, at += 4) {
    w[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let i = 16; i < 80; i++) {
    const x = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!;
    w[i] = (x << 1) | (x >>> 31);
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let i = 0;
  for (; i < 20; i++) {
    const next = (((a << 5) | (a >>> 27)) + ((b & c) | (~b & d)) + e + w[i]! + 0x5a827999) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (; i < 40; i++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + w[i]! + 0x6ed9eba1) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (; i < 60; i++) {
    const majority = (b & c) | (b & d) | (c & d);
    const next = (((a << 5) | (a >>> 27)) + majority + e + w[i]! + 0x8f1bbcdc) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (; i < 80; i++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + w[i]! + 0xca62c1d6) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0] = (state[0]! + a) | 0;
  state[1] = (state[1]! + b) | 0;
  state[2] = (state[2]! + c) | 0;
  state[3] = (state[3]! + d) | 0;
  state[4] = (state[4]! + e) | 0;
}
