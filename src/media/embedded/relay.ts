import type { OutboundStream } from './outbound-stream.ts';
import { type RtpView, sequenceAfter, timestampAfter } from './rtp-packet.ts';

/** RFC 3550 appendix A.1: more than this is not loss or reordering but another stream. */
const maxDropout = 3000;
const maxMisorder = 100;
/** The longest packet we expect. */
const longestPacketMs = 60;
/** How far timestamps may run before arrival times without being a jump. */
const toleratedMs = 1000;

/**
 * Fits one source's packets into a listener's stream. As long as the source goes on, its own gaps,
 * reordering and timing are kept: sequence number and timestamp are shifted by constants. When it is
 * new, jumps or changes its SSRC, a new piece begins right where the listener's stream stands.
 */
export class Relay {
  /** Numbers for the packet that `place` was called for. */
  sequence = 0;
  timestamp = 0;
  /** The packet begins a piece: the receiver should resynchronise (marker bit, RFC 3551 section 4.1). */
  begins = false;

  readonly #stream: OutboundStream;
  #state: 'unplaced' | 'interrupted' | 'running' = 'unplaced';
  #ssrc = 0;
  #firstSequence = 0;
  #lastSequence = 0;
  #lastTimestamp = 0;
  #lastAt = 0;
  #sequenceOffset = 0;
  #timestampOffset = 0;

  constructor(stream: OutboundStream) {
    this.#stream = stream;
  }

  /** The stream sent packets of its own (keys, silence): sequence numbers must be counted anew. */
  interrupt(): void {
    if (this.#state === 'running') this.#state = 'interrupted';
  }

  /** False for a packet that came too late to have a place in the stream. */
  place(view: RtpView, isAudio: boolean, nowMs: number): boolean {
    const after = sequenceAfter(view.sequence, this.#lastSequence);
    this.begins = false;
    if (this.#state === 'unplaced' || !this.#continues(view, after, nowMs)) {
      this.#begin(view, nowMs);
    } else if (this.#state === 'interrupted') {
      if (after <= 0) return false;
      this.#resume(view, isAudio, nowMs);
    } else if (sequenceAfter(view.sequence, this.#firstSequence) < 0) {
      return false;
    }
    if (after > 0 || this.begins) {
      this.#lastSequence = view.sequence;
      this.#lastTimestamp = view.timestamp;
      this.#lastAt = nowMs;
      // Moved along, or half a cycle later everything would look older than the piece.
      if (sequenceAfter(view.sequence, this.#firstSequence) > maxMisorder) {
        this.#firstSequence = (view.sequence - maxMisorder) & 0xffff;
      }
    }
    this.sequence = (view.sequence + this.#sequenceOffset) & 0xffff;
    this.timestamp = (view.timestamp + this.#timestampOffset) >>> 0;
    return true;
  }

  /** Is this the stream we know, or did the source leap (another SSRC, a restart, a switched PBX)? */
  #continues(view: RtpView, after: number, nowMs: number): boolean {
    if (view.ssrc !== this.#ssrc) return false;
    if (after <= -maxMisorder || after >= maxDropout) return false;
    const units = timestampAfter(view.timestamp, this.#lastTimestamp);
    const { unitsPerMs } = this.#stream;
    const tolerated = (nowMs - this.#lastAt + toleratedMs) * unitsPerMs;
    // A telephone-event keeps the timestamp of its start, so an earlier one is no leap at once.
    if (units < -toleratedMs * unitsPerMs) return after <= 0;
    return units <= Math.abs(after) * longestPacketMs * unitsPerMs + tolerated;
  }

  #begin(view: RtpView, nowMs: number): void {
    this.#timestampOffset = this.#stream.nextTimestamp(nowMs) - view.timestamp;
    this.#ssrc = view.ssrc;
    this.#startPiece(view);
  }

  #resume(view: RtpView, isAudio: boolean, nowMs: number): void {
    const timestamp = (view.timestamp + this.#timestampOffset) >>> 0;
    if (isAudio && !this.#stream.isAfterEnd(timestamp)) this.#begin(view, nowMs);
    else this.#startPiece(view);
  }

  #startPiece(view: RtpView): void {
    this.#state = 'running';
    this.#firstSequence = view.sequence;
    this.#sequenceOffset = this.#stream.nextSequence - view.sequence;
    this.begins = true;
  }
}
