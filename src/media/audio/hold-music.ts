import { layPad, layPluck, soundRate, withRoom } from './instruments.ts';
import { levelTo } from './levels.ts';

/** Samples a beat: 66.7 beats a minute, in three-four time. */
const beat = 7_200;
const beatsInBar = 3;

/** One bar each, the deepest note first. */
const chords: readonly (readonly number[])[] = [
  [41, 57, 60, 65, 69], // F major
  [50, 57, 60, 65, 69], // D minor 7
  [46, 58, 62, 65, 69], // B flat major 7
  [48, 58, 60, 64, 67], // C 7
  [45, 57, 60, 64, 69], // A minor
  [50, 57, 62, 65, 69], // D minor
  [43, 58, 62, 65, 67], // G minor 7
  [48, 58, 60, 65, 67], // C 7 sus 4, which leads back to F
];

/** `[beat, note, loudness]`: a slow line that falls where that of the dialing music rises. */
const melody: readonly (readonly [at: number, note: number, loudness: number])[] = [
  [0, 81, 0.8],
  [2, 79, 0.6],
  [3, 77, 0.8],
  [5, 76, 0.5],
  [6, 74, 0.8],
  [8, 77, 0.6],
  [9, 76, 0.8],
  [12, 76, 0.7],
  [14, 74, 0.6],
  [15, 74, 0.8],
  [17, 72, 0.5],
  [18, 70, 0.8],
  [20, 74, 0.6],
  [21, 72, 0.8],
];

/**
 * The music of a party on hold: 21.6 s of a slow waltz of soft strings, 16-bit mono at 8000 Hz, about
 * -16 dBFS RMS, without a seam when it is looped. Always the same samples. Unlike the dialing music, so
 * that who hears it knows that somebody is there.
 */
export function holdMusic(): Int16Array {
  const circle = new Float64Array(beat * beatsInBar * chords.length);
  chords.forEach((chord, bar) => {
    const start = bar * beatsInBar * beat;
    layPad(circle, { start, notes: chord.slice(1), beat, beats: beatsInBar });
    layPluck(circle, { start, note: chord[0]! + 12, loudness: 0.4, seconds: 3 });
    // The accompaniment of a waltz: two soft chords after the bass.
    for (const step of [1, 2]) {
      for (const [string, note] of chord.slice(2).entries()) {
        const strum = Math.round(string * 0.03 * soundRate);
        const place = { start: start + step * beat + strum, note, seconds: 1.8 };
        layPluck(circle, { ...place, loudness: 0.16 });
      }
    }
  });
  for (const [at, note, loudness] of melody)
    layPluck(circle, { start: at * beat, note, loudness: loudness * 0.8, seconds: 2.6 });
  return levelTo(withRoom(circle), -16);
}
