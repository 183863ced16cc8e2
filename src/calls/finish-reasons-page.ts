import { writeFileSync } from 'node:fs';
import type { HangupCause } from '../model/hangup-cause.ts';
import type { Role } from '../model/party.ts';
import { causeOfQ850, sipOutcomes } from '../model/sip-outcomes.ts';
import {
  type CallEnd,
  internalError,
  limitReached,
  mediaLost,
  minutesUsedUp,
  notConfirmed,
  notReached,
  partyLeft,
  released,
} from './ends.ts';

export const finishReasonsPath = 'docs/finish-reasons.md';

const roles: readonly Role[] = ['operator', 'contact'];

/** Outcomes of a leg that rang in vain and that no final response names. */
// biome-ignore format: a table
const unnamed: readonly (readonly [what: string, cause: HangupCause])[] = [
  ['rings longer than `calls.operator_ring_seconds` / `calls.contact_ring_seconds`', { type: 'ringTimeout' }],
  ['no response at all to the INVITE within 32 s', { type: 'failed', status: 408 }],
  ['nothing could be sent', { type: 'failed', status: 503 }],
  ['a 200 without a usable session description', { type: 'failed', status: 200 }],
  ['BYE instead of an answer', { type: 'noAnswer' }],
  ['no trunk serves the number', { type: 'noRoute' }],
  ['no phone is registered for the SIP line', { type: 'offline' }],
  ['every channel of the trunks is in use', { type: 'channelsBusy' }],
];

/** Ways of a party that had answered. */
// biome-ignore format: a table
const gone: readonly (readonly [what: string, cause: HangupCause])[] = [
  ['BYE', { type: 'normal' }],
  ['the peer has lost the session: 481 or 408 to a request in it, no ACK, no usable media', { type: 'failed' }],
  ['nobody refreshed the session (`sip.session_expires`, RFC 4028)', { type: 'sessionExpired' }],
];

/** Ends that this server decides. */
// biome-ignore format: a table
const decided: readonly (readonly [what: string, end: CallEnd])[] = [
  ['no key within `calls.confirmation_seconds`', notConfirmed],
  ['`release.call`, the end of the service', released],
  ['nothing heard of either party for `calls.silence_seconds`', mediaLost],
  ['`calls.max_call_minutes`', limitReached],
  ['the limit `minutes_per_day` of the account', minutesUsedUp],
  ['a defect of this program; its end while the call went on', internalError],
];

/** The page of causes and finish reasons, made from the tables that the server itself goes by. */
export function finishReasonsPage(): string {
  return `# How a call ended: causes and finish reasons

<!-- Made by npm run docs from src/model/sip-outcomes.ts and src/calls/ends.ts. -->

A \`cause\` is what this server knows (call events, \`HangupCause\`); a \`finish_reason\` is the Data API's word
for it in reports, one of the leg and one of the session. \`status\`, \`q850\` and \`retryAfterMs\` stand beside
the cause when the network named them.

${unansweredSection()}

## A party that had answered is gone

${table(
  ['what happened', 'cause', 'operator: leg and session', 'contact: leg and session'],
  gone.map(([what, cause]) => [
    what,
    cause.type,
    ...roles.map((role) => code(partyLeft(role, cause, false).finishReason)),
  ]),
)}

An operator that leaves before it pressed its key: session \`${partyLeft('operator', { type: 'normal' }, true).finishReason}\`. The
legs that were still up end with cause \`otherLegEnded\` and the finish reason of the leg that ended first.

## This server ended the call

${table(
  ['what happened', 'cause', 'session', 'legs'],
  decided.map(([what, { cause, finishReason, legFinishReason }]) => [
    what,
    cause.type,
    code(finishReason),
    code(legFinishReason),
  ]),
)}
`;
}

function unansweredSection(): string {
  return `## A party was not reached

The session's finish reason is \`no_success_operator_call\` or \`no_success_subscriber_call\`, by the party that
was not reached; that of the leg:

${table(
  ['final response', 'cause', 'leg: operator', 'leg: contact'],
  [...sipOutcomes.values()].map(({ status, phrase, cause, isVague }) => [
    `${status} ${phrase}${isVague ? ' ¹' : ''}`,
    cause,
    ...legReasons({ type: cause, status }),
  ]),
)}

Statuses that are not listed: \`failed\` for 5xx, else \`rejected\`, both with \`…_number_problems\`. Redirections
are followed within the trunk first, challenges answered, a 422 tried again with its Min-SE. A trunk that
fails before the phone rings is left for the next one ([trunks](operating/trunks.md)).

¹ Gateways send these for almost anything. A Q.850 cause in a Reason header (RFC 3326) of the final response,
or else of a provisional one before it, says more then:

${table(
  ['Q.850 cause', 'cause', 'leg: operator', 'leg: contact'],
  [...causeOfQ850].map(([q850, { meaning, cause }]) => [
    `${q850} ${meaning}`,
    cause,
    ...legReasons({ type: cause, status: 503 }),
  ]),
)}

Without a final response:

${table(
  ['what happened', 'cause', 'leg: operator', 'leg: contact'],
  unnamed.map(([what, cause]) => [what, nameOf(cause), ...legReasons(cause)]),
)}`;
}

function legReasons(cause: HangupCause): string[] {
  return roles.map((role) => code(notReached(role, cause).legFinishReason));
}

function nameOf({ type, status }: HangupCause): string {
  return status === undefined ? type : `${type}, status ${status}`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

// `npm run docs`
if (import.meta.main) writeFileSync(finishReasonsPath, finishReasonsPage());
