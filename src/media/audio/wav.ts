import { MediaError } from '../media-engine.ts';
import { decodeFrame } from './g711.ts';

/** How the samples of a WAV file are written. */
type Encoding = 'pcm8' | 'pcm16' | 'pcm24' | 'pcm32' | 'float32' | 'float64' | 'alaw' | 'ulaw';

/** A WAV file taken apart: where its samples are and what they mean. Nothing is decoded yet. */
export type Wav = {
  readonly sampleRate: number;
  readonly channels: number;
  readonly encoding: Encoding;
  /** Samples a channel. */
  readonly frames: number;
  readonly durationMs: number;
  /** The samples as they are in the file, channels interleaved. */
  readonly data: Uint8Array;
  /** Octets of sound that the header promises and the file does not hold. */
  readonly missingOctets: number;
};

const octetsPerSample: Readonly<Record<Encoding, number>> = {
  pcm8: 1,
  pcm16: 2,
  pcm24: 3,
  pcm32: 4,
  float32: 4,
  float64: 8,
  alaw: 1,
  ulaw: 1,
};

const lowestRate = 4_000;
const highestRate = 192_000;
const mostChannels = 64;
/** A hostile file of empty chunks is not read to its end. */
const mostChunks = 1_000;
/** From here on a length stands for one that its writer never knew. */
const unknownLength = 0x7fff_0000;
/** The end of every refusal that another program can mend. */
export const conversion =
  'convert it with: ffmpeg -i <file> -ar 16000 -ac 1 -c:a pcm_s16le <file>.wav';

/**
 * Takes a WAV file apart. Lengths in the file are believed only as far as the file goes: a program that
 * writes to a pipe (espeak, sox, ffmpeg) leaves 0, 0x7ffff000 or 0xffffffff there, a broken upload ends
 * early. Throws MediaError that says what is wrong and how to fix it.
 *
 *     RIFF <length> WAVE   fmt_ <length> <tag channels rate … bits [extension]>   data <length> <samples>
 */
export function parseWav(file: Uint8Array): Wav {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = fourCharacters(file, 0);
  if ((magic !== 'RIFF' && magic !== 'RF64') || fourCharacters(file, 8) !== 'WAVE') {
    throw new MediaError(`it is not a WAV file; ${conversion}`);
  }
  let format: Pick<Wav, 'sampleRate' | 'channels' | 'encoding'> | undefined;
  let offset = 12;
  for (let chunk = 0; chunk < mostChunks && offset + 8 <= file.length; chunk++) {
    const id = fourCharacters(file, offset);
    const length = view.getUint32(offset + 4, true);
    const start = offset + 8;
    const end = Math.min(start + length, file.length);
    if (id === 'fmt ') format = parseFormat(view, start, end);
    if (id === 'data') {
      if (format === undefined)
        throw new MediaError(`its data comes before its format; ${conversion}`);
      return withData(format, file, start, length);
    }
    // Chunks begin at even offsets.
    offset = start + length + (length % 2);
  }
  throw new MediaError(`it ends before any sound; write or upload it again`);
}

function withData(
  format: Pick<Wav, 'sampleRate' | 'channels' | 'encoding'>,
  file: Uint8Array,
  start: number,
  length: number,
): Wav {
  const frameOctets = octetsPerSample[format.encoding] * format.channels;
  // A writer that could not seek back leaves 0: then the sound goes on to the end of the file.
  const end = length === 0 ? file.length : Math.min(start + length, file.length);
  const frames = Math.floor((end - start) / frameOctets);
  return {
    ...format,
    frames,
    durationMs: Math.round((frames * 1000) / format.sampleRate),
    data: file.subarray(start, start + frames * frameOctets),
    missingOctets: length < unknownLength ? Math.max(0, start + length - file.length) : 0,
  };
}

