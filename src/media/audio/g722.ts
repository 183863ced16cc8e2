import { cut, G722Band, table } from './g722-band.ts';

/**
 * ITU-T G.722 at 64 kbit/s (mode 1): 16-bit mono at 16000 Hz, split into two bands of 8000 Hz by a
 * quadrature mirror filter; the lower one is coded in 6 bits, the upper in 2, both by adaptive
 * differences. One octet for two samples:
 *
 *     7 6 5 4 3 2 1 0
 *     h h l l l l l l
 */

/** Of the mirror filters (H): the second half mirrors this one. */
const mirror = Int32Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);
/** Samples that the filter looks back. */
const reach = 22;

/** Decision levels of the lower band (Q6). */
const lowerLevels = table(`
  0 35 72 110 150 190 233 276 323 370 422 473 530 587 650 714 786 858 940 1023 1121 1219 1339
  1458 1612 1765 1980 2195 2557 2919
`);
/** Codes of the intervals, for differences below 0 and above (ILN, ILP). */
const lowerCodesBelow = table(`
  0 63 62 31 30 29 28 27 26 25 24 23 22 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4
`);
const lowerCodesAbove = table(`
  0 61 60 59 58 57 56 55 54 53 52 51 50 49 48 47 46 45 44 43 42 41 40 39 38 37 36 35 34 33 32
`);
/** Output levels of the lower band by all six bits (QM6) and by the upper four (QM4). */
const lowerBy6 = table(`
  -136 -136 -136 -136 -24808 -21904 -19008 -16704 -14984 -13512 -12280 -11192 -10232 -9360
  -8576 -7856 -7192 -6576 -6000 -5456 -4944 -4464 -4008 -3576 -3168 -2776 -2400 -2032 -1688
  -1360 -1040 -728 24808 21904 19008 16704 14984 13512 12280 11192 10232 9360 8576 7856 7192
  6576 6000 5456 4944 4464 4008 3576 3168 2776 2400 2032 1688 1360 1040 728 432 136 -432 -136
`);
const lowerBy4 = table(`
  0 -20456 -12896 -8968 -6288 -4240 -2584 -1200 20456 12896 8968 6288 4240 2584 1200 0
`);
/** Multipliers of the scale factor by the upper four bits (WL through RL42). */
const lowerWeights = table(`
  -60 3042 1198 538 334 172 58 -30 3042 1198 538 334 172 58 -30 -60
`);
/** The same of the upper band: its one decision level, QM2, WH through RH2. */
const upperLevel = 564;
const upperBy2 = Int32Array.of(-7408, -1616, 7408, 1616);
const upperWeights = Int32Array.of(798, -214, 798, -214);

const lowerScale = { least: 32, most: 18_432, shift: 8 } as const;
const upperScale = { least: 8, most: 22_528, shift: 10 } as const;

/** The longest frame at a time: 120 ms. More is done in pieces by the caller. */
const longest = 1920;

export class G722Encoder {
  readonly #lower = new G722Band(lowerScale);
  readonly #upper = new G722Band(upperScale);
  /** The samples of the frame behind the last ones of the frame before. */
  readonly #line = new Int16Array(reach + longest);

  /** Encodes an even number of samples into `out` from `outOffset`; returns the octets written. */
  encode(samples: Int16Array, out: Uint8Array, outOffset: number): number {
    const line = this.#line;
    const octets = samples.length >> 1;
    line.set(samples, reach);
    for (let octet = 0; octet < octets; octet++) {
      let odd = 0;
      let even = 0;
      for (let tap = 0, at = 2 * octet; tap < 12; tap++, at += 2) {
        odd += line[at]! * mirror[tap]!;
        even += line[at + 1]! * mirror[11 - tap]!;
      }
      const low = this.#encodeLower((even + odd) >> 14);
      out[outOffset + octet] = (this.#encodeUpper((even - odd) >> 14) << 6) | low;
    }
    line.copyWithin(0, 2 * octets, 2 * octets + reach);
    return octets;
  }

  #encodeLower(sample: number): number {
    const band = this.#lower;
    const { scale } = band;
    const difference = cut(sample - band.expected);
    const size = difference < 0 ? ~difference : difference;
    let interval = 1;
    while (interval < 30 && size >= (lowerLevels[interval]! * scale) >> 12) interval++;
    const code = (difference < 0 ? lowerCodesBelow : lowerCodesAbove)[interval]!;
    band.rescale(lowerWeights[code >> 2]!);
    band.adapt((scale * lowerBy4[code >> 2]!) >> 15);
    return code;
  }

  #encodeUpper(sample: number): number {
    const band = this.#upper;
    const { scale } = band;
    const difference = cut(sample - band.expected);
    const size = difference < 0 ? ~difference : difference;
    const isFar = size >= (upperLevel * scale) >> 12;
    const code = (difference < 0 ? 0 : 2) + (isFar ? 0 : 1);
    band.rescale(upperWeights[code]!);
    band.adapt((scale * upperBy2[code]!) >> 15);
    return code;
  }
}

export class G722Decoder {
  readonly #lower = new G722Band(lowerScale);
  readonly #upper = new G722Band(upperScale);
  /** Sum and difference of the bands, behind the last ones of the frame before. */
  readonly #line = new Int32Array(reach + longest);

  /** Decodes one payload into `out`; returns the number of samples, cut to what `out` holds. */
  decode(payload: Uint8Array, out: Int16Array): number {
    const line = this.#line;
    const octets = Math.min(payload.length, out.length >> 1, longest >> 1);
    for (let octet = 0, at = reach; octet < octets; octet++, at += 2) {
      const code = payload[octet]!;
      const lower = this.#decodeLower(code & 0x3f);
      const upper = this.#decodeUpper(code >> 6);
      line[at] = lower + upper;
      line[at + 1] = lower - upper;
    }
    for (let octet = 0; octet < octets; octet++) {
      let first = 0;
      let second = 0;
      for (let tap = 0, at = 2 * octet; tap < 12; tap++, at += 2) {
        second += line[at]! * mirror[tap]!;
        first += line[at + 1]! * mirror[11 - tap]!;
      }
      out[2 * octet] = cut(first >> 11);
      out[2 * octet + 1] = cut(second >> 11);
    }
    line.copyWithin(0, 2 * octets, 2 * octets + reach);
    return 2 * octets;
  }

  #decodeLower(code: number): number {
    const band = this.#lower;
    const { scale } = band;
    const sample = limited(band.expected + ((scale * lowerBy6[code]!) >> 15));
    band.rescale(lowerWeights[code >> 2]!);
    band.adapt((scale * lowerBy4[code >> 2]!) >> 15);
    return sample;
  }

  #decodeUpper(code: number): number {
    const band = this.#upper;
    const { scale } = band;
    const difference = (scale * upperBy2[code]!) >> 15;
    const sample = limited(band.expected + difference);
    band.rescale(upperWeights[code]!);
    band.adapt(difference);
    return sample;
  }
}

/** LIMIT: to 15 bits. */
function limited(value: number): number {
  return value > 16_383 ? 16_383 : value < -16_384 ? -16_384 : value;
}
