import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { defineMethod } from '../method.ts';
import { accessToken } from '../parameters.ts';

/**
 * Drops a session token: spec/call-api.md section 13.2. A permanent key is not dropped this way, and a
 * false success would suggest that it was.
 */
export const logoutUser = defineMethod({
  name: 'logout.user',
  component: 'Call API Базовый набор',
  weight: 1,
  summary: 'Drops a session token at once.',
  params: z.strictObject({ access_token: accessToken.describe('the token to drop') }),
  result: z.strictObject({ success: z.literal(true) }),
  errors: [
    {
      mnemonic: 'forbidden',
      when: 'it is a permanent key: those are removed with `dozvon key remove`',
    },
  ],
  example: { params: {}, result: { success: true } },
  remarks:
    'Other tokens of the user stay valid. Afterwards the token is answered by `access_token_invalid`.',

  async run({ caller: { key }, parts: { store, access } }) {
    if (key?.kind !== 'session') throw new ApiError('forbidden');
    await store.keys.remove(key.id);
    access.forget(key);
    return { success: true as const };
  },
});
