import { MediaError } from '../media-engine.ts';
import { Resampler } from './resampler.ts';
import { monoSamples, parseWav } from './wav.ts';

/** What RTP and the mixer work in. */
export const promptRate = 8_000;

/** Frames decoded at a time, so that memory follows the result and not the source. */
const blockFrames = 65_536;

/**
 * A WAV file's content as 16-bit mono at 8000 Hz, in memory that threads share. Throws MediaError that
 * does not name the file: the caller knows its name.
 */
export function decodePrompt(file: Uint8Array, limits: { readonly longestMs: number }): Int16Array {
  const wav = parseWav(file);
  if (wav.frames === 0) throw new MediaError('it holds no sound; record or upload it again');
  if (wav.durationMs > limits.longestMs) {
    const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
    throw new MediaError(
      `it lasts ${seconds(wav.durationMs)}; at most ${seconds(limits.longestMs)} can be played: shorten it`,
    );
  }
  const length = Math.ceil((wav.frames * promptRate) / wav.sampleRate);
  const samples = new Int16Array(new SharedArrayBuffer(length * 2));
  const resampler =
    wav.sampleRate === promptRate ? undefined : new Resampler(wav.sampleRate, promptRate);
  let filled = 0;
  const take = (block: Float32Array): void => {
    for (const value of block) samples[filled++] = toInt16(value);
  };
  for (let from = 0; from < wav.frames; from += blockFrames) {
    const mono = monoSamples(wav, from, from + blockFrames);
    take(resampler === undefined ? mono : resampler.push(mono));
  }
  if (resampler !== undefined) take(resampler.flush());
  return samples;
}

function toInt16(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)));
}
