import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { defineMethod } from '../method.ts';
import { accessToken, wholeNumber } from '../parameters.ts';

/** Ends a whole call: spec/call-api.md section 13.23. One that has ended already is not found. */
export const releaseCall = defineMethod({
  name: 'release.call',
  component: 'Call API Базовый набор',
  weight: 1,
  summary:
    'Ends a call, in whatever phase it is: phones that ring stop, parties that talk are hung up.',
  params: z.strictObject({
    access_token: accessToken,
    call_session_id: wholeNumber.describe('from `start.simple_call` or `list.calls`'),
  }),
  result: z.strictObject({ success: z.literal('true') }),
  errors: [
    { mnemonic: 'call_session_not_found', when: 'no such call of this account, or it has ended' },
  ],
  example: { params: { call_session_id: 237859081 }, result: { success: 'true' } },
  remarks: `\`success\` is the string \`"true"\`, as the vendor prints it for every method that controls calls. The
record of the call gets the finish reason \`operator_disconnects\`.`,

  async run({ params: { call_session_id: id }, caller: { account }, parts: { calls } }) {
    if (!calls.release(account.id, id))
      throw new ApiError('call_session_not_found', { field: 'call_session_id', value: id });
    return { success: 'true' as const }; // The string, as every call control method prints it.
  },
});
