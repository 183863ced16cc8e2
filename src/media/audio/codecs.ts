import type { CodecName } from '../../model/trunk.ts';
import type { AudioCodec, AudioDecoder, AudioEncoder } from './audio-codec.ts';
import { decodeFrame, encodeFrame, type G711Codec } from './g711.ts';
import { G722Decoder, G722Encoder } from './g722.ts';
import { openOpus } from './opus.ts';

const tens = [10, 20, 30, 40, 50, 60] as const;

function g711(name: G711Codec): AudioCodec {
  // Nothing is remembered from frame to frame: one of each serves every stream.
  const encoder: AudioEncoder = {
    encode(samples, out, outOffset) {
      encodeFrame(name, samples, out, outOffset);
      return samples.length;
    },
    close() {},
  };
  const decoder: AudioDecoder = {
    decode: (payload, out) => decodeFrame(name, payload, out),
    conceal: () => false,
    recover: () => false,
    close() {},
  };
  return {
    rate: 8_000,
    unitsPerMs: 8,
    octetsPerMs: 8,
    packetMs: tens,
    createEncoder: () => encoder,
    createDecoder: () => decoder,
  };
}

const g722: AudioCodec = {
  rate: 16_000,
  // 8000 Hz on the line although it samples at 16000: an old mistake, kept by RFC 3551 section 4.5.2.
  unitsPerMs: 8,
  octetsPerMs: 8,
  packetMs: tens,
  createEncoder() {
    const encoder = new G722Encoder();
    return { encode: (samples, out, at) => encoder.encode(samples, out, at), close() {} };
  },
  createDecoder() {
    const decoder = new G722Decoder();
    return {
      decode: (payload, out) => decoder.decode(payload, out),
      conceal: () => false,
      recover: () => false,
      close() {},
    };
  },
};

const opus: AudioCodec = {
  rate: 16_000,
  unitsPerMs: 48,
  octetsPerMs: 16,
  // What RFC 7587 section 6.1 allows of our range.
  packetMs: [10, 20, 40, 60],
  createEncoder: () => openOpus().createEncoder(),
  createDecoder: () => openOpus().createDecoder(),
};

const codecs: Readonly<Record<CodecName, AudioCodec>> = {
  PCMA: g711('PCMA'),
  PCMU: g711('PCMU'),
  G722: g722,
  opus,
};

/** For `opus` the first encoder or decoder compiles the package, unless `openOpus` was called before. */
export function codecOf(name: CodecName): AudioCodec {
  return codecs[name];
}

/** The packet length, in ms, that is closest to what a peer wants without being longer. */
export function packetMsFor({ packetMs }: AudioCodec, wantedMs: number): number {
  return packetMs.findLast((ms) => ms <= wantedMs) ?? packetMs[0]!;
}
