import type { FinishReason } from '../../model/finish-reason.ts';
import type { HangupCauseType } from '../../model/hangup-cause.ts';
import type { Columns } from './list-sql.ts';

/** A report's rows as SQL: where they come from, in which order, and what each field is. */
export type ReportSql = {
  readonly from: string;
  /** The table alone that has one row for each row of the report: what counting needs. */
  readonly table: string;
  /** Wall ms of the start, and the id, both of `table`: an index on them serves a plain page. */
  readonly time: string;
  readonly id: string;
  readonly account: string;
  readonly columns: Columns;
};

const never = { sql: 'NULL' };
const empty = { sql: `'[]'`, as: 'json' as const };

/** Tags of a call with the keys of spec/data-api-subset.md; `tag_change_time` in Unix seconds. */
const tags = `(SELECT json_group_array(json_object(
    'tag_name', tag.name, 'tag_id', tag.id, 'tag_change_time', call_tag.changed_at,
    'tag_type', 'manual', 'tag_user_id', call_tag.user_id, 'tag_user_login', call_tag.user_login,
    'tag_employee_id', NULL, 'tag_employee_full_name', NULL))
  FROM call_tag JOIN tag ON tag.id = call_tag.tag_id
  WHERE call_tag.call_session_id = call.call_session_id)`;

/** The contact waits from its answer to the first talk, or to its end. */
const wait = `CASE WHEN call.contact_answered_at IS NULL THEN 0
  ELSE ${seconds('call.contact_answered_at', 'coalesce(call.talk_started_at, call.ended_at)')} END`;
const talk = `CASE WHEN call.talk_started_at IS NULL THEN 0
  ELSE ${seconds('call.talk_started_at', 'call.ended_at')} END`;

/** One row a call: spec/data-api-subset.md, get.calls_report. */
export const callReport: ReportSql = {
  from: 'call_record AS call',
  table: 'call_record AS call',
  time: 'call.started_at',
  id: 'call.call_session_id',
  account: 'call.account_id',
  columns: {
    id: { sql: 'call.call_session_id' },
    start_time: { sql: 'call.started_at / 1000.0', order: 'call.started_at' },
    finish_time: { sql: 'call.ended_at / 1000' },
    finish_reason: { sql: 'call.finish_reason' },
    direction: { sql: 'call.direction' },
    cpn_region_id: { sql: regionOf('id') },
    cpn_region_name: { sql: regionOf('name') },
    cpn_country_name: never,
    cpn_country_id: never,
    source: { sql: 'call.source' },
    is_lost: { sql: '(call.talk_started_at IS NULL)', as: 'boolean' },
    communication_number: never,
    contact_phone_number: { sql: 'call.contact' },
    communication_id: { sql: 'call.call_session_id' },
    communication_type: { sql: `'call'` },
    wait_duration: { sql: wait },
    total_wait_duration: { sql: wait },
    lost_call_processing_duration: {
      sql: `CASE WHEN call.talk_started_at IS NULL THEN
        (SELECT ${seconds('call.ended_at', 'min(later.started_at)')} FROM call_record AS later
          WHERE later.account_id = call.account_id AND later.contact = call.contact
            AND later.talk_started_at IS NOT NULL AND later.started_at >= call.ended_at) END`,
    },
    talk_duration: { sql: talk },
    clean_talk_duration: { sql: talk },
    total_duration: { sql: seconds('call.started_at', 'call.ended_at') },
    postprocess_duration: { sql: '0' },
    call_records: empty,
    wav_call_records: empty,
    full_record_file_link: never,
    voice_mail_records: empty,
    virtual_phone_number: { sql: 'call.virtual_number' },
    is_transfer: { sql: '0', as: 'boolean' },
    tags: { sql: tags, as: 'json' },
    employees: empty,
    last_answered_employee_id: never,
    last_answered_employee_full_name: never,
    last_answered_employee_rating: never,
    first_answered_employee_id: never,
    first_answered_employee_full_name: never,
    last_talked_employee_id: never,
    last_talked_employee_full_name: never,
    first_talked_employee_id: never,
    first_talked_employee_full_name: never,
    operator_phone_number: {
      sql: 'CASE WHEN call.operator_answered_at IS NOT NULL THEN call.operator END',
    },
    scenario_name: never,
    scenario_id: never,
    call_api_request_id: never,
    call_api_external_id: { sql: 'call.external_id' },
    contact_id: never,
    contact_full_name: never,
    ext_id: never,
  },
};

/** In the words of spec/data-api-subset.md, `enums.legs_finish_reason`. */
const reasonTexts: Record<FinishReason, string> = {
  no_success_operator_call: 'operator not reached',
  no_success_subscriber_call: 'contact not reached',
  operator_disconnects: 'employee hung up',
  subscriber_disconnects: 'contact hung up',
  no_operator_confirmation: 'operator did not confirm',
  operator_not_responsible: 'employee does not answer',
  subscriber_not_responsible: 'contact does not answer',
  operator_busy: 'employee busy',
  subscriber_busy: 'contact busy',
  operator_number_problems: "trouble with the employee's number",
  subscriber_number_problems: "trouble with the contact's number",
  sip_offline: 'SIP line not registered',
  timeout: 'ring time over',
  max_out_call_reached: 'limit of outgoing lines',
  action_interval_exceeded: 'interval of the operation exceeded',
  locked_phone: 'network trouble',
  limit_exceeded: 'financial limit',
  internal_error: 'internal, contact support',
};

