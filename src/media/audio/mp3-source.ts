import { MPEGDecoder } from 'mpg123-decoder';
import { MediaError } from '../media-engine.ts';
import { walkMp3 } from './mp3-frames.ts';
import { decodeStep, type SoundSource, toMono } from './sound-source.ts';

/** Octets decoded at a time: at the lowest bit rate about a minute, 4 MB of samples. */
const pieceOctets = 32_768;

/** MP3 (and MPEG audio layers I and II) by mpg123 as WebAssembly. */
export function openMp3(file: Uint8Array): SoundSource {
  const { sampleRate, samples, layer, data } = walkMp3(file);
  return {
    format: 'mp3',
    sampleRate,
    durationMs: Math.round((samples * 1000) / sampleRate),
    playsInBrowser: layer === 3,
    async *blocks() {
      const decoder = new MPEGDecoder();
      await decoder.ready;
      try {
        for (let at = 0; at < data.length; at += pieceOctets) {
          const piece = data.subarray(at, at + pieceOctets);
          const decoded = await decodeStep(() => decoder.decode(piece));
          const [problem] = decoded.errors;
          if (problem !== undefined) throw new MediaError(`it is damaged: ${problem.message}`);
          yield toMono(decoded.channelData);
        }
      } finally {
        decoder.free();
      }
    },
  };
}
