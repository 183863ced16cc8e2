/** Beyond this the telephone carries nothing, and below it nothing may be lost: Hz at 8000 Hz. */
const passbandShare = 3_500 / 4_000;
const stopbandShare = 4_250 / 4_000;
/** Kaiser window for 90 dB. */
const kaiserBeta = 8.96;
const attenuationDb = 90;
/** Exact for the usual rates (44.1 kHz needs 80); odd ones take the nearest of so many. */
const mostPhases = 1_024;

type Kernels = { readonly taps: number; readonly phases: readonly Float32Array[] };

/**
 * Changes the sample rate by a polyphase windowed sinc. Streamable: the pieces that `push` and `flush`
 * return, put together, are the same whatever the pieces pushed. Sample 0 of the result is sample 0 of
 * the input (the delay of the filter is taken out), its length ceil(length * outRate / inRate).
 * Flat to 3.4 kHz towards 8000 Hz; from 4.25 kHz on at least 80 dB down.
 */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #kernels: Kernels;
  /** Input not yet done with; its first sample is input sample `#bufferStart`. */
  #buffer: Float32Array;
  #bufferStart: number;
  #taken = 0;
  #made = 0;

  constructor(inRate: number, outRate: number) {
    const divisor = greatestCommonDivisor(inRate, outRate);
    this.#up = outRate / divisor;
    this.#down = inRate / divisor;
    this.#kernels = kernelsFor(inRate, outRate, Math.min(this.#up, mostPhases));
    // Silence before the first sample, as long as the filter looks back.
    const before = this.#kernels.taps / 2;
    this.#buffer = new Float32Array(before);
    this.#bufferStart = -before;
  }

  /** Takes the next samples, returns what can be made of all so far. */
  push(samples: Float32Array): Float32Array {
    this.#taken += samples.length;
    return this.#run(samples, Math.ceil((this.#taken * this.#up) / this.#down));
  }

  /** Returns the rest. The resampler is used up. */
  flush(): Float32Array {
    const end = Math.ceil((this.#taken * this.#up) / this.#down);
    return this.#run(new Float32Array(this.#kernels.taps + 1), end);
  }

  #run(samples: Float32Array, end: number): Float32Array {
    const { taps, phases } = this.#kernels;
    const input = new Float32Array(this.#buffer.length + samples.length);
    input.set(this.#buffer);
    input.set(samples, this.#buffer.length);
    const inputEnd = this.#bufferStart + input.length;
    const made: number[] = [];
    for (; this.#made < end; this.#made++) {
      // Output m lies at input position m * down / up: a whole sample and a phase between two.
      const position = this.#made * this.#down;
      let whole = Math.floor(position / this.#up);
      let phase = Math.round(((position % this.#up) * phases.length) / this.#up);
      if (phase === phases.length) {
        phase = 0;
        whole++;
      }
      const first = whole - taps / 2 + 1;
      if (first + taps > inputEnd) break;
      made.push(dot(phases[phase]!, input, first - this.#bufferStart));
    }
    const keepFrom = Math.floor((this.#made * this.#down) / this.#up) - taps / 2;
    const drop = Math.max(0, Math.min(input.length, keepFrom - this.#bufferStart));
    this.#buffer = input.slice(drop);
    this.#bufferStart += drop;
    return Float32Array.from(made);
  }
}

/** All at once, for tests and short sounds. */
export function resample(samples: Float32Array, inRate: number, outRate: number): Float32Array {
  const resampler = new Resampler(inRate, outRate);
  const head = resampler.push(samples);
  const tail = resampler.flush();
  const all = new Float32Array(head.length + tail.length);
  all.set(head);
  all.set(tail, head.length);
  return all;
}

function dot(kernel: Float32Array, input: Float32Array, offset: number): number {
  let sum = 0;
  for (let tap = 0; tap < kernel.length; tap++) sum += kernel[tap]! * input[offset + tap]!;
  return sum;
}

/** One filter for each fraction of an input sample at which an output sample can lie. */
function kernelsFor(inRate: number, outRate: number, phaseCount: number): Kernels {
  const narrow = Math.min(inRate, outRate) / 2;
  const pass = (narrow * passbandShare) / inRate;
  const stop = (narrow * stopbandShare) / inRate;
  // Kaiser's estimate of the length for this attenuation and width of the transition.
  const wanted = (attenuationDb - 7.95) / (14.36 * (stop - pass));
  const taps = 2 * Math.ceil(wanted / 2);
  const cutoff = pass + stop; // Twice the middle: the sinc's zeros lie 1 / cutoff apart.
  const windowScale = 1 / besselI0(kaiserBeta);
  const phases = Array.from({ length: phaseCount }, (_, phase) => {
    const kernel = new Float32Array(taps);
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const distance = tap - taps / 2 + 1 - phase / phaseCount;
      const edge = distance / (taps / 2);
      const inside = Math.max(0, 1 - edge * edge);
      const window = besselI0(kaiserBeta * Math.sqrt(inside)) * windowScale;
      kernel[tap] = sinc(distance * cutoff) * window;
      sum += kernel[tap]!;
    }
    // The same gain in each phase: otherwise a constant would ripple.
    return kernel.map((value) => value / sum);
  });
  return { taps, phases };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The modified Bessel function of the first kind, order 0, by its series. */
export function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let index = 1; term > sum * 1e-12; index++) {
    term *= (x / (2 * index)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
