import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MediaError } from '../media-engine.ts';
import type { AudioDecoder, AudioEncoder } from './audio-codec.ts';

/**
 * Opus (RFC 6716) at 16000 Hz mono, by the WebAssembly of the optional package @evan/opus. Its native
 * module is never loaded: a defect in a codec then ends a frame, not the process. The package's own
 * wrapper is passed by as well: it makes three objects a frame, and cannot conceal a loss.
 */
type OpusExports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  _initialize(): void;
  malloc(bytes: number): number;
  free(pointer: number): void;
  opus_encoder_get_size(channels: number): number;
  opus_encoder_init(state: number, rate: number, channels: number, application: number): number;
  opus_encoder_ctl_set(state: number, request: number, value: number): number;
  opus_encode(state: number, pcm: number, samples: number, data: number, room: number): number;
  opus_decoder_get_size(channels: number): number;
  opus_decoder_init(state: number, rate: number, channels: number): number;
  opus_decode(
    state: number,
    data: number,
    length: number,
    pcm: number,
    samples: number,
    fec: number,
  ): number;
};

/** The little of it that is used here: the language's own library does not declare it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  readonly RuntimeError: new () => Error;
};

const packageName = '@evan/opus';
const rate = 16_000;
const channels = 1;
const applicationVoip = 2048;
/** 120 ms: the longest packet there is. */
const mostSamples = (rate * 120) / 1000;
/** RFC 6716 section 3.4 bounds a frame of 20 ms at 1275 octets; 120 ms hold six. */
const mostOctets = 6 * 1275 + 12;

/** Requests of opus_encoder_ctl, from opus_defines.h, and what we set them to. */
const settings: readonly (readonly [request: number, value: number])[] = [
  [4002, 24_000], // Bits a second: transparent for speech of this bandwidth (RFC 7587 section 3.1.1).
  [4004, 1103], // Bandwidth at most wide: there is nothing above in 16000 Hz.
  [4010, 5], // Complexity: half the CPU of the highest, a difference nobody hears in speech.
  [4012, 1], // In-band forward error correction,
  [4014, 5], // for this much loss in percent.
  [4024, 3001], // The signal is a voice.
];

export class Opus {
  readonly #exports: OpusExports;
  readonly #data: number;
  readonly #pcm: number;
  #dataView = new Uint8Array(0);
  #pcmView = new Int16Array(0);

  constructor(wasm: Uint8Array) {
    const ignored = (): void => {};
    const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), {
      wasi_snapshot_preview1: {
        fd_seek: ignored,
        fd_write: ignored,
        fd_close: ignored,
        proc_exit: ignored,
      },
      env: { emscripten_notify_memory_growth: () => this.#look() },
    });
    this.#exports = instance.exports as OpusExports;
    this.#exports._initialize();
    this.#data = this.#exports.malloc(mostOctets);
    this.#pcm = this.#exports.malloc(2 * mostSamples);
    this.#look();
  }

  createEncoder(): AudioEncoder {
    const opus = this.#exports;
    let state = opus.malloc(opus.opus_encoder_get_size(channels));
    check(opus.opus_encoder_init(state, rate, channels, applicationVoip));
    for (const [request, value] of settings) {
      check(opus.opus_encoder_ctl_set(state, request, value));
    }
    return {
      encode: (samples, out, outOffset) => {
        this.#pcmView.set(samples);
        const room = Math.min(mostOctets, out.length - outOffset);
        const length = attempt(() =>
          opus.opus_encode(state, this.#pcm, samples.length, this.#data, room),
        );
        const data = this.#dataView;
        for (let i = 0; i < length; i++) out[outOffset + i] = data[i]!;
        return length;
      },
      close: () => {
        if (state !== 0) opus.free(state);
        state = 0;
      },
    };
  }

  createDecoder(): AudioDecoder {
    const opus = this.#exports;
    let state = opus.malloc(opus.opus_decoder_get_size(channels));
    check(opus.opus_decoder_init(state, rate, channels));
    const decode = (length: number, out: Int16Array, samples: number, fec: 0 | 1): number => {
      // Without data the decoder is asked to conceal.
      const data = length === 0 ? 0 : this.#data;
      const made = attempt(() => opus.opus_decode(state, data, length, this.#pcm, samples, fec));
      const count = Math.min(made, out.length);
      const pcm = this.#pcmView;
      for (let i = 0; i < count; i++) out[i] = pcm[i]!;
      return count;
    };
    const take = (payload: Uint8Array): number => {
      const length = Math.min(payload.length, mostOctets);
      const data = this.#dataView;
      for (let i = 0; i < length; i++) data[i] = payload[i]!;
      return length;
    };
    return {
      decode: (payload, out) =>
        payload.length === 0 ? 0 : decode(take(payload), out, mostSamples, 0),
      conceal: (out) => decode(0, out, Math.min(out.length, mostSamples), 0) === out.length,
      recover: (next, out) =>
        next.length > 0 && decode(take(next), out, Math.min(out.length, mostSamples), 1) > 0,
      close: () => {
        if (state !== 0) opus.free(state);
        state = 0;
      },
    };
  }

  /** Looks anew where the memory lies: it moves when it grows, which may be before the buffers are there. */
  #look(): void {
    if (this.#pcm === undefined) return;
    const { buffer } = this.#exports.memory;
    this.#dataView = new Uint8Array(buffer, this.#data, mostOctets);
    this.#pcmView = new Int16Array(buffer, this.#pcm, mostSamples);
  }
}

/** An error of libopus is a negative number, a trap of WebAssembly is thrown: either way no sound. */
function attempt(work: () => number): number {
  try {
    return Math.max(0, work());
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return 0;
    throw error;
  }
}

function check(result: number): void {
  if (result < 0) throw new MediaError(`libopus refused to start: error ${result}`);
}

let opened: Opus | undefined;

/**
 * The one Opus of this thread; compiled at the first call, which takes some 10 ms. Throws MediaError that
 * names the fix when the package is not installed.
 */
export function openOpus(): Opus {
  opened ??= new Opus(readFileSync(wasmPath()));
  return opened;
}

/** Undefined when Opus can be used, else what to do about it. */
export function opusMissing(): string | undefined {
  try {
    wasmPath();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function wasmPath(): string {
  try {
    return createRequire(import.meta.url).resolve(`${packageName}/wasm/simd.wasm`);
  } catch {
    throw new MediaError(
      `Opus needs the optional package ${packageName}, which is not installed: ` +
        'run npm ci without --omit=optional, or take opus out of the codecs',
    );
  }
}
