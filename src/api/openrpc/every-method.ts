import type { MethodError } from '../method.ts';

/** What any method may answer, in the order in which it is looked for: spec/call-api.md section 5. */
export const errorsOfEveryMethod: readonly MethodError[] = [
  { mnemonic: 'parse_error', when: 'no JSON' },
  {
    mnemonic: 'batch_opreations_not_supported',
    when: 'an array of requests (spelled as the vendor spells it)',
  },
  {
    mnemonic: 'invalid_request',
    when: '`jsonrpc` is not "2.0", `id` is no string or number, `params` is no object',
  },
  { mnemonic: 'notifications_not_supported', when: 'no `id`' },
  { mnemonic: 'method_not_found', when: 'no such method on this path' },
  {
    mnemonic: 'access_token_invalid',
    when: 'an unknown token, or that of a session after its hour',
  },
  { mnemonic: 'access_token_blocked', when: 'a blocked key' },
  { mnemonic: 'access_token_expired', when: 'a key past its date' },
  { mnemonic: 'ip_not_whitelisted', when: 'the account lets no requests in from this address' },
  { mnemonic: 'account_inactive', when: 'the account is switched off' },
  { mnemonic: 'forbidden', when: 'the user has no right to the API, or to administration' },
  { mnemonic: 'component_disabled', when: 'the component of the method is switched off' },
  { mnemonic: 'method_component_disabled', when: 'the same, on the Data API' },
  { mnemonic: 'limit_exceeded', when: 'no points left in this minute or day' },
  { mnemonic: 'unexpected_parameters', when: 'a parameter the method does not know' },
  { mnemonic: 'required_parameter_missed', when: 'a parameter that must be there is not' },
  { mnemonic: 'data_type_error', when: 'as a number where a string is expected' },
  { mnemonic: 'invalid_parameter_value', when: 'a value or form that is not allowed' },
  { mnemonic: 'character_encoding_not_allowed', when: 'not UTF-8' },
  {
    mnemonic: 'internal_error',
    when: 'a fault of the server; also while it is being stopped',
  },
];

