import type { CryptoAttribute } from './crypto-attribute.ts';

/** A session description (RFC 8866) as plain data, reduced to what an audio call needs. */
export type SessionDescription = {
  readonly origin: Origin;
  readonly media: readonly MediaDescription[];
};

/** RFC 8866 section 5.2. The version grows by one with every change of the description. */
export type Origin = {
  readonly username: string;
  readonly sessionId: string;
  readonly sessionVersion: number;
  readonly address: string;
};

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export type MediaDescription = {
  /** `audio`; other kinds are kept so that an answer can refuse them in place (RFC 3264 section 6). */
  readonly kind: string;
  /** 0: refused or disabled. */
  readonly port: number;
  /** `RTP/AVP`, `RTP/SAVP` and friends. */
  readonly protocol: string;
  /** The connection address that holds for this medium: its own c= line or the session's. */
  readonly address: string;
  /** `sendrecv` when no attribute says otherwise, its own or the session's. */
  readonly direction: Direction;
  readonly codecs: readonly Codec[];
  /** Milliseconds of sound a packet, when stated. */
  readonly ptime?: number;
  /** At most so many, when stated: RFC 8866 section 6.4. */
  readonly maxptime?: number;
  readonly rtcpPort?: number;
  /** RTCP may come on the port of RTP: RFC 5761 section 5.1.1. */
  readonly rtcpMux?: true;
  /** The keys offered or chosen (RFC 4568), of suites that we speak: secret. */
  readonly crypto?: readonly CryptoAttribute[];
};

/** One payload type of an m= line with its rtpmap (given or static, RFC 3551 section 6) and fmtp. */
export type Codec = {
  readonly payloadType: number;
  /** As registered: `PCMA`, `opus`, `telephone-event`; compared without case. */
  readonly name: string;
  readonly clockRate: number;
  readonly channels?: number;
  readonly fmtp?: string;
};
