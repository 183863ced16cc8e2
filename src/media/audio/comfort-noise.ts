/** Of a uniform noise, peak to root mean square. */
const peakPerRms = Math.sqrt(3);

/**
 * Comfort noise (RFC 3389) out of the first octet of a payload, its level. The spectrum that may follow it
 * is left out, as section 3 allows: white noise this quiet is as good to hear.
 *
 *     0 1 2 3 4 5 6 7
 *     0 level (0 to 127 dB below overload)
 */
export class ComfortNoise {
  #peak = 0;
  #state = 1;

  setLevel(payload: Uint8Array): void {
    const dbov = (payload[0] ?? 127) & 0x7f;
    this.#peak = dbov === 127 ? 0 : 32_767 * 10 ** (-dbov / 20) * peakPerRms;
    this.#peak = Math.min(32_767, this.#peak);
  }

  /** Fills `count` samples of `out` from `from`. */
  fill(out: Int16Array, from: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) | 0;
      out[from + i] = (this.#state / 2 ** 31) * this.#peak;
    }
  }
}
