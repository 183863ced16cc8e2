import { lookup, Resolver } from 'node:dns/promises';
import type { AddressRecord, Dns } from './dns.ts';

/** For names that stand in the hosts file, which tells no time to live. */
const localTtlSeconds = 60;

/** The name servers of the system, or others, and the hosts file. */
export function openDns(servers?: readonly string[]): Dns {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  return {
    naptr: (name) => orNone(resolver.resolveNaptr(name)),
    srv: (name) => orNone(resolver.resolveSrv(name)),
    async addresses(name, family) {
      const asked =
        family === 4
          ? resolver.resolve4(name, { ttl: true })
          : resolver.resolve6(name, { ttl: true });
      const answered = asked.then((records): AddressRecord[] =>
        records.map(({ address, ttl }) => ({ address, ttlSeconds: ttl })),
      );
      // The hosts file is asked second, and also when no name server can be.
      const found = await orNone(answered).catch((error: unknown) => error as Error);
      if (Array.isArray(found) && found.length > 0) return found;
      const local = await lookup(name, { all: true, family }).catch(() => []);
      if (local.length === 0 && found instanceof Error) throw found;
      return local.map(({ address }) => ({ address, ttlSeconds: localTtlSeconds }));
    },
    close: () => resolver.cancel(),
  };
}

/** No such name, no such record: an answer like any other. */
async function orNone<T>(asked: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await asked;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENODATA' || code === 'ENOTFOUND') return [];
    throw error;
  }
}
