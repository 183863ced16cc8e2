import { hash, timingSafeEqual } from 'node:crypto';
import type { Random } from '../base/random.ts';

/** A new access token: 256 unguessable bits as 64 hex digits. */
export function newToken(random: Random): string {
  return random.hex(32);
}

/**
 * SHA-256 of a token, lower-case hex: all that is stored of it. A slow hash would add nothing, for
 * nobody can guess 256 bits.
 */
export function hashToken(token: string): string {
  return hash('sha256', token, 'hex');
}

/** Compares two hashes of equal length in constant time. */
export function sameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
