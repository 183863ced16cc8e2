import type { Clock, Timer } from '../base/clock.ts';
import type { HangupCause } from '../model/hangup-cause.ts';
import type { Trunk } from '../model/trunk.ts';
import type { CallNumbers } from './caller-id.ts';
import type { DialPlan, Line } from './line.ts';
import type { NoRoute, Route, Ways } from './routing.ts';

/** A trunk that is there answers an INVITE with 100 within 200 ms; this leaves it three retransmissions. */
const usualNoResponseMs = 5_000;

export type LegWayParts = {
  readonly clock: Clock;
  readonly routing: Ways;
  readonly numbers: CallNumbers;
  /** The trunk met `cause`: the leg is to go on by `next`. */
  readonly leave: (next: Route, cause: HangupCause) => void;
};

/** The way of one leg to its party: the trunk it is on, and those it has left. */
export class LegWay {
  readonly #parts: LegWayParts;
  readonly #tried = new Set<Trunk>();
  #route: Route | undefined;
  #noResponse: Timer | undefined;
  #reached = false;

  constructor(parts: LegWayParts) {
    this.#parts = parts;
  }

  /** Takes a channel on the next trunk; that on the present one is given back. */
  next(): Route | NoRoute {
    const { routing, numbers, clock } = this.#parts;
    const route = routing.choose(numbers, this.#tried);
    if ('refused' in route) return route;
    this.release();
    this.#route = route;
    this.#tried.add(route.trunk);
    this.#noResponse = clock.setTimer(route.trunk.noResponseMs ?? usualNoResponseMs, () => {
      // The last one is waited for as long as the party may ring.
      if (routing.hasOther(numbers.called, this.#tried))
        this.fails({ type: 'failed', status: 408 });
    });
    return route;
  }

  /** The trunk is there. */
  responded(): void {
    this.#noResponse?.cancel();
  }

  /** The trunk brought the call to the party, who must not be rung again by another. */
  reached(): void {
    this.responded();
    this.#reached = true;
    if (this.#route !== undefined) this.#parts.routing.worked(this.#route.trunk);
  }

  /**
   * The way ended with `cause`. True: it was the trunk's fault, and the leg goes on by another one. A busy
   * or unwilling party is no fault: it would be rung again.
   */
  fails(cause: HangupCause): boolean {
    const { trunk } = this.#route ?? {};
    if (trunk === undefined || this.#reached || !isTrunkFault(cause)) return false;
    this.#parts.routing.failed(trunk, cause.retryAfterMs);
    const route = this.next();
    if ('refused' in route) return false;
    this.#parts.leave(route, cause);
    return true;
  }

  release(): void {
    this.#noResponse?.cancel();
    this.#route?.release();
  }
}

/** How a line is dialled on a route: with what the trunk wants of its sound, and near the other line of the call. */
export function dialPlan({ trunk, target, others = [] }: Route, near: Line | undefined): DialPlan {
  const { codecs, srtp, rtpLatching: latching } = trunk;
  const plan = { target, others, codecs, srtp, latching };
  return near === undefined ? plan : { ...plan, near };
}

/** 5xx, no response, nothing sent: RFC 3261 section 21.5, RFC 3263 section 4.3. */
function isTrunkFault({ type, status }: HangupCause): boolean {
  if (status === undefined) return false;
  if (status === 408) return type === 'failed' || type === 'noAnswer';
  return status >= 500 && status < 600 && type === 'failed';
}
