import { frameSamples } from './outbound-stream.ts';

/** Plays prepared samples frame by frame: looped without a gap, or once, silent after the end. */
export class PromptPlayer {
  readonly playId: number;
  readonly #samples: Int16Array;
  readonly #loop: boolean;
  #position = 0;
  #started = false;

  constructor(prompt: {
    readonly samples: Int16Array;
    readonly loop: boolean;
    readonly playId: number;
  }) {
    this.#samples = prompt.samples;
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

  /** The next 20 ms into `frame`, padded with silence after the end. */
  read(frame: Int16Array): void {
    this.#started = true;
    let filled = 0;
    while (filled < frameSamples && !this.ended) {
      const from = this.#position;
      const to = Math.min(this.#samples.length, from + frameSamples - filled);
      frame.set(this.#samples.subarray(from, to), filled);
      filled += to - from;
      this.#position = this.#loop && to === this.#samples.length ? 0 : to;
    }
    if (filled < frameSamples) frame.fill(0, filled);
  }
}
