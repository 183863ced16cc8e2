/**
 * The payload of a telephone-event (RFC 4733 section 2.3).
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    |     event     |E|R| volume    |          duration             |
 */
export const telephoneEventLength = 4;

/** The keys by their event code (RFC 4733 section 3.2): the index is the code. */
const keys = '0123456789*#ABCD';

/** Event code of a key, letters in either case; undefined for anything that is no key. */
export function eventCodeOf(key: string): number | undefined {
  const code = key.length === 1 ? keys.indexOf(key.toUpperCase()) : -1;
  return code < 0 ? undefined : code;
}

/** The key of an event code; undefined for flash, fax tones and the like. */
export function keyOf(eventCode: number): string | undefined {
  return keys[eventCode];
}

/** -10 dBm0, as telephones send it (RFC 4733 section 2.3.4: positive numbers below zero dBm0). */
const volume = 10;

/** Writes one payload; `duration` in timestamp units since the start of the event. */
export function writeTelephoneEvent(
  packet: Uint8Array,
  offset: number,
  event: { readonly code: number; readonly end: boolean; readonly duration: number },
): void {
  packet[offset] = event.code;
  packet[offset + 1] = (event.end ? 0x80 : 0) | volume;
  packet[offset + 2] = event.duration >> 8;
  packet[offset + 3] = event.duration;
}
