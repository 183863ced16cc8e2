/**
 * The even RTP ports of a range (RFC 3550 section 11), each given to one leg at a time. A port that
 * comes back goes to the end of the queue, so that late packets of an old call find nobody.
 */
export class PortPool {
  readonly size: number;
  readonly #free: Uint16Array;
  #head = 0;
  #freeCount: number;

  /** `firstChance` in [0, 1): where in the range to begin. */
  constructor(range: { readonly min: number; readonly max: number }, firstChance: number) {
    const first = range.min + (range.min % 2);
    this.size = Math.max(0, Math.floor((range.max - first) / 2) + 1);
    this.#free = Uint16Array.from({ length: this.size }, (_, index) => first + 2 * index);
    this.#head = Math.floor(firstChance * this.size);
    this.#freeCount = this.size;
  }

  get taken(): number {
    return this.size - this.#freeCount;
  }

  take(): number | undefined {
    if (this.#freeCount === 0) return undefined;
    const rtpPort = this.#free[this.#head]!;
    this.#head = (this.#head + 1) % this.size;
    this.#freeCount--;
    return rtpPort;
  }

  giveBack(rtpPort: number): void {
    this.#free[(this.#head + this.#freeCount) % this.size] = rtpPort;
    this.#freeCount++;
  }
}
