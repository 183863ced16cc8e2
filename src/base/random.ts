import { randomBytes } from 'node:crypto';

/** Where chance comes from: a parameter, so that a simulation can be replayed by its seed. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** `length` bytes as lower-case hex; unguessable in production: tags, branches, nonces, tokens. */
  hex(length: number): string;
}

/** Unguessable, for production. One read of the kernel serves many small requests. */
export function systemRandom(): Random {
  let pool = Buffer.alloc(0);
  const take = (length: number): Buffer => {
    if (length > 1024) return randomBytes(length);
    if (pool.length < length) pool = randomBytes(8192);
    const bytes = pool.subarray(0, length);
    pool = pool.subarray(length);
    return bytes;
  };
  return {
    next: () => take(6).readUIntBE(0, 6) / 2 ** 48,
    hex: (length) => take(length).toString('hex'),
  };
}

/** The same sequence for the same seed (splitmix32), for tests and simulations only. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next32 = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  return {
    next: () => next32() / 2 ** 32,
    hex: (length) => {
      let text = '';
      while (text.length < 2 * length) text += next32().toString(16).padStart(8, '0');
      return text.slice(0, 2 * length);
    },
  };
}

/** A whole number from `low` to `high`, both included. */
export function randomInt(random: Random, low: number, high: number): number {
  return low + Math.floor(random.next() * (high - low + 1));
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random.next() * items.length)]!;
}
