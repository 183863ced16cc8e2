import { MediaCore, type PacketAddress, tickMs } from './media-core.ts';
import type { CoreSource, PeerMedia } from './media-protocol.ts';
import {
  emptyRtpView,
  readRtp,
  rtpHeaderLength,
  sequenceAfter,
  timestampAfter,
  writeRtpHeader,
} from './rtp-packet.ts';
import { telephoneEventLength, writeTelephoneEvent } from './telephone-event.ts';

/** Where the streams of every port begin, just before all counters wrap. */
const streamStart = { sequence: 0xfffe, timestamp: 0xffff_ff00 };

/** Of every codec, towards us and from us. */
const payloadTypes = { PCMA: 8, PCMU: 0, G722: 9, opus: 111 } as const;

/** One RTP packet of a party, for tests. */
export type TestPacket = {
  readonly type?: number;
  readonly marker?: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc?: number;
  readonly payload: Uint8Array;
};

export function rtp({ type = 8, marker = false, payload, ...rest }: TestPacket): Buffer {
  const packet = Buffer.alloc(rtpHeaderLength + payload.length);
  writeRtpHeader(packet, 0, type | (marker ? 0x80 : 0), { ssrc: 0xabc, ...rest });
  packet.set(payload, rtpHeaderLength);
  return packet;
}

export function eventPayload(code: number, duration: number, end = false): Uint8Array {
  const payload = new Uint8Array(telephoneEventLength);
  writeTelephoneEvent(payload, 0, { code, end, duration });
  return payload;
}

export function audioPayload(octet: number, length = 160): Uint8Array {
  return new Uint8Array(length).fill(octet);
}

/** The party of port 1 lives at 192.0.2.1:5000, of port 2 at 192.0.2.2:5000 and so on. */
export function homeOf(portId: number): PacketAddress {
  return { address: `192.0.2.${portId}`, port: 5000 };
}

/** A MediaCore on a clock of its own; everything that leaves it becomes a line of the trace. */
export class CoreTestWorld {
  now = 0;
  /** Lines since the last `taken`. */
  #lines: string[] = [];
  /** Payloads of the packets of the trace, by port. */
  readonly payloads = new Map<number, Uint8Array[]>();
  /** RTCP that was sent, apart from the trace. */
  readonly reports: {
    readonly portId: number;
    readonly at: number;
    readonly packet: Uint8Array;
    readonly to: PacketAddress;
    readonly mux: boolean;
  }[] = [];
  readonly #nextTick = { due: tickMs };
  readonly core = new MediaCore(
    {
      packet: (portId, packet, to) => this.#packet(portId, packet, to),
      control: (portId, packet, to, mux) =>
        this.reports.push({ portId, at: this.now, packet, to, mux }),
      event: (portId, { type, ...fields }) =>
        this.#line(portId, [type, ...Object.values(fields)].join(' ')),
      locked: (portId, to) =>
        this.#line(portId, to ? `locked ${to.address}:${to.port}` : 'unlocked'),
    },
    { random: () => 0.5, wallMsAt: (nowMs) => nowMs },
  );

  /** An open port whose party agreed to PCMA as 8 and telephone-event as 101. */
  talkingPort(portId: number, peer: Partial<PeerMedia> = {}): void {
    this.core.open(portId, { ssrc: 0x1000 + portId, ...streamStart });
    this.settle(portId, peer);
  }

  settle(portId: number, peer: Partial<PeerMedia> = {}): void {
    this.core.settle(
      portId,
      {
        ...homeOf(portId),
        learns: false,
        rtcpMux: true,
        rtcpPort: 5000,
        codec: 'PCMA',
        payloadType: payloadTypes[peer.codec ?? 'PCMA'],
        packetMs: 20,
        longestPacketMs: Number.POSITIVE_INFINITY,
        comfortNoiseType: undefined,
        telephoneEventType: 101,
        telephoneEventKind: 'telephoneEvent',
        receives: { ...payloadTypes, telephoneEvent: 101, comfortNoise: 13 },
        maySend: true,
        expectsPackets: true,
        ...peer,
      },
      this.now,
    );
  }

  hear(portId: number, ...sources: readonly CoreSource[]): void {
    this.core.hear(portId, sources);
  }

  receive(portId: number, packet: Uint8Array, from: PacketAddress = homeOf(portId)): void {
    this.core.receive(portId, packet, from, this.now);
  }

  /** Moves time on, with all ticks that fall due, up to and including `ms`. */
  runTo(ms: number): void {
    while (this.#nextTick.due <= ms) {
      this.now = this.#nextTick.due;
      this.core.tick(this.now);
      this.#nextTick.due += tickMs;
    }
    this.now = ms;
  }

  /** The lines so far, which are taken off the trace. */
  taken(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  #line(portId: number, text: string): void {
    this.#lines.push(`${this.now} #${portId} ${text}`);
  }

  /** `8M +0 +160 d5x160`: type, marker, sequence and timestamp from the start of the stream, payload. */
  #packet(portId: number, packet: Uint8Array, to: PacketAddress): void {
    const view = emptyRtpView();
    if (!readRtp(packet, view)) throw new Error('what was sent is no RTP');
    if (view.ssrc !== 0x1000 + portId) throw new Error(`SSRC ${view.ssrc} of port ${portId}`);
    const payload = packet.slice(view.payloadStart, view.payloadEnd);
    const kept = this.payloads.get(portId) ?? [];
    kept.push(payload);
    this.payloads.set(portId, kept);
    const home = homeOf(portId);
    const elsewhere =
      to.address === home.address && to.port === home.port ? '' : ` to ${to.address}:${to.port}`;
    const type = `${view.payloadType}${view.marker ? 'M' : ''}`;
    const sequence = sequenceAfter(view.sequence, streamStart.sequence);
    const timestamp = timestampAfter(view.timestamp, streamStart.timestamp);
    this.#line(portId, `${type} +${sequence} +${timestamp} ${shown(payload)}${elsewhere}`);
  }
}

function shown(payload: Uint8Array): string {
  if (payload.length === telephoneEventLength) {
    const duration = (payload[2]! << 8) | payload[3]!;
    return `key ${payload[0]} ${duration}${payload[1]! & 0x80 ? ' end' : ''}`;
  }
  const uniform = payload.every((octet) => octet === payload[0]);
  return `${uniform ? payload[0]!.toString(16) : 'sound'}x${payload.length}`;
}
