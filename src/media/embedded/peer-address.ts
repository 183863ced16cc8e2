import { BlockList, isIPv6, SocketAddress } from 'node:net';

/** RFC 1918, 6598, 3927, 4193, 4291 and loopback: addresses of a network one has to be in. */
const privateNetworks = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateNetworks.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  privateNetworks.addSubnet(network, prefix, 'ipv6');
}

export function isPrivateAddress(address: string): boolean {
  return privateNetworks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** An IP address as sockets report it, so that texts can be compared (RFC 5952). */
export function socketForm(address: string): string {
  if (!isIPv6(address)) return address;
  return new SocketAddress({ address, family: 'ipv6' }).address;
}

/** The addresses around one, as networks are numbered: its /24, or its /64 of IPv6. */
export class NearNetwork {
  readonly #network = new BlockList();

  constructor(address: string) {
    if (isIPv6(address)) this.#network.addSubnet(address, 64, 'ipv6');
    else this.#network.addSubnet(address, 24, 'ipv4');
  }

  has(address: string): boolean {
    return this.#network.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}

/** The old way to say hold: RTP goes nowhere (RFC 3264 section 8.4). */
export function isBlackHole(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
