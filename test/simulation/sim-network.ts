import { formatAddress, type SocketAddress, sameAddress } from '../../src/base/address.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import type { Sink } from '../../src/base/sink.ts';
import type { Hop } from '../../src/sip/transport/hop.ts';
import type {
  SipTransport,
  SipTransportEvent,
  TransportMessage,
} from '../../src/sip/transport/sip-transport.ts';

/** How a way between two addresses treats packets. Probabilities are 0 to 1. */
export type LinkConditions = {
  /** Each packet's delay is uniform between the two; a range wider than the gaps reorders packets. */
  readonly delayMs: readonly [least: number, most: number];
  readonly loss: number;
  readonly duplication: number;
  /** The share of packets that are held back by `reorderingMs` more, so that later ones overtake them. */
  readonly reordering: number;
  readonly reorderingMs: number;
};

export const perfectLink: LinkConditions = {
  delayMs: [0, 0],
  loss: 0,
  duplication: 0,
  reordering: 0,
  reorderingMs: 0,
};

export type SimPacket = {
  readonly sentAtMs: number;
  readonly from: SocketAddress;
  readonly to: Hop;
  readonly bytes: Uint8Array;
};

/** A TCP connection: what is sent on it arrives whole and in order, until it is reset. */
type SimConnection = {
  readonly id: number;
  readonly ends: readonly [opener: SocketAddress, other: SocketAddress];
  /** When the last message of each direction arrives, by the sender's address. */
  readonly arrivals: Map<string, number>;
};

/** A packet and what became of it; `arrivesAtMs` is empty when it was lost, longer when duplicated. */
export type TracedPacket = SimPacket & { readonly arrivesAtMs: readonly number[] };

/**
 * What a test decides about one packet: lost, refused by the sender's own machine, or this much delay;
 * undefined leaves it to the link.
 */
export type PacketFate = 'lost' | 'refused' | { readonly delayMs: number } | undefined;

/**
 * A network on a virtual clock, of UDP and TCP: any number of addresses, each with the transport of a real
 * stack or a scripted peer behind it. The same seed gives the same fates.
 */
export class SimNetwork {
  /** Every packet in the order of sending. */
  readonly trace: TracedPacket[] = [];
  /** Asked first about each packet: for tests that aim at one message. */
  fateOf: ((packet: SimPacket) => PacketFate) | undefined;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sinks = new Map<string, Sink<TransportMessage>>();
  readonly #streamSinks = new Map<string, Sink<SipTransportEvent>>();
  readonly #links = new Map<string, LinkConditions>();
  readonly #connections = new Map<number, SimConnection>();
  #connectionCount = 0;
  readonly #keepsTrace: boolean;
  #conditions: LinkConditions;

  constructor(options: {
    clock: Clock;
    random: Random;
    conditions?: Partial<LinkConditions>;
    /** False saves the memory of long simulations. */
    keepsTrace?: boolean;
  }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#conditions = { ...perfectLink, ...options.conditions };
    this.#keepsTrace = options.keepsTrace ?? true;
  }

