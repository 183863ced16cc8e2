import type { Method, MethodExample } from '../method.ts';

/** What the page of `start.simple_call` says besides its parameters. */
export const summary =
  'Rings two numbers one after the other, plays each what it should hear, and connects them. The answer comes as soon as the call is stored, before anybody answers; what happens then is told by [list.calls](list.calls.md) and by the [event stream](README.md#the-event-stream).';

/** Steps 17 to 21 of the order of checks: spec/call-api.md section 5. */
export const errors = [
  {
    mnemonic: 'invalid_parameter_value',
    when: '`contact` or `operator` has the form of a SIP line and is none of this account',
  },
  {
    mnemonic: 'invalid_parameters_combination',
    when: '`early_switching` without operator first and `switch_at_once`',
  },
  {
    mnemonic: 'component_disabled',
    when: 'a `virtual_phone_usage_rule` other than `fixed`, and the component Автоматическое управление номерами is switched off',
  },
  { mnemonic: 'media_file_not_found', when: '`media_file_id` or the value of a message' },
  {
    mnemonic: 'virtual_phone_number_not_found',
    when: 'not a number of this account, or not active',
  },
  {
    mnemonic: 'own_virtual_phone_number_not_allowed',
    when: '`contact` is a number of the account',
  },
  { mnemonic: 'invalid_parameter_value', when: '`operator` is a number of the account' },
  { mnemonic: 'contact_in_blacklist', when: 'the account does not call this number' },
  {
    mnemonic: 'call_direction_not_allowed',
    when: 'the [security rules](../operating/security.md) do not let `contact` or `operator` be called; `params.reason` says why: a direction (`mobile`, `long_distance`, `international`), `denied_prefix` or `premium`, these two with `params.prefix`. Of this server’s own',
  },
  { mnemonic: 'tts_text_exceeded', when: "longer than the account's limit" },
  {
    mnemonic: 'component_disabled',
    when: 'a message of type `tts`, and the component Text-to-Speech is switched off',
  },
  {
    mnemonic: 'limit_exceeded',
    when: 'a [calling limit](../operating/security.md#limits) is reached; `params.limit_type`: `simultaneous_calls`, `calls_per_minute_per_contact`, `calls_per_minute_per_operator`, `calls_per_minute_per_prefix` or `minutes_per_day`',
  },
  { mnemonic: 'internal_error', when: 'no speech engine spoke a message in time' },
] as const satisfies Method['errors'];

export const example: MethodExample = {
  params: {
    first_call: 'operator',
    switch_at_once: true,
    virtual_phone_number: '74993720692',
    contact: '79260000000',
    operator: '79262444491',
    operator_message: { type: 'media', value: '2561' },
    external_id: '334otr01',
    dtmf_string: '.1.2.3',
  },
  result: { call_session_id: 237859081 },
};

export const remarks = `A message of type \`tts\` is spoken by the installation's [speech engines](../operating/speech.md) before anybody is
dialled. Plain text, in Russian or English by its letters; the language and voice are the installation's. Its length is limited by
the account (1000 characters unless set otherwise).

### What is heard

| | operator first | contact first |
|---|---|---|
| the first answers | \`operator_message\` to its end, whatever \`switch_at_once\` is | \`contact_message\` begins, the operator is rung at once |
| \`operator_confirmation\` | the contact is rung only after the key | connected only after the key |
| while the second rings | music; with \`early_switching\` the contact's line, or a ringback tone | the rest of the message, then music |
| the second answers, \`switch_at_once: true\` | connected; \`contact_message\` is not played | connected; messages are cut on both sides |
| the second answers, \`switch_at_once: false\` | \`contact_message\` to its end, the operator hears music; then connected | both messages to their ends, music for whoever is done; then connected |

### Which number is presented

| \`virtual_phone_usage_rule\` | the number |
|---|---|
| \`fixed\` | \`virtual_phone_number\` |
| \`fixed_for_numa\` | the active number of the account that met this contact last |
| \`random\` | any active number of the account |
| \`regional_random\` | any active number of the contact's region |
| \`regional_fixed_for_numa\` | of these, the one that met this contact last, else any |

Where none fits it is \`virtual_phone_number\`. The same number is shown to both parties; with
\`show_virtual_phone_number: false\` the operator sees the contact's. More: [Numbers](../operating/numbers.md).

A \`contact\` or \`operator\` may be the number of a SIP line of an employee of the account (\`0\` and six digits, by
\`get.sip_lines\` of the Data API); an extension may not. Blacklist, regions and directions do not apply to it.
Where no phone is registered for it the leg ends as \`sip_offline\`: [SIP lines](../operating/lines.md).

The key is awaited for 30 s from the later of the answer and the end of the message; other keys are ignored.`;
