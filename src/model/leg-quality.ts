/** How one leg sounded, from its RTP and its party's RTCP reports; kept with the record of the leg. */
export type LegQuality = {
  /** As in session descriptions: PCMA. */
  readonly codec: string;
  /** The suite, as AES_CM_128_HMAC_SHA1_80; null: plain RTP. */
  readonly srtp: string | null;
  /** From us to the party and back; null: it sent no report that tells. */
  readonly roundTripMs: number | null;
  /** What the party sent us. */
  readonly received: StreamQuality;
  /** What we sent the party, as its latest report says it came there; its `lost` and so on may be null. */
  readonly sent: StreamQuality;
};

export type StreamQuality = {
  readonly packets: number;
  /** Of payload. */
  readonly octets: number;
  readonly lost: number | null;
  readonly lossPercent: number | null;
  /** RFC 3550 section 6.4.1. */
  readonly jitterMs: number | null;
  /** Listening quality as the E-model estimates it, 1 to 4.4 (ITU-T G.107); null: nothing to tell it from. */
  readonly mos: number | null;
};
