import type { AudioRate } from '../audio/audio-codec.ts';
import { RateConverter } from '../audio/rate-converter.ts';

/** Plays prepared samples frame by frame: looped without a gap, or once, silent after the end. */
export class PromptPlayer {
  readonly playId: number;
  readonly #samples: Int16Array;
  readonly #rate: AudioRate;
  readonly #loop: boolean;
  /** Only for a listener of another rate than the samples: a codec that changed while they play. */
  #converter: RateConverter | undefined;
  #unconverted: Int16Array | undefined;
  #position = 0;
  #started = false;

  constructor(prompt: {
    readonly samples: Int16Array;
    readonly rate: AudioRate;
    readonly loop: boolean;
    readonly playId: number;
  }) {
    this.#samples = prompt.samples;
    this.#rate = prompt.rate;
    this.#loop = prompt.loop && prompt.samples.length > 0;
    this.playId = prompt.playId;
  }

  /** The first frame was read. */
  get started(): boolean {
    return this.#started;
  }

  /** Everything was read; never true of a loop. */
  get ended(): boolean {
    return this.#started && !this.#loop && this.#position >= this.#samples.length;
  }

  /** The next 20 ms into `frame`, which has this rate, padded with silence after the end. */
  read(frame: Int16Array, rate: AudioRate): void {
    if (rate === this.#rate) return this.#fill(frame);
    if (this.#converter?.to !== rate) {
      this.#converter = new RateConverter(rate);
      this.#unconverted = new Int16Array(this.#rate / 50);
    }
    this.#fill(this.#unconverted!);
    this.#converter.convert(this.#unconverted!, frame);
  }

  #fill(frame: Int16Array): void {
    this.#started = true;
    let filled = 0;
    while (filled < frame.length && !this.ended) {
      const from = this.#position;
      const to = Math.min(this.#samples.length, from + frame.length - filled);
      frame.set(this.#samples.subarray(from, to), filled);
      filled += to - from;
      this.#position = this.#loop && to === this.#samples.length ? 0 : to;
    }
    if (filled < frame.length) frame.fill(0, filled);
  }
}
