import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { PacketAddress } from './media-core.ts';

/**
 * Asked of the kernel per socket, which keeps twice as much: two seconds of one stream. More would
 * only store stale sound after a stall and memory for a flood.
 */
const receiveBufferBytes = 64 * 1024;

/** Reports are few and short. */
const controlBufferBytes = 8 * 1024;

type OpenSocket = {
  readonly socket: Socket;
  readonly rtpPort: number;
  connected: boolean;
  /** For RTCP, where the party does not take it on the port of RTP. */
  control?: Socket;
};

type SocketEvents = {
  opened(portId: number): void;
  openFailed(portId: number, cause: NodeJS.ErrnoException): void;
  packet(portId: number, packet: Buffer, from: RemoteInfo): void;
  control(portId: number, packet: Buffer, from: RemoteInfo): void;
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
      this.#sockets.set(portId, { socket, rtpPort, connected: false });
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

  /** Opens the port beside that of RTP (RFC 3550 section 11); outside the range or in use by others: then there are none. */
  openControl(portId: number, highestPort: number): void {
    const open = this.#sockets.get(portId);
    if (open === undefined || open.control !== undefined || open.rtpPort >= highestPort) return;
    const socket = createSocket({
      type: this.#type,
      recvBufferSize: controlBufferBytes,
      lookup: noLookup as never,
    });
    open.control = socket;
    socket.on('error', () => {});
    socket.on('message', (packet, from) => this.#events.control(portId, packet, from));
    socket.bind({ port: open.rtpPort + 1, address: this.#address, exclusive: true });
  }

  sendControl(portId: number, packet: Uint8Array, to: PacketAddress): void {
    const control = this.#sockets.get(portId)?.control;
    if (control !== undefined && isBound(control)) control.send(packet, to.port, to.address);
  }

  close(portId: number, closed: () => void): void {
    const open = this.#sockets.get(portId);
    this.#sockets.delete(portId);
    open?.control?.close();
    if (open === undefined) closed();
    else open.socket.close(closed);
  }
}

/** Sending from an unbound socket would bind it to some other port. */
function isBound(socket: Socket): boolean {
  try {
    socket.address();
    return true;
  } catch {
    return false;
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
