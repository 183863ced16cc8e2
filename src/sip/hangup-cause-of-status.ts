import type { HangupCause, HangupCauseType } from '../model/hangup-cause.ts';
import { causeOfQ850, outcomeOfStatus } from '../model/sip-outcomes.ts';

/** What a final response to our INVITE carries beside its status. */
export type Particulars = {
  /** ITU-T Q.850 cause of a Reason header. */
  readonly q850?: number | undefined;
  /** The Retry-After header in milliseconds. */
  readonly retryAfterMs?: number | undefined;
};

/** Why a leg was not reached, from the final response to its INVITE (300-699): model/sip-outcomes.ts. */
export function hangupCauseOfStatus(
  status: number,
  { q850, retryAfterMs }: Particulars = {},
): HangupCause {
  const outcome = outcomeOfStatus(status);
  const said = outcome.isVague && q850 !== undefined ? causeOfQ850.get(q850)?.cause : undefined;
  return {
    type: said ?? outcome.cause,
    status,
    ...(q850 === undefined ? {} : { q850 }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** The Q.850 cause we name when we end a leg for this reason (RFC 3326). */
// biome-ignore format: a table
const q850OfType: Readonly<Record<HangupCauseType, number>> = {
  normal:         16,
  busy:           17,
  noAnswer:       19,
  rejected:       21,
  numberProblem:  1,
  offline:        20,
  ringTimeout:    19,
  notConfirmed:   16,
  released:       16,
  otherLegEnded:  16,
  answeredElsewhere: 26, // Non-selected user clearing.
  mediaLost:      41,
  sessionExpired: 102,
  limitReached:   16,
  channelsBusy:   34,
  noRoute:        3,
  failed:         41,
};

export function q850OfCause(cause: HangupCause): number {
  return cause.q850 ?? q850OfType[cause.type];
}
