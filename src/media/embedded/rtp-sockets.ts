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
  control?: Socket | 'refused';
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
  readonly #highestPort: number;
  readonly #type: 'udp4' | 'udp6';
  readonly #events: SocketEvents;
  readonly #sockets = new Map<number, OpenSocket>();

  /** Ports are opened up to `highestPort`. */
  constructor(address: string, highestPort: number, events: SocketEvents) {
    this.#address = address;
    this.#highestPort = highestPort;
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

  /**
   * Sends from the port beside that of RTP (RFC 3550 section 11), which is opened with the first report:
   * short calls need none. Outside the range or in use by others: then the leg has no reports.
   */
  sendControl(portId: number, packet: Uint8Array, to: PacketAddress): void {
    const open = this.#sockets.get(portId);
    if (open === undefined) return;
    open.control ??= this.#openControl(portId, open);
    // Before it is bound the packet waits in the socket.
    if (open.control !== 'refused') open.control.send(packet, to.port, to.address);
  }

  #openControl(portId: number, open: OpenSocket): Socket | 'refused' {
    if (open.rtpPort >= this.#highestPort) return 'refused';
    const socket = createSocket({
      type: this.#type,
      recvBufferSize: controlBufferBytes,
      lookup: noLookup as never,
    });
    let listening = false;
    socket.once('listening', () => {
      listening = true;
    });
    socket.on('error', () => {
      if (listening) return;
      open.control = 'refused';
      socket.close();
    });
    socket.on('message', (packet, from) => this.#events.control(portId, packet, from));
    socket.bind({ port: open.rtpPort + 1, address: this.#address, exclusive: true });
    return socket;
  }

  close(portId: number, closed: () => void): void {
    const open = this.#sockets.get(portId);
    this.#sockets.delete(portId);
    if (open?.control !== undefined && open.control !== 'refused') open.control.close();
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
