import { OpusDecoder } from 'opus-decoder';
import { MediaError } from '../media-engine.ts';
import { type OggPacket, oggPackets } from './ogg-reader.ts';
import { decodeStep, type SoundSource, toMono } from './sound-source.ts';
import { conversion } from './wav.ts';

/** Opus decodes to any of its rates; this one carries all that a telephone does. */
const opusRate = 16_000;
/** The rate of pre-skip and granule positions: RFC 7845 section 4. */
const granuleRate = 48_000;
/** Longer ones do not exist (RFC 7845 section 6 allows to refuse them) and the decoder has no room. */
const mostPacketOctets = 7_680;
/** Samples given on at a time: 4 s. */
const blockSamples = 65_536;

type Head = {
  readonly channels: 1 | 2;
  /** Samples at 48 kHz before the sound begins. */
  readonly preSkip: number;
  /** Factor of the output gain. */
  readonly gain: number;
};

/** Opus in Ogg (RFC 7845) by libopus as WebAssembly. */
export function openOggOpus(file: Uint8Array): SoundSource {
  const packets = oggPackets(file);
  const head = parseHead(packets.next().value);
  const tags = packets.next().value;
  if (tags === undefined || !startsWith(tags.data, 'OpusTags'))
    throw new MediaError('it is damaged: its second packet is not OpusTags');
  return {
    format: 'opus',
    sampleRate: opusRate,
    durationMs: undefined, // The last page tells, and may lie.
    playsInBrowser: true,
    blocks: () => decodeBlocks(packets, head),
  };
}

async function* decodeBlocks(
  packets: Iterable<OggPacket>,
  { channels, preSkip, gain }: Head,
): AsyncIterable<Float32Array> {
  const decoder = new OpusDecoder({ sampleRate: opusRate, channels });
  await decoder.ready;
  try {
    const ratio = granuleRate / opusRate;
    let toSkip = Math.round(preSkip / ratio);
    let made = 0;
    let block = new Float32Array(blockSamples);
    let filled = 0;
    for (const { data, granule } of packets) {
      if (data.length === 0 || data.length > mostPacketOctets)
        throw new MediaError(`it is damaged: a packet of ${data.length} bytes`);
      const decoded = await decodeStep(() => decoder.decodeFrame(data));
      const [problem] = decoded.errors;
      if (problem !== undefined) throw new MediaError(`it is damaged: ${problem.message}`);
      let samples = toMono(decoded.channelData);
      made += samples.length;
      // The end of the sound lies within the last packet: section 4.4.
      const end = granule === undefined || granule < 0n ? made : Number(granule) / ratio;
      if (end < made) samples = samples.subarray(0, Math.max(0, samples.length - made + end));
      samples = samples.subarray(Math.min(toSkip, samples.length));
      toSkip = Math.max(0, toSkip - (decoded.channelData[0]?.length ?? 0));
      if (filled + samples.length > block.length) {
        yield block.subarray(0, filled);
        block = new Float32Array(blockSamples);
        filled = 0;
      }
      block.set(gain === 1 ? samples : samples.map((value) => value * gain), filled);
      filled += samples.length;
    }
    yield block.subarray(0, filled);
  } finally {
    decoder.free();
  }
}

/** RFC 7845 section 5.1. */
function parseHead(packet: OggPacket | undefined): Head {
  const data = packet?.data ?? new Uint8Array(0);
  if (!startsWith(data, 'OpusHead')) {
    const inside = startsWith(data.subarray(1), 'vorbis')
      ? 'Vorbis'
      : startsWith(data.subarray(1), 'FLAC')
        ? 'FLAC'
        : 'something else';
    throw new MediaError(`it is Ogg with ${inside} inside, not Opus; ${conversion}`);
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  // The upper half of the version is the incompatible one.
  if (data.length < 19 || data[8]! > 15)
    throw new MediaError('it is damaged: its OpusHead is not one that RFC 7845 knows');
  const channels = data[9]!;
  if (data[18] !== 0 || (channels !== 1 && channels !== 2))
    throw new MediaError(`it has ${channels} channels, not one or two; ${conversion}`);
  const gain = 10 ** (view.getInt16(16, true) / 256 / 20);
  return { channels, preSkip: view.getUint16(10, true), gain };
}

function startsWith(data: Uint8Array, text: string): boolean {
  return text === String.fromCharCode(...data.subarray(0, text.length));
}
