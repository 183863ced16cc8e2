/**
 * One RTP packet (RFC 3550 section 5.1), read and written in place: the hot path of every talk.
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *    |                           timestamp                           |
 *    |           synchronization source (SSRC) identifier            |
 *    |            contributing source (CSRC) identifiers (CC of them)|
 */
export type RtpView = {
  marker: boolean;
  payloadType: number;
  /** 16 bits, wraps. */
  sequence: number;
  /** 32 bits, wraps; units of 1/8000 s for everything we carry. */
  timestamp: number;
  ssrc: number;
  payloadStart: number;
  /** One past the last byte of the payload: padding is left out. */
  payloadEnd: number;
};

export const rtpHeaderLength = 12;

/** A view to read into, again and again, so that a packet costs no object. */
export function emptyRtpView(): RtpView {
  return {
    marker: false,
    payloadType: 0,
    sequence: 0,
    timestamp: 0,
    ssrc: 0,
    payloadStart: 0,
    payloadEnd: 0,
  };
}

/** Reads `packet` into `view`; false for anything that is no RTP, RTCP on the same port included. */
export function readRtp(packet: Uint8Array, view: RtpView): boolean {
  const length = packet.length;
  if (length < rtpHeaderLength) return false;
  const first = packet[0]!;
  if (first >> 6 !== 2) return false;
  const second = packet[1]!;
  // RTCP packet types 200-207 where marker and payload type are: RFC 5761 section 4.
  if (second >= 200 && second <= 207) return false;
  let start = rtpHeaderLength;
  let end = length;
  if ((first & 0x3f) !== 0) {
    start += (first & 0x0f) * 4;
    if ((first & 0x10) !== 0) {
      if (start + 4 > length) return false;
      start += 4 + ((packet[start + 2]! << 8) | packet[start + 3]!) * 4;
    }
    if ((first & 0x20) !== 0) end -= packet[length - 1]!;
    if (start > end) return false;
  }
  view.marker = second >= 128;
  view.payloadType = second & 0x7f;
  view.sequence = (packet[2]! << 8) | packet[3]!;
  view.timestamp = ((packet[4]! << 24) | (packet[5]! << 16) | (packet[6]! << 8) | packet[7]!) >>> 0;
  view.ssrc = ((packet[8]! << 24) | (packet[9]! << 16) | (packet[10]! << 8) | packet[11]!) >>> 0;
  view.payloadStart = start;
  view.payloadEnd = end;
  return true;
}

/** Where the payload begins, padding or not; -1 for anything that is no RTP. */
export function rtpBodyStart(packet: Uint8Array): number {
  const first = packet[0]!;
  if (packet.length < rtpHeaderLength || first >> 6 !== 2) return -1;
  let start = rtpHeaderLength + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (start + 4 > packet.length) return -1;
    start += 4 + ((packet[start + 2]! << 8) | packet[start + 3]!) * 4;
  }
  return start > packet.length ? -1 : start;
}

/** RTCP on the port of RTP: packet types 192-223 where marker and payload type are (RFC 5761 section 4). */
export function isRtcp(packet: Uint8Array): boolean {
  const second = packet[1];
  return second !== undefined && second >= 192 && second <= 223;
}

/** Writes a plain header (no padding, extension or CSRC) of 12 bytes at `offset`. */
export function writeRtpHeader(
  packet: Uint8Array,
  offset: number,
  markerAndPayloadType: number,
  header: { readonly sequence: number; readonly timestamp: number; readonly ssrc: number },
): void {
  const { sequence, timestamp, ssrc } = header;
  packet[offset] = 0x80;
  packet[offset + 1] = markerAndPayloadType;
  packet[offset + 2] = sequence >> 8;
  packet[offset + 3] = sequence;
  packet[offset + 4] = timestamp >>> 24;
  packet[offset + 5] = timestamp >>> 16;
  packet[offset + 6] = timestamp >>> 8;
  packet[offset + 7] = timestamp;
  packet[offset + 8] = ssrc >>> 24;
  packet[offset + 9] = ssrc >>> 16;
  packet[offset + 10] = ssrc >>> 8;
  packet[offset + 11] = ssrc;
}

/** How far sequence number `a` is after `b`, -32768 to 32767 (RFC 1982). */
export function sequenceAfter(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** How far timestamp `a` is after `b`, as a signed 32-bit number. */
export function timestampAfter(a: number, b: number): number {
  return (a - b) | 0;
}
