import type { HangupCauseType } from './hangup-cause.ts';

/** Why a party was not reached, as reports say it; the side is put before it: `operator_busy`. */
export type UnansweredReason =
  | 'busy'
  | 'not_responsible'
  | 'number_problems'
  | 'sip_offline'
  | 'timeout'
  | 'max_out_call_reached';

/** What one final response to our INVITE means. */
export type SipOutcome = {
  readonly status: number;
  readonly phrase: string;
  readonly cause: HangupCauseType;
  readonly reason: UnansweredReason;
  /** Gateways send it for almost anything: a Q.850 cause beside it says more than it does. */
  readonly isVague: boolean;
};

type Row = readonly [
  status: number,
  phrase: string,
  cause: HangupCauseType,
  reason: UnansweredReason,
  vague?: 'vague',
];

/**
 * Every final response to an INVITE that is registered (IANA, SIP parameters), and what a leg that ends by it
 * is said to have ended by. The one place where a status becomes a cause and a finish reason; shown to
 * people in docs/finish-reasons.md.
 */
// biome-ignore format: a table
const rows: readonly Row[] = [
  // Redirections that could not be followed: each leads to where this call cannot go.
  [300, 'Multiple Choices',                       'rejected',      'number_problems'],
  [301, 'Moved Permanently',                      'rejected',      'number_problems'],
  [302, 'Moved Temporarily',                      'rejected',      'number_problems'],
  [305, 'Use Proxy',                              'rejected',      'number_problems'],
  [380, 'Alternative Service',                    'rejected',      'number_problems'],
  [400, 'Bad Request',                            'failed',        'number_problems', 'vague'],
  [401, 'Unauthorized',                           'failed',        'number_problems'], // The trunk refuses our credentials, or we have none.
  [402, 'Payment Required',                       'rejected',      'number_problems'],
  [403, 'Forbidden',                              'rejected',      'number_problems'],
  [404, 'Not Found',                              'numberProblem', 'number_problems'],
  [405, 'Method Not Allowed',                     'failed',        'number_problems'],
  [406, 'Not Acceptable',                         'failed',        'number_problems'],
  [407, 'Proxy Authentication Required',          'failed',        'number_problems'],
  [408, 'Request Timeout',                        'noAnswer',      'not_responsible'],
  [410, 'Gone',                                   'numberProblem', 'number_problems'],
  [412, 'Conditional Request Failed',             'failed',        'number_problems'],
  [413, 'Request Entity Too Large',               'failed',        'number_problems'],
  [414, 'Request-URI Too Long',                   'failed',        'number_problems'],
  [415, 'Unsupported Media Type',                 'failed',        'number_problems'],
  [416, 'Unsupported URI Scheme',                 'numberProblem', 'number_problems'],
  [417, 'Unknown Resource-Priority',              'failed',        'number_problems'],
  [420, 'Bad Extension',                          'failed',        'number_problems'],
  [421, 'Extension Required',                     'failed',        'number_problems'],
  [422, 'Session Interval Too Small',             'failed',        'number_problems'], // Again, after the Min-SE was given.
  [423, 'Interval Too Brief',                     'failed',        'number_problems'],
  [424, 'Bad Location Information',               'failed',        'number_problems'],
  [425, 'Bad Alert Message',                      'failed',        'number_problems'],
  [428, 'Use Identity Header',                    'rejected',      'number_problems'],
  [429, 'Provide Referrer Identity',              'rejected',      'number_problems'],
  [430, 'Flow Failed',                            'offline',       'sip_offline'],     // RFC 5626: the flow to the phone is gone.
  [433, 'Anonymity Disallowed',                   'rejected',      'number_problems'],
  [436, 'Bad Identity Info',                      'rejected',      'number_problems'],
  [437, 'Unsupported Credential',                 'rejected',      'number_problems'],
  [438, 'Invalid Identity Header',                'rejected',      'number_problems'],
  [439, 'First Hop Lacks Outbound Support',       'failed',        'number_problems'],
  [440, 'Max-Breadth Exceeded',                   'failed',        'number_problems'],
  [469, 'Bad Info Package',                       'failed',        'number_problems'],
  [470, 'Consent Needed',                         'rejected',      'number_problems'],
  [480, 'Temporarily Unavailable',                'noAnswer',      'not_responsible', 'vague'],
  [481, 'Call/Transaction Does Not Exist',        'failed',        'number_problems'],
  [482, 'Loop Detected',                          'failed',        'number_problems'],
  [483, 'Too Many Hops',                          'failed',        'number_problems'],
  [484, 'Address Incomplete',                     'numberProblem', 'number_problems'],
  [485, 'Ambiguous',                              'numberProblem', 'number_problems'],
  [486, 'Busy Here',                              'busy',          'busy'],
  [487, 'Request Terminated',                     'noAnswer',      'not_responsible'], // Not by us: a proxy or the network gave up ringing.
  [488, 'Not Acceptable Here',                    'failed',        'number_problems'],
  [489, 'Bad Event',                              'failed',        'number_problems'],
  [491, 'Request Pending',                        'failed',        'number_problems'],
  [493, 'Undecipherable',                         'failed',        'number_problems'],
  [494, 'Security Agreement Required',            'failed',        'number_problems'],
  [500, 'Server Internal Error',                  'failed',        'number_problems', 'vague'],
  [501, 'Not Implemented',                        'failed',        'number_problems'],
  [502, 'Bad Gateway',                            'failed',        'number_problems', 'vague'],
  [503, 'Service Unavailable',                    'failed',        'number_problems', 'vague'],
  [504, 'Server Time-out',                        'failed',        'number_problems', 'vague'],
  [505, 'Version Not Supported',                  'failed',        'number_problems'],
  [513, 'Message Too Large',                      'failed',        'number_problems'],
  [555, 'Push Notification Service Not Supported','failed',        'number_problems'],
  [580, 'Precondition Failure',                   'failed',        'number_problems'],
  [600, 'Busy Everywhere',                        'busy',          'busy'],
  [603, 'Decline',                                'rejected',      'busy'],            // By hand: how many phones say busy.
  [604, 'Does Not Exist Anywhere',                'numberProblem', 'number_problems'],
  [606, 'Not Acceptable',                         'failed',        'number_problems'],
  [607, 'Unwanted',                               'rejected',      'number_problems'],
  [608, 'Rejected',                               'rejected',      'number_problems'], // RFC 8688: by an analytics engine.
];

