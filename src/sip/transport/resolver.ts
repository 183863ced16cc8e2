import { isIP } from 'node:net';
import { normalNetwork } from '../../base/network.ts';
import type { Random } from '../../base/random.ts';
import type { Dns, SrvRecord } from './dns.ts';
import { defaultPort, type Hop, type TlsPeer, type TransportName } from './hop.ts';

/** What is known of a server before the DNS is asked. */
export type HopTarget = {
  /** A name, or an IP address. */
  readonly host: string;
  /** When it is given, the DNS is not asked for services: RFC 3263 section 4.2. */
  readonly port?: number;
  /** undefined: the domain says how it wants to be reached. */
  readonly transport?: TransportName;
  readonly tls?: TlsPeer;
  readonly largeByTcp?: true;
};

/** What we can speak, the preferred first. */
export type Spoken = {
  readonly transports: readonly TransportName[];
  readonly families: readonly (4 | 6)[];
};

/** Servers that do the same: one of them is drawn by weight, then the next (RFC 2782). */
type Choice = { readonly rank: number; readonly weight: number; readonly hops: readonly Hop[] };

/** The servers of a target as the DNS knows them; `orderHops` makes of it the hops of one call. */
export type HopPlan = {
  readonly choices: readonly Choice[];
  /** How long it holds; Infinity: nothing of it came from the DNS. */
  readonly ttlMs: number;
};

/** More servers than these are not tried for one call, nor remembered. */
const mostHops = 6;
const mostRecords = 16;
const leastTtlMs = 10_000;
const mostTtlMs = 300_000;
/** Where the time to live is not told, and while a part of the DNS cannot be asked. */
const usualTtlMs = 60_000;

const services: readonly [service: string, transport: TransportName, srv: string][] = [
  ['SIP+D2U', 'udp', '_sip._udp.'],
  ['SIP+D2T', 'tcp', '_sip._tcp.'],
  ['SIPS+D2T', 'tls', '_sips._tcp.'],
];

/** Finds the servers of a target: RFC 3263 section 4. Rejects when the DNS cannot be asked at all. */
export async function resolveHops(target: HopTarget, dns: Dns, spoken: Spoken): Promise<HopPlan> {
  const { host, port, transport } = target;
  const usual = transport ?? spoken.transports[0] ?? 'udp';
  if (isIP(host) !== 0) {
    const address = normalNetwork(host) ?? host; // As the kernel will write it.
    const hop = hopOf(target, usual, address, port ?? defaultPort(usual));
    return { choices: [{ rank: 0, weight: 0, hops: [hop] }], ttlMs: Infinity };
  }
  const lookup = new Lookup(target, dns, spoken);
  if (port !== undefined) return lookup.byAddress(usual, port);
  const found = await lookup.services();
  return found === 'none' ? lookup.byAddress(usual, defaultPort(usual)) : lookup.expand(found);
}

/** The hops of one call: by rank, within a rank by weighted chance. */
export function orderHops({ choices }: HopPlan, random: Random): readonly Hop[] {
  const hops: Hop[] = [];
  const ranks = [...new Set(choices.map(({ rank }) => rank))].sort((a, b) => a - b);
  for (const rank of ranks) {
    const waiting = choices.filter((choice) => choice.rank === rank);
    while (waiting.length > 0) hops.push(...draw(waiting, random).hops);
  }
  return hops.slice(0, mostHops);
}

/** RFC 2782: a weight of 0 has a small chance where there are others, so it counts as less than 1. */
function draw(waiting: Choice[], random: Random): Choice {
  const share = ({ weight }: Choice): number => (weight === 0 ? 0.01 : weight);
  let left = random.next() * waiting.reduce((sum, choice) => sum + share(choice), 0);
  const drawn = waiting.findIndex((choice) => {
    left -= share(choice);
    return left < 0;
  });
  return waiting.splice(Math.max(0, drawn), 1)[0]!;
}

type Service = { readonly transport: TransportName; readonly records: readonly SrvRecord[] };

/** One resolution, and how long what it finds holds. */
class Lookup {
  readonly #target: HopTarget;
  readonly #dns: Dns;
  readonly #spoken: Spoken;
  #ttlMs = mostTtlMs;
  #failure: unknown;

