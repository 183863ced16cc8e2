/** All recordings and samples here: 16-bit mono at 8000 Hz. */
const samplesPerMs = 8;
const fullScale = 32_768;
/** What stands for silence in dBFS. */
const silenceDbfs = -120;

/** The root of the mean square, in sample units (0-32768). */
export function rms(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/** Loudness in dBFS (RMS): a full-scale sine is -3.01; silence is -120. */
export function level(samples: Int16Array): number {
  return toDbfs(rms(samples) / fullScale);
}

/**
 * The loudness of one frequency in dBFS (RMS, as `level`): for a pure tone of that frequency the same
 * number. By Goertzel's algorithm under a Hann window: what lies 8 / duration away counts nothing.
 */
export function toneLevel(samples: Int16Array, hz: number): number {
  const { length } = samples;
  if (length === 0) return silenceDbfs;
  const turn = (2 * Math.PI * hz) / (samplesPerMs * 1000);
  const coefficient = 2 * Math.cos(turn);
  const windowTurn = (2 * Math.PI) / length;
  let last = 0;
  let beforeLast = 0;
  for (let index = 0; index < length; index++) {
    const window = 0.5 - 0.5 * Math.cos(windowTurn * (index + 0.5));
    const next = samples[index]! * window + coefficient * last - beforeLast;
    beforeLast = last;
    last = next;
  }
  const power = last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
  // The window halves the amplitude; a sine's RMS is its amplitude over the root of two.
  const amplitude = (2 * Math.sqrt(Math.max(0, power))) / (length * 0.5);
  return toDbfs(amplitude / Math.SQRT2 / fullScale);
}

function toDbfs(share: number): number {
  return Math.max(silenceDbfs, 20 * Math.log10(share));
}

/** The part of a recording from one instant to another. */
export function cut(recording: Int16Array, fromMs: number, toMs: number): Int16Array {
  return recording.subarray(
    Math.max(0, Math.round(fromMs * samplesPerMs)),
    Math.max(0, Math.round(toMs * samplesPerMs)),
  );
}

export { type FindOptions, type Found, findSample } from './find-sample.ts';
