import { formatAddress, type SocketAddress } from '../../src/base/address.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import type { Sink } from '../../src/base/sink.ts';
import type { SipTransport, SipTransportEvent } from '../../src/sip/transport/sip-transport.ts';

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
  readonly to: SocketAddress;
  readonly bytes: Uint8Array;
};

/** A packet and what became of it; `arrivesAtMs` is empty when it was lost, longer when duplicated. */
export type TracedPacket = SimPacket & { readonly arrivesAtMs: readonly number[] };

/**
 * What a test decides about one packet: lost, refused by the sender's own machine, or this much delay;
 * undefined leaves it to the link.
 */
export type PacketFate = 'lost' | 'refused' | { readonly delayMs: number } | undefined;

/**
 * A UDP network on a virtual clock: any number of addresses, each with the transport of a real stack or
 * a scripted peer behind it. The same seed gives the same fates.
 */
export class SimNetwork {
  /** Every packet in the order of sending. */
  readonly trace: TracedPacket[] = [];
  /** Asked first about each packet: for tests that aim at one message. */
  fateOf: ((packet: SimPacket) => PacketFate) | undefined;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sinks = new Map<string, Sink<SipTransportEvent>>();
  readonly #links = new Map<string, LinkConditions>();
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
  open(address: SocketAddress, sink: Sink<SipTransportEvent>): SipTransport {
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

  /** The same as a function to give to a user agent. */
  opener(address: SocketAddress): (sink: Sink<SipTransportEvent>) => SipTransport {
    return (sink) => this.open(address, sink);
  }

  /** The trace as lines `12 INVITE 10.0.0.1 > 10.0.0.2`, lost packets marked, times of sending. */
  lines(): string[] {
    return this.trace.map(({ sentAtMs, from, to, bytes, arrivesAtMs }) => {
      const lost = arrivesAtMs.length === 0 ? ' lost' : '';
      return `${sentAtMs} ${summaryOf(bytes)} ${from.host} > ${to.host}${lost}`;
    });
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
