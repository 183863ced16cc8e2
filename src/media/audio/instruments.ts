/** The telephone's own rate: nothing has to be resampled, nothing above 4 kHz exists. */
export const soundRate = 8_000;

/** Partials above this would be cut by the telephone, so they are not made. */
const highestPartialHz = 3_400;

/*
 * Instruments that play on a circle: what still rings at the end of a loop is heard at its beginning, so
 * that the loop has no seam. Notes are MIDI numbers, 69 is 440 Hz; `start` counts samples.
 */

export type Pluck = {
  readonly start: number;
  readonly note: number;
  readonly loudness: number;
  readonly seconds: number;
};

/** A soft string: partials that decay the faster the higher they are. */
export function layPluck(circle: Float64Array, { start, note, loudness, seconds }: Pluck): void {
  const hz = hertz(note);
  const sound = new Float64Array(Math.round(seconds * soundRate));
  for (let partial = 1; partial <= 6 && hz * partial < highestPartialHz; partial++) {
    const decayPerSecond = (2.2 + 1.1 * partial * (hz / 300) ** 0.5) / seconds;
    addPartial(sound, hz * partial, loudness / partial ** 1.8, decayPerSecond);
  }
  lay(circle, start, sound, { rise: 64, fall: 2_400 });
}

export type Pad = {
  readonly start: number;
  readonly notes: readonly number[];
  /** Samples a beat. */
  readonly beat: number;
  /** Of a bar. */
  readonly beats: number;
};

/** A chord that swells and fades across its bar, overlapping its neighbours by half a beat each. */
export function layPad(circle: Float64Array, { start, notes, beat, beats }: Pad): void {
  const sound = new Float64Array((beats + 1) * beat);
  for (const note of notes) {
    addPartial(sound, hertz(note), 0.13, 0);
    addPartial(sound, 2 * hertz(note), 0.05, 0);
    addPartial(sound, 3 * hertz(note), 0.018, 0);
  }
  lay(circle, start - beat / 2, sound, { rise: beat, fall: beat });
}

/** A decaying sine by rotation: a few multiplications a sample instead of Math.sin. */
function addPartial(
  sound: Float64Array,
  hz: number,
  amplitude: number,
  decayPerSecond: number,
): void {
  const turn = (2 * Math.PI * hz) / soundRate;
  const shrink = Math.exp(-decayPerSecond / soundRate);
  const cos = Math.cos(turn) * shrink;
  const sin = Math.sin(turn) * shrink;
  let x = amplitude;
  let y = 0;
  for (let index = 0; index < sound.length; index++) {
    sound[index]! += y;
    const turned = x * cos - y * sin;
    y = x * sin + y * cos;
    x = turned;
  }
}

/** Adds a sound to the circle from `start` on, with soft edges of so many samples. */
function lay(
  circle: Float64Array,
  start: number,
  sound: Float64Array,
  edges: { readonly rise: number; readonly fall: number },
): void {
  let at = (start + circle.length) % circle.length;
  for (let index = 0; index < sound.length; index++) {
    const share = Math.min(index / edges.rise, (sound.length - index) / edges.fall, 1);
    circle[at]! += sound[index]! * share * share * (3 - 2 * share);
    at = at + 1 === circle.length ? 0 : at + 1;
  }
}

/** A few echoes on the circle: warmth, and a filled gap between notes. */
export function withRoom(dry: Float64Array): Float64Array {
  const echoes = [
    [1_327, 0.22],
    [2_111, 0.17],
    [3_301, 0.13],
    [5_003, 0.09],
  ] as const;
  const wet = dry.slice();
  for (const [delay, gain] of echoes) {
    for (let index = 0; index < dry.length; index++) {
      const at = index + delay;
      wet[at < dry.length ? at : at - dry.length]! += gain * dry[index]!;
    }
  }
  return wet;
}

function hertz(note: number): number {
  return 440 * 2 ** ((note - 69) / 12);
}
