/** What an ear needs of an RTP packet (RFC 3550 section 5.1). */
export type HeardPacket = {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
};

/** A key heard as telephone-event packets (RFC 4733). Times are ms of the phone's clock. */
export type HeardKey = {
  readonly key: string;
  /** When its first packet came. */
  readonly arrivedMs: number;
  /** Where its RTP timestamp puts it: free of network jitter, so pauses are measured with it. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Packets with the E bit: RFC 4733 section 2.5.1.4 asks for three. */
  readonly endPackets: number;
  readonly hadMarker: boolean;
};

export type Gap = { readonly fromMs: number; readonly toMs: number };

/** All that one ear heard in one call, on the phone's own clock. */
export type HeardRecord = {
  /** The instant of the first sample; undefined when nothing came at all. */
  readonly startMs: number | undefined;
  /** 8 kHz, 16 bit; where no packet was, silence. */
  readonly samples: Int16Array;
  /** Stretches between the first and the last packet for which no packet came. */
  readonly gaps: readonly Gap[];
  readonly keys: readonly HeardKey[];
  readonly packets: number;
  /** Breaks of the RTP timeline inside one SSRC: a receiver may click or mute there. */
  readonly jumps: number;
  readonly ssrcs: number;
  /** Packets that came again, by SSRC and sequence number. */
  readonly duplicates: number;
};

const samplesPerMs = 8;
/** A timestamp this far from the arrival time starts a new stretch of the timeline. */
const jumpMs = 120;
const eventKeys = '0123456789*#ABCD';

type Sound = {
  readonly arrivedMs: number;
  readonly timestamp: number;
  readonly samples: Int16Array;
};
type Event = {
  readonly key: string;
  readonly arrivedMs: number;
  readonly timestamp: number;
  readonly hadMarker: boolean;
  duration: number;
  endPackets: number;
};
/** Packets of one SSRC whose timestamps and arrivals agree: one straight piece of sound. */
type Stretch = {
  readonly ssrc: number;
  readonly sounds: Sound[];
  readonly events: Event[];
  /** Arrival time minus media time of the packet that travelled fastest, ms. */
  offsetMs: number;
  lastTimestamp: number;
};

/**
 * The ear of a sandbox phone: packets in, a timeline of sound out. Each packet is laid down where its
 * RTP timestamp says; the clock only anchors each stretch. No jitter buffer, no concealment, no
 * playout: what is missing or late is seen as it is. No I/O.
 */
export class Ear {
  readonly #keepsSound: boolean;
  readonly #stretches: Stretch[] = [];
  readonly #seen = new Set<string>();
  #ssrcs = new Set<number>();
  #packets = 0;
  #jumps = 0;
  #duplicates = 0;

  /** `keepsSound: false` counts and listens for keys only, so that it needs no memory. */
  constructor(options: { readonly keepsSound: boolean }) {
    this.#keepsSound = options.keepsSound;
  }

