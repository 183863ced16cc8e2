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

export type HangupCauseType =
  | 'normal'
  | 'busy'
  | 'noAnswer'
  | 'rejected'
  | 'numberProblem'
  | 'offline'
  | 'noRoute'
  | 'channelsBusy'
  | 'ringTimeout'
  | 'notConfirmed'
  | 'released'
  | 'otherLegEnded'
  | 'answeredElsewhere'
  | 'mediaLost'
  | 'sessionExpired'
  | 'limitReached'
  | 'failed';
