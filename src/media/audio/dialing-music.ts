import { layPad, layPluck, withRoom } from './instruments.ts';
import { levelTo } from './levels.ts';

/** Samples a beat: 72.7 beats a minute. Whole, so that the loop's length is whole. */
const beat = 6_600;
const beats = 32;

/** One bar each: what rings under the melody. Notes as MIDI numbers, 69 is 440 Hz. */
const chords: readonly (readonly number[])[] = [
  [48, 55, 64, 67, 71], // C major 7
  [45, 57, 60, 64, 67], // A minor 7
  [53, 57, 60, 64, 67], // F major 9
  [50, 57, 60, 65, 69], // D minor 7
  [52, 55, 59, 62, 67], // E minor 7
  [45, 57, 60, 64, 69], // A minor
  [50, 57, 60, 65, 67], // D minor 11
  [43, 55, 60, 62, 65], // G 7 sus 4, which leads back to C
];

/** `[beat, note, loudness]`; the phrase ends in the rest before it begins again. */
const melody: readonly (readonly [at: number, note: number, loudness: number])[] = [
  [0, 76, 0.9],
  [1.5, 79, 0.7],
  [2, 83, 0.8],
  [4, 81, 0.9],
  [5.5, 79, 0.6],
  [6, 76, 0.7],
  [8, 77, 0.9],
  [9.5, 76, 0.6],
  [10, 72, 0.8],
  [12, 74, 0.9],
  [13, 77, 0.6],
  [14, 81, 0.7],
  [16, 79, 0.9],
  [17.5, 78, 0.4],
  [18, 79, 0.7],
  [20, 76, 0.9],
  [21.5, 74, 0.6],
  [22, 72, 0.7],
  [24, 74, 0.9],
  [25, 76, 0.6],
  [26, 77, 0.7],
  [27, 81, 0.6],
  [28, 79, 0.9],
  [30, 74, 0.6],
];

/**
 * The music a caller hears while the other side rings: 26.4 s of slow plucked chords, a pad and a
 * melody, 16-bit mono at 8000 Hz, about -16 dBFS RMS. It is laid on a circle (what still rings at the
 * end is heard at the beginning), so the loop has no seam. Always the same samples.
 */
export function dialingMusic(): Int16Array {
  const circle = new Float64Array(beat * beats);
  chords.forEach((chord, bar) => {
    const start = bar * 4 * beat;
    layPad(circle, { start, notes: chord.slice(1), beat, beats: 4 });
    layPluck(circle, { start, note: chord[0]! + 12, loudness: 0.34, seconds: 3.4 });
    // Up the chord and half way back, an eighth note each.
    const upAndBack = [...chord, chord[3]!, chord[2]!, chord[3]!];
    upAndBack.forEach((note, step) => {
      const swing = step % 2 === 0 ? 0 : 0.04; // As a hand would play it.
      layPluck(circle, {
        start: start + Math.round((step / 2 + swing) * beat),
        note: note < 55 ? note + 12 : note,
        loudness: step === 0 ? 0.2 : 0.3,
        seconds: 2.4,
      });
    });
  });
  for (const [at, note, loudness] of melody) {
    layPluck(circle, {
      start: Math.round(at * beat),
      note,
      loudness: loudness * 0.8,
      seconds: 2.2,
    });
  }
  return levelTo(withRoom(circle), -16);
}
