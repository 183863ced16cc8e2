import { MediaError } from '../media-engine.ts';

/** One packet of the only logical stream of an Ogg file: RFC 3533. */
export type OggPacket = {
  readonly data: Uint8Array;
  /** Of the page it ends on, when it is the last that ends there; -1: not told. */
  readonly granule: bigint | undefined;
};

const endOfStream = 4;

/**
 * The packets in order. Throws MediaError for a page that is damaged (every page has a checksum), missing
 * or of a second stream, and for a file that ends before its stream does.
 */
export function* oggPackets(file: Uint8Array): Generator<OggPacket, undefined> {
  let parts: Uint8Array[] = [];
  let ended = false;
  for (const page of oggPages(file)) {
    let at = page.bodyAt;
    for (const [index, lacing] of page.lacing.entries()) {
      parts.push(file.subarray(at, at + lacing));
      at += lacing;
      // A length of 255 says that the packet goes on, maybe on the next page.
      if (lacing === 255) continue;
      const isLast = !page.lacing.subarray(index + 1).some((other) => other < 255);
      yield {
        data: parts.length === 1 ? parts[0]! : joined(parts),
        granule: isLast ? page.granule : undefined,
      };
      parts = [];
    }
    ended = (page.flags & endOfStream) !== 0;
  }
  if (!ended) throw new MediaError('it is cut short: the last page of its stream is missing');
  return undefined;
}

type Page = {
  readonly flags: number;
  readonly granule: bigint;
  /** The lengths of its segments. */
  readonly lacing: Uint8Array;
  readonly bodyAt: number;
};

/**
 * RFC 3533 section 6:
 *
 *     OggS 0 <flags> <granule:8> <serial:4> <sequence:4> <checksum:4> <segments:1> <lengths> <body>
 */
function* oggPages(file: Uint8Array): Generator<Page> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let serial: number | undefined;
  let sequence: number | undefined;
  for (let at = 0; at < file.length; ) {
    const bodyAt = at + 27 + (file[at + 26] ?? 0);
    if (bodyAt > file.length) throw new MediaError('it is cut short in the middle of a page');
    if (view.getUint32(at) !== 0x4f676753 || file[at + 4] !== 0) throw damaged(at);
    const lacing = file.subarray(at + 27, bodyAt);
    const end = lacing.reduce((sum, length) => sum + length, bodyAt);
    if (end > file.length) throw new MediaError('it is cut short in the middle of a page');
    if (view.getUint32(at + 22, true) !== checksum(file, at, end)) throw damaged(at);
    const pageSerial = view.getUint32(at + 14, true);
    const pageSequence = view.getUint32(at + 18, true);
    serial ??= pageSerial;
    if (pageSerial !== serial)
      throw new MediaError('it holds several streams; save the sound alone as one stream');
    if (sequence !== undefined && pageSequence !== (sequence + 1) >>> 0) throw damaged(at);
    sequence = pageSequence;
    yield { flags: file[at + 5]!, granule: view.getBigInt64(at + 6, true), lacing, bodyAt };
    at = end;
  }
}

function damaged(at: number): MediaError {
  return new MediaError(`it is damaged in the page at byte ${at}: save or upload it again`);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** CRC-32 with the generator 0x04c11db7, not reflected, the checksum's own octets as zeros. */
const table = Uint32Array.from({ length: 256 }, (_, octet) => {
  let value = octet << 24;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
  return value;
});

function checksum(file: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const octet = at >= from + 22 && at < from + 26 ? 0 : file[at]!;
    value = (value << 8) ^ table[(value >>> 24) ^ octet]!;
  }
  return value >>> 0;
}
