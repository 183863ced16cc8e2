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
 * `sum(signal[lag + i] * pattern[i])` for each lag at which the pattern lies inside the signal, block by
 * block (overlap-save), two blocks a transform: one is the real part, the other the imaginary one.
 */
export function crossCorrelation(signal: Float64Array, pattern: Float64Array): Float64Array {
  const lags = Math.max(0, signal.length - pattern.length + 1);
  const result = new Float64Array(lags);
  const size = 2 ** Math.ceil(Math.log2(Math.max(1_024, 4 * pattern.length)));
  const fft = new Fft(size);
  const patternRe = new Float64Array(size);
  const patternIm = new Float64Array(size);
  patternRe.set(pattern);
  fft.forward(patternRe, patternIm);
  const step = size - pattern.length + 1;
  for (let start = 0; start < lags; start += 2 * step) {
    const re = new Float64Array(size);
    const im = new Float64Array(size);
    re.set(signal.subarray(start, start + size));
    im.set(signal.subarray(start + step, start + step + size));
    fft.forward(re, im);
    for (let k = 0; k < size; k++) {
      const [a, b, c, d] = [re[k]!, im[k]!, patternRe[k]! / size, -patternIm[k]! / size];
      re[k] = a * c - b * d;
      im[k] = a * d + b * c;
    }
    fft.inverse(re, im);
    result.set(re.subarray(0, Math.min(step, lags - start)), start);
    if (start + step < lags) {
      result.set(im.subarray(0, Math.min(step, lags - start - step)), start + step);
    }
  }
  return result;
}
