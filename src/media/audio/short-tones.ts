import { layPluck, soundRate } from './instruments.ts';
import { levelTo } from './levels.ts';

/*
 * Short signals of the same soft strings as the music. MIDI notes; 69 is 440 Hz. Both lie away from the
 * 425 Hz of the network's own signals.
 */

/** It was done: a fifth upwards, E5 and B5. 0.7 s. */
export function confirmationTone(): Int16Array {
  return twoNotes({ first: 76, second: 83, gapMs: 120, lengthMs: 700 });
}

/** It cannot be done: a minor third downwards, E flat 5 and C5, slower. 0.9 s. */
export function errorTone(): Int16Array {
  return twoNotes({ first: 75, second: 72, gapMs: 220, lengthMs: 900 });
}

function twoNotes(of: {
  readonly first: number;
  readonly second: number;
  readonly gapMs: number;
  readonly lengthMs: number;
}): Int16Array {
  const samples = (ms: number): number => (ms * soundRate) / 1000;
  const length = samples(of.lengthMs);
  const sound = new Float64Array(length);
  for (const [start, note] of [
    [0, of.first],
    [samples(of.gapMs), of.second],
  ] as const) {
    // To its own end within the sound: nothing goes round to the beginning.
    layPluck(sound, { start, note, loudness: 0.5, seconds: (length - start) / soundRate });
  }
  return levelTo(sound, -18);
}
