import { levelTo } from '../audio/levels.ts';
import { resample } from '../audio/resampler.ts';
import { monoSamples, parseWav, writeWav } from '../audio/wav.ts';
import { MediaError } from '../media-engine.ts';

/** What RTP and the mixer work in. */
const promptRate = 8_000;

/** As loud as the sounds that come with the server: dBFS, RMS over the whole. */
const loudnessDbfs = -16;
/** Below this share of its peak a sound has not begun: -40 dB, under any voice, over any noise. */
const begunShare = 0.01;
/** Softer peaks than -60 dBFS are no speech. */
const faintest = 0.001;
/** Left before the first and after the last sound, in samples: 20 ms, 150 ms. */
const marginBefore = promptRate * 0.02;
const marginAfter = promptRate * 0.15;
const longestMs = 600_000;

/**
 * What an engine made as it is played: 8000 Hz mono, silence at both ends cut, as loud as any other
 * prompt and free of clipping. Throws MediaError for what is no sound.
 */
export function finishSpeech(file: Uint8Array): Uint8Array {
  const wav = parseWav(file);
  if (wav.durationMs > longestMs) throw new MediaError('it lasts more than ten minutes');
  const mono = monoSamples(wav, 0, wav.frames);
  const { sampleRate } = wav;
  const sound = sampleRate === promptRate ? mono : resample(mono, sampleRate, promptRate);
  let peak = 0;
  for (const value of sound) peak = Math.max(peak, Math.abs(value));
  if (peak < faintest) throw new MediaError('it is silent');
  const heard = (value: number): boolean => Math.abs(value) > peak * begunShare;
  const from = Math.max(0, sound.findIndex(heard) - marginBefore);
  const to = sound.findLastIndex(heard) + 1 + marginAfter;
  return writeWav(promptRate, levelTo(Float64Array.from(sound.subarray(from, to)), loudnessDbfs));
}
