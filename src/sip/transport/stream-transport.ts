import type { Server, Socket } from 'node:net';
import { formatAddress, type SocketAddress } from '../../base/address.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { plainAddress } from '../../base/network.ts';
import { type Random, randomInt } from '../../base/random.ts';
import type { Sink } from '../../base/sink.ts';
import type { Hop } from './hop.ts';
import type { SipTransport, SipTransportEvent } from './sip-transport.ts';
import {
  StreamConnection,
  type StreamConnectionEvent,
  type StreamConnectionOptions,
} from './stream-connection.ts';
import type { StreamLimits } from './stream-limits.ts';

export type StreamSocket = Pick<StreamConnectionOptions, 'socket' | 'opensWith'>;

/** What TCP and TLS do differently. */
export type StreamEdge = {
  readonly protocol: 'tcp' | 'tls';
  /** Listening already; undefined: connections are only made from here. */
  readonly server: Server | undefined;
  readonly sentBy: SocketAddress;
  readonly family: 4 | 6;
  /** Begins to connect, from this port when it is given. */
  connect(to: Hop, localPort: number | undefined): StreamSocket;
  /** A peer has connected. */
  accept(socket: Socket): StreamSocket;
  /** Stops what the edge itself has running. */
  closed?(): void;
};

export type StreamTransportOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly limits: StreamLimits;
  /** Whom we deal with; others are cut off before a byte is read. */
  accepts(source: SocketAddress): boolean;
};

type Entry = {
  readonly id: number;
  readonly connection: StreamConnection;
  readonly hop: Hop;
  readonly isOurs: boolean;
  /** Where nothing listens the port of our end is what the peer knows us by; so it is chosen beforehand. */
  readonly localPort: number | undefined;
  /** What it is found by for requests: the address it leads to. */
  readonly keys: Set<string>;
};

/** RFC 6335 section 6: for nobody in particular. */
const ephemeralPorts = [49_152, 65_535] as const;

/** Numbers that are one connection's for good, whatever transport it is of. */
let lastConnection = 0;

/** SIP over connections: RFC 3261 section 18, RFC 5923. One connection to each address, made when needed. */
export class StreamTransport implements SipTransport {
  readonly reliable = true;
  readonly protocol: 'tcp' | 'tls';
  readonly sentBy: SocketAddress;
  readonly family: 4 | 6;
  readonly #edge: StreamEdge;
  readonly #options: StreamTransportOptions;
  readonly #sink: Sink<SipTransportEvent>;
  readonly #byId = new Map<number, Entry>();
  readonly #byKey = new Map<string, Entry>();
  readonly #perSource = new Map<string, number>();
  readonly #emptied = Promise.withResolvers<void>();
  #closed = false;

