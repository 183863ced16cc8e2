import type { CodecName } from '../model/trunk.ts';
import type { Sound } from './mouth.ts';

/**
 * What a sandbox phone and its owner do by themselves when it is called. Everything else is done by
 * orders to the PhoneCall: `speak`, `press`, `hold`, `hangUp`. Delays count from the INVITE unless
 * they say otherwise; all in milliseconds.
 */
export type PhoneBehaviour = {
  /** When it sends 180; undefined: never, as some gateways do. */
  readonly ringsAfterMs?: number;
  /** Sound before the answer, as networks send for announcements: 183 with a description, then RTP. */
  readonly earlyMedia?: {
    readonly afterMs: number;
    /** From the 183 to the first RTP packet; between them the line is dead. */
    readonly rtpAfterMs?: number;
    readonly sound: Sound;
    readonly loop: boolean;
  };
  readonly final: Final;
  /** What it can decode, best first; both G.711 laws by default. */
  readonly codecs?: readonly CodecName[];
  /** Understands telephone-event (RFC 4733); true by default. */
  readonly telephoneEvent?: boolean;
  /** Encrypts with AES_CM_128_HMAC_SHA1_80 when it is offered that; false by default. */
  readonly srtp?: boolean;
  /** Its RTP is lost on the way, as behind a firewall: it hears and is not heard. */
  readonly isCutOff?: boolean;
  /** Said again and again or once, from this long after the answer. */
  readonly speaks?: {
    readonly sound: Sound;
    readonly loop: boolean;
    readonly afterAnswerMs?: number;
  };
  readonly presses?: readonly KeyPress[];
  readonly holds?: { readonly afterAnswerMs: number; readonly forMs: number };
  readonly hangsUpAfterAnswerMs?: number;
};

export type Final =
  | { readonly type: 'answers'; readonly afterMs: number }
  | {
      readonly type: 'rejects';
      readonly afterMs: number;
      readonly status: number;
      /** Where a 3xx sends the caller: a SIP URI. */
      readonly redirectTo?: string;
    }
  /** Rings until the caller gives up. */
  | { readonly type: 'neverAnswers' };

export type KeyPress = {
  readonly key: string;
  readonly afterAnswerMs: number;
  /** How the phone sends it: telephone-event in RTP, or SIP INFO with application/dtmf-relay. */
  readonly by: 'rtp' | 'info';
  /** How long the key is held; 120 ms when not said. */
  readonly durationMs?: number;
};
