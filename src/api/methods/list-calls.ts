import { z } from 'zod';
import type { ActiveCall, ActiveLeg } from '../../calls/call-service.ts';
import { defineMethod } from '../method.ts';
import { accessToken } from '../parameters.ts';
import { localTime } from '../zone-time.ts';

/** spec/call-api.md section 12: a real client takes the first leg in `Разговор` for the bridge. */
const stateNames = {
  dialing: 'Дозвон',
  waiting: 'На очереди',
  talking: 'Разговор',
  held: 'На удержании',
  ended: 'Разъединено',
} as const satisfies Record<ActiveLeg['state'], string>;

const leg = z.strictObject({
  leg_id: z.int(),
  calling_phone_number: z.string().describe('the number shown to this party'),
  called_phone_number: z
    .string()
    .describe("the number dialled; on the contact's leg with `dtmf_string` appended"),
  is_operator: z.boolean(),
  employee_id: z.int().nullable().describe('null: the operator of a simple call is no employee'),
  employee_full_name: z.string().nullable(),
  record_call_enabled: z.boolean().describe('false in this version'),
  state: z.enum(Object.values(stateNames)).describe('see the remarks'),
});

const call = z.strictObject({
  call_session_id: z.int(),
  direction: z.enum(['in', 'out']),
  start_time: z.string().describe("in the account's time zone, as `2026-10-19T12:26:48.418`"),
  virtual_phone_number: z.string().describe('the number presented'),
  contact_phone_number: z.string(),
  external_id: z.string().nullable(),
  tags: z
    .array(z.strictObject({ tag_id: z.int(), tag_name: z.string() }))
    .describe('empty in this version'),
  legs: z.array(leg),
});

const exampleCall = {
  call_session_id: 237859081,
  direction: 'in',
  start_time: '2026-10-19T12:26:48.418',
  virtual_phone_number: '74993720692',
  contact_phone_number: '79260000000',
  external_id: '334otr01',
  tags: [],
  legs: [
    {
      leg_id: 287866221,
      calling_phone_number: '74993720692',
      called_phone_number: '79262444491',
      is_operator: true,
      employee_id: null,
      employee_full_name: null,
      record_call_enabled: false,
      state: 'Разговор',
    },
  ],
};

const remarks = `| state | the leg |
|---|---|
| \`Дозвон\` | is being dialled |
| \`На очереди\` | answered, hears its message or music |
| \`Разговор\` | talks; never before the parties are connected |
| \`На удержании\` | is on hold |
| \`Разъединено\` | ended, the call goes on |

A call that has ended is not in the list; without any call \`data\` is \`[]\`.`;

/** The account's live calls and their legs: spec/call-api.md section 13.22. */
export const listCalls = defineMethod({
  name: 'list.calls',
  component: 'Call API Управление вызовами',
  weight: 1,
  summary: 'The calls of the account that have not ended, oldest first.',
  params: z.strictObject({
    access_token: accessToken,
    direction: z.enum(['in', 'out']).optional().describe('left out: both'),
    virtual_phone_number: z
      .string()
      .regex(/^7[0-9]{6,14}$/)
      .optional()
      .describe('the number presented; begins with 7'),
  }),
  result: z.array(call),
  errors: [],
  example: { params: {}, result: [exampleCall] },
  remarks,

  async run({ params, caller: { account }, parts: { calls } }) {
    return calls
      .active(account.id)
      .filter(({ direction }) => direction === (params.direction ?? direction))
      .filter((call) => call.virtualNumber === (params.virtual_phone_number ?? call.virtualNumber))
      .map((call) => toCall(call, account.timeZone));
  },
});

function toCall(call: ActiveCall, timeZone: string) {
  return {
    call_session_id: call.callSessionId,
    direction: call.direction,
    start_time: localTime(timeZone, call.startedAt),
    virtual_phone_number: call.virtualNumber,
    contact_phone_number: call.contact,
    external_id: call.externalId,
    tags: [],
    legs: call.legs.map(toLeg),
  };
}

function toLeg(leg: ActiveLeg) {
  return {
    leg_id: leg.legId,
    calling_phone_number: leg.callingNumber,
    called_phone_number: leg.calledNumber,
    is_operator: leg.role === 'operator',
    // The operator of a simple call is not an employee.
    employee_id: null,
    employee_full_name: null,
    record_call_enabled: false,
    state: stateNames[leg.state],
  };
}
