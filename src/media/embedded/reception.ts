import { type RtpView, sequenceAfter } from './rtp-packet.ts';
import { figure, type StreamFigures } from './stream-figures.ts';

/** A step of the sender's clock by more than this is no jitter: it began anew. */
const longestTransitStepMs = 1000;

/** What a report block says of the stream: RFC 3550 section 6.4.1, without the times of reports. */
export type ReceptionReport = {
  readonly ssrc: number;
  readonly fractionLost: number;
  readonly cumulativeLost: number;
  readonly highestSequence: number;
  readonly jitter: number;
};

/**
 * Loss and jitter of what a party sends (RFC 3550 appendix A.1, A.3, A.8). The figures of the leg go
 * on when the stream is another one; those of a report are of the present stream.
 */
export class Reception {
  readonly #figures: StreamFigures;
  /** Below 0: nothing came yet. */
  #ssrc = -1;
  /** Sequence numbers with their wraps. */
  #first = 0;
  #highest = 0;
  #received = 0;
  /** Packets that were to come in the streams before. */
  #expectedBefore = 0;
  #transit = Number.NaN;
  /** In units of the clock below, as reports have it. */
  #jitter = 0;
  /** Of the sound that came last. */
  #unitsPerMs = 8;
  #expectedAtReport = 0;
  #receivedAtReport = 0;

  constructor(figures: StreamFigures) {
    this.#figures = figures;
  }

  get ssrc(): number {
    return this.#ssrc;
  }

  /**
   * A packet of the stream that is heard. `unitsPerMs`: the clock of the sound in it; 0: there is none,
   * as in keys, which carry the timestamp of their start, and no jitter is told from it.
   */
  receive(
    { ssrc, sequence, timestamp }: RtpView,
    octets: number,
    unitsPerMs: number,
    nowMs: number,
  ): void {
    const after = sequenceAfter(sequence, this.#highest & 0xffff);
    if (ssrc !== this.#ssrc || after >= 3000 || after <= -3000) this.#begin(ssrc, sequence);
    else if (after > 0) this.#highest += after;
    this.#received++;
    const figures = this.#figures;
    figures[figure.receivedPackets]!++;
    figures[figure.receivedOctets]! += octets;
    figures[figure.expectedPackets] = this.#expectedBefore + this.#expected;
    if (unitsPerMs === 0) return;
    if (unitsPerMs !== this.#unitsPerMs) this.#useClock(unitsPerMs);
    const transit = (Math.round(nowMs * unitsPerMs) - timestamp) | 0;
    const step = Math.abs((transit - this.#transit) | 0);
    if (step <= longestTransitStepMs * unitsPerMs && !Number.isNaN(this.#transit)) {
      this.#jitter += (step - this.#jitter) / 16;
    }
    this.#transit = transit;
    figures[figure.receivedJitterMs] = this.#jitter / unitsPerMs;
  }

  /** Undefined: nothing came yet. Counts the fraction lost from here on. */
  report(): ReceptionReport | undefined {
    if (this.#ssrc < 0) return undefined;
    const expected = this.#expected - this.#expectedAtReport;
    const lost = expected - (this.#received - this.#receivedAtReport);
    this.#expectedAtReport = this.#expected;
    this.#receivedAtReport = this.#received;
    return {
      ssrc: this.#ssrc,
      fractionLost:
        expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost << 8) / expected)),
      cumulativeLost: this.#expected - this.#received,
      highestSequence: this.#highest >>> 0,
      jitter: Math.floor(this.#jitter),
    };
  }

  get #expected(): number {
    return this.#highest - this.#first + 1;
  }

  /** Another codec under the same SSRC: the milliseconds of the jitter stay (RFC 7160 section 4.1). */
  #useClock(unitsPerMs: number): void {
    this.#jitter *= unitsPerMs / this.#unitsPerMs;
    this.#unitsPerMs = unitsPerMs;
    this.#transit = Number.NaN;
  }

  #begin(ssrc: number, sequence: number): void {
    if (this.#ssrc >= 0) this.#expectedBefore += this.#expected;
    this.#ssrc = ssrc;
    this.#first = sequence;
    this.#highest = sequence;
    this.#received = 0;
    this.#transit = Number.NaN;
    this.#expectedAtReport = 0;
    this.#receivedAtReport = 0;
  }
}
