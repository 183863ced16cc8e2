import { MediaError } from '../media-engine.ts';
import { decodeStep, type SoundSource, toMono } from './sound-source.ts';
import { conversion } from './wav.ts';

/** Octets decoded at a time: a hostile frame of 14 octets may hold 65535 samples. */
const pieceOctets = 2_048;
const packageName = '@wasm-audio-decoders/flac';

/** What the first metadata block says: RFC 9639 section 8.2. */
type StreamInfo = {
  /** Hz. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples a channel; 0: not told. */
  readonly samples: number;
};

/** FLAC (RFC 9639) by libFLAC as WebAssembly, an optional package: without it a text says so. */
export async function openFlac(
  file: Uint8Array,
  load = () => import('@wasm-audio-decoders/flac'),
): Promise<SoundSource> {
  const { sampleRate, channels, samples } = parseStreamInfo(file);
  const { FLACDecoder } = await load().catch(() => {
    throw new MediaError(
      `FLAC is read by the optional package ${packageName}, which is not installed: npm install ${packageName}@0.2.11, or ${conversion}`,
    );
  });
  return {
    format: 'flac',
    sampleRate,
    durationMs: samples === 0 ? undefined : Math.round((samples * 1000) / sampleRate),
    playsInBrowser: true,
    async *blocks() {
      const decoder = new FLACDecoder();
      await decoder.ready;
      let made = 0;
      const checked = (decoded: Awaited<ReturnType<typeof decoder.decode>>): Float32Array => {
        const [problem] = decoded.errors;
        if (problem !== undefined) throw new MediaError(`it is damaged: ${problem.message}`);
        made += decoded.samplesDecoded;
        if (decoded.samplesDecoded > 0 && decoded.channelData.length !== channels)
          throw new MediaError('it is damaged: its channels change');
        return toMono(decoded.channelData);
      };
      try {
        for (let at = 0; at < file.length; at += pieceOctets) {
          const piece = file.subarray(at, at + pieceOctets);
          yield checked(await decodeStep(() => decoder.decode(piece)));
        }
        yield checked(await decodeStep(() => decoder.flush()));
      } finally {
        decoder.free();
      }
      // Frames that fail their checksum are skipped by the decoder: they are missed here.
      if (samples > 0 && made !== samples) {
        const seconds = (count: number): string => (count / sampleRate).toFixed(1);
        throw new MediaError(
          `it is damaged or cut short: ${seconds(made)} of ${seconds(samples)} s can be decoded`,
        );
      }
    },
  };
}

function parseStreamInfo(file: Uint8Array): StreamInfo {
  // "fLaC", then type 0 in the low seven bits and 34 as the length.
  if (file.length < 42 || (file[4]! & 0x7f) !== 0)
    throw new MediaError('it is cut short: its stream information is missing');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const packed = view.getBigUint64(18);
  const sampleRate = Number(packed >> 44n);
  if (sampleRate < 4_000 || sampleRate > 192_000)
    throw new MediaError(`its sample rate is ${sampleRate} Hz; ${conversion}`);
  const channels = Number((packed >> 41n) & 7n) + 1;
  return { sampleRate, channels, samples: Number(packed & 0xf_ffff_ffffn) };
}