  constructor(target: HopTarget, dns: Dns, spoken: Spoken) {
    this.#target = target;
    this.#dns = dns;
    this.#spoken = spoken;
  }

  /** Section 4.1 and 4.2: by NAPTR, else by SRV of what we speak; `none`: the domain names no server. */
  async services(): Promise<readonly Service[] | 'none'> {
    const { host, transport } = this.#target;
    const spoken = (name: TransportName): boolean =>
      transport === undefined ? this.#spoken.transports.includes(name) : name === transport;
    const wanted = services.filter(([, name]) => spoken(name));
    const pointers = transport === undefined ? await this.#naptr() : [];
    const named = pointers.flatMap(({ service, replacement }) =>
      wanted
        .filter(([name]) => name === service.toUpperCase())
        .map(([, name]) => [name, replacement] as const),
    );
    const asked =
      named.length > 0 ? named : wanted.map(([, name, srv]) => [name, srv + host] as const);
    const found: Service[] = [];
    for (const [name, srv] of asked) {
      const records = await this.#srv(srv);
      if (records.length > 0) found.push({ transport: name, records });
    }
    return found.length === 0 ? 'none' : found;
  }

  /** The servers of SRV records as addresses: a later service is for when all of an earlier one fail. */
  async expand(found: readonly Service[]): Promise<HopPlan> {
    const choices: Choice[] = [];
    for (const [index, { transport, records }] of found.entries()) {
      for (const { name, port, priority, weight } of records.slice(0, mostRecords)) {
        if (name === '' || name === '.') continue;
        const hops = await this.#hops(name, transport, port);
        if (hops.length > 0) choices.push({ rank: index * 65_536 + priority, weight, hops });
      }
    }
    return this.#plan(choices);
  }

  async byAddress(transport: TransportName, port: number): Promise<HopPlan> {
    const hops = await this.#hops(this.#target.host, transport, port);
    return this.#plan(hops.length === 0 ? [] : [{ rank: 0, weight: 0, hops }]);
  }

  #plan(choices: readonly Choice[]): HopPlan {
    if (choices.length === 0 && this.#failure !== undefined) throw this.#failure;
    return { choices, ttlMs: Math.max(this.#ttlMs, leastTtlMs) };
  }

  async #hops(name: string, transport: TransportName, port: number): Promise<Hop[]> {
    const hops: Hop[] = [];
    for (const family of this.#spoken.families) {
      const records = await this.#asked(this.#dns.addresses(name, family));
      for (const { address, ttlSeconds } of records.slice(0, mostRecords)) {
        this.#holdsFor(ttlSeconds * 1000);
        hops.push(hopOf(this.#target, transport, address, port));
      }
    }
    return hops;
  }

  async #naptr() {
    const records = await this.#asked(this.#dns.naptr(this.#target.host));
    if (records.length > 0) this.#holdsFor(usualTtlMs);
    return records
      .filter(({ flags, replacement }) => flags.toLowerCase() === 's' && replacement !== '')
      .sort((a, b) => a.order - b.order || a.preference - b.preference)
      .slice(0, mostRecords);
  }

  async #srv(name: string): Promise<readonly SrvRecord[]> {
    const records = await this.#asked(this.#dns.srv(name));
    if (records.length > 0) this.#holdsFor(usualTtlMs);
    return records;
  }

  /** Some name servers know nothing of NAPTR or SRV and say so by failing: the rest is asked all the same. */
  async #asked<T>(asked: Promise<readonly T[]>): Promise<readonly T[]> {
    try {
      return await asked;
    } catch (error) {
      this.#failure = error;
      this.#holdsFor(usualTtlMs);
      return [];
    }
  }

  #holdsFor(ttlMs: number): void {
    this.#ttlMs = Math.min(this.#ttlMs, ttlMs);
  }
}

/** The certificate must be of the domain that was asked for, whatever server the DNS names: RFC 5922 section 4. */
function hopOf(
  { host, tls, largeByTcp }: HopTarget,
  transport: TransportName,
  address: string,
  port: number,
): Hop {
  return {
    host: address,
    port,
    transport,
    ...(transport === 'tls' && { tls: tls ?? { name: host } }),
    ...(transport === 'udp' && largeByTcp && { largeByTcp }),
  };
}
