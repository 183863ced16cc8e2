import { z } from 'zod';
import { Listing } from '../../listing.ts';
import { defineMethod } from '../../method.ts';
import { loginUser as callApiLogin } from '../../methods/login-user.ts';
import { logoutUser as callApiLogout } from '../../methods/logout-user.ts';
import { accessToken } from '../../parameters.ts';
import { nothing } from '../entities.ts';

/** As in the Call API, with the account's id beside the token. */
export const loginUser = defineMethod({
  name: 'login.user',
  component: 'Data API',
  weight: 0,
  summary: 'Issues a session token for one hour.',
  params: z.strictObject({
    login: z.string().describe('of a user with the right to the Data API'),
    password: z.string().describe('of that user'),
  }),
  result: z.strictObject({
    access_token: z.string().describe('for all other methods'),
    expire_at: z.int().describe('Unix seconds: one hour from now, however much it is used'),
    app_id: z.int().describe('id of the account'),
  }),
  errors: [
    { mnemonic: 'auth_error', when: 'the login or the password is wrong' },
    { mnemonic: 'account_inactive', when: 'the account is switched off' },
    { mnemonic: 'forbidden', when: 'the user has no right to the Data API' },
  ],
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
  summary: 'Drops a session token at once.',
  params: z.strictObject({ access_token: accessToken.describe('the token to drop') }),
  result: nothing,
  errors: [
    {
      mnemonic: 'forbidden',
      when: 'it is a permanent key: those are removed by [delete.keys](delete.keys.md)',
    },
  ],

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
  params: z.strictObject({ access_token: accessToken }),
  result: z.array(
    z.strictObject({
      app_id: z.int().describe('id of the account'),
      name: z.string(),
      timezone: z.string().describe('IANA zone, in which all dates and times are'),
    }),
  ),
  errors: [],

  async run({ caller: { account } }) {
    const { id, name, timeZone } = account;
    return new Listing([{ app_id: id, name, timezone: timeZone }], 1);
  },
});