/** ITU-T Q.850 causes of SIP final responses: RFC 3398 section 8.2.6.1. */
// biome-ignore format: a table
const causeOfStatus: Record<number, number> = {
  400: 41, 401: 21, 402: 21, 403: 21, 404: 1, 405: 63, 406: 79, 407: 21, 408: 102, 410: 22,
  413: 127, 414: 127, 415: 79, 416: 127, 420: 127, 421: 127, 423: 127, 480: 18, 481: 41, 482: 25,
  483: 25, 484: 28, 485: 1, 486: 17, 487: 16, 488: 31, 500: 41, 501: 79, 502: 38, 503: 41, 504: 102,
  505: 127, 513: 127, 600: 17, 603: 21, 604: 1, 606: 31,
};

const causeOfType: Record<HangupCauseType, number> = {
  normal: 16,
  busy: 17,
  noAnswer: 19,
  rejected: 21,
  numberProblem: 1,
  offline: 20,
  noRoute: 3,
  channelsBusy: 34,
  ringTimeout: 19,
  notConfirmed: 16,
  released: 16,
  otherLegEnded: 16,
  answeredElsewhere: 26,
  mediaLost: 31,
  sessionExpired: 102,
  limitReached: 31,
  failed: 41,
};

/** ITU-T Q.850 table 1. */
const causeTexts: Record<number, string> = {
  1: 'Unallocated (unassigned) number',
  3: 'No route to destination',
  16: 'Normal call clearing',
  17: 'User busy',
  18: 'No user responding',
  19: 'No answer from user (user alerted)',
  20: 'Subscriber absent',
  21: 'Call rejected',
  22: 'Number changed',
  25: 'Exchange routing error',
  27: 'Destination out of order',
  28: 'Invalid number format (address incomplete)',
  31: 'Normal, unspecified',
  34: 'No circuit/channel available',
  38: 'Network out of order',
  41: 'Temporary failure',
  42: 'Switching equipment congestion',
  47: 'Resource unavailable, unspecified',
  63: 'Service or option not available, unspecified',
  79: 'Service or option not implemented, unspecified',
  88: 'Incompatible destination',
  102: 'Recovery on timer expiry',
  127: 'Interworking, unspecified',
};

const releaseCause = `coalesce(json_extract(leg.cause, '$.q850'),
  ${cases(`json_extract(leg.cause, '$.status')`, causeOfStatus)},
  ${cases(`json_extract(leg.cause, '$.type')`, causeOfType)})`;

/** One row a leg: spec/data-api-subset.md, get.call_legs_report. */
export const legReport: ReportSql = {
  // CROSS JOIN: the legs' index gives the order, whatever the planner thinks of the calls' one.
  from: 'leg_record AS leg CROSS JOIN call_record AS call ON call.call_session_id = leg.call_session_id',
  table: 'leg_record AS leg',
  time: 'leg.dialed_at',
  id: 'leg.leg_id',
  account: 'leg.account_id',
  columns: {
    id: { sql: 'leg.leg_id' },
    call_session_id: { sql: 'leg.call_session_id' },
    call_records: empty,
    wav_call_records: empty,
    start_time: { sql: 'leg.dialed_at / 1000.0', order: 'leg.dialed_at' },
    connect_time: { sql: 'leg.answered_at / 1000' },
    duration: {
      sql: `CASE WHEN leg.answered_at IS NULL THEN 0 ELSE ${seconds('leg.answered_at', 'leg.ended_at')} END`,
    },
    total_duration: { sql: seconds('leg.dialed_at', 'leg.ended_at') },
    finish_reason: { sql: 'leg.finish_reason' },
    finish_reason_description: { sql: cases('leg.finish_reason', reasonTexts) },
    virtual_phone_number: { sql: 'call.virtual_number' },
    calling_phone_number: { sql: 'leg.calling_number' },
    called_phone_number: { sql: 'leg.called_number' },
    // Both legs of a callback are dialled by this server, whatever the session counts as.
    direction: { sql: `'out'` },
    is_transfered: { sql: '0', as: 'boolean' },
    is_operator: { sql: `(leg.role = 'operator')`, as: 'boolean' },
    employee_id: never,
    employee_full_name: never,
    employee_phone_number: never,
    employee_rating: never,
    scenario_id: never,
    scenario_name: never,
    is_coach: { sql: '0', as: 'boolean' },
    release_cause_code: { sql: releaseCause },
    release_cause_description: { sql: cases(releaseCause, causeTexts) },
    is_failed: { sql: '(leg.answered_at IS NULL)', as: 'boolean' },
    is_talked: {
      sql: `(leg.answered_at IS NOT NULL AND call.talk_started_at IS NOT NULL
        AND leg.ended_at >= call.talk_started_at)`,
      as: 'boolean',
    },
    contact_id: never,
    contact_full_name: never,
    contact_phone_number: { sql: 'call.contact' },
    action_id: never,
    action_name: never,
    group_id: never,
    group_name: never,
  },
};

/** Of the contact's region, by the numbering plan as it is imported now. */
function regionOf(column: 'id' | 'name'): string {
  return `(SELECT CASE WHEN CAST(call.contact AS INTEGER) <= last THEN numbering_region.${column} END
    FROM numbering_range JOIN numbering_region ON numbering_region.id = region_id
    WHERE first <= CAST(call.contact AS INTEGER) ORDER BY first DESC LIMIT 1)`;
}

/** Whole seconds between two instants in ms, rounded; never less than none. */
function seconds(from: string, till: string): string {
  return `(max(0, ${till} - ${from}) + 500) / 1000`;
}

/** A table of constants of this file as SQL. */
function cases(value: string, table: Readonly<Record<string, string | number>>): string {
  const quote = (text: string | number): string =>
    typeof text === 'number' ? String(text) : `'${text.replaceAll("'", "''")}'`;
  const whens = Object.entries(table).map(
    ([key, text]) => `WHEN ${/^\d+$/.test(key) ? key : quote(key)} THEN ${quote(text)}`,
  );
  return `CASE ${value} ${whens.join(' ')} END`;
}
