/** How long things may take; every wait of a call has one. Milliseconds. */
export type CallLimits = {
  readonly operatorRingMs: number;
  readonly contactRingMs: number;
  /** From the later of the operator's answer and the end of its message to the key. */
  readonly confirmationMs: number;
  /** From the start of the session, whatever happens. */
  readonly longestCallMs: number;
  /** Added to the media engine's own 3 s without a packet, when no party of a talk is heard; undefined: such a talk goes on. */
  readonly silenceMs: number | undefined;
};

/** spec/simple-call.md sections 9 and 12; the last two are this server's own. */
export const defaultCallLimits: CallLimits = {
  operatorRingMs: 60_000,
  contactRingMs: 30_000,
  confirmationMs: 30_000,
  longestCallMs: 180 * 60_000,
  silenceMs: 57_000,
};
