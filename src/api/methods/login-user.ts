import { z } from 'zod';
import type { Caller } from '../access.ts';
import { ApiError } from '../errors.ts';
import { type ApiParts, defineMethod } from '../method.ts';
import { verifyNothing, verifyPassword } from '../passwords.ts';
import { hashToken, newToken } from '../tokens.ts';

/** A session token lives this long from its issue, used or not. */
const sessionSeconds = 3_600;

/** Issues a session token: spec/call-api.md section 13.1. */
export const loginUser = defineMethod({
  name: 'login.user',
  component: 'Call API Базовый набор',
  weight: 0,
  summary: 'Issues a session token.',
  params: z.strictObject({
    login: z.string().describe('of a user with the right to the Call API'),
    password: z.string().describe('of that user'),
  }),
  result: z.strictObject({
    access_token: z.string().describe('for all other methods'),
    expire_at: z.int().describe('Unix seconds: one hour from now, however much it is used'),
  }),
  errors: [
    { mnemonic: 'auth_error', when: 'the login or the password is wrong' },
    { mnemonic: 'account_inactive', when: 'the account is switched off' },
    { mnemonic: 'forbidden', when: 'the user has no right to the Call API' },
  ],
  example: {
    params: { login: 'crm', password: 'correct horse' },
    result: { access_token: '2fRN4g217ca0…', expire_at: 1475853742 },
  },
  remarks: `A user may have several tokens at a time. A program that calls often is better served by a permanent
key (\`dozvon key add\`), which needs no login. After many wrong passwords from one address the server
refuses that address for a while with the same \`auth_error\`. The method costs no points.`,

  async identify(params, address, parts) {
    for (const field of ['login', 'password'])
      if (params[field] === undefined || params[field] === null)
        throw new ApiError('required_parameter_missed', { field });
    for (const field of ['login', 'password'])
      if (typeof params[field] !== 'string') throw new ApiError('data_type_error', { field });
    const caller = await findUser(params.login as string, params.password as string, {
      address,
      parts,
    });
    if (caller === undefined) throw new ApiError('auth_error');
    return caller;
  },

  async run({ caller: { account, user }, parts: { store, clock, random } }) {
    const now = Math.floor(clock.wallTime() / 1000);
    await store.keys.removeExpired(now);
    const token = newToken(random);
    const expiresAt = now + sessionSeconds;
    await store.keys.add({
      accountId: account.id,
      userId: user.id,
      kind: 'session',
      tokenHash: hashToken(token),
      label: '',
      expiresAt,
      blocked: false,
    });
    return { access_token: token, expire_at: expiresAt };
  },
});

/** The user whose password this is. An unknown login takes as long as a wrong password. */
async function findUser(
  login: string,
  password: string,
  { address, parts }: { address: string; parts: ApiParts },
): Promise<Caller | undefined> {
  const { store, logins, log } = parts;
  if (!logins.allows(address)) {
    log.warn({ address }, 'too many failed logins from this address: refused unchecked');
    return undefined;
  }
  const user = await store.users.byLogin(login);
  const right = await logins.check(() =>
    user === undefined ? verifyNothing(password) : verifyPassword(password, user.passwordHash),
  );
  const account = right ? await store.accounts.byId(user!.accountId) : undefined;
  if (account === undefined) {
    logins.failed(address);
    return undefined;
  }
  return { account, user: user! };
}
