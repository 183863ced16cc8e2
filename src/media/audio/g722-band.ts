/** Inverse of the logarithm by which scale factors are kept (ILB). */
const antilog = table(`
  2048 2093 2139 2186 2233 2282 2332 2383 2435 2489 2543 2599 2656 2714 2774 2834 2896 2960
  3025 3091 3158 3228 3298 3371 3444 3520 3597 3676 3756 3838 3922 4008
`);

/** What differs between the two sub-bands: scale factors and where they begin and end. */
export type BandScale = {
  /** The least scale factor, which is the first: 32 below 4 kHz, 8 above. */
  readonly least: number;
  /** The greatest logarithm of one. */
  readonly most: number;
  /** How far the antilogarithm is shifted down when the logarithm is 0. */
  readonly shift: number;
};

/**
 * The adaptive part of one sub-band, the same in encoder and decoder: ITU-T G.722, blocks 3L and
 * 3H (quantizer adaptation), 4L and 4H (a predictor of two poles and six zeros). Names are those of the
 * standard. All values are 16 bits wide; what leaves them is cut.
 */
export class G722Band {
  /** What the predictor expects next (S). */
  expected = 0;
  /** The scale factor of the quantizer (DET). */
  scale: number;
  readonly #scale: BandScale;
  #logScale = 0;
  /** Quantized differences (D), the newest first, and the coefficients of the zeros (B). */
  readonly #d = new Int32Array(7);
  readonly #b = new Int32Array(7);
  /** Coefficients of the poles, the last two reconstructed signals, the last two partial ones. */
  #a1 = 0;
  #a2 = 0;
  #r1 = 0;
  #p1 = 0;
  #p2 = 0;
  #zeros = 0;

  constructor(scale: BandScale) {
    this.#scale = scale;
    this.scale = scale.least;
  }

  /** LOGSC and SCALE: `weight` is the multiplier of the code that was sent. */
  rescale(weight: number): void {
    const { most, shift } = this.#scale;
    const log = ((this.#logScale * 127) >> 7) + weight;
    this.#logScale = Math.max(0, Math.min(most, log));
    const mantissa = antilog[(this.#logScale >> 6) & 31]!;
    const down = shift - (this.#logScale >> 11);
    this.scale = (down < 0 ? mantissa << -down : mantissa >> down) << 2;
  }

  /** Takes the quantized difference and sets `expected` anew. */
  adapt(difference: number): void {
    const reconstructed = cut(this.expected + difference); // RECONS
    const partial = cut(this.#zeros + difference); // PARREC
    this.#adaptPoles(partial);
    const zeros = this.#adaptZeros(difference);
    // FILTEP, FILTEZ, PREDIC
    const poles =
      ((this.#a1 * cut(2 * reconstructed)) >> 15) + ((this.#a2 * cut(2 * this.#r1)) >> 15);
    this.#r1 = reconstructed;
    this.#zeros = cut(zeros);
    this.expected = cut(cut(poles) + this.#zeros);
  }

  /** UPPOL2 and UPPOL1. */
  #adaptPoles(partial: number): void {
    const like1 = partial >> 15 === this.#p1 >> 15;
    const like2 = partial >> 15 === this.#p2 >> 15;
    const steep = cut(this.#a1 << 2);
    const gradient = Math.min(32_767, like1 ? -steep : steep) >> 7;
    const second = gradient + (like2 ? 128 : -128) + ((this.#a2 * 32_512) >> 15);
    const a2 = Math.max(-12_288, Math.min(12_288, second));
    const first = cut((like1 ? 192 : -192) + ((this.#a1 * 32_640) >> 15));
    const bound = cut(15_360 - a2);
    this.#a1 = Math.max(-bound, Math.min(bound, first));
    this.#a2 = a2;
    this.#p2 = this.#p1;
    this.#p1 = partial;
  }

  /** UPZERO and DELAYA; returns the sum of FILTEZ before it is cut. */
  #adaptZeros(difference: number): number {
    const d = this.#d;
    const b = this.#b;
    const step = difference === 0 ? 0 : 128;
    const sign = difference >> 15;
    d[0] = difference;
    let sum = 0;
    for (let i = 6; i > 0; i--) {
      const move = d[i]! >> 15 === sign ? step : -step;
      const coefficient = cut(move + ((b[i]! * 32_640) >> 15));
      b[i] = coefficient;
      const before = d[i - 1]!;
      d[i] = before;
      sum += (coefficient * cut(2 * before)) >> 15;
    }
    return sum;
  }
}

/** A table of the standard, from its numbers. */
export function table(numbers: string): Int32Array {
  return Int32Array.from(numbers.trim().split(/\s+/), Number);
}

/** To 16 bits. */
export function cut(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}
