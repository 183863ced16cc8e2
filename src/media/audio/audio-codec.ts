/** Samples a second that sound is decoded to, mixed and played at: narrow and wide band. */
export type AudioRate = 8_000 | 16_000;

/** Samples in a millisecond at a rate. */
export function samplesPerMs(rate: AudioRate): number {
  return rate / 1000;
}

/** One stream towards a party: what it remembers of the frames before belongs to that stream. */
export interface AudioEncoder {
  /** Encodes a whole frame into `out` from `outOffset`; returns the octets written. */
  encode(samples: Int16Array, out: Uint8Array, outOffset: number): number;
  /** Gives back what is held outside of JavaScript. Idempotent. */
  close(): void;
}

/** One stream of a party. Payloads must come in order; a lost one is told by `conceal` or `recover`. */
export interface AudioDecoder {
  /** Decodes one payload into `out`; returns the samples, cut to what `out` holds; 0: it is damaged. */
  decode(payload: Uint8Array, out: Int16Array): number;
  /** Fills `out` in place of a lost packet; false: the codec has no way of its own. */
  conceal(out: Int16Array): boolean;
  /** The same from what the packet after the lost one holds of it (forward error correction). */
  recover(next: Uint8Array, out: Int16Array): boolean;
  close(): void;
}

/** A codec at work: G.711, G.722, Opus. */
export type AudioCodec = {
  /** Of the samples it takes and gives. */
  readonly rate: AudioRate;
  /** Units of RTP timestamps in a millisecond: not the rate (RFC 3551 section 4.5.2, RFC 7587 section 4.1). */
  readonly unitsPerMs: number;
  /** The most octets of a millisecond, for buffers. */
  readonly octetsPerMs: number;
  /** Milliseconds that one packet of it may hold, in order. */
  readonly packetMs: readonly number[];
  createEncoder(): AudioEncoder;
  createDecoder(): AudioDecoder;
};
