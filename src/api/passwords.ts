import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** How hard a password is to try: RFC 7914 section 2. */
export type ScryptCost = { readonly N: number; readonly r: number; readonly p: number };

/** 16 MiB and some 0.1 s a try, on a thread of the pool: OWASP's figures for this much memory. */
export const defaultCost: ScryptCost = { N: 2 ** 14, r: 8, p: 5 };

const hashLength = 32;
/** Normalising half a million of accents takes two minutes, in which no call is handled. */
const longestPassword = 1_024;

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64url. */
export async function hashPassword(
  password: string,
  { N, r, p }: ScryptCost = defaultCost,
): Promise<string> {
  if (password.length > longestPassword)
    throw new Error(`a password has at most ${longestPassword} characters`);
  const salt = randomBytes(16);
  const hash = await derive(password, salt, hashLength, { N, r, p });
  return `scrypt$${N}$${r}$${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/** False also for a hash that is not of this form, and for what is too long to be anybody's password. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  if (password.length > longestPassword) return false;
  const parsed = parse(stored);
  if (parsed === undefined) return false;
  const { salt, hash, cost } = parsed;
  try {
    return timingSafeEqual(await derive(password, salt, hash.length, cost), hash);
  } catch {
    return false; // A cost that this machine refuses.
  }
}

/** Costs the same time as `verifyPassword`, so that an unknown login does not answer sooner. */
export async function verifyNothing(password: string): Promise<false> {
  if (password.length > longestPassword) return false;
  await derive(password, Buffer.alloc(16), hashLength, defaultCost);
  return false;
}

function parse(stored: string): { salt: Buffer; hash: Buffer; cost: ScryptCost } | undefined {
  const [scheme, N, r, p, salt, hash] = stored.split('$');
  if (scheme !== 'scrypt' || !salt || !hash) return undefined;
  return {
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
    cost: { N: Number(N), r: Number(r), p: Number(p) },
  };
}

function derive(password: string, salt: Buffer, length: number, cost: ScryptCost): Promise<Buffer> {
  const options: ScryptOptions = { ...cost, maxmem: 256 * 2 ** 20 };
  return new Promise((resolve, reject) => {
    // NFKC: the same letters typed on another keyboard are the same password (RFC 8265 section 4.2.2).
    scrypt(password.normalize('NFKC'), salt, length, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
