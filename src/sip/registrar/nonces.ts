import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';

/** How long an answer to a challenge is taken; after it the phone is challenged anew, with `stale`. */
const goodForMs = 300_000;
const mostCounted = 20_000;
const signatureLength = 24;

/**
 * Nonces that need no memory: the instant they were made, and a signature (RFC 7616 section 3.3). Only how
 * often each was used is kept, so that an answer cannot be sent again.
 */
export class Nonces {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #secret: string;
  readonly #counts = new Map<string, number>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    this.#secret = random.hex(32);
  }

  make(): string {
    const at = Math.floor(this.#clock.now()).toString(36);
    const own = `${at}.${this.#random.hex(6)}`; // Two phones at one instant count apart.
    return `${own}.${this.#sign(own)}`;
  }

  /** `unknown`: none of ours. */
  state(nonce: string): 'valid' | 'stale' | 'unknown' {
    const [at = '', unique = '', signature = ''] = nonce.split('.');
    const right = Buffer.from(this.#sign(`${at}.${unique}`));
    const given = Buffer.from(signature);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return 'unknown';
    return this.#clock.now() - Number.parseInt(at, 36) <= goodForMs ? 'valid' : 'stale';
  }

  lastCount(nonce: string): number {
    return this.#counts.get(nonce) ?? 0;
  }

  /** The oldest are forgotten; an answer by one of those could only be sent again by a busy eavesdropper. */
  used(nonce: string, count: number): void {
    if (this.#counts.size >= mostCounted) this.#counts.delete(this.#counts.keys().next().value!);
    this.#counts.set(nonce, count);
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('hex').slice(0, signatureLength);
  }
}