export const sipOutcomes: ReadonlyMap<number, SipOutcome> = new Map(
  rows.map(([status, phrase, cause, reason, vague]) => [
    status,
    { status, phrase, cause, reason, isVague: vague !== undefined },
  ]),
);

/**
 * What a final response means. One that is not registered goes by its class: a fault of the network (5xx),
 * else a refusal (RFC 3261 section 8.1.3.2).
 */
export function outcomeOfStatus(status: number): SipOutcome {
  const known = sipOutcomes.get(status);
  if (known !== undefined) return known;
  const cause = status >= 500 && status < 600 ? 'failed' : 'rejected';
  return { status, phrase: '', cause, reason: 'number_problems', isVague: false };
}

/** ITU-T Q.850 causes that say something about the party; the others leave the status's word. */
// biome-ignore format: a table
export const causeOfQ850: ReadonlyMap<number, { readonly meaning: string; readonly cause: HangupCauseType }> = new Map([
  [1,  { meaning: 'Unallocated number',            cause: 'numberProblem' }],
  [2,  { meaning: 'No route to transit network',   cause: 'numberProblem' }],
  [3,  { meaning: 'No route to destination',       cause: 'numberProblem' }],
  [17, { meaning: 'User busy',                     cause: 'busy' }],
  [18, { meaning: 'No user responding',            cause: 'noAnswer' }],
  [19, { meaning: 'User alerted, no answer',       cause: 'noAnswer' }],
  [20, { meaning: 'Subscriber absent',             cause: 'offline' }],
  [21, { meaning: 'Call rejected',                 cause: 'rejected' }],
  [22, { meaning: 'Number changed',                cause: 'numberProblem' }],
  [27, { meaning: 'Destination out of order',      cause: 'offline' }],
  [28, { meaning: 'Invalid number format',         cause: 'numberProblem' }],
  [55, { meaning: 'Incoming calls barred',         cause: 'rejected' }],
  [57, { meaning: 'Bearer capability not authorised', cause: 'rejected' }],
]);

/** Why a party was not reached whose status says nothing, or less than its cause does. */
// biome-ignore format: a table
export const reasonOfCause: Readonly<Record<HangupCauseType, UnansweredReason>> = {
  normal:         'number_problems',
  busy:           'busy',
  noAnswer:       'not_responsible',
  rejected:       'number_problems',
  numberProblem:  'number_problems',
  offline:        'sip_offline',
  noRoute:        'number_problems',
  channelsBusy:   'max_out_call_reached',
  ringTimeout:    'timeout',
  notConfirmed:   'number_problems',
  released:       'number_problems',
  otherLegEnded:  'number_problems',
  answeredElsewhere: 'number_problems',
  mediaLost:      'number_problems',
  sessionExpired: 'number_problems',
  limitReached:   'number_problems',
  failed:         'number_problems',
};
