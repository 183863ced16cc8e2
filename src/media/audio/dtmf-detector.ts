/**
 * Keys out of in-band tones (ITU-T Q.23, accepted as Q.24 asks): for legs whose session description has no
 * telephone-event. Eight Goertzel filters over windows of 12.75 ms, half overlapping, at 8000 Hz. That is
 * short enough for frequencies 1.5 % off to pass and long enough for those 3.5 % off to fail.
 */

const rate = 8_000;
const rows = [697, 770, 852, 941];
const columns = [1209, 1336, 1477, 1633];
const keys = ['123A', '456B', '789C', '*0#D'];

const windowSamples = 102;
const hopSamples = windowSamples / 2;
const hopMs = (hopSamples * 1000) / rate;
/** 40 ms of a tone are at least five windows, 20 ms at most three: Q.24 table A-1. */
const hitsToBegin = 4;
/** An interruption of 10 ms is none, one of 40 ms parts two presses of one key. */
const missesToEnd = 4;

/** Of the energy in a window so much must be in the two tones: speech has its energy everywhere. */
const leastShare = 0.62;
/** About -30 dBm0 for the weaker tone: amplitude 700. */
const leastPower = goertzelPower(700);
/** The column may be so much stronger than the row, and the other way round: Q.24 has +4 and -8 dB. */
const mostTwist = decibels(6);
const mostReverseTwist = decibels(10);
/** How far the strongest tone of a group stands out from the others of it. */
const leastAbove = decibels(8);
/** A voice that hits both tones has overtones, a key has none. */
const mostOvertone = decibels(-10);

const rowFactors = rows.map(factor);
const columnFactors = columns.map(factor);
const rowOvertones = rows.map((hz) => factor(2 * hz));
const columnOvertones = columns.map((hz) => factor(2 * hz));

export class DtmfDetector {
  readonly #report: (key: string, durationMs: number) => void;
  /** The last window's worth of samples. */
  readonly #window = new Float64Array(windowSamples);
  #fill = 0;
  /** The key of the windows just past, and how many showed it. */
  #candidate: string | undefined;
  #hits = 0;
  #misses = 0;
  /** The key that is down. */
  #pressed: string | undefined;

  /** `report` is told each key when it is let go. */
  constructor(report: (key: string, durationMs: number) => void) {
    this.#report = report;
  }

  /** Takes the next samples at 8000 Hz. */
  push(samples: Int16Array): void {
    const window = this.#window;
    for (let i = 0; i < samples.length; i++) {
      window[this.#fill++] = samples[i]!;
      if (this.#fill < windowSamples) continue;
      this.#judge(keyIn(window));
      window.copyWithin(0, hopSamples);
      this.#fill = windowSamples - hopSamples;
    }
  }

  #judge(key: string | undefined): void {
    if (key !== undefined && key === this.#candidate) {
      this.#hits++;
      this.#misses = 0;
      if (this.#hits >= hitsToBegin) this.#pressed = key;
      return;
    }
    this.#misses++;
    if (this.#pressed !== undefined && this.#misses < missesToEnd) return;
    if (this.#pressed !== undefined) this.#report(this.#pressed, Math.round(this.#hits * hopMs));
    this.#pressed = undefined;
    this.#candidate = key;
    this.#hits = key === undefined ? 0 : 1;
    this.#misses = 0;
  }
}

/** The key whose tones fill a window; undefined: none. */
function keyIn(window: Float64Array): string | undefined {
  let energy = 0;
  for (let i = 0; i < windowSamples; i++) energy += window[i]! * window[i]!;
  // Both tones at their least: quieter than that nothing needs to be looked for.
  if (energy * windowSamples < 4 * leastPower) return undefined;
  const row = strongest(window, rowFactors);
  if (row === undefined) return undefined;
  const column = strongest(window, columnFactors);
  if (column === undefined) return undefined;
  const low = power(window, rowFactors[row]!);
  const high = power(window, columnFactors[column]!);
  if (low < leastPower || high < leastPower) return undefined;
  if (high > low * mostTwist || low > high * mostReverseTwist) return undefined;
  if (2 * (low + high) < leastShare * windowSamples * energy) return undefined;
  if (power(window, rowOvertones[row]!) > low * mostOvertone) return undefined;
  if (power(window, columnOvertones[column]!) > high * mostOvertone) return undefined;
  return keys[row]![column];
}

/** The index of the tone that stands out from its group. */
function strongest(window: Float64Array, factors: readonly number[]): number | undefined {
  let [best, bestPower, secondPower] = [0, 0, 0];
  for (let index = 0; index < factors.length; index++) {
    const one = power(window, factors[index]!);
    if (one > bestPower) {
      secondPower = bestPower;
      [best, bestPower] = [index, one];
    } else if (one > secondPower) secondPower = one;
  }
  return bestPower > secondPower * leastAbove ? best : undefined;
}

/** Goertzel: the squared amplitude of one frequency, times (window / 2) squared. */
function power(window: Float64Array, coefficient: number): number {
  let [before, last] = [0, 0];
  for (let i = 0; i < windowSamples; i++) {
    const next = window[i]! + coefficient * last - before;
    before = last;
    last = next;
  }
  return last * last + before * before - coefficient * last * before;
}

function factor(hz: number): number {
  return 2 * Math.cos((2 * Math.PI * hz) / rate);
}

function goertzelPower(amplitude: number): number {
  return ((amplitude * windowSamples) / 2) ** 2;
}

function decibels(db: number): number {
  return 10 ** (db / 10);
}
