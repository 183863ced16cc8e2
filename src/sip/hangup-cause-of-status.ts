import type { HangupCause, HangupCauseType } from '../model/hangup-cause.ts';

/** What a final response to our INVITE says about the party. What is not listed goes by its class. */
// biome-ignore format: a table
const typeOfStatus: Readonly<Record<number, HangupCauseType>> = {
  401: 'failed',         // The trunk refuses our credentials, or we have none.
  403: 'rejected',
  404: 'numberProblem',
  405: 'failed',
  407: 'failed',
  408: 'noAnswer',
  410: 'numberProblem',
  413: 'failed',
  414: 'failed',
  415: 'failed',
  416: 'numberProblem',
  420: 'failed',
  421: 'failed',
  422: 'failed',
  423: 'failed',
  424: 'failed',
  430: 'offline',        // RFC 5626: the flow to the phone is gone.
  433: 'rejected',       // RFC 5079: anonymity disallowed.
  480: 'noAnswer',
  481: 'failed',
  482: 'failed',
  483: 'failed',
  484: 'numberProblem',
  485: 'numberProblem',
  486: 'busy',
  487: 'noAnswer',       // Not by us: a proxy or the network gave up ringing.
  488: 'failed',
  491: 'failed',
  493: 'failed',
  494: 'failed',
  600: 'busy',
  603: 'rejected',
  604: 'numberProblem',
  606: 'failed',
  607: 'rejected',       // RFC 8197: unwanted.
  608: 'rejected',       // RFC 8688: rejected by an analytics engine.
};

/**
 * Statuses that gateways send for almost anything: a Q.850 cause beside one says more than it does.
 */
const vagueStatuses: ReadonlySet<number> = new Set([400, 480, 500, 502, 503, 504]);

/** ITU-T Q.850 causes that say something about the party; the others leave the status's word. */
// biome-ignore format: a table
const typeOfQ850: Readonly<Record<number, HangupCauseType>> = {
  1:  'numberProblem',   // Unallocated number.
  2:  'numberProblem',   // No route to transit network.
  3:  'numberProblem',   // No route to destination.
  17: 'busy',
  18: 'noAnswer',        // No user responding.
  19: 'noAnswer',        // User alerted, no answer.
  20: 'offline',         // Subscriber absent.
  21: 'rejected',
  22: 'numberProblem',   // Number changed.
  27: 'offline',         // Destination out of order.
  28: 'numberProblem',   // Invalid number format.
  55: 'rejected',        // Incoming calls barred.
  57: 'rejected',        // Bearer capability not authorised.
};

/** Why a leg was not reached, from the final response to its INVITE (300-699). */
export function hangupCauseOfStatus(status: number, q850?: number): HangupCause {
  const fromQ850 = q850 !== undefined && vagueStatuses.has(status) ? typeOfQ850[q850] : undefined;
  const type = fromQ850 ?? typeOfStatus[status] ?? typeOfClass(status);
  return { type, status, ...(q850 === undefined ? {} : { q850 }) };
}

function typeOfClass(status: number): HangupCauseType {
  // A redirection that could not be followed, and a 4xx or 6xx nobody has told us of, is a refusal.
  if (status >= 500 && status < 600) return 'failed';
  return 'rejected';
}

/** The Q.850 cause we name when we end a leg for this reason (RFC 3326). */
// biome-ignore format: a table
const q850OfType: Readonly<Record<HangupCauseType, number>> = {
  normal:        16,
  busy:          17,
  noAnswer:      19,
  rejected:      21,
  numberProblem: 1,
  offline:       20,
  ringTimeout:   19,
  notConfirmed:  16,
  released:      16,
  otherLegEnded: 16,
  mediaLost:     41,
  sessionExpired: 102,
  limitReached:  16,
  channelsBusy:  34,
  noRoute:       3,
  failed:        41,
};

export function q850OfCause(cause: HangupCause): number {
  return cause.q850 ?? q850OfType[cause.type];
}
