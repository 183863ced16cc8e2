import type { G711Codec } from '../media/audio/g711.ts';
import type { HeardPacket } from './ear.ts';

/**
 * RTP and G.711 as a phone of its own has them, written straight from the definitions and shared with
 * nothing of the server: a defect of the server's media must not be hidden by the same defect here.
 */

/** RFC 3550 section 5.1; undefined for anything that is no RTP packet of version 2. */
export function parseRtp(bytes: Uint8Array): HeardPacket | undefined {
  if (bytes.length < 12 || bytes[0]! >> 6 !== 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const contributors = bytes[0]! & 0x0f;
  let start = 12 + 4 * contributors;
  if ((bytes[0]! & 0x10) !== 0) {
    if (bytes.length < start + 4) return undefined;
    start += 4 + 4 * view.getUint16(start + 2);
  }
  const padding = (bytes[0]! & 0x20) === 0 ? 0 : bytes[bytes.length - 1]!;
  if (start > bytes.length - padding) return undefined;
  return {
    marker: (bytes[1]! & 0x80) !== 0,
    payloadType: bytes[1]! & 0x7f,
    sequenceNumber: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    payload: bytes.subarray(start, bytes.length - padding),
  };
}

/** A report on the port of RTP: RFC 5761 section 4. */
export function isRtcp(bytes: Uint8Array): boolean {
  return bytes[1] !== undefined && bytes[1] >= 192 && bytes[1] <= 223;
}

export function formatRtp(packet: HeardPacket): Uint8Array {
  const bytes = new Uint8Array(12 + packet.payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x80;
  bytes[1] = (packet.marker ? 0x80 : 0) | packet.payloadType;
  view.setUint16(2, packet.sequenceNumber);
  view.setUint32(4, packet.timestamp);
  view.setUint32(8, packet.ssrc);
  bytes.set(packet.payload, 12);
  return bytes;
}

/** ITU-T G.711 table 1: thirteen-bit A-law with every second bit inverted. */
function expandA(code: number): number {
  const value = code ^ 0x55;
  const segment = (value >> 4) & 7;
  const step = ((value & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (value & 0x80) !== 0 ? magnitude : -magnitude;
}

/** ITU-T G.711 table 2: fourteen-bit mu-law with all bits inverted and a bias of 33. */
function expandMu(code: number): number {
  const value = ~code & 0xff;
  const magnitude = ((((value & 0x0f) << 3) + 0x84) << ((value >> 4) & 7)) - 0x84;
  return (value & 0x80) !== 0 ? -magnitude : magnitude;
}

const expanded: Record<G711Codec, Int16Array> = {
  PCMA: Int16Array.from({ length: 256 }, (_, code) => expandA(code)),
  PCMU: Int16Array.from({ length: 256 }, (_, code) => expandMu(code)),
};

/** For each 16-bit sample / 4 the nearest code of the law, found by search of the expansion. */
const compressed: Record<G711Codec, Uint8Array> = {
  PCMA: nearestCodes(expanded.PCMA),
  PCMU: nearestCodes(expanded.PCMU),
};

function nearestCodes(levels: Int16Array): Uint8Array {
  const codes = Array.from(levels, (level, code) => ({ level, code })).sort(
    (a, b) => a.level - b.level,
  );
  const table = new Uint8Array(16384);
  let at = 0;
  for (let index = 0; index < table.length; index++) {
    const sample = (index - 8192) * 4;
    const distance = (k: number): number => Math.abs(codes[k]!.level - sample);
    while (at + 1 < codes.length && distance(at + 1) <= distance(at)) at++;
    table[index] = codes[at]!.code;
  }
  return table;
}

export function decodeG711(codec: G711Codec, payload: Uint8Array): Int16Array {
  const levels = expanded[codec];
  const samples = new Int16Array(payload.length);
  for (let at = 0; at < payload.length; at++) samples[at] = levels[payload[at]!]!;
  return samples;
}

export function encodeG711(codec: G711Codec, samples: Int16Array): Uint8Array {
  const codes = compressed[codec];
  const payload = new Uint8Array(samples.length);
  for (let at = 0; at < samples.length; at++) payload[at] = codes[(samples[at]! >> 2) + 8192]!;
  return payload;
}
