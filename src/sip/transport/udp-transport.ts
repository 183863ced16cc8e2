import { createSocket, type Socket } from 'node:dgram';
import { lookup as resolveName } from 'node:dns';
import { isIP } from 'node:net';
import type { SocketAddress } from '../../base/address.ts';
import type { Logger } from '../../base/logger.ts';
import type { Sink } from '../../base/sink.ts';
import type { SipTransport, TransportMessage } from './sip-transport.ts';

export type UdpTransportOptions = {
  /** The local address to bind; IPv4 or IPv6. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What Via and Contact name, when it differs from the bound address: behind NAT, or bound to all. */
  readonly announce?: { readonly host?: string | undefined; readonly port?: number | undefined };
  readonly log: Logger;
};

/** Bytes the kernel may hold for us while JavaScript is busy: some thousand messages. */
const receiveBufferBytes = 4 * 1024 * 1024;

/** Binds a UDP socket for SIP; everything it receives goes to `sink`. Rejects when it cannot bind. */
export function openUdpTransport(
  options: UdpTransportOptions,
  sink: Sink<TransportMessage>,
): Promise<UdpTransport> {
  const { host, port, announce } = options;
  const socket = createSocket({
    type: host.includes(':') ? 'udp6' : 'udp4',
    ipv6Only: host.includes(':'), // Each version of IP has a socket of its own.
    recvBufferSize: receiveBufferBytes,
    sendBufferSize: receiveBufferBytes,
    lookup,
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port, address: host }, () => {
      socket.off('error', reject);
      const bound = socket.address();
      const sentBy = { host: announce?.host ?? bound.address, port: announce?.port ?? bound.port };
      resolve(new UdpTransport(socket, sentBy, options.log, sink));
    });
  });
}

/** SIP over one UDP socket: RFC 3261 section 18, the edge where bytes leave and enter. */
export class UdpTransport implements SipTransport {
  readonly protocol = 'udp';
  readonly reliable = false;
  readonly sentBy: SocketAddress;
  readonly family: 4 | 6;
  readonly #socket: Socket;
  #closed = false;

  constructor(socket: Socket, sentBy: SocketAddress, log: Logger, sink: Sink<TransportMessage>) {
    this.#socket = socket;
    this.sentBy = sentBy;
    this.family = socket.address().family === 'IPv6' ? 6 : 4;
    socket.on('error', (error) =>
      log.warn({ error: error.message }, 'the SIP socket reports an error'),
    );
    socket.on('message', (bytes, { address, port }) => {
      // Nothing a peer sends may stop the process: what is not foreseen is logged with its place.
      try {
        sink({ type: 'message', bytes, from: { host: address, port } });
      } catch (error) {
        log.error({ error }, 'defect: handling a SIP message failed');
      }
    });
  }

  /** Rejects when the kernel refuses the datagram: no route, too long, no such name. */
  send(message: Uint8Array, to: SocketAddress): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new Error('the SIP socket is closed'));
      this.#socket.send(message, to.port, to.host, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

/** Spares an address the way through the name resolver, which costs more than the sending itself. */
function lookup(
  hostname: string,
  options: object,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  const family = isIP(hostname);
  if (family === 0) resolveName(hostname, options as { family: number }, callback);
  else callback(null, hostname, family);
}
