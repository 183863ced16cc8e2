import { timestampAfter } from './rtp-packet.ts';
import { keyOf } from './telephone-event.ts';

/** One telephone-event packet as it came. */
export type ReceivedEvent = {
  readonly timestamp: number;
  readonly marker: boolean;
  readonly code: number;
  readonly end: boolean;
  readonly duration: number;
};

/** A key is over when no packet of it came for so long: four times the usual 50 ms between updates. */
export const lostEndMs = 200;
/** A reported event is remembered so long; the same timestamp later is another press of a poor sender. */
const memoryMs = 500;
const remembered = 4;
/** The longest one event lasts; a longer press goes on in a next segment (RFC 4733 section 2.5.1.3). */
const segmentUnits = 0xffff;

type PressedKey = {
  timestamp: number;
  readonly code: number;
  duration: number;
  /** Duration of the segments before this one. */
  before: number;
  lastAt: number;
  reported: boolean;
};

/**
 * Keys out of telephone-event packets (RFC 4733), each exactly once whatever is lost, doubled or
 * reordered. An event is its timestamp; the marker bit is not needed. A key is reported at its first
 * end packet, so that its duration is known; without one when the next event begins or after 200 ms.
 */
export class TelephoneEventReceiver {
  readonly #events: PressedKey[] = [];
  /** Timestamp units in a millisecond: the clock of the sound beside (RFC 4733 section 2.1). */
  unitsPerMs = 8;
  readonly #report: (key: string, durationMs: number) => void;

  constructor(report: (key: string, durationMs: number) => void) {
    this.#report = report;
  }

  /** Is a key down whose end has not come? Then `tick` must be called. */
  get pending(): boolean {
    return this.#events.some((event) => !event.reported);
  }

  receive(packet: ReceivedEvent, nowMs: number): void {
    const event = this.#find(packet, nowMs) ?? this.#begin(packet, nowMs);
    event.lastAt = nowMs;
    if (event.reported) return;
    event.duration = Math.max(event.duration, packet.duration);
    if (packet.end) this.#end(event);
  }

  /** Ends the keys whose end packets were all lost. */
  tick(nowMs: number): void {
    for (const event of this.#events) {
      if (!event.reported && nowMs - event.lastAt >= lostEndMs) this.#end(event);
    }
  }

  #find(packet: ReceivedEvent, nowMs: number): PressedKey | undefined {
    for (const event of this.#events) {
      if (event.reported && nowMs - event.lastAt > memoryMs) continue;
      if (event.timestamp === packet.timestamp) return event;
      if (!event.reported && event.code === packet.code && !packet.marker) {
        const after = timestampAfter(packet.timestamp, event.timestamp);
        if (after === segmentUnits) {
          event.before += segmentUnits;
          event.duration = 0;
        } else if (after <= 0 || packet.duration <= event.duration) continue;
        // Deviation: some gateways move the timestamp on with every update; a duration that goes on
        // growing tells that the key was not let go.
        event.timestamp = packet.timestamp;
        return event;
      }
    }
    return undefined;
  }

  #begin(packet: ReceivedEvent, nowMs: number): PressedKey {
    const { timestamp, code } = packet;
    for (const event of this.#events) {
      if (!event.reported && timestampAfter(timestamp, event.timestamp) > 0) this.#end(event);
    }
    const event = { timestamp, code, duration: 0, before: 0, lastAt: nowMs, reported: false };
    if (this.#events.length === remembered) {
      const oldest = this.#events.shift()!;
      if (!oldest.reported) this.#end(oldest);
    }
    this.#events.push(event);
    return event;
  }

  #end(event: PressedKey): void {
    event.reported = true;
    const key = keyOf(event.code);
    const units = event.before + event.duration;
    if (key !== undefined) this.#report(key, Math.round(units / this.unitsPerMs));
  }
}
