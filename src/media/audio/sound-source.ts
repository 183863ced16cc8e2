import type { SoundFormat } from '../../model/stored-sound.ts';
import { MediaError } from '../media-engine.ts';

/** A sound file taken apart as far as its headers go; decoded block by block as it is read. */
export type SoundSource = {
  readonly format: SoundFormat;
  /** Hz. */
  readonly sampleRate: number;
  /** What the headers say; undefined: only decoding tells. */
  readonly durationMs: number | undefined;
  /** Whether browsers play the file as it is. */
  readonly playsInBrowser: boolean;
  /**
   * The sound as one channel, about -1..1, in pieces of at most some 10 MB whatever the file claims.
   * Throws MediaError where the file turns out to be damaged.
   */
  blocks(): AsyncIterable<Float32Array>;
};

/** Adds the channels up to their mean. */
export function toMono(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0), ...others] = channels;
  if (others.length === 0) return first;
  return first.map((value, at) => {
    let sum = value;
    for (const channel of others) sum += channel[at]!;
    return sum / channels.length;
  });
}

/**
 * Runs a step of a WebAssembly decoder: these write to the console of the process, where nobody expects
 * it, and throw whatever they like at a damaged file. All that a step does it does before it awaits.
 */
export async function decodeStep<Result>(step: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await quietly(step);
  } catch (cause) {
    throw new MediaError(`it is damaged: ${cause instanceof Error ? cause.message : cause}`);
  }
}

function quietly<Result>(step: () => Result): Result {
  const { error } = console;
  console.error = () => {};
  try {
    return step();
  } finally {
    console.error = error;
  }
}
