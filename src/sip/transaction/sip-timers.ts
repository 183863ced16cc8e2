/** The base values of RFC 3261 table 4 in milliseconds; a parameter of the stack, never global. */
export type SipTimers = {
  /** Round-trip estimate: the first retransmission comes after it, a transaction gives up at 64 of it. */
  readonly t1: number;
  /** The longest interval between retransmissions of anything but an INVITE. */
  readonly t2: number;
  /** The longest time a message stays in the network. */
  readonly t4: number;
};

/** What RFC 3261 recommends. */
export const defaultSipTimers: SipTimers = { t1: 500, t2: 4_000, t4: 5_000 };

/** Timers B, F, H, J, L and M, and every other "long enough" of the standard: 64*T1. */
export function transactionLifetime(timers: SipTimers): number {
  return 64 * timers.t1;
}
