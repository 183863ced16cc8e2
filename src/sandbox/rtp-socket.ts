import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { SocketAddress } from '../base/address.ts';
import type { Sink } from '../base/sink.ts';

/** One phone's UDP port for RTP. */
export interface RtpSocket {
  readonly address: SocketAddress;
  send(bytes: Uint8Array, to: SocketAddress): void;
  close(): void;
}

export type OpenRtpSocket = (sink: Sink<Uint8Array>) => Promise<RtpSocket>;

/** Real sockets on a free port of `host`. */
export function rtpSocketsOn(host: string): OpenRtpSocket {
  return async (sink) => {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
    socket.on('message', sink);
    socket.on('error', () => {}); // An ICMP refusal of the peer: a phone goes on regardless.
    socket.bind(0, host);
    await once(socket, 'listening');
    let isOpen = true;
    return {
      address: { host, port: socket.address().port },
      send: (bytes, to) => {
        if (isOpen) socket.send(bytes, to.port, to.host, () => {});
      },
      close: () => {
        if (isOpen) socket.close();
        isOpen = false;
      },
    };
  };
}
