import { z } from 'zod';
import type { AccessKey, Store } from '../../../store/store.ts';
import type { Caller } from '../../access.ts';
import { ApiError } from '../../errors.ts';
import { defineMethod } from '../../method.ts';
import { hashToken, newToken } from '../../tokens.ts';
import { secondsOf } from '../../zone-time.ts';
import { dataParams, defineList } from '../data-method.ts';
import {
  administers,
  assertRoom,
  idOf,
  noneOfThatId,
  notFound,
  nothing,
  textUpTo,
  tooMany,
  untouchable,
  untouchableWhen,
} from '../entities.ts';
import { field } from '../fields.ts';

export const getKeys = defineList({
  ...administers,
  name: 'get.keys',
  summary: 'The permanent keys of the account; the keys themselves are not kept.',
  fields: [
    field('id', 'number', 'fs', 'key id'),
    field('user_id', 'number', 'fs', 'whose rights it has'),
    field('user_login', 'string', 'fs'),
    field('label', 'string', 'fs', 'what it is for'),
    field('expires_at', 'iso8601', 'fs', 'null: never'),
    field('is_blocked', 'boolean', 'fs'),
  ],
  async rows({ caller: { account }, parts: { store } }) {
    const users = await store.users.list(account.id);
    const logins = new Map(users.map(({ id, login }) => [id, login]));
    return (await permanentKeys(store, account.id)).map((key) => ({
      id: key.id,
      user_id: key.userId,
      user_login: logins.get(key.userId) ?? null,
      label: key.label,
      expires_at: key.expiresAt,
      is_blocked: key.blocked,
    }));
  },
});

export const createKey = defineMethod({
  ...administers,
  name: 'create.keys',
  summary: 'Makes a permanent key of a user.',
  // `user_id` is the agents' parameter everywhere else; here the key's owner has a name of its own.
  params: dataParams({
    key_user_id: idOf('get.users').describe('whose rights it has, of `get.users`'),
    label: textUpTo(255).default('').describe('what it is for'),
    expires_at: z
      .string()
      .optional()
      .describe('`YYYY-MM-DD hh:mm:ss` in the time of the account; left out: never'),
  }),
  result: z.strictObject({
    id: z.int(),
    access_token: z.string().describe('kept nowhere, so shown only now'),
  }),
  errors: [
    { mnemonic: 'entity_not_found', when: 'no user of that id' },
    { mnemonic: 'invalid_date_time', when: '`expires_at` is no such date and time, or over' },
    tooMany,
  ],
  example: {
    params: { key_user_id: 3, label: 'the site', expires_at: '2027-01-31 00:00:00' },
    result: { id: 7, access_token: '2fRN4g217ca0…' },
  },

  async run({ params, caller: { account }, parts: { store, random, clock } }) {
    const { key_user_id: userId, label, expires_at: sent } = params;
    const user = await store.users.byId(userId);
    if (user?.accountId !== account.id) throw notFound('key_user_id', userId);
    const expiresAt = sent === undefined ? null : secondsOf(account.timeZone, sent);
    if (expiresAt === undefined || (expiresAt !== null && expiresAt * 1000 <= clock.wallTime()))
      throw new ApiError('invalid_date_time', { field: 'expires_at', value: sent });
    assertRoom(await permanentKeys(store, account.id));
    const token = newToken(random);
    const key = await store.keys.add({
      accountId: account.id,
      userId,
      kind: 'permanent',
      tokenHash: hashToken(token),
      label,
      expiresAt,
      blocked: false,
    });
    return { id: key.id, access_token: token };
  },
});

const ownKey = untouchableWhen('it is the key of this very request');

export const updateKey = defineMethod({
  ...administers,
  name: 'update.keys',
  summary: 'Blocks a permanent key, or lets a blocked one in again.',
  params: dataParams({ id: idOf('get.keys'), is_blocked: z.boolean().describe('true: refused') }),
  result: nothing,
  errors: [noneOfThatId, ownKey],

  async run({ params: { id, is_blocked: blocked }, caller, parts: { store, access } }) {
    await findKey(store, caller, id);
    await store.keys.setBlocked(id, blocked);
    access.forgetAll();
    return {};
  },
});

export const deleteKey = defineMethod({
  ...administers,
  name: 'delete.keys',
  summary: 'Removes a permanent key for good.',
  params: dataParams({ id: idOf('get.keys') }),
  result: nothing,
  errors: [noneOfThatId, ownKey],

  async run({ params: { id }, caller, parts: { store, access } }) {
    await findKey(store, caller, id);
    await store.keys.remove(id);
    access.forgetAll();
    return {};
  },
});

async function permanentKeys(store: Store, accountId: number): Promise<readonly AccessKey[]> {
  return (await store.keys.list(accountId)).filter(({ kind }) => kind === 'permanent');
}

/** One of the account that is not the one in use. */
async function findKey(store: Store, { account, key }: Caller, id: number): Promise<void> {
  if (!(await permanentKeys(store, account.id)).some((it) => it.id === id))
    throw notFound('id', id);
  if (key?.id === id) throw untouchable('id', id);
}
