import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { defineMethod } from '../method.ts';
import { accessToken, wholeNumber } from '../parameters.ts';

/** Ends a whole call: spec/call-api.md section 13.23. One that has ended already is not found. */
export const releaseCall = defineMethod({
  name: 'release.call',
  component: 'Call API Базовый набор',
  weight: 1,
  params: z.strictObject({ access_token: accessToken, call_session_id: wholeNumber }),

  async run({ params: { call_session_id: id }, caller: { account }, parts: { calls } }) {
    if (!calls.release(account.id, id))
      throw new ApiError('call_session_not_found', { field: 'call_session_id', value: id });
    return { success: 'true' }; // The string, as every call control method prints it.
  },
});
