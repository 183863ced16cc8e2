/** Sound as the sandbox holds it: 8 kHz, 16 bit, mono. */
export type Sound = Int16Array;

/** What the mouth puts into one RTP packet: sound still to be encoded, or a ready telephone-event. */
export type SpokenPacket = {
  readonly marker: boolean;
  readonly timestamp: number;
} & ({ readonly samples: Int16Array } | { readonly event: Uint8Array });

/** Samples of one packet: 20 ms at 8 kHz. */
export const frameSamples = 160;
export const frameMs = 20;

const eventKeys = '0123456789*#ABCD';
const silence = new Int16Array(frameSamples);

type Speaking = { readonly sound: Sound; readonly loop: boolean; at: number };
type Pressing = {
  readonly code: number;
  readonly samples: number;
  done: number;
  startedAt: number;
};

/**
 * The mouth of a sandbox phone: one call of `next` every 20 ms gives the packets of that moment.
 * It speaks silence when it has nothing to say, as a phone with an open microphone does. Keys are
 * telephone-events (RFC 4733), sent instead of sound while they are held. No I/O.
 */
export class Mouth {
  readonly #keepsSound: boolean;
  readonly #spoken: Int16Array[] = [];
  #timestamp: number;
  #isFirst = true;
  #speaking: Speaking | undefined;
  #pressing: Pressing | undefined;
  readonly #keys: { code: number; durationMs: number }[] = [];
  /** Timestamp at which the next key may begin: keys need a gap to be told apart. */
  #nextKeyAt = 0;

  constructor(options: { readonly firstTimestamp: number; readonly keepsSound: boolean }) {
    this.#timestamp = options.firstTimestamp >>> 0;
    this.#keepsSound = options.keepsSound;
  }

  speak(sound: Sound, options: { readonly loop: boolean }): void {
    this.#speaking = sound.length === 0 ? undefined : { sound, loop: options.loop, at: 0 };
  }

  beSilent(): void {
    this.#speaking = undefined;
  }

  /** Holds a key down for `durationMs`, after those pressed before, 60 ms apart at least. */
  press(key: string, durationMs = 120): void {
    const code = eventKeys.indexOf(key);
    if (key.length === 1 && code >= 0) this.#keys.push({ code, durationMs });
  }

  /** All that was said so far, frame by frame, for comparison with what the other ear heard. */
  get spoken(): Int16Array {
    const all = new Int16Array(this.#spoken.length * frameSamples);
    for (const [index, frame] of this.#spoken.entries()) all.set(frame, index * frameSamples);
    return all;
  }

  next(): SpokenPacket[] {
    const timestamp = this.#timestamp;
    this.#timestamp = (this.#timestamp + frameSamples) >>> 0;
    const samples = this.#nextSamples();
    const packets = this.#nextEvent(timestamp) ?? [{ marker: this.#isFirst, timestamp, samples }];
    this.#isFirst = false;
    if (this.#keepsSound) this.#spoken.push('samples' in packets[0]! ? samples : silence);
    return packets;
  }

  #nextSamples(): Int16Array {
    const speaking = this.#speaking;
    if (speaking === undefined) return silence;
    const frame = new Int16Array(frameSamples);
    for (let filled = 0; filled < frameSamples; ) {
      const part = speaking.sound.subarray(speaking.at, speaking.at + frameSamples - filled);
      frame.set(part, filled);
      filled += part.length;
      speaking.at += part.length;
      if (speaking.at < speaking.sound.length) continue;
      speaking.at = 0;
      if (!speaking.loop) {
        this.#speaking = undefined;
        break;
      }
    }
    return frame;
  }

  #nextEvent(timestamp: number): SpokenPacket[] | undefined {
    if (this.#pressing === undefined) {
      const isTooEarly = ((timestamp - this.#nextKeyAt) | 0) < 0 && this.#nextKeyAt !== 0;
      const key = isTooEarly ? undefined : this.#keys.shift();
      if (key === undefined) return undefined;
      const samples = key.durationMs * 8;
      this.#pressing = { code: key.code, samples, done: 0, startedAt: timestamp };
    }
    const pressing = this.#pressing;
    const marker = pressing.done === 0;
    pressing.done = Math.min(pressing.samples, pressing.done + frameSamples);
    const isEnd = pressing.done >= pressing.samples;
    const packet = {
      marker,
      timestamp: pressing.startedAt,
      event: telephoneEvent(pressing.code, isEnd, pressing.done),
    };
    if (!isEnd) return [packet];
    this.#pressing = undefined;
    this.#nextKeyAt = (timestamp + frameSamples + 60 * 8) >>> 0;
    // The last packet three times: RFC 4733 section 2.5.1.4.
    return [packet, { ...packet, marker: false }, { ...packet, marker: false }];
  }
}

/**
 * RFC 4733 section 2.3:
 *
 *      0                   1                   2                   3
 *     |     event     |E|R| volume    |          duration             |
 */
function telephoneEvent(code: number, isEnd: boolean, duration: number): Uint8Array {
  const volume = 10;
  return Uint8Array.of(code, (isEnd ? 0x80 : 0) | volume, duration >> 8, duration & 0xff);
}
