import type { CodecName } from '../../model/trunk.ts';
import type { AudioDecoder, AudioRate } from '../audio/audio-codec.ts';
import { codecOf } from '../audio/codecs.ts';
import { ComfortNoise } from '../audio/comfort-noise.ts';
import { Concealment } from '../audio/concealment.ts';
import { type BufferedKind, JitterBuffer, shortestMs } from './jitter-buffer.ts';

/** What is played at a time: a tick's worth. */
export const voiceFrameMs = 20;
/** No packet holds more, or it is cut. */
const longestPacketMs = 120;
/** Ticks over which the delay is watched before any of it is taken away. */
const watchTicks = 50;

/**
 * The voice of one party, decoded 20 ms at a time, for mixing, transcoding and detection: jitter buffer,
 * decoder, concealment. All who need it in a tick get the same frame.
 */
export class ReceivedVoice {
  readonly codec: CodecName;
  readonly rate: AudioRate;
  readonly buffer = new JitterBuffer();
  readonly #decoder: AudioDecoder;
  readonly #concealment: Concealment;
  readonly #noise = new ComfortNoise();
  #isNoisy = false;
  /** Something was heard that concealment can go on with. */
  #sounding = false;
  /** Decoded, and not yet played: from `#start` to `#end`. */
  readonly #decoded: Int16Array;
  readonly #scratch: Int16Array;
  #start = 0;
  #end = 0;
  readonly #frame: Int16Array;
  readonly #second: Int16Array;
  #tick = -1;
  #audible = false;
  /** The least sound that was waiting in the ticks watched so far. */
  #leastMs = Number.POSITIVE_INFINITY;
  #watched = 0;
  /** Frames of delay to be taken away. */
  #surplus = 0;

  constructor(name: CodecName) {
    const codec = codecOf(name);
    this.codec = name;
    this.rate = codec.rate;
    this.#decoder = codec.createDecoder();
    this.#concealment = new Concealment(codec.rate);
    const perMs = codec.rate / 1000;
    this.#frame = new Int16Array(voiceFrameMs * perMs);
    this.#second = new Int16Array(voiceFrameMs * perMs);
    this.#scratch = new Int16Array(longestPacketMs * perMs);
    this.#decoded = new Int16Array((longestPacketMs + voiceFrameMs) * perMs);
  }

  put(
    packet: { readonly ssrc: number; readonly sequence: number },
    payload: Uint8Array,
    kind: BufferedKind,
  ): void {
    this.buffer.put(packet, payload, kind);
  }

  /** Sound between its packet and the listener, in ms. */
  get delayMs(): number {
    return this.buffer.waitingMs + ((this.#end - this.#start) * 1000) / this.rate;
  }

  /** The frame of this tick (ticks count up); undefined: silence. It is overwritten in the next tick. */
  frame(tick: number): Int16Array | undefined {
    if (tick !== this.#tick) {
      this.#tick = tick;
      this.#audible = this.#play(this.#frame);
      if (this.#surplus > 0 && this.#audible) this.#squeeze();
      this.#watch();
    }
    return this.#audible ? this.#frame : undefined;
  }

  /** The decoder's memory is given back. */
  close(): void {
    this.#decoder.close();
  }

  #play(frame: Int16Array): boolean {
    while (this.#end - this.#start < frame.length) {
      const step = this.buffer.next(voiceFrameMs);
      if (step === 'sound') this.#decode(this.buffer.payload);
      else if (step === 'lost') this.#conceal();
      else {
        if (step === 'noise') {
          this.#noise.setLevel(this.buffer.payload);
          this.#isNoisy = true;
        }
        return this.#fillUp(frame);
      }
    }
    this.#take(frame, frame.length);
    return true;
  }

  #decode(payload: Uint8Array): void {
    const count = this.#decoder.decode(payload, this.#scratch);
    if (count === 0) return this.#conceal();
    this.buffer.packetMs = Math.max(1, Math.round((count * 1000) / this.rate));
    this.#isNoisy = false;
    this.#sounding = true;
    this.#concealment.heard(this.#scratch, count);
    this.#append(count);
  }

  /** One packet's worth in place of a lost one: by the codec's own means, if it has any. */
  #conceal(): void {
    const count = Math.min((this.buffer.packetMs * this.rate) / 1000, this.#scratch.length);
    const { following } = this.buffer;
    const out = this.#scratch.subarray(0, count);
    const recovered = following !== undefined && this.#decoder.recover(following, out);
    if (recovered || this.#decoder.conceal(out)) this.#concealment.heard(out, count);
    else this.#concealment.fill(out, 0, count);
    this.#append(count);
  }

  /** Nothing is there for the rest of the frame. */
  #fillUp(frame: Int16Array): boolean {
    const left = this.#end - this.#start;
    this.#take(frame, left);
    const missing = frame.length - left;
    if (this.#isNoisy) this.#noise.fill(frame, left, missing);
    else if (this.#sounding) {
      this.#concealment.fill(frame, left, missing);
      if (this.#concealment.faded) this.#sounding = false;
    } else {
      frame.fill(0, left);
      return left > 0;
    }
    return true;
  }

  #append(count: number): void {
    if (this.#start > 0) {
      this.#decoded.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const room = Math.min(count, this.#decoded.length - this.#end);
    for (let i = 0; i < room; i++) this.#decoded[this.#end + i] = this.#scratch[i]!;
    this.#end += room;
  }

  #take(frame: Int16Array, count: number): void {
    for (let i = 0; i < count; i++) frame[i] = this.#decoded[this.#start + i]!;
    this.#start += count;
  }

  /** Two frames into one, from the first over into the second: 20 ms of delay are gone. */
  #squeeze(): void {
    this.#surplus--;
    const [frame, second] = [this.#frame, this.#second];
    if (!this.#play(second)) return;
    for (let i = 0; i < frame.length; i++) {
      const share = i / frame.length;
      frame[i] = frame[i]! * (1 - share) + second[i]! * share;
    }
  }

  /** What always waits is more delay than the jitter needs. */
  #watch(): void {
    this.#leastMs = Math.min(this.#leastMs, this.delayMs);
    if (++this.#watched < watchTicks) return;
    const excess = Math.floor((this.#leastMs - shortestMs) / voiceFrameMs);
    if (excess > 0) {
      this.#surplus = excess;
      this.buffer.relax(excess * voiceFrameMs);
    }
    this.#watched = 0;
    this.#leastMs = Number.POSITIVE_INFINITY;
  }
}
