import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { PacketAddress } from './media-core.ts';

/**
 * Asked of the kernel per socket, which keeps twice as much: two seconds of one stream. More would
 * only store stale sound after a stall and memory for a flood.
 */
const receiveBufferBytes = 64 * 1024;

type OpenSocket = { readonly socket: Socket; connected: boolean };

type SocketEvents = {
  opened(portId: number): void;
  openFailed(portId: number, cause: NodeJS.ErrnoException): void;
  packet(portId: number, packet: Buffer, from: RemoteInfo): void;
};

/** Every address here is an IP address already: answered in the same turn, nothing is resolved. */
const noLookup = (
  host: string,
  family: unknown,
  callback: (error: null, address: string, family: unknown) => void,
): void => callback(null, host, family);

/**
 * The UDP sockets of the RTP ports, one a leg. A socket whose peer is settled is connected: sending
 * costs less, and the kernel drops what strangers send.
 */
export class RtpSockets {
  readonly #address: string;
  readonly #type: 'udp4' | 'udp6';
  readonly #events: SocketEvents;
  readonly #sockets = new Map<number, OpenSocket>();

  constructor(address: string, events: SocketEvents) {
    this.#address = address;
    this.#type = isIPv6(address) ? 'udp6' : 'udp4';
    this.#events = events;
  }

  open(portId: number, rtpPort: number): void {
    const socket = createSocket({
      type: this.#type,
      recvBufferSize: receiveBufferBytes,
      lookup: noLookup as never,
    });
    let listening = false;
    socket.once('listening', () => {
      listening = true;
      this.#sockets.set(portId, { socket, connected: false });
      this.#events.opened(portId);
    });
    socket.on('error', (cause) => {
      // Later errors are the peer's ICMP messages: its port is closed for now, and RTP goes on.
      if (listening) return;
      socket.close();
      this.#events.openFailed(portId, cause);
    });
    socket.on('message', (packet, from) => this.#events.packet(portId, packet, from));
    socket.bind({ port: rtpPort, address: this.#address, exclusive: true });
  }

  send(portId: number, packet: Uint8Array, to: PacketAddress): void {
    const open = this.#sockets.get(portId);
    if (open === undefined) return;
    if (open.connected) open.socket.send(packet);
    else open.socket.send(packet, to.port, to.address);
  }

  connect(portId: number, to: PacketAddress | undefined): void {
    const open = this.#sockets.get(portId);
    if (open === undefined) return;
    if (open.connected) open.socket.disconnect();
    open.connected = false;
    if (to === undefined) return;
    // When the kernel refuses (no route now) the socket goes on unconnected.
    open.socket.connect(to.port, to.address, () => {});
    open.connected = isConnected(open.socket);
  }

  close(portId: number, closed: () => void): void {
    const open = this.#sockets.get(portId);
    this.#sockets.delete(portId);
    if (open === undefined) closed();
    else open.socket.close(closed);
  }
}

function isConnected(socket: Socket): boolean {
  try {
    socket.remoteAddress();
    return true;
  } catch {
    return false;
  }
}