function parseFormat(
  view: DataView,
  start: number,
  end: number,
): Pick<Wav, 'sampleRate' | 'channels' | 'encoding'> {
  if (end - start < 16) throw new MediaError(`its format header is cut short; ${conversion}`);
  const channels = view.getUint16(start + 2, true);
  const sampleRate = view.getUint32(start + 4, true);
  const bits = view.getUint16(start + 14, true);
  let tag = view.getUint16(start, true);
  // WAVE_FORMAT_EXTENSIBLE: the real tag opens the GUID of the extension.
  if (tag === 0xfffe && end - start >= 26) tag = view.getUint16(start + 24, true);
  if (channels < 1 || channels > mostChannels) {
    throw new MediaError(`it has ${channels} channels; ${conversion}`);
  }
  if (sampleRate < lowestRate || sampleRate > highestRate) {
    throw new MediaError(`its sample rate is ${sampleRate} Hz; ${conversion}`);
  }
  const encoding = encodingOf(tag, bits);
  if (encoding === undefined) {
    throw new MediaError(`its encoding (tag ${tag}, ${bits} bits) is not supported; ${conversion}`);
  }
  return { channels, sampleRate, encoding };
}

function encodingOf(tag: number, bits: number): Encoding | undefined {
  const known: Readonly<Record<string, Encoding>> = {
    '1/8': 'pcm8',
    '1/16': 'pcm16',
    '1/24': 'pcm24',
    '1/32': 'pcm32',
    '3/32': 'float32',
    '3/64': 'float64',
    '6/8': 'alaw',
    '7/8': 'ulaw',
  };
  return known[`${tag}/${bits}`];
}

function fourCharacters(file: Uint8Array, offset: number): string {
  return String.fromCharCode(...file.subarray(offset, offset + 4));
}

/** Frames `from` to `to` as one channel, the mean of all, in -1..1. A damaged float counts as silence. */
export function monoSamples(wav: Wav, from: number, to: number): Float32Array {
  const { channels } = wav;
  const read = sampleReader(wav);
  const mono = new Float32Array(Math.max(0, Math.min(to, wav.frames) - from));
  for (let frame = 0; frame < mono.length; frame++) {
    let sum = 0;
    const first = (from + frame) * channels;
    for (let channel = 0; channel < channels; channel++) sum += read(first + channel);
    mono[frame] = Number.isFinite(sum) ? Math.max(-1, Math.min(1, sum / channels)) : 0;
  }
  return mono;
}

/** Reads one sample by its number, channels interleaved. */
function sampleReader(wav: Wav): (index: number) => number {
  const { data, encoding } = wav;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  switch (encoding) {
    case 'pcm8':
      return (index) => (data[index]! - 128) / 128;
    case 'pcm16':
      return (index) => view.getInt16(index * 2, true) / 32_768;
    case 'pcm24':
      return (index) =>
        (view.getUint16(index * 3, true) + view.getInt8(index * 3 + 2) * 65_536) / 8_388_608;
    case 'pcm32':
      return (index) => view.getInt32(index * 4, true) / 2_147_483_648;
    case 'float32':
      return (index) => view.getFloat32(index * 4, true);
    case 'float64':
      return (index) => view.getFloat64(index * 8, true);
    default: {
      const linear = new Int16Array(256);
      const octets = Uint8Array.from({ length: 256 }, (_, octet) => octet);
      decodeFrame(encoding === 'alaw' ? 'PCMA' : 'PCMU', octets, linear);
      return (index) => linear[data[index]!]! / 32_768;
    }
  }
}

/** Writes a 16-bit PCM WAV file; one array a channel, all of the length of the first. */
export function writeWav(sampleRate: number, ...channels: readonly Int16Array[]): Uint8Array {
  const frames = channels[0]?.length ?? 0;
  const dataLength = frames * channels.length * 2;
  const file = new Uint8Array(44 + dataLength);
  const view = new DataView(file.buffer);
  const text = (offset: number, characters: string): void => {
    for (let index = 0; index < 4; index++) file[offset + index] = characters.charCodeAt(index);
  };
  text(0, 'RIFF');
  view.setUint32(4, 36 + dataLength, true);
  text(8, 'WAVE');
  text(12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels.length * 2, true);
  view.setUint16(32, channels.length * 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, dataLength, true);
  let offset = 44;
  for (let frame = 0; frame < frames; frame++) {
    for (const channel of channels) {
      view.setInt16(offset, channel[frame] ?? 0, true);
      offset += 2;
    }
  }
  return file;
}
