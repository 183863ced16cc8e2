import { MediaError } from '../media-engine.ts';
import { openSound } from './open-sound.ts';
import { Resampler } from './resampler.ts';
import type { SoundSource } from './sound-source.ts';
import { monoSamples, parseWav } from './wav.ts';

/** What RTP and the mixer work in: for G.711, and for the wide-band codecs. */
export const promptRate = 8_000;
export const widePromptRate = 16_000;

/** Frames decoded at a time, so that memory follows the result and not the source. */
const blockFrames = 65_536;

export type DurationLimit = { readonly longestMs: number };

/**
 * A WAV file's content as 16-bit mono at 8000 Hz, in memory that threads share. Throws MediaError that
 * does not name the file: the caller knows its name.
 */
export function decodePrompt(file: Uint8Array, { longestMs }: DurationLimit): Int16Array {
  const wav = parseWav(file);
  if (wav.frames === 0) throw new MediaError(noSound);
  if (wav.durationMs > longestMs) throw tooLong(wav.durationMs, longestMs);
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

/** The same for a file of any format that `openSound` knows, at 8000 Hz or another rate. */
export async function decodeAnyPrompt(
  file: Uint8Array,
  limit: DurationLimit,
  rate: number = promptRate,
): Promise<Int16Array> {
  const source = await openSound(file);
  const sound = await decodeWhole(source, rate, limit);
  const samples = new Int16Array(new SharedArrayBuffer(sound.length * 2));
  fillInt16(samples, sound);
  return samples;
}

/**
 * The whole of a sound as one channel at another rate. Memory is bounded by `longestMs` and not by what
 * the file claims: a file that goes on for longer is refused as soon as that is known. Throws MediaError.
 */
export async function decodeWhole(
  source: SoundSource,
  rate: number,
  { longestMs }: DurationLimit,
): Promise<Float32Array> {
  if ((source.durationMs ?? 0) > longestMs) throw tooLong(source.durationMs, longestMs);
  const resampler = source.sampleRate === rate ? undefined : new Resampler(source.sampleRate, rate);
  const most = Math.ceil((longestMs * rate) / 1000);
  const pieces: Float32Array[] = [];
  let length = 0;
  const take = (piece: Float32Array): void => {
    length += piece.length;
    // A rounding of the resampler is not what makes a file too long.
    if (length > most + 1) throw tooLong(undefined, longestMs);
    if (piece.length > 0) pieces.push(piece);
  };
  for await (const block of source.blocks())
    take(resampler === undefined ? block : resampler.push(block));
  if (resampler !== undefined) take(resampler.flush());
  if (length === 0) throw new MediaError(noSound);
  const whole = new Float32Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const noSound = 'it holds no sound; record or upload it again';

function tooLong(durationMs: number | undefined, longestMs: number): MediaError {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const lasts =
    durationMs === undefined
      ? `more than the ${seconds(longestMs)} that can be played`
      : `${seconds(durationMs)}; at most ${seconds(longestMs)} can be played`;
  return new MediaError(`it lasts ${lasts}: shorten it`);
}

/** A loop without calls: `Int16Array.from` makes a list of ten million numbers first. */
export function fillInt16(samples: Int16Array, sound: Float32Array): void {
  for (let index = 0; index < sound.length; index++) samples[index] = toInt16(sound[index]!);
}

/** From -1..1; what is louder is cut off. */
export function toInt16(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)));
}
