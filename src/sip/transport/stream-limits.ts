/** What peers on streams may take of us, in time and memory. Durations in ms. */
export type StreamLimits = {
  /** To connect, the TLS handshake included; in either direction. */
  readonly openMs: number;
  /** From being open to the first whole message of a peer that connected. */
  readonly firstMessageMs: number;
  /** From the first byte of a message to its last. */
  readonly messageMs: number;
  /** Between pings on connections of ours: RFC 5626 section 4.4.1 wants 95 to 120 s. */
  readonly pingMs: number;
  /** For the pong of a peer that has sent one before: RFC 5626 section 4.4.1. */
  readonly pongMs: number;
  /** Nothing received and no message sent for so long. */
  readonly idleMs: number;
  /** Bytes waiting for a peer that does not read. */
  readonly backlogBytes: number;
  /** Connections in all, and of those who connect to us the ones from one address. */
  readonly connections: number;
  readonly perSource: number;
};

export const defaultStreamLimits: StreamLimits = {
  openMs: 4_000,
  firstMessageMs: 30_000,
  messageMs: 10_000,
  pingMs: 100_000,
  pongMs: 10_000,
  idleMs: 900_000,
  backlogBytes: 1024 * 1024,
  connections: 2_000,
  perSource: 64,
};
