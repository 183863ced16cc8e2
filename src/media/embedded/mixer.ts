import { frameSamples } from './outbound-stream.ts';
import { sequenceAfter } from './rtp-packet.ts';

/** 160 ms: more than that waiting means the source's clock is faster than ours, or a burst. */
const capacity = 8 * frameSamples;
/** Sound begins when this much waits, so that ordinary jitter makes no holes. */
const primedAt = 2 * frameSamples;

/** Decoded sound of one source between its packets (of any length) and our 20 ms frames. */
export class SourceFifo {
  readonly #samples = new Int16Array(capacity);
  #start = 0;
  #length = 0;
  #primed = false;
  #ssrc = -1;
  #sequence = 0;

  /** Samples waiting. */
  get length(): number {
    return this.#length;
  }

  /** Late and doubled packets are left out; too much sound pushes the oldest out. */
  push(samples: Int16Array, ssrc: number, sequence: number): void {
    if (ssrc === this.#ssrc) {
      const after = sequenceAfter(sequence, this.#sequence);
      if (after <= 0 && after > -100) return;
    }
    this.#ssrc = ssrc;
    this.#sequence = sequence;
    const excess = this.#length + samples.length - capacity;
    if (excess > 0) this.#drop(Math.min(this.#length, this.#length + samples.length - primedAt));
    for (let i = Math.max(0, samples.length - capacity); i < samples.length; i++) {
      this.#samples[(this.#start + this.#length++) % capacity] = samples[i]!;
    }
    if (this.#length >= primedAt) this.#primed = true;
  }

  /** Adds the next frame to `sum`; nothing while too little waits. */
  addTo(sum: Int32Array): void {
    if (!this.#primed) return;
    const count = Math.min(frameSamples, this.#length);
    for (let i = 0; i < count; i++) sum[i]! += this.#samples[(this.#start + i) % capacity]!;
    this.#drop(count);
    if (this.#length === 0) this.#primed = false;
  }

  #drop(count: number): void {
    this.#start = (this.#start + count) % capacity;
    this.#length -= count;
  }
}

/** Writes the sum of several sources as samples; what is too loud is cut, not wrapped. */
export function saturate(sum: Int32Array, frame: Int16Array): void {
  for (let i = 0; i < frameSamples; i++) {
    const value = sum[i]!;
    frame[i] = Math.max(-32_768, Math.min(32_767, value));
  }
}
