/** Peaks of what this project makes stay below: -1 dBFS. */
const highestPeak = 0.89;
/** Samples over which the limiter moves: 5 ms at 8000 Hz, 2.5 ms at 16000 Hz. */
const limiterReach = 40;
const mostPasses = 8;

/**
 * Scales a sound to a loudness (dBFS, RMS over the whole; a full-scale square wave is 0) and limits its
 * peaks smoothly, as if it went round in a circle. Several passes: limiting takes loudness away again.
 */
export function levelTo(sound: Float64Array, targetDbfs: number): Int16Array {
  const target = 10 ** (targetDbfs / 20);
  let current = sound;
  for (let pass = 0; pass < mostPasses; pass++) {
    const gain = target / rmsOf(current);
    if (pass > 0 && Math.abs(gain - 1) < 0.005) break;
    const scaled = new Float64Array(current.length);
    for (let index = 0; index < scaled.length; index++) scaled[index] = current[index]! * gain;
    current = limited(scaled);
  }
  return Int16Array.from(current, (value) =>
    Math.round(Math.max(-highestPeak, Math.min(highestPeak, value)) * 32_767),
  );
}

function rmsOf(sound: Float64Array): number {
  let sum = 0;
  for (const value of sound) sum += value * value;
  return Math.sqrt(sum / sound.length) || 1;
}

/** Turns the gain down around each peak, with the peak in the middle of the movement. */
function limited(sound: Float64Array): Float64Array {
  const { length } = sound;
  // The lowest gain needed near by, then its mean: never above what a peak needs, and without a step.
  const lowest = new Float64Array(length).fill(1);
  for (let index = 0; index < length; index++) {
    const size = Math.abs(sound[index]!);
    if (size <= highestPeak) continue;
    for (let near = index - limiterReach; near <= index + limiterReach; near++) {
      const at = (near + length) % length;
      lowest[at] = Math.min(lowest[at]!, highestPeak / size);
    }
  }
  // A loop without calls: a minute of sound passes here several times.
  const around = (index: number): number => lowest[((index % length) + length) % length]!;
  let sum = 0;
  for (let near = -limiterReach; near < limiterReach; near++) sum += around(near);
  const result = new Float64Array(length);
  for (let index = 0; index < length; index++) {
    const ahead = index + limiterReach;
    const behind = index - limiterReach;
    sum += ahead < length ? lowest[ahead]! : around(ahead);
    result[index] = (sound[index]! * sum) / (2 * limiterReach + 1);
    sum -= behind >= 0 ? lowest[behind]! : around(behind);
  }
  return result;
}
