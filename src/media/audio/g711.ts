/** The two laws of ITU-T G.711, as their rtpmap names them. */
export type G711Codec = 'PCMA' | 'PCMU';

/** A-law to 16-bit linear: ITU-T G.711 table 1, scaled to the full range of 16 bits. */
const alawToLinear = new Int16Array(256);
/** mu-law to 16-bit linear: ITU-T G.711 table 2. */
const ulawToLinear = new Int16Array(256);
/** Indexed by the sample as an unsigned 16-bit number. */
const linearToAlaw = new Uint8Array(65_536);
const linearToUlaw = new Uint8Array(65_536);

for (let code = 0; code < 256; code++) {
  alawToLinear[code] = expandAlaw(code);
  ulawToLinear[code] = expandUlaw(code);
}
for (let sample = -32_768; sample <= 32_767; sample++) {
  linearToAlaw[sample & 0xffff] = compressAlaw(sample);
  linearToUlaw[sample & 0xffff] = compressUlaw(sample);
}

/**
 * Encodes samples (8000 Hz mono, 16 bits) into `out` from `outOffset`, one octet a sample. The hot path
 * of each packet that is not relayed as it is: two table look-ups a sample, no allocation.
 */
export function encodeFrame(
  codec: G711Codec,
  samples: Int16Array,
  out: Uint8Array,
  outOffset: number,
): void {
  const table = codec === 'PCMA' ? linearToAlaw : linearToUlaw;
  for (let index = 0; index < samples.length; index++) {
    out[outOffset + index] = table[samples[index]! & 0xffff]!;
  }
}

/** Decodes one payload into `out`; returns the number of samples, cut to what `out` holds. */
export function decodeFrame(codec: G711Codec, payload: Uint8Array, out: Int16Array): number {
  const table = codec === 'PCMA' ? alawToLinear : ulawToLinear;
  const length = Math.min(payload.length, out.length);
  for (let index = 0; index < length; index++) out[index] = table[payload[index]!]!;
  return length;
}

/**
 * One octet: sign (1 positive), segment, interval; even bits inverted on the line.
 *
 *     7 6 5 4 3 2 1 0
 *     S e e e m m m m   xor 0x55
 */
function expandAlaw(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const interval = bits & 15;
  const magnitude = segment === 0 ? interval * 16 + 8 : (interval * 16 + 264) << (segment - 1);
  return (bits & 0x80) !== 0 ? magnitude : -magnitude;
}

/** As A-law, but all bits inverted and a bias of 33 (here 132) under the segments. */
function expandUlaw(code: number): number {
  const bits = ~code;
  const segment = (bits >> 4) & 7;
  const magnitude = (((bits & 15) * 8 + 132) << segment) - 132;
  return (bits & 0x80) !== 0 ? -magnitude : magnitude;
}

/** Decision values as in the reference software of ITU-T G.191: 13 bits count, the rest is cut. */
function compressAlaw(sample: number): number {
  const magnitude = (sample < 0 ? ~sample : sample) >> 4;
  const segment = Math.max(0, 28 - Math.clz32(magnitude));
  const interval = segment === 0 ? magnitude : magnitude >> (segment - 1);
  const bits = (segment << 4) | (interval & 15) | (sample < 0 ? 0 : 0x80);
  return bits ^ 0x55;
}

/** As in ITU-T G.191: 14 bits count, the rest is cut; the loudest values share the last interval. */
function compressUlaw(sample: number): number {
  const magnitude = Math.min(((sample < 0 ? ~sample : sample) >> 2) + 33, 0x1fff);
  const segment = 26 - Math.clz32(magnitude);
  const bits = (segment << 4) | ((magnitude >> (segment + 1)) & 15) | (sample < 0 ? 0x80 : 0);
  return ~bits & 0xff;
}

/**
 * From one law to the other without a linear step: ITU-T G.711 tables 3 and 4, magnitudes only, as runs
 * `[from, value there, step]`. A relayed call costs one look-up an octet, and a way there and back
 * changes nothing more than the first conversion did.
 */
const ulawToAlawRuns = [
  [0, 0, 0.5],
  [16, 8, 1],
  [32, 24, 2],
  [36, 32, 1],
  [48, 45, 2],
  [50, 48, 1],
  [64, 63, 1],
  [81, 81, 1],
] as const;
const alawToUlawRuns = [
  [0, 1, 2],
  [8, 16, 1],
  [24, 32, 0.5],
  [32, 36, 1],
  [44, 48, 0.5],
  [48, 50, 1],
  [62, 64, 0.5],
  [64, 65, 1],
  [80, 80, 1],
] as const;

/** Indexed by the A-law octet. */
export const pcmaToPcmu = octetTable(alawToUlawRuns, 0xd5, 0xff);
/** Indexed by the mu-law octet. */
export const pcmuToPcma = octetTable(ulawToAlawRuns, 0xff, 0xd5);

/** `inMask` and `outMask`: the octet of the smallest positive value, whose bits magnitudes invert. */
function octetTable(
  runs: readonly (readonly [from: number, value: number, step: number])[],
  inMask: number,
  outMask: number,
): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => {
    const sign = octet & 0x80;
    const magnitude = (octet ^ inMask) & 0x7f;
    const [from, value, step] = runs.findLast((run) => run[0] <= magnitude)!;
    return sign | ((Math.floor(value + (magnitude - from) * step) ^ outMask) & 0x7f);
  });
}
