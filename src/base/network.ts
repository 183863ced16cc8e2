import { BlockList, isIP, SocketAddress } from 'node:net';

/** Loopback, private (RFC 1918, RFC 4193) and link-local (RFC 3927, RFC 4291) ranges. */
export const privateNetworks: readonly string[] = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1',
  'fc00::/7',
  'fe80::/10',
];

type Network = {
  readonly address: string;
  /** Bits that must agree. */
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
};

/**
 * A network as it is written in lists: `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32` in its
 * shortest form; undefined when the text is neither an IP address nor CIDR (RFC 4632 section 3.1).
 */
export function normalNetwork(text: string): string | undefined {
  const network = parseNetwork(text);
  if (network === undefined) return undefined;
  const { address, prefix, family } = network;
  return prefix === (family === 'ipv4' ? 32 : 128) ? address : `${address}/${prefix}`;
}

function parseNetwork(text: string): Network | undefined {
  const [, host, digits] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(host ?? '');
  if (host === undefined || version === 0) return undefined;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const bits = version === 4 ? 32 : 128;
  const prefix = digits === undefined ? bits : Number(digits);
  if (prefix > bits) return undefined;
  return { address: new SocketAddress({ address: host, family }).address, prefix, family };
}

/** An address without its zone (RFC 4007 section 11), IPv4 also when it is mapped (RFC 4291 section 2.5.5.2). */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, '');
  return /^::ffff:\d+\./i.test(bare) ? bare.slice(7) : bare;
}

/** A set of networks that answers whether an IP address is in it. `0.0.0.0/0` holds every address, IPv6 too. */
export class NetworkSet {
  readonly #list = new BlockList();
  readonly #everybody: boolean;

  /** What is no network is left out: lists are checked where they are written. */
  constructor(networks: readonly string[]) {
    const parsed = networks.map(parseNetwork).filter((it) => it !== undefined);
    this.#everybody = parsed.some(({ family, prefix }) => family === 'ipv4' && prefix === 0);
    for (const { address, prefix, family } of parsed) this.#list.addSubnet(address, prefix, family);
  }

  has(address: string): boolean {
    const version = isIP(address);
    if (version === 0) return false;
    return this.#everybody || this.#list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }
}
