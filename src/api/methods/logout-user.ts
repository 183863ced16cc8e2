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
  params: z.strictObject({ access_token: accessToken }),

  async run({ caller: { key }, parts: { store, access } }) {
    if (key?.kind !== 'session') throw new ApiError('forbidden');
    await store.keys.remove(key.id);
    access.forget(key);
    return { success: true };
  },
});
