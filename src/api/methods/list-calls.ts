import { z } from 'zod';
import type { ActiveCall, ActiveLeg } from '../../calls/call-service.ts';
import { defineMethod } from '../method.ts';
import { accessToken } from '../parameters.ts';
import { localTime } from '../zone-time.ts';

/** spec/call-api.md section 12: a real client takes the first leg in `Разговор` for the bridge. */
const stateNames: Record<ActiveLeg['state'], string> = {
  dialing: 'Дозвон',
  waiting: 'На очереди',
  talking: 'Разговор',
  held: 'На удержании',
  ended: 'Разъединено',
};

/** The account's live calls and their legs: spec/call-api.md section 13.22. */
export const listCalls = defineMethod({
  name: 'list.calls',
  component: 'Call API Управление вызовами',
  weight: 1,
  params: z.strictObject({
    access_token: accessToken,
    direction: z.enum(['in', 'out']).optional(),
    virtual_phone_number: z
      .string()
      .regex(/^7[0-9]{6,14}$/)
      .optional(),
  }),

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
