import type { AudioRate } from './audio-codec.ts';
import { besselI0 } from './resampler.ts';

/**
 * Taps on one side of the middle that are not 0: those at odd distances, 1 to 31. Flat to 3.4 kHz, 70 dB
 * down from 4.6 kHz on.
 */
const sideTaps = 16;
const reach = 2 * sideTaps - 1;
const kaiserBeta = 6.76;
/** The longest frame at a time, at 8000 Hz: 60 ms. */
const longest = 480;

/** A half-band filter: half in the middle, nothing at even distances, and this at the odd ones. */
const side = Float64Array.from({ length: sideTaps }, (_, tap) => {
  const distance = 2 * tap + 1;
  const edge = distance / (reach + 1);
  const window = besselI0(kaiserBeta * Math.sqrt(1 - edge * edge)) / besselI0(kaiserBeta);
  return (Math.sin((Math.PI * distance) / 2) / (Math.PI * distance)) * window;
});
{
  // The two halves of the result must weigh the same, or a constant would ripple.
  const sum = side.reduce((total, value) => total + value, 0);
  for (let tap = 0; tap < sideTaps; tap++) side[tap] = (side[tap]! / sum) * 0.25;
}

/**
 * Sound of one stream from 8000 to 16000 Hz or back, frame by frame as it is played: nothing is made
 * anew per frame. Delays by 2 ms. For whole files there is the Resampler.
 */
export class RateConverter {
  readonly to: AudioRate;
  readonly #line: Float64Array;
  readonly #before: number;

  constructor(to: AudioRate) {
    this.to = to;
    // Going up the filter lies over samples that are every second one of the result.
    this.#before = to === 16_000 ? 2 * sideTaps - 1 : 2 * reach;
    this.#line = new Float64Array(this.#before + 2 * longest);
  }

  /** `out` is twice as long as `samples`, or half as long. */
  convert(samples: Int16Array, out: Int16Array): void {
    const line = this.#line;
    line.set(samples, this.#before);
    if (this.to === 16_000) this.#up(samples.length, out);
    else this.#down(samples.length, out);
    line.copyWithin(0, samples.length, samples.length + this.#before);
  }

  #up(count: number, out: Int16Array): void {
    const line = this.#line;
    for (let i = 0; i < count; i++) {
      const left = i + sideTaps - 1;
      let between = 0;
      for (let tap = 0; tap < sideTaps; tap++) {
        between += side[tap]! * (line[left - tap]! + line[left + 1 + tap]!);
      }
      out[2 * i] = line[left]!;
      out[2 * i + 1] = rounded(2 * between);
    }
  }

  #down(count: number, out: Int16Array): void {
    const line = this.#line;
    for (let i = 0; 2 * i < count; i++) {
      const middle = 2 * i + reach;
      let sum = 0.5 * line[middle]!;
      for (let tap = 0; tap < sideTaps; tap++) {
        const distance = 2 * tap + 1;
        sum += side[tap]! * (line[middle - distance]! + line[middle + distance]!);
      }
      out[i] = rounded(sum);
    }
  }
}

function rounded(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}
