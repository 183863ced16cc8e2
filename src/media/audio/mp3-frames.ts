import { MediaError } from '../media-engine.ts';

/** What the chain of frames of an MPEG audio file says: ISO 11172-3 section 2.4.1, ISO 13818-3. */
export type Mp3Frames = {
  /** 1 to 3; the third is MP3. */
  readonly layer: number;
  /** Hz. */
  readonly sampleRate: number;
  /** Samples a channel, before the encoder's delay is taken away. */
  readonly samples: number;
  /** The frames; after them only tags follow. */
  readonly data: Uint8Array;
};

type Header = {
  readonly layer: number;
  /** Version, layer and rate: what may not change within a file. */
  readonly kind: number;
  readonly sampleRate: number;
  readonly samples: number;
  readonly octets: number;
  /** Where a Xing or Info header would stand in this frame. */
  readonly xingAt: number;
};

/** kbit/s by index 1..14. */
const bitrates: Readonly<Record<string, readonly number[]>> = {
  '1/1': [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  '1/2': [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  '1/3': [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  '2/1': [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  '2/2': [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  '2/3': [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const rates = [44_100, 48_000, 32_000] as const;

/**
 * Walks the frames from header to header. A decoder would skip what it does not understand; here a file
 * whose chain breaks is refused, and its length is known before a sample is decoded.
 */
export function walkMp3(file: Uint8Array): Mp3Frames {
  let first: Header | undefined;
  let announced: number | undefined;
  let frames = 0;
  let samples = 0;
  let at = 0;
  while (at < file.length) {
    const header = parseHeader(file, at);
    if (header === undefined || (first !== undefined && header.kind !== first.kind)) {
      if (frames > 0 && onlyTagsFollow(file, at)) break;
      throw new MediaError(`it is damaged at byte ${at} of its sound: save or convert it again`);
    }
    if (at + header.octets > file.length) throw cutShort();
    if (first === undefined) {
      first = header;
      announced = announcedFrames(file, at, header);
    }
    frames++;
    samples += header.samples;
    at += header.octets;
  }
  if (first === undefined) throw new MediaError('it holds no sound; record or upload it again');
  // The frame that announces the others is silent; few encoders count it among them.
  if (announced !== undefined && announced > frames) throw cutShort();
  const { layer, sampleRate } = first;
  return { layer, sampleRate, samples, data: file.subarray(0, at) };
}

function cutShort(): MediaError {
  return new MediaError('it is cut short: the end of its sound is missing');
}

function parseHeader(file: Uint8Array, at: number): Header | undefined {
  const [sync = 0, second = 0, third = 0, fourth = 0] = file.subarray(at, at + 4);
  if (at + 4 > file.length || sync !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  const versionBits = (second >> 3) & 3; // 0: MPEG 2.5, 2: MPEG 2, 3: MPEG 1
  const layer = 4 - ((second >> 1) & 3);
  const baseRate = rates[(third >> 2) & 3];
  if (versionBits === 1 || layer === 4 || baseRate === undefined) return undefined;
  const version = versionBits === 3 ? 1 : 2;
  const bitrate = bitrates[`${version}/${layer}`]![(third >> 4) - 1];
  // Index 0 is the free format, which no encoder writes by default; 15 is forbidden.
  if (bitrate === undefined) return undefined;
  const sampleRate = baseRate / (versionBits === 3 ? 1 : versionBits === 2 ? 2 : 4);
  const samples = layer === 1 ? 384 : layer === 3 && version === 2 ? 576 : 1_152;
  const padding = (third >> 1) & 1;
  const octets =
    layer === 1
      ? (Math.floor((12_000 * bitrate) / sampleRate) + padding) * 4
      : Math.floor((samples * 125 * bitrate) / sampleRate) + padding;
  const mono = fourth >> 6 === 3;
  const sideInfo = version === 1 ? (mono ? 17 : 32) : mono ? 9 : 17;
  const kind = (second & 0x1e) | ((third & 0x0c) << 8);
  return { kind, layer, sampleRate, samples, octets, xingAt: 4 + sideInfo };
}

/** The number of frames in the Xing or Info header that encoders put into the first frame. */
function announcedFrames(file: Uint8Array, at: number, header: Header): number | undefined {
  const start = at + header.xingAt;
  const name = String.fromCharCode(...file.subarray(start, start + 4));
  if ((name !== 'Xing' && name !== 'Info') || start + 12 > at + header.octets) return undefined;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const hasFrames = (view.getUint32(start + 4) & 1) === 1;
  return hasFrames ? view.getUint32(start + 8) : undefined;
}

/** ID3v1, APEv2, Lyrics3 and ID3v2 tags at the end, or nothing but zeros. */
function onlyTagsFollow(file: Uint8Array, at: number): boolean {
  const text = String.fromCharCode(...file.subarray(at, at + 11));
  if (/^(?:TAG|APETAGEX|LYRICSBEGIN|ID3|3DI)/.test(text)) return true;
  return file.subarray(at).every((octet) => octet === 0);
}
