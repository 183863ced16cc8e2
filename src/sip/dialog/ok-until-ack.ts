import type { Timer } from '../../base/clock.ts';
import { transactionLifetime } from '../transaction/sip-timers.ts';
import { StateTimers } from '../transaction/state-timers.ts';
import type { SessionHost } from './session-host.ts';

/**
 * The 200 to an INVITE, sent until the ACK comes: RFC 3261 section 13.3.1.4. Over any transport, since
 * a proxy on the way may use another.
 */
export class OkUntilAck {
  readonly sequence: number;
  readonly #timers: StateTimers;

  /** `sequence`: the CSeq of the INVITE, and so of its ACK. `unacknowledged`: 64*T1 have passed. */
  constructor(host: SessionHost, sequence: number, send: () => void, unacknowledged: () => void) {
    const { clock, timers } = host;
    this.sequence = sequence;
    this.#timers = new StateTimers(clock);
    this.#timers.endAfter(transactionLifetime(timers), () => {
      this.stop();
      unacknowledged();
    });
    this.#timers.repeat(timers.t1, timers.t2, send);
    send();
  }

  stop(): void {
    this.#timers.stop();
  }
}

/** Sends 100 to an INVITE that nothing else is said to within 200 ms: RFC 3261 section 17.2.1. */
export function tryingAfter(host: SessionHost, send: () => void): Timer {
  return host.clock.setTimer(200, send);
}