  constructor(edge: StreamEdge, options: StreamTransportOptions, sink: Sink<SipTransportEvent>) {
    this.#edge = edge;
    this.#options = options;
    this.#sink = sink;
    this.protocol = edge.protocol;
    this.sentBy = edge.sentBy;
    this.family = edge.family;
    edge.server?.on('connection', (socket) => this.#accept(socket));
    edge.server?.on('error', (error) =>
      options.log.warn({ error: error.message }, 'the SIP listener reports an error'),
    );
  }

  /** Connections open and being opened. */
  get connections(): number {
    return this.#byId.size;
  }

  send(message: Uint8Array, to: Hop): Promise<void> {
    const entry = this.#find(to) ?? this.#connect(to);
    if (entry === undefined) return Promise.reject(new Error('too many SIP connections'));
    return entry.connection.send(message);
  }

  flowTo(to: Hop): Hop {
    const entry = this.#find(to) ?? this.#connect(to);
    return entry === undefined ? to : { ...to, connection: entry.id };
  }

  sentByTo(to: Hop): SocketAddress {
    if (this.#edge.server !== undefined) return this.sentBy;
    const { localPort } = this.#find(to) ?? this.#connect(to) ?? {};
    return localPort === undefined ? this.sentBy : { host: this.sentBy.host, port: localPort };
  }

  alias(connection: number, port: number): void {
    const entry = this.#byId.get(connection);
    if (entry === undefined || entry.isOurs || entry.keys.size > 0) return;
    const key = keyOf({ host: entry.hop.host, port });
    if (this.#byKey.has(key)) return;
    entry.keys.add(key);
    this.#byKey.set(key, entry);
  }

  /** What was sent last is still given to the peers. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { server } = this.#edge;
    const closed = new Promise<void>((resolve) => {
      if (server === undefined) resolve();
      else server.close(() => resolve());
    });
    this.#edge.closed?.();
    for (const { connection } of this.#byId.values()) connection.end(new Error('the end'));
    if (this.#byId.size === 0) this.#emptied.resolve();
    await Promise.all([closed, this.#emptied.promise]);
  }

  #find(to: Hop): Entry | undefined {
    const known = to.connection === undefined ? undefined : this.#byId.get(to.connection);
    if (known !== undefined && !known.connection.isClosed) return known;
    const entry = this.#byKey.get(keyOf(to));
    return entry?.connection.isClosed ? undefined : entry;
  }

  #connect(to: Hop): Entry | undefined {
    const { limits, random } = this.#options;
    if (this.#closed || this.#byId.size >= limits.connections) return undefined;
    const { connection: _, largeByTcp: __, ...address } = to;
    const hop: Hop = { ...address, transport: this.protocol };
    const isListening = this.#edge.server !== undefined;
    const localPort = isListening ? undefined : randomInt(random, ...ephemeralPorts);
    const entry = this.#add(this.#edge.connect(hop, localPort), hop, localPort, true);
    const key = keyOf(hop);
    entry.keys.add(key);
    this.#byKey.set(key, entry);
    return entry;
  }

  #accept(socket: Socket): void {
    const { accepts, limits, log } = this.#options;
    const host = plainAddress(socket.remoteAddress ?? '');
    const hop: Hop = { host, port: socket.remotePort ?? 0, transport: this.protocol };
    const count = this.#perSource.get(host) ?? 0;
    const isFull = this.#byId.size >= limits.connections || count >= limits.perSource;
    socket.on('error', () => {});
    if (this.#closed || isFull || !accepts(hop)) {
      log.debug({ host, isFull }, 'a SIP connection was not taken');
      socket.resetAndDestroy();
      return;
    }
    this.#perSource.set(host, count + 1);
    this.#add(this.#edge.accept(socket), hop, undefined, false);
  }

  #add(socket: StreamSocket, hop: Hop, localPort: number | undefined, isOurs: boolean): Entry {
    const id = ++lastConnection;
    const { clock, limits } = this.#options;
    const connection = new StreamConnection({
      ...socket,
      isOurs,
      clock,
      limits,
      sink: (event) => this.#receive(entry, event),
    });
    const entry: Entry = {
      id,
      connection,
      hop: { ...hop, connection: id },
      localPort,
      isOurs,
      keys: new Set(),
    };
    this.#byId.set(id, entry);
    return entry;
  }

  #receive(entry: Entry, event: StreamConnectionEvent): void {
    const { log } = this.#options;
    // Nothing a peer sends may stop the process: what is not foreseen is logged with its place.
    try {
      if (event.type === 'closed') return this.#forget(entry, event);
      this.#sink({ ...event, from: entry.hop });
    } catch (error) {
      log.error({ error }, 'defect: handling a SIP message failed');
    }
  }

  #forget(entry: Entry, { cause, wasOpen }: StreamConnectionEvent & { type: 'closed' }): void {
    const { log } = this.#options;
    const { id, keys, isOurs, hop } = entry;
    this.#byId.delete(id);
    for (const key of keys) this.#byKey.delete(key);
    if (!isOurs) {
      const left = (this.#perSource.get(hop.host) ?? 1) - 1;
      if (left === 0) this.#perSource.delete(hop.host);
      else this.#perSource.set(hop.host, left);
    }
    if (this.#closed) {
      if (this.#byId.size === 0) this.#emptied.resolve();
      return;
    }
    const { host, port } = hop;
    const fields = { host, port, transport: this.protocol, error: cause.message };
    if (wasOpen) log.debug(fields, 'a SIP connection is closed');
    else if (isOurs) log.warn(fields, 'a SIP connection could not be made');
    else log.info(fields, 'a SIP peer connected and did not get through');
    if (wasOpen) this.#sink({ type: 'connectionLost', connection: id, cause });
  }
}

/** Where it leads and who must be there: with another certificate it is another connection. */
function keyOf({ host, port, tls }: Hop): string {
  const trust = tls === undefined ? '' : ` ${tls.name} ${tls.caFile ?? ''} ${tls.insecure ?? ''}`;
  return formatAddress({ host, port }) + trust;
}

/** Begins to listen; rejects when the address cannot be bound. */
export function listening(server: Server, host: string, port: number): Promise<SocketAddress> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: host.includes(':') }, () => {
      server.off('error', reject);
      const bound = server.address() as { address: string; port: number };
      resolve({ host: bound.address, port: bound.port });
    });
  });
}

/** The address to connect from: peers let us in by it. Bound to all, the kernel chooses. */
export function localAddressOf(host: string): { localAddress?: string } {
  return host === '0.0.0.0' || host === '::' ? {} : { localAddress: host };
}
