import { connect, createServer } from 'node:net';
import type { Sink } from '../../base/sink.ts';
import { familyOf } from './hop.ts';
import type { SipTransportEvent } from './sip-transport.ts';
import { defaultStreamLimits, type StreamLimits } from './stream-limits.ts';
import {
  listening,
  localAddressOf,
  StreamTransport,
  type StreamTransportOptions,
} from './stream-transport.ts';
import type { UdpTransportOptions } from './udp-transport.ts';

export type TcpTransportOptions = UdpTransportOptions &
  Omit<StreamTransportOptions, 'limits'> & { readonly limits?: Partial<StreamLimits> };

/** Listens for SIP on TCP and connects from the same address; rejects when it cannot listen. */
export async function openTcpTransport(
  options: TcpTransportOptions,
  sink: Sink<SipTransportEvent>,
): Promise<StreamTransport> {
  const { host, port, announce } = options;
  const server = createServer({ noDelay: true });
  const bound = await listening(server, host, port);
  const limits = { ...defaultStreamLimits, ...options.limits };
  return new StreamTransport(
    {
      protocol: 'tcp',
      server,
      sentBy: { host: announce?.host ?? bound.host, port: announce?.port ?? bound.port },
      family: familyOf(host),
      connect: (to) => ({
        socket: connect({ host: to.host, port: to.port, ...localAddressOf(host) }),
        opensWith: 'connect',
      }),
      accept: (socket) => ({ socket, opensWith: 'now' }),
    },
    { ...options, limits },
    sink,
  );
}
