import { MediaError } from '../media-engine.ts';
import type { SoundSource } from './sound-source.ts';
import { conversion, monoSamples, parseWav } from './wav.ts';

export type OpenOptions = {
  /**
   * A WAV file that says it is longer than it is: a broken upload. Default: taken as far as it goes, for
   * one that is being written looks the same.
   */
  readonly refuseCutShort?: boolean;
};

/** Frames decoded at a time, so that memory follows the result and not the source. */
const blockFrames = 65_536;

/**
 * Recognises WAV, MP3, Ogg Opus and FLAC and opens it. The decoders, WebAssembly each, are loaded when
 * the first file needs them. Throws MediaError that says what is wrong and how to mend it.
 */
export async function openSound(file: Uint8Array, options: OpenOptions = {}): Promise<SoundSource> {
  const sound = file.subarray(endOfId3(file));
  const source = await openUntagged(sound, options);
  // A tag before anything but MP3 is passed over here, and not by every browser.
  const asItIs = sound.length === file.length || source.format === 'mp3';
  return asItIs ? source : { ...source, playsInBrowser: false };
}

async function openUntagged(sound: Uint8Array, options: OpenOptions): Promise<SoundSource> {
  switch (recognise(sound)) {
    case 'wav':
      return openWav(sound, options);
    case 'mp3':
      return (await import('./mp3-source.ts')).openMp3(sound);
    case 'ogg':
      return (await import('./opus-source.ts')).openOggOpus(sound);
    case 'flac':
      return (await import('./flac-source.ts')).openFlac(sound);
    default:
      throw new MediaError(`${whatItIs(sound)}, not WAV, MP3, Ogg Opus or FLAC; ${conversion}`);
  }
}

function openWav(file: Uint8Array, { refuseCutShort = false }: OpenOptions): SoundSource {
  const wav = parseWav(file);
  if (refuseCutShort && wav.missingOctets > 0)
    throw new MediaError(`it is cut short: ${wav.missingOctets} bytes of its sound are missing`);
  return {
    format: 'wav',
    sampleRate: wav.sampleRate,
    durationMs: wav.durationMs,
    // G.711 and floats are played by some only, and telephone sound is small anyway.
    playsInBrowser: wav.encoding === 'pcm8' || wav.encoding === 'pcm16',
    async *blocks() {
      for (let from = 0; from < wav.frames; from += blockFrames)
        yield monoSamples(wav, from, from + blockFrames);
    },
  };
}

function recognise(file: Uint8Array): 'wav' | 'mp3' | 'ogg' | 'flac' | undefined {
  const start = fourCharacters(file, 0);
  // Whatever else is wrong with these, the reader of WAV files says it.
  if (start === 'RIFF' || start === 'RF64') return 'wav';
  if (start === 'OggS') return 'ogg';
  if (start === 'fLaC') return 'flac';
  // Eleven set bits open an MPEG audio frame; its layer is never 0, which is AAC.
  if (file[0] === 0xff && (file[1]! & 0xe0) === 0xe0 && (file[1]! & 0x06) !== 0) return 'mp3';
  return undefined;
}

/** Where the sound begins: after ID3v2 tags, which stand before MP3 and sometimes before FLAC. */
function endOfId3(file: Uint8Array): number {
  let end = 0;
  while (fourCharacters(file, end).startsWith('ID3') && end + 10 <= file.length) {
    // Four times seven bits; a footer of ten octets when bit 4 of the flags is set.
    const [a, b, c, d] = file.subarray(end + 6, end + 10);
    const length = (a! << 21) | (b! << 14) | (c! << 7) | d!;
    end += 10 + length + (file[end + 5]! & 0x10 ? 10 : 0);
  }
  // Padding after a tag.
  while (end > 0 && file[end] === 0) end++;
  return Math.min(end, file.length);
}

/** What people upload besides, so that the error names it. */
function whatItIs(file: Uint8Array): string {
  if (file.length === 0) return 'it is empty';
  const start = fourCharacters(file, 0);
  if (fourCharacters(file, 4) === 'ftyp') return 'it is MP4 or M4A';
  if (start === 'RIFX') return 'it is a big-endian RIFX file';
  if (start === 'FORM') return 'it is AIFF';
  if (start === '#!AM') return 'it is AMR';
  if (file[0] === 0xff && (file[1]! & 0xf6) === 0xf0) return 'it is AAC';
  return 'it is something else';
}

function fourCharacters(file: Uint8Array, offset: number): string {
  return String.fromCharCode(...file.subarray(offset, offset + 4));
}
