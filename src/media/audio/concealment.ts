import type { AudioRate } from './audio-codec.ts';

/** The pitch of voices: 62 to 250 Hz. */
const longestPeriodMs = 16;
const shortestPeriodMs = 4;
/** Sound that is compared to find the period. */
const comparedMs = 10;
const historyMs = 40;
/** After so much nothing is made up any more: silence is less disturbing than a hum. */
const fadeMs = 60;
const blendMs = 5;

/**
 * What is heard in place of packets that did not come (after the idea of ITU-T G.711 appendix I): the
 * last period of the voice again and again, fading away within 60 ms, and blended into the first sound
 * that comes afterwards.
 */
export class Concealment {
  readonly #perMs: number;
  readonly #history: Int16Array;
  /** Samples made up since the last real ones. */
  #made = 0;
  #period = 0;

  constructor(rate: AudioRate) {
    this.#perMs = rate / 1000;
    this.#history = new Int16Array(historyMs * this.#perMs);
  }

  /** Nothing is left to be repeated. */
  get faded(): boolean {
    return this.#made >= fadeMs * this.#perMs;
  }

  /** Takes the first `count` real samples of `sound`; blends them, in place, with what was made up before. */
  heard(sound: Int16Array, count: number): void {
    if (this.#made > 0) {
      const blend = Math.min(count, blendMs * this.#perMs);
      for (let i = 0; i < blend; i++) {
        const share = i / blend;
        sound[i] = sound[i]! * share + this.#madeUp(i) * (1 - share);
      }
      this.#made = 0;
    }
    const history = this.#history;
    const kept = Math.min(count, history.length);
    history.copyWithin(0, kept);
    for (let i = 0; i < kept; i++) history[history.length - kept + i] = sound[count - kept + i]!;
  }

  /** Fills `count` samples of `out` from `from`. */
  fill(out: Int16Array, from: number, count: number): void {
    if (this.#made === 0) this.#period = this.#findPeriod();
    for (let i = 0; i < count; i++) out[from + i] = this.#madeUp(i);
    this.#made += count;
  }

  /** The sample `ahead` of those that were made up. */
  #madeUp(ahead: number): number {
    const at = this.#made + ahead;
    const gain = 1 - at / (fadeMs * this.#perMs);
    if (gain <= 0) return 0;
    const history = this.#history;
    return gain * history[history.length - this.#period + (at % this.#period)]!;
  }

  /** The shift at which the last 10 ms are most like what was before them. */
  #findPeriod(): number {
    const history = this.#history;
    const step = this.#perMs / 8;
    const compared = comparedMs * this.#perMs;
    const start = history.length - compared;
    let best = longestPeriodMs * this.#perMs;
    let bestScore = 0;
    for (
      let lag = shortestPeriodMs * this.#perMs;
      lag <= longestPeriodMs * this.#perMs;
      lag += step
    ) {
      let product = 0;
      let energy = 1;
      for (let i = start; i < history.length; i += step) {
        const before = history[i - lag]!;
        product += history[i]! * before;
        energy += before * before;
      }
      const score = product <= 0 ? 0 : (product * product) / energy;
      if (score > bestScore) [best, bestScore] = [lag, score];
    }
    return best;
  }
}
