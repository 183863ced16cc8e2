import type { SocketAddress } from '../../base/address.ts';
import type { SipUri } from '../message/uri.ts';

export type TransportName = 'udp' | 'tcp' | 'tls';

/** Whom a certificate must be of, and who may have signed it: RFC 5922. */
export type TlsPeer = {
  /** The domain that was asked for, not the server that a SRV record named. */
  readonly name: string;
  /** A PEM file with the authorities to believe; undefined: those of the system. */
  readonly caFile?: string;
  /** Any certificate will do. Only ever because the configuration says so. */
  readonly insecure?: true;
};

/**
 * One step of a message's way: an address, how it is reached, and perhaps on which connection. A plain
 * address is a hop over UDP.
 */
export type Hop = SocketAddress & {
  /** undefined: UDP. */
  readonly transport?: TransportName;
  readonly tls?: TlsPeer;
  /** Taken while it is open; after it a new one is made to the address. */
  readonly connection?: number;
  /** A request too large for UDP may go by TCP: RFC 3261 section 18.1.1. */
  readonly largeByTcp?: true;
};

export function isStream({ transport }: Hop): boolean {
  return transport === 'tcp' || transport === 'tls';
}

/** RFC 3261 section 19.1.2. */
export function defaultPort(transport: TransportName | undefined): number {
  return transport === 'tls' ? 5061 : 5060;
}

/** The version of IP of an address. */
export function familyOf(host: string): 4 | 6 {
  return host.includes(':') ? 6 : 4;
}

/** What a URI says of the transport; undefined: nothing, or one that we do not speak. */
export function transportOf({ scheme, params }: SipUri): TransportName | undefined {
  const named = String(params.get('transport') ?? '').toLowerCase();
  if (scheme === 'sips') return 'tls';
  return named === 'udp' || named === 'tcp' || named === 'tls' ? named : undefined;
}