  /** For every way without conditions of its own, from now on. */
  setConditions(conditions: Partial<LinkConditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions };
  }

  /** For packets from one address to another; the way back has its own. */
  setLink(from: SocketAddress, to: SocketAddress, conditions: Partial<LinkConditions>): void {
    this.#links.set(linkKey(from, to), { ...this.#conditions, ...conditions });
  }

  /** A transport at this address; what is sent there from now on goes to `sink`. */
  open(address: SocketAddress, sink: Sink<TransportMessage>): SipTransport {
    const key = formatAddress(address);
    if (this.#sinks.has(key)) throw new Error(`${key} is taken`);
    this.#sinks.set(key, sink);
    return {
      protocol: 'udp',
      reliable: false,
      sentBy: address,
      send: (bytes, to) => {
        const packet = { sentAtMs: this.#clock.now(), from: address, to, bytes };
        const fate = this.fateOf?.(packet);
        if (fate === 'refused') return Promise.reject(new Error('no route to host'));
        this.#send(packet, fate);
        return Promise.resolve();
      },
      close: () => {
        this.#sinks.delete(key);
        return Promise.resolve();
      },
    };
  }

  /** A TCP transport at this address: it listens, and connects to others that do. */
  openTcp(address: SocketAddress, sink: Sink<SipTransportEvent>): SipTransport {
    const key = formatAddress(address);
    if (this.#streamSinks.has(key)) throw new Error(`${key} is taken`);
    this.#streamSinks.set(key, sink);
    return {
      protocol: 'tcp',
      reliable: true,
      sentBy: address,
      flowTo: (to) => ({ ...to, connection: this.#connect(address, to).id }),
      send: (bytes, to) => {
        const packet = { sentAtMs: this.#clock.now(), from: address, to, bytes };
        const listens = this.#streamSinks.has(formatAddress(to));
        const isRefused = this.fateOf?.(packet) === 'refused' || !listens;
        if (isRefused) return Promise.reject(new Error('connection refused'));
        this.#sendOn(this.#connect(address, to), packet);
        return Promise.resolve();
      },
      close: () => {
        this.#streamSinks.delete(key);
        return Promise.resolve();
      },
    };
  }

  /** The same as functions to give to a user agent. */
  opener(address: SocketAddress): (sink: Sink<SipTransportEvent>) => SipTransport {
    return (sink) => this.open(address, sink);
  }

  tcpOpener(address: SocketAddress): (sink: Sink<SipTransportEvent>) => SipTransport {
    return (sink) => this.openTcp(address, sink);
  }

  /** Resets every TCP connection: what is on its way is lost, both ends are told at once. */
  resetConnections(): void {
    const reset = [...this.#connections.values()];
    this.#connections.clear();
    for (const { id, ends } of reset) {
      const event = { type: 'connectionLost', connection: id, cause: new Error('reset') } as const;
      for (const end of ends) this.#streamSinks.get(formatAddress(end))?.(event);
    }
  }

  /** The trace as lines `12 INVITE 10.0.0.1 > 10.0.0.2`, lost packets marked, times of sending. */
  lines(): string[] {
    return this.trace.map(({ sentAtMs, from, to, bytes, arrivesAtMs }) => {
      const lost = arrivesAtMs.length === 0 ? ' lost' : '';
      return `${sentAtMs} ${summaryOf(bytes)} ${from.host} > ${to.host}${lost}`;
    });
  }

  /** The connection of the hop, or the one there is to that address, or a new one. */
  #connect(from: SocketAddress, to: Hop): SimConnection {
    const isBetween = ({ ends: [a, b] }: SimConnection): boolean =>
      (sameAddress(a, from) && sameAddress(b, to)) || (sameAddress(b, from) && sameAddress(a, to));
    const open =
      this.#connections.get(to.connection ?? 0) ?? [...this.#connections.values()].find(isBetween);
    if (open !== undefined) return open;
    const id = ++this.#connectionCount;
    const made: SimConnection = { id, ends: [from, to], arrivals: new Map() };
    this.#connections.set(id, made);
    return made;
  }

  #sendOn({ id, ends, arrivals }: SimConnection, packet: SimPacket): void {
    const { from, bytes, sentAtMs } = packet;
    const to = sameAddress(ends[0], from) ? ends[1] : ends[0];
    const link = this.#links.get(linkKey(from, to)) ?? this.#conditions;
    const direction = formatAddress(from);
    const soonest = sentAtMs + this.#delay(link);
    const arrivesAtMs = Math.max(soonest, arrivals.get(direction) ?? 0);
    arrivals.set(direction, arrivesAtMs);
    this.#clock.setTimer(arrivesAtMs - sentAtMs, () => {
      if (!this.#connections.has(id)) return;
      const source: Hop = { host: from.host, port: from.port, transport: 'tcp', connection: id };
      this.#streamSinks.get(formatAddress(to))?.({ type: 'message', bytes, from: source });
    });
    if (this.#keepsTrace) this.trace.push({ ...packet, to, arrivesAtMs: [arrivesAtMs] });
  }

  #send(packet: SimPacket, fate: PacketFate): void {
    const arrivesAtMs = this.#delays(packet, fate).map((delayMs) => {
      this.#clock.setTimer(delayMs, () => this.#deliver(packet));
      return packet.sentAtMs + delayMs;
    });
    if (this.#keepsTrace) this.trace.push({ ...packet, arrivesAtMs });
  }

  /** One delay for each copy that arrives. */
  #delays(packet: SimPacket, fate: PacketFate): number[] {
    if (fate === 'lost') return [];
    if (typeof fate === 'object') return [fate.delayMs];
    const link = this.#links.get(linkKey(packet.from, packet.to)) ?? this.#conditions;
    if (this.#chance(link.loss)) return [];
    const delays = [this.#delay(link)];
    if (this.#chance(link.duplication)) delays.push(this.#delay(link));
    return delays;
  }

  #delay({ delayMs: [least, most], reordering, reorderingMs }: LinkConditions): number {
    const delayMs = least === most ? least : least + this.#random.next() * (most - least);
    return delayMs + (this.#chance(reordering) ? reorderingMs : 0);
  }

  /** Draws only when chance decides, so that a perfect link does not shift the others' fates. */
  #chance(probability: number): boolean {
    return probability > 0 && this.#random.next() < probability;
  }

  #deliver({ from, to, bytes }: SimPacket): void {
    this.#sinks.get(formatAddress(to))?.({ type: 'message', bytes, from });
  }
}

function linkKey(from: SocketAddress, to: SocketAddress): string {
  return `${formatAddress(from)} ${formatAddress(to)}`;
}

/** `INVITE`, or `200 INVITE` for a response. */
export function summaryOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  if (!text.startsWith('SIP/2.0 ')) return text.slice(0, text.indexOf(' '));
  const method = /^CSeq:\s*\d+\s+(\S+)/im.exec(text)?.[1] ?? '?';
  return `${text.slice(8, 11)} ${method}`;
}