  /** Takes one packet of sound, already decoded. */
  hearSound(packet: HeardPacket, samples: Int16Array, arrivedMs: number): void {
    if (this.#isRepeated(packet)) return;
    if (!this.#keepsSound) return;
    const { stretch, timestamp } = this.#place(packet, arrivedMs, 'sound');
    stretch.sounds.push({ arrivedMs, timestamp, samples });
  }

  /** Takes one telephone-event packet; returns the key when its first end packet came. */
  hearEvent(
    packet: HeardPacket,
    arrivedMs: number,
  ): { key: string; durationMs: number } | undefined {
    if (this.#isRepeated(packet) || packet.payload.length < 4) return undefined;
    const [code = 0, flags = 0, high = 0, low = 0] = packet.payload;
    const key = eventKeys[code];
    if (key === undefined) return undefined;
    // All packets of one event carry the timestamp of its start, so they say nothing of the clock.
    const { stretch, timestamp } = this.#place(packet, arrivedMs, 'event');
    let event = stretch.events.find((other) => other.timestamp === timestamp);
    if (event === undefined) {
      const hadMarker = packet.marker;
      event = { key, arrivedMs, timestamp, hadMarker, duration: 0, endPackets: 0 };
      stretch.events.push(event);
    }
    event.duration = Math.max(event.duration, (high << 8) | low);
    if ((flags & 0x80) === 0) return undefined;
    event.endPackets++;
    if (event.endPackets > 1) return undefined;
    return { key, durationMs: event.duration / samplesPerMs };
  }

  /** The timeline as far as it has been heard. */
  record(): HeardRecord {
    const pieces = this.#pieces();
    const startMs = pieces.length === 0 ? undefined : pieces[0]!.atMs;
    const endMs = Math.max(startMs ?? 0, ...pieces.map((piece) => piece.endMs));
    const samples = new Int16Array(Math.round((endMs - (startMs ?? 0)) * samplesPerMs));
    const gaps: Gap[] = [];
    let coveredMs = startMs ?? 0;
    for (const piece of pieces) {
      if (piece.atMs - coveredMs > 1) gaps.push({ fromMs: coveredMs, toMs: piece.atMs });
      coveredMs = Math.max(coveredMs, piece.endMs);
      if (piece.samples === undefined) continue;
      const at = Math.max(0, Math.round((piece.atMs - startMs!) * samplesPerMs));
      samples.set(piece.samples.subarray(0, samples.length - at), at);
    }
    return {
      startMs,
      samples,
      gaps,
      keys: this.#keys(),
      packets: this.#packets,
      jumps: this.#jumps,
      ssrcs: this.#ssrcs.size,
      duplicates: this.#duplicates,
    };
  }

  /** Everything heard with its place in time, in order. An event covers its time without sound. */
  #pieces(): { atMs: number; endMs: number; samples?: Int16Array }[] {
    const pieces: { atMs: number; endMs: number; samples?: Int16Array }[] = [];
    for (const stretch of this.#stretches) {
      for (const { timestamp, samples } of stretch.sounds) {
        const atMs = stretch.offsetMs + timestamp / samplesPerMs;
        pieces.push({ atMs, endMs: atMs + samples.length / samplesPerMs, samples });
      }
      for (const { timestamp, duration } of stretch.events) {
        const atMs = stretch.offsetMs + timestamp / samplesPerMs;
        pieces.push({ atMs, endMs: atMs + duration / samplesPerMs });
      }
    }
    return pieces.sort((a, b) => a.atMs - b.atMs);
  }

  #keys(): HeardKey[] {
    return this.#stretches
      .flatMap((stretch) =>
        stretch.events.map((event) => ({
          key: event.key,
          arrivedMs: event.arrivedMs,
          startMs: stretch.offsetMs + event.timestamp / samplesPerMs,
          durationMs: event.duration / samplesPerMs,
          endPackets: event.endPackets,
          hadMarker: event.hadMarker,
        })),
      )
      .sort((a, b) => a.startMs - b.startMs);
  }

  #isRepeated({ ssrc, sequenceNumber, timestamp }: HeardPacket): boolean {
    const name = `${ssrc} ${sequenceNumber} ${timestamp}`;
    if (this.#seen.has(name)) {
      this.#duplicates++;
      return true;
    }
    if (this.#seen.size > 100_000 || (!this.#keepsSound && this.#seen.size > 100)) {
      this.#seen.clear();
    }
    this.#seen.add(name);
    this.#packets++;
    this.#ssrcs.add(ssrc);
    return false;
  }

  /** Finds the stretch a packet belongs to, and its timestamp freed of the wrap at 32 bits. */
  #place(
    packet: HeardPacket,
    arrivedMs: number,
    kind: 'sound' | 'event',
  ): { stretch: Stretch; timestamp: number } {
    const previous = this.#stretches.findLast((stretch) => stretch.ssrc === packet.ssrc);
    const last = previous?.lastTimestamp ?? packet.timestamp;
    const timestamp = last + ((packet.timestamp - last) | 0);
    const offsetMs = arrivedMs - timestamp / samplesPerMs;
    if (previous !== undefined) {
      const isOfKnownEvent = previous.events.some((event) => event.timestamp === timestamp);
      if (kind === 'event' && isOfKnownEvent) return { stretch: previous, timestamp };
      if (Math.abs(offsetMs - previous.offsetMs) <= jumpMs) {
        if (kind === 'sound') previous.offsetMs = Math.min(previous.offsetMs, offsetMs);
        previous.lastTimestamp = timestamp;
        return { stretch: previous, timestamp };
      }
      this.#jumps++;
    }
    const stretch: Stretch = {
      ssrc: packet.ssrc,
      sounds: [],
      events: [],
      offsetMs,
      lastTimestamp: timestamp,
    };
    this.#stretches.push(stretch);
    return { stretch, timestamp };
  }
}
