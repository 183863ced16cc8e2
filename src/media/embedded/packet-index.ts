import { sequenceAfter } from './rtp-packet.ts';

/** RFC 3711 section 3.3.2 wants at least 64; two seconds and a half of 20 ms packets. */
const windowLength = 128;

/**
 * The index of each packet of one stream (RFC 3711 section 3.3.1): its sequence number with the
 * number of times that wrapped, guessed from the packets before it; and the window of indices that
 * were seen, so that none is taken twice.
 */
export class PacketIndex {
  readonly #seen = new Float64Array(windowLength).fill(-1);
  #highest = -1;

  /** The index of a packet with this sequence number; below 0: from before the stream began. */
  guess(sequence: number): number {
    if (this.#highest < 0) return sequence;
    return this.#highest + sequenceAfter(sequence, this.#highest % 0x1_0000);
  }

  /** Never noted, and not older than the window. */
  isNew(index: number): boolean {
    return (
      index >= 0 &&
      index > this.#highest - windowLength &&
      this.#seen[index % windowLength] !== index
    );
  }

  /** To be called for authentic packets only. */
  note(index: number): void {
    this.#seen[index % windowLength] = index;
    if (index > this.#highest) this.#highest = index;
  }
}
