import type { CodecName } from '../../model/trunk.ts';

/**
 * Timestamp units that a payload lasts. For G.711 and G.722 an octet is a unit; Opus says it in its first
 * octet (RFC 6716 section 3.1), at 48 units a millisecond:
 *
 *     0 1 2 3 4 5 6 7
 *     config    s c c     c: one frame, two, two, or as many as the next octet says
 */
export function payloadUnits(
  codec: CodecName,
  packet: Uint8Array,
  start: number,
  end: number,
): number {
  if (codec !== 'opus') return end - start;
  if (end <= start) return 0;
  const first = packet[start]!;
  const count = first & 3;
  const frames = count === 0 ? 1 : count < 3 ? 2 : end - start < 2 ? 0 : packet[start + 1]! & 0x3f;
  // No packet lasts longer than 120 ms.
  return Math.min(frames * opusFrameUnits(first >> 3), 5760);
}

/** Of the 32 configurations: SILK (10, 20, 40, 60 ms), hybrid (10, 20), CELT (2.5, 5, 10, 20). */
function opusFrameUnits(config: number): number {
  if (config >= 16) return 120 << (config & 3);
  if (config >= 12) return 480 << (config & 1);
  return (config & 3) === 3 ? 2880 : 480 << (config & 3);
}
