import { z } from 'zod';
import { Listing } from '../../listing.ts';
import { defineMethod } from '../../method.ts';
import { loginUser as callApiLogin } from '../../methods/login-user.ts';
import { logoutUser as callApiLogout } from '../../methods/logout-user.ts';
import { dataParams } from '../data-method.ts';

/** As in the Call API, with the account's id beside the token. */
export const loginUser = defineMethod({
  name: 'login.user',
  component: 'Data API',
  weight: 0,
  summary: 'Issues a session token for one hour.',
  params: z.strictObject({
    login: z.string().describe('of a user'),
    password: z.string().describe('of that user'),
  }),
  identify: callApiLogin.identify!,

  async run(request) {
    const issued = (await callApiLogin.run(request)) as { access_token: string; expire_at: number };
    return { ...issued, app_id: request.caller.account.id };
  },
});

/** As in the Call API, but for its answer: an empty object. */
export const logoutUser = defineMethod({
  name: 'logout.user',
  component: 'Data API',
  weight: 1,
  summary: 'Drops a session token; a permanent key is refused.',
  params: dataParams({}),

  async run(request) {
    await callApiLogout.run(request);
    return {};
  },
});

/** An array of one, as clients take `data[0]`. */
export const getAccount = defineMethod({
  name: 'get.account',
  component: 'Data API',
  weight: 1,
  summary: 'The account of the token: an array of one.',
  params: dataParams({}),

  async run({ caller: { account } }) {
    const { id, name, timeZone } = account;
    return new Listing([{ app_id: id, name, timezone: timeZone }], 1);
  },
});
