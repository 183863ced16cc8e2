import { type Random, seededRandom } from '../base/random.ts';
import type { Sound } from './mouth.ts';

const sampleRate = 8000;

/** A pure tone, with 5 ms of fade at both ends so that it does not click. */
export function tone(hz: number, durationMs: number, amplitude = 8000): Sound {
  const length = Math.round((durationMs * sampleRate) / 1000);
  const fade = Math.min(40, length / 2);
  return Int16Array.from({ length }, (_, at) => {
    const edge = Math.min(1, at / fade, (length - 1 - at) / fade);
    return amplitude * edge * Math.sin((2 * Math.PI * hz * at) / sampleRate);
  });
}

export function joined(...sounds: readonly Sound[]): Sound {
  const all = new Int16Array(sounds.reduce((length, sound) => length + sound.length, 0));
  let at = 0;
  for (const sound of sounds) {
    all.set(sound, at);
    at += sound.length;
  }
  return all;
}

export const pause = (durationMs: number): Sound =>
  new Int16Array(Math.round((durationMs * sampleRate) / 1000));

/** Formants of five vowels, Hz: the colour of a syllable. */
const vowels = [
  [700, 1200],
  [400, 2000],
  [300, 2400],
  [500, 900],
  [350, 700],
] as const;

/**
 * Babble: syllables of changing pitch and vowel, in phrases, as of a voice heard through a wall. The
 * same seed gives the same babble, and no stretch of it is like another, so that it can be found.
 */
export function babble(options: {
  readonly pitchHz: number;
  readonly durationMs: number;
  readonly seed: number;
}): Sound {
  const random = seededRandom(options.seed);
  const sound = new Int16Array(Math.round((options.durationMs * sampleRate) / 1000));
  let at = 0;
  for (let syllable = 1; at < sound.length; syllable++) {
    const length = Math.round((0.12 + 0.1 * random.next()) * sampleRate);
    const voiced = voicedSyllable(options.pitchHz, length, random);
    sound.set(voiced.subarray(0, sound.length - at), at);
    const isEndOfPhrase = syllable % 7 === 0;
    at += length + Math.round((isEndOfPhrase ? 0.12 : 0.02) * sampleRate);
  }
  return sound;
}

function voicedSyllable(pitchHz: number, length: number, random: Random): Sound {
  const vowel = vowels[Math.floor(random.next() * vowels.length)]!;
  const start = pitchHz * (0.85 + 0.4 * random.next());
  const end = pitchHz * (0.8 + 0.3 * random.next());
  const harmonics = Math.floor(3000 / pitchHz);
  const samples = new Float64Array(length);
  let phase = 0;
  for (let at = 0; at < length; at++) {
    const hz = start + ((end - start) * at) / length;
    phase += (2 * Math.PI * hz) / sampleRate;
    let sum = 0;
    for (let harmonic = 1; harmonic <= harmonics; harmonic++) {
      const loudness = vowel.reduce(
        (level, formant) => level + 1 / (1 + ((harmonic * hz - formant) / 120) ** 2),
        0.05,
      );
      sum += loudness * Math.sin(harmonic * phase);
    }
    samples[at] = sum * Math.sin((Math.PI * at) / length) ** 0.5;
  }
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-9);
  return Int16Array.from(samples, (sample) => (sample / peak) * 9000);
}
