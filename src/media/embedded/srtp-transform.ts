/**
 * Encrypts and authenticates one packet where it stands. Which index a packet has, and whether it
 * was seen before, is settled outside.
 */
export interface SrtpTransform {
  /** Bytes that an RTP packet grows by. */
  readonly rtpOverhead: number;
  /** Bytes that an RTCP packet grows by: index and tag. */
  readonly rtcpOverhead: number;
  /** `packet` has room for the overhead at its end; the payload begins at `bodyStart`. */
  sealRtp(packet: Uint8Array, bodyStart: number, ssrc: number, index: number): void;
  /** False for a packet that is not authentic, which is left as it was. */
  openRtp(packet: Uint8Array, bodyStart: number, ssrc: number, index: number): boolean;
  sealRtcp(packet: Uint8Array, ssrc: number, index: number): void;
  /** `word` is the E bit and the index, from the packet: RFC 3711 section 3.4. */
  openRtcp(packet: Uint8Array, ssrc: number, word: number): boolean;
  /** Where in an RTCP packet of this length the word stands. */
  rtcpWordAt(length: number): number;
}

/** An RTCP packet that says so is encrypted from its ninth byte on: RFC 3711 section 3.4. */
export const rtcpClearLength = 8;
export const encryptedBit = 0x8000_0000;

export function readWord(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}

export function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}