/** Ends docs/api/README.md: what holds for every method. */
export const everyMethodText = `## A request and its answer

\`\`\`json
{"jsonrpc":"2.0","id":"req1","method":"list.calls","params":{"access_token":"2fRN4g217ca0…"}}
\`\`\`

\`\`\`json
{"jsonrpc":"2.0","id":"req1","result":{
  "data":[],
  "metadata":{"limits":{"day_limit":100000,"day_remaining":99999,"day_reset":38211,"minute_limit":600,"minute_remaining":599,"minute_reset":41}}}}
\`\`\`

The \`id\` comes back as it was sent, a string or a number. \`null\` for a parameter that may be left out is
as if it were not there. Every answer, errors included, has HTTP status 200; branch on \`mnemonic\`, never on
\`code\`, which many errors share:

\`\`\`json
{"jsonrpc":"2.0","id":"req1","error":{"code":-32602,"message":"Invalid parameter value",
  "data":{"mnemonic":"invalid_parameter_value","field":"contact","value":"+79260000000","params":{},
    "extended_helper":null,"metadata":{"limits":{"day_limit":100000,"…":0}}}}}
\`\`\`

\`field\` of a nested parameter is dotted (\`contact_message.value\`); \`value\` is what was sent for it, as text;
\`params\` are what filled the placeholders of the message.

## Lists

Every \`get\` method of the Data API that lists takes \`limit\` (1000 unless sent, at most 10000), \`offset\`, \`fields\`,
\`filter\` and \`sort\`; \`metadata.total_items\` tells how many rows there are before the page is cut. Dates and
times are \`YYYY-MM-DD hh:mm:ss\` in the time zone of the account.

\`\`\`json
{"limit":100,"fields":["id","start_time","talk_duration"],
 "sort":[{"field":"start_time","order":"desc"}],
 "filter":{"condition":"and","filters":[
   {"field":"is_lost","operator":"=","value":false},
   {"condition":"or","filters":[
     {"field":"contact_phone_number","operator":"like","value":"7926%"},
     {"field":"talk_duration","operator":">","value":60}]}]}}
\`\`\`

| operator | for | |
|---|---|---|
| \`=\`, \`!=\` | all but arrays and objects | without \`value\`, or with null, for all: absent, present |
| \`<\`, \`>\`, \`<=\`, \`>=\` | number, iso8601 | |
| \`like\`, \`ilike\`, \`not_like\`, \`not_ilike\` | string, enum | \`%\` is any text, \`_\` one character; \`ilike\` ignores case |
| \`regexp\` | string, enum | POSIX extended expression, found anywhere |
| \`in\`, \`not_in\` | number, string, enum, iso8601 | \`value\` is a list |
| \`overlap\`, \`not_overlap\` | array | has one of the values: as a member, or as the id or a text of a member that is an object |
| \`is_null\`, \`is_not_null\` | all | |

A tree has at most three levels; its \`condition\` is \`and\` unless sent. \`jsquery\` is refused with
\`invalid_parameter_value\`. Rows that sort equally come in the order of their ids.

## Described by machine

\`GET /openrpc.json\`, and the method \`rpc.discover\` on every path, answer an
[OpenRPC](https://spec.open-rpc.org) 1.3 document of everything on these pages. Neither needs a token nor
costs points: the document is the same on every server of one version and says nothing of an account.
\`rpc.discover\` answers the document itself as \`result\`, without \`data\` and \`metadata\`, and may be sent
without \`params\`, as OpenRPC prescribes. The typed client in \`src/client/\` is made from the same definitions.

## The event stream

An extension of this server: \`GET /v4.0/events?call_session_id=N\` with \`Authorization: Bearer TOKEN\` answers
Server-Sent Events, one JSON object a message, from the start of the call to its end. Without
\`call_session_id\`: all events of the account from now on. \`dozvon call\` shows them as lines.

| event | |
|---|---|
| \`callStarted\` | the order |
| \`legDialing\`, \`legRinging\`, \`legEarlyMedia\`, \`legAnswered\`, \`legConfirmed\` | the steps of a leg |
| \`legRerouted\` | its trunk failed before the party was rung: it goes on by another one |
| \`hearing\` | what a party hears from now on |
| \`dtmfReceived\`, \`dtmfSent\`, \`legHeld\`, \`legUnheld\` | |
| \`legNoAudio\`, \`legAudioResumed\` | nothing was heard of a party for 3 seconds though it should send (not on hold); it is heard again |
| \`talkStarted\` | the parties hear each other |
| \`legEnded\`, \`callEnded\` | exactly once each, with \`cause\` and \`finishReason\` |

All fields: \`src/model/call-event.ts\`. Why a call ends how: [the life of a call](../call-lifecycle.md).

## Media files over HTTP

Two extensions of this server. \`POST /v2.0/media\` is [upload.media_file](data/upload.media_file.md) for a file that is
larger than a body of JSON may be (1 MiB): [uploading](../operating/media.md#uploading). \`GET /media/…\` is where a
\`play_link\` of [get.media_files](data/get.media_files.md) leads: it plays without a token until it expires, and answers
403 to a link that has, or was changed, and 404 for a file that was deleted: [links](../operating/media.md#links).`;

/** Begins docs/api/extensions.md. */
export const extensionsText = `What the owner of an installation needs and the vendor has no method for, in the vendor's form
\`verb.object\`. A client of the vendor's API never meets one.

Those of administration need the right of that name beside the right to the API: \`dozvon user add owner
--administration\` ([rights](../operating/access.md#rights-of-users)). Whatever they change is felt at once by the process
that answered. No password, key or digest is ever listed; what is made up by the server (a key, the password of a SIP
line) is answered once, by the method that made it. What \`bootstrap\` of \`dozvon.yaml\` names is brought back at each start.

What is in use is not removed (\`dependency_error\`), and nobody can lock everybody out: the last administrator, the key
and the address of the request itself stay (\`forbidden\`, code -32602).`;
