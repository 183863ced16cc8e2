import { rtpHeaderLength, sequenceAfter, timestampAfter, writeRtpHeader } from './rtp-packet.ts';

/** Where a stream begins: all three are random (RFC 3550 section 5.1). */
export type StreamStart = {
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
};

/** Of G.711 and G.722; a stream of Opus counts in 48. */
const usualUnitsPerMs = 8;

/** Less than this behind our own timeline is jitter of ticks; more is a gap that the receiver must see. */
const slackMs = 10;

/**
 * The one RTP stream that a party hears, whoever feeds it: one SSRC as long as the clock rate stays,
 * sequence numbers without a hole of ours, timestamps that follow the wall clock and never go back.
 */
export class OutboundStream {
  ssrc: number;
  /** Timestamp units in a millisecond: the clock of the codec. Set by `useClock`. */
  unitsPerMs = usualUnitsPerMs;
  /** When the last packet went out; keep-alive looks at it. */
  lastSentAt = Number.NEGATIVE_INFINITY;
  #lastTimestamp = 0;
  #highestSequence: number;
  /** The timestamp right after everything sent so far. */
  #end: number;
  /** The timestamp that belongs to `#anchorAt`: what ties the stream to the wall clock. */
  #anchor: number;
  #anchorAt: number | undefined;

  constructor(start: StreamStart) {
    this.ssrc = start.ssrc >>> 0;
    this.#highestSequence = (start.sequence - 1) & 0xffff;
    this.#anchor = start.timestamp >>> 0;
    this.#end = this.#anchor;
  }

  /**
   * The codec's clock from now on. Timestamps of one SSRC have one rate, so that another clock begins
   * another SSRC (RFC 7160 section 4.1), unless nothing was sent yet.
   */
  useClock(unitsPerMs: number): void {
    if (unitsPerMs === this.unitsPerMs) return;
    this.unitsPerMs = unitsPerMs;
    if (this.#anchorAt === undefined) return;
    // The first was random; this one follows from it and cannot be guessed either.
    this.ssrc = (Math.imul(this.ssrc, 1_664_525) + 1_013_904_223) >>> 0;
    this.#anchor = this.#end;
    this.#anchorAt = undefined;
  }

  get nextSequence(): number {
    return (this.#highestSequence + 1) & 0xffff;
  }

  /** The timestamp of sound that starts now: after all that was sent, and not before the wall clock. */
  nextTimestamp(nowMs: number): number {
    this.#anchorAt ??= nowMs;
    const elapsed = Math.round((nowMs - this.#anchorAt) * this.unitsPerMs);
    const wall = (this.#anchor + elapsed) >>> 0;
    return timestampAfter(wall, this.#end) > slackMs * this.unitsPerMs ? wall : this.#end;
  }

  /** The timestamp of a moment after the last packet: what a sender report ties to wall time. */
  timestampAt(nowMs: number): number {
    return (this.#lastTimestamp + Math.round((nowMs - this.lastSentAt) * this.unitsPerMs)) >>> 0;
  }

  /** Is sound at `timestamp` new, or would the stream go back? */
  isAfterEnd(timestamp: number): boolean {
    return timestampAfter(timestamp, this.#end) >= -slackMs * this.unitsPerMs;
  }

  /** Notes a packet that goes out with numbers chosen by its relay. */
  sent(sequence: number, timestamp: number, duration: number, nowMs: number): void {
    if (sequenceAfter(sequence, this.#highestSequence) > 0) this.#highestSequence = sequence;
    const end = (timestamp + duration) >>> 0;
    if (timestampAfter(end, this.#end) > 0) this.#end = end;
    this.#lastTimestamp = timestamp;
    this.lastSentAt = nowMs;
  }

  /** A new packet of ours with room for `payloadLength` bytes after the header. */
  packet(
    payload: {
      readonly type: number;
      readonly length: number;
      readonly marker: boolean;
      readonly timestamp: number;
      /** In timestamp units. */
      readonly duration: number;
    },
    nowMs: number,
  ): Buffer {
    const packet = Buffer.allocUnsafe(rtpHeaderLength + payload.length);
    const sequence = this.nextSequence;
    const { timestamp } = payload;
    const second = payload.type | (payload.marker ? 0x80 : 0);
    writeRtpHeader(packet, 0, second, { sequence, timestamp, ssrc: this.ssrc });
    this.sent(sequence, timestamp, payload.duration, nowMs);
    return packet;
  }
}
