/** The values of the Data API's `finish_reason` that this server uses: spec/data-api-subset.md. */
export type FinishReason = 'no_success_operator_call' | 'no_success_subscriber_call' | 'operator_disconnects' | 'subscriber_disconnects' | 'no_operator_confirmation' | 'operator_not_responsible' | 'subscriber_not_responsible' | 'operator_busy' | 'subscriber_busy' | 'operator_number_problems' | 'subscriber_number_problems' | 'sip_offline' | 'timeout' | 'max_out_call_reached' | 'action_interval_exceeded' | 'locked_phone' | 'limit_exceeded' | 'internal_error';
/**
 * Why a leg or a call ended. Never empty: an unknown outcome is `failed` with the SIP status beside it.
 * - `normal`: somebody hung up after the answer
 * - `busy`, `noAnswer`, `rejected`, `numberProblem`, `offline`: the party was not reached
 * - `noRoute`, `channelsBusy`: no trunk serves the number, or none has a free channel
 * - `ringTimeout`: our own limit on ringing ran out
 * - `notConfirmed`: the operator pressed no key in time
 * - `released`: an API request or the end of the service
 * - `otherLegEnded`: this leg was ended because another one did
 * - `answeredElsewhere`: another phone of the same party was quicker; only phones are told of it
 * - `mediaLost`: nothing was heard of any party for too long
 * - `sessionExpired`: neither side refreshed the SIP session in time (RFC 4028): the peer is gone
 * - `limitReached`: the longest permitted duration of a call, or the account's minutes of the day
 * - `failed`: a fault of the network or of this program
 */
export type HangupCause = {
    readonly type: HangupCauseType;
    /** The SIP status that said so, when one did. */
    readonly status?: number;
    /** ITU-T Q.850 cause from a Reason header (RFC 3326), when there was one. */
    readonly q850?: number;
    /** Milliseconds after which the network said to try again (Retry-After), when it did. */
    readonly retryAfterMs?: number;
};
export type HangupCauseType = 'normal' | 'busy' | 'noAnswer' | 'rejected' | 'numberProblem' | 'offline' | 'noRoute' | 'channelsBusy' | 'ringTimeout' | 'notConfirmed' | 'released' | 'otherLegEnded' | 'answeredElsewhere' | 'mediaLost' | 'sessionExpired' | 'limitReached' | 'failed';
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
export type Role = 'operator' | 'contact';
/** A sound file that can be played: a user's or system file of the media library. */
export type Prompt = {
    /** The id of the media library (`media_file_id`), or 0 for one that has none. */
    readonly id: number;
    /** For people: `dialing_music`, `greeting.wav`. */
    readonly name: string;
    /** Absolute path of a WAV file. */
    readonly path: string;
};
/**
 * Everything that is known about a call came as one of these: records, `list.calls`, the console and
 * metrics read nothing else. Published in one place, `calls/call.ts`. `at` is wall time in ms.
 */
export type CallEvent = {
    readonly callSessionId: number;
    readonly accountId: number;
    readonly at: number;
} & (CallStarted | LegDialing | {
    readonly type: LegStep;
    readonly legId: number;
}
/** Its trunk failed before the party was rung: it goes on by another one. */
 | {
    readonly type: 'legRerouted';
    readonly legId: number;
    readonly trunk: string;
    /** What the trunk before met. */
    readonly cause: HangupCause;
} | LegNoAudio | {
    readonly type: 'dtmfReceived' | 'dtmfSent';
    readonly legId: number;
    readonly keys: string;
} | {
    readonly type: 'hearing';
    readonly legId: number;
    readonly what: Hearing;
} | {
    readonly type: 'legEnded';
    readonly legId: number;
    readonly by: 'local' | 'remote';
    readonly cause: HangupCause;
    readonly finishReason: FinishReason;
    /** Undefined: no sound was agreed on. */
    readonly quality?: LegQuality;
} | {
    readonly type: 'talkStarted';
    readonly legIds: readonly number[];
} | {
    readonly type: 'callEnded';
    readonly cause: HangupCause;
    readonly finishReason: FinishReason;
});
type CallStarted = {
    readonly type: 'callStarted';
    readonly source: 'callapi';
    readonly direction: 'in' | 'out';
    readonly virtualNumber: string;
    readonly contact: string;
    readonly operator: string;
    readonly externalId?: string;
};
type LegDialing = {
    readonly type: 'legDialing';
    readonly legId: number;
    readonly role: Role;
    readonly callingNumber: string;
    /** The number dialled, with the DTMF string appended on the contact's leg: call-api.md section 13.22. */
    readonly calledNumber: string;
    readonly trunk: string;
};
/** Nothing was heard of a party for so long, though it should send: its sound is lost on the way, or it is mute. */
type LegNoAudio = {
    readonly type: 'legNoAudio';
    readonly legId: number;
    readonly forMs: number;
};
/** Steps of one leg that carry nothing but themselves. */
export type LegStep = 'legRinging' | 'legEarlyMedia' | 'legAnswered' | 'legConfirmed' | 'legHeld' | 'legUnheld' | 'legAudioResumed';
/** What a party hears from now on: a prompt by name, or the other legs by id. */
export type Hearing = {
    readonly prompt: string;
    readonly loop: boolean;
} | {
    readonly legs: readonly number[];
} | 'nothing';
export type CallEventOf<Type extends CallEvent['type']> = Extract<CallEvent, {
    type: Type;
}>;
export {};
