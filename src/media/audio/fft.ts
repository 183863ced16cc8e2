/**
 * Fast Fourier transform in place over `size` complex numbers (a power of two), radix 2, with its sines
 * prepared once. For the analysis of recordings, not for the hot path.
 */
export class Fft {
  readonly size: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #reversed: Uint32Array;

  constructor(size: number) {
    this.size = size;
    const half = size / 2;
    this.#cos = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.#sin = Float64Array.from({ length: half }, (_, k) => Math.sin((2 * Math.PI * k) / size));
    const bits = Math.log2(size);
    this.#reversed = Uint32Array.from({ length: size }, (_, index) => {
      let reversed = 0;
      for (let bit = 0; bit < bits; bit++) reversed |= ((index >> bit) & 1) << (bits - 1 - bit);
      return reversed;
    });
  }

  forward(re: Float64Array, im: Float64Array): void {
    const { size } = this;
    for (let index = 0; index < size; index++) {
      const other = this.#reversed[index]!;
      if (other <= index) continue;
      [re[index], re[other]] = [re[other]!, re[index]!];
      [im[index], im[other]] = [im[other]!, im[index]!];
    }
    for (let half = 1; half < size; half *= 2) this.#butterflies(re, im, half);
  }

  /** The inverse, without the division by `size`. */
  inverse(re: Float64Array, im: Float64Array): void {
    this.forward(im, re);
  }

  #butterflies(re: Float64Array, im: Float64Array, half: number): void {
    const stride = this.size / (2 * half);
    for (let start = 0; start < this.size; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const a = start + k;
        const b = a + half;
        const cos = this.#cos[k * stride]!;
        const sin = -this.#sin[k * stride]!;
        const x = re[b]! * cos - im[b]! * sin;
        const y = re[b]! * sin + im[b]! * cos;
        re[b] = re[a]! - x;
        im[b] = im[a]! - y;
        re[a] = re[a]! + x;
        im[a] = im[a]! + y;
      }
    }
  }
}

/**
 * Slides patterns of up to one length along a signal: `sum(signal[lag + i] * pattern[i])` for each lag at
 * which the pattern lies inside. Block by block (overlap-save), two blocks a transform: one is the real
 * part, the other the imaginary one. The signal is transformed once, for all patterns.
 */
export class Correlator {
  readonly #signalLength: number;
  readonly #fft: Fft;
  /** New lags a block. */
  readonly #step: number;
  readonly #spectra: { readonly re: Float64Array; readonly im: Float64Array }[] = [];

  constructor(signal: Float64Array, longestPattern: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(1_024, 4 * longestPattern)));
    this.#signalLength = signal.length;
    this.#fft = new Fft(size);
    this.#step = size - longestPattern + 1;
    for (let start = 0; start < signal.length; start += 2 * this.#step) {
      const re = new Float64Array(size);
      const im = new Float64Array(size);
      re.set(signal.subarray(start, start + size));
      im.set(signal.subarray(start + this.#step, start + this.#step + size));
      this.#fft.forward(re, im);
      this.#spectra.push({ re, im });
    }
  }

  correlate(pattern: Float64Array): Float64Array {
    const { size } = this.#fft;
    const result = new Float64Array(Math.max(0, this.#signalLength - pattern.length + 1));
    const patternRe = new Float64Array(size);
    const patternIm = new Float64Array(size);
    patternRe.set(pattern);
    this.#fft.forward(patternRe, patternIm);
    this.#spectra.forEach((block, index) => {
      const re = new Float64Array(size);
      const im = new Float64Array(size);
      for (let k = 0; k < size; k++) {
        const [a, b, c, d] = [block.re[k]!, block.im[k]!, patternRe[k]!, -patternIm[k]!];
        re[k] = (a * c - b * d) / size;
        im[k] = (a * d + b * c) / size;
      }
      this.#fft.inverse(re, im);
      const start = 2 * index * this.#step;
      for (const [part, from] of [
        [re, start],
        [im, start + this.#step],
      ] as const) {
        if (from < result.length) {
          result.set(part.subarray(0, Math.min(this.#step, result.length - from)), from);
        }
      }
    });
    return result;
  }
}
