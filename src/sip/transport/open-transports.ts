import type { SocketAddress } from '../../base/address.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Sink } from '../../base/sink.ts';
import type { TransportName } from './hop.ts';
import type { SipTransport, SipTransportEvent } from './sip-transport.ts';
import type { StreamLimits } from './stream-limits.ts';
import { openTcpTransport } from './tcp-transport.ts';
import type { IdentityFiles } from './tls-identity.ts';
import { openTlsTransport } from './tls-transport.ts';
import type { OpenTransports } from './transport-layer.ts';
import { openUdpTransport, type UdpTransportOptions } from './udp-transport.ts';

/** An address that SIP is spoken at. */
export type SipListener = Omit<UdpTransportOptions, 'log'> & {
  readonly transport: TransportName;
  /** Of TLS; without it TLS connections are only made from here. */
  readonly identity?: IdentityFiles;
  /** Of TCP and TLS. */
  readonly limits?: Partial<StreamLimits>;
};

export type OpenTransportsOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  accepts(source: SocketAddress): boolean;
};

/** Opens all of them, the first one being what a user agent is known by; rejects, with none left open, when one cannot be. */
export async function openTransports(
  listeners: readonly SipListener[],
  options: OpenTransportsOptions,
): Promise<OpenTransports> {
  let deliver: Sink<SipTransportEvent> = () => {};
  const sink: Sink<SipTransportEvent> = (event) => deliver(event);
  const opened: SipTransport[] = [];
  try {
    for (const listener of listeners) opened.push(await open({ ...options, ...listener }, sink));
  } catch (error) {
    await Promise.all(opened.map((transport) => transport.close()));
    throw error;
  }
  return (to) => {
    deliver = to;
    return opened;
  };
}

function open(
  options: SipListener & OpenTransportsOptions,
  sink: Sink<SipTransportEvent>,
): Promise<SipTransport> {
  switch (options.transport) {
    case 'udp':
      return openUdpTransport(options, sink);
    case 'tcp':
      return openTcpTransport(options, sink);
    case 'tls':
      return openTlsTransport(options, sink);
  }
}
