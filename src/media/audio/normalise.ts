/** Peaks stay below -1 dBFS, so that no codec on the way clips. */
const highestPeak = 0.89;
/** Over which the limiter moves. */
const blockMs = 5;
const mostPasses = 6;
/** 40 dB: what is quieter is noise, and stays quiet. */
const mostGain = 100;

/** Same loudness for speech, files and music: dBFS, RMS over the whole. */
export const usualLoudness = -16;

/**
 * Brings a sound to a loudness (a full-scale square wave is 0) and keeps its peaks from clipping: where
 * the gain would lift one too far, a limiter turns it down around the peak. In place; the memory needed
 * beside the sound is a two-hundredth of it.
 */
export function normalise(sound: Float32Array, sampleRate: number, dbfs = usualLoudness): void {
  const target = 10 ** (dbfs / 20);
  const block = Math.round((sampleRate * blockMs) / 1000);
  const peaks = peaksOf(sound, block);
  let gain = Math.min(mostGain, target / (rmsOf(sound, 1, () => 1) || target));
  let limiter = limiterFor(peaks, gain, block);
  // Limiting takes loudness away again.
  for (let pass = 1; pass < mostPasses; pass++) {
    const missing = target / (rmsOf(sound, gain, limiter) || target);
    if (Math.abs(missing - 1) < 0.005) break;
    gain = Math.min(mostGain, gain * missing);
    limiter = limiterFor(peaks, gain, block);
  }
  for (let at = 0; at < sound.length; at++) {
    sound[at] = sound[at]! * gain * limiter(at);
  }
}

function peaksOf(sound: Float32Array, block: number): Float32Array {
  const peaks = new Float32Array(Math.ceil(sound.length / block));
  for (let at = 0; at < sound.length; at++) {
    const index = Math.floor(at / block);
    const size = Math.abs(sound[at]!);
    if (size > peaks[index]!) peaks[index] = size;
  }
  return peaks;
}

function rmsOf(sound: Float32Array, gain: number, limiter: (at: number) => number): number {
  let sum = 0;
  for (let at = 0; at < sound.length; at++) sum += (sound[at]! * gain * limiter(at)) ** 2;
  return Math.sqrt(sum / sound.length);
}

/**
 * The limiter's gain at each sample: a line from the middle of one block to that of the next, where the
 * gain is the lowest that the block and its two neighbours need. So no peak escapes.
 */
function limiterFor(peaks: Float32Array, gain: number, block: number): (at: number) => number {
  const needed = peaks.map((peak) => Math.min(1, highestPeak / (peak * gain)));
  const lowest = needed.map((own, at) =>
    Math.min(own, needed[at - 1] ?? own, needed[at + 1] ?? own),
  );
  return (at) => {
    const place = Math.max(0, at / block - 0.5);
    const before = Math.floor(place);
    const from = lowest[before]!;
    const to = lowest[before + 1] ?? from;
    return from + (to - from) * (place - before);
  };
}
