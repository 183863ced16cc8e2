import type { FinishReason } from '../model/finish-reason.ts';
import type { HangupCause } from '../model/hangup-cause.ts';
import type { Role } from '../model/party.ts';
import { outcomeOfStatus, reasonOfCause } from '../model/sip-outcomes.ts';

/** How a call ended: the cause, and the two finish reasons that reports show for it. */
export type CallEnd = {
  readonly cause: HangupCause;
  readonly finishReason: FinishReason;
  /** Of the legs that were still up and are ended because of this. */
  readonly legFinishReason: FinishReason;
};

/** The words the Data API uses for a side: spec/data-api-subset.md, enum legs_finish_reason. */
const side = { operator: 'operator', contact: 'subscriber' } as const;

/** Why a leg that was not answered ended: spec/simple-call.md section 12, column "leg". */
export function unansweredReason(role: Role, { type, status }: HangupCause): FinishReason {
  const outcome = status === undefined ? undefined : outcomeOfStatus(status);
  const reason = outcome?.cause === type ? outcome.reason : reasonOfCause[type];
  switch (reason) {
    case 'sip_offline':
    case 'timeout':
    case 'max_out_call_reached':
      return reason;
    default:
      return `${side[role]}_${reason}`;
  }
}

/** The party was not reached: whoever waits is released. */
export function notReached(role: Role, cause: HangupCause): CallEnd {
  return {
    cause,
    finishReason: role === 'operator' ? 'no_success_operator_call' : 'no_success_subscriber_call',
    legFinishReason: unansweredReason(role, cause),
  };
}

/** A party that had answered is gone. `owesKey`: an operator that had still to press its key. */
export function partyLeft(role: Role, cause: HangupCause, owesKey: boolean): CallEnd {
  const finishReason: FinishReason =
    cause.type === 'failed' || cause.type === 'sessionExpired'
      ? 'locked_phone'
      : `${side[role]}_disconnects`;
  return {
    cause,
    finishReason: owesKey ? 'no_operator_confirmation' : finishReason,
    legFinishReason: finishReason,
  };
}

export const notConfirmed: CallEnd = {
  cause: { type: 'notConfirmed' },
  finishReason: 'no_operator_confirmation',
  legFinishReason: 'operator_not_responsible',
};

export const released: CallEnd = {
  cause: { type: 'released' },
  finishReason: 'operator_disconnects',
  legFinishReason: 'operator_disconnects',
};

export const mediaLost: CallEnd = {
  cause: { type: 'mediaLost' },
  finishReason: 'locked_phone',
  legFinishReason: 'locked_phone',
};

export const limitReached: CallEnd = {
  cause: { type: 'limitReached' },
  finishReason: 'action_interval_exceeded',
  legFinishReason: 'action_interval_exceeded',
};

/** The account has no minutes left for today: docs/operating/security.md. */
export const minutesUsedUp: CallEnd = {
  cause: { type: 'limitReached' },
  finishReason: 'limit_exceeded',
  legFinishReason: 'limit_exceeded',
};

/** A defect in a script or below it. */
export const internalError: CallEnd = {
  cause: { type: 'failed' },
  finishReason: 'internal_error',
  legFinishReason: 'internal_error',
};

/** Ends that this server decides for the whole call; any other began on one leg and is that leg's. */
const ownCauses: ReadonlySet<HangupCause['type']> = new Set([
  'released',
  'notConfirmed',
  'mediaLost',
  'limitReached',
  'failed',
]);

/** The cause of the legs that were still up when the call ended. */
export function causeOfOthers({ cause }: CallEnd): HangupCause {
  return ownCauses.has(cause.type) ? cause : { type: 'otherLegEnded' };
}
