import { isIP } from 'node:net';
import type { Trunk } from '../model/trunk.ts';
import { defaultPort, type Hop } from '../sip/transport/hop.ts';
import type { HopTarget } from '../sip/transport/resolver.ts';

/** Where a call of this moment goes, in the order of trying; empty: nobody knows. */
export type TrunkHops = (trunk: Trunk) => readonly Hop[];

/** What the DNS is asked for a trunk: RFC 3263. */
export function hopTarget({ address, domain, transport, largeByTcp, ...trunk }: Trunk): HopTarget {
  const { caFile, insecure } = trunk;
  return {
    ...address,
    ...(transport !== 'auto' && { transport }),
    tls: { name: domain, ...(caFile !== undefined && { caFile }), ...(insecure && { insecure }) },
    ...(largeByTcp && { largeByTcp }),
  };
}

/** Of trunks that are known by an IP address: nobody need be asked. */
export const hopsByAddress: TrunkHops = ({ address, transport, domain }) => {
  if (isIP(address.host) === 0) return [];
  const { host, port = defaultPort(transport === 'auto' ? 'udp' : transport) } = address;
  if (transport === 'tls') return [{ host, port, transport, tls: { name: domain } }];
  return [{ host, port, ...(transport === 'tcp' && { transport }) }];
};
