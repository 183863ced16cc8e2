import type { CodecName } from '../../model/trunk.ts';
import type { AudioEncoder, AudioRate } from '../audio/audio-codec.ts';
import { codecOf } from '../audio/codecs.ts';

/** What comes in at a time. */
const frameMs = 20;
/** RFC 7587 section 4.2 has no packet of Opus above this; ours are far below. */
const mostOctets = 1500;

/** The sound that we make for one party: 20 ms at a time in, packets of the length it wants out. */
export class OutgoingVoice {
  readonly codec: CodecName;
  readonly rate: AudioRate;
  /** Of a packet, in ms and in timestamp units. */
  readonly packetMs: number;
  readonly packetUnits: number;
  /** The payload that `next` made. */
  readonly octets = Buffer.alloc(mostOctets);
  readonly #encoder: AudioEncoder;
  /** Samples that are no whole packet yet, and a view of each packet in them. */
  readonly #pending: Int16Array;
  readonly #packet: Int16Array;
  #filled = 0;

  constructor(name: CodecName, packetMs: number) {
    const codec = codecOf(name);
    const perMs = codec.rate / 1000;
    this.codec = name;
    this.rate = codec.rate;
    this.packetMs = packetMs;
    this.packetUnits = packetMs * codec.unitsPerMs;
    this.#encoder = codec.createEncoder();
    this.#pending = new Int16Array((packetMs + frameMs) * perMs);
    this.#packet = this.#pending.subarray(0, packetMs * perMs);
  }

  /** Takes 20 ms; what is whole then is fetched by `next`. */
  push(frame: Int16Array): void {
    this.#pending.set(frame, this.#filled);
    this.#filled += frame.length;
  }

  /** Octets of the next whole packet, now in `octets`; 0: none is. */
  next(): number {
    const { length } = this.#packet;
    if (this.#filled < length) return 0;
    const octets = this.#encoder.encode(this.#packet, this.octets, 0);
    this.#filled -= length;
    if (this.#filled > 0) this.#pending.copyWithin(0, length, length + this.#filled);
    return octets;
  }

  /** What is no whole packet is not sent: something else takes its place. */
  drop(): void {
    this.#filled = 0;
  }

  close(): void {
    this.#encoder.close();
  }
}
