import { z } from 'zod';
import type { Store, User } from '../../../store/store.ts';
import { ApiError } from '../../errors.ts';
import { defineMethod } from '../../method.ts';
import { hashPassword } from '../../passwords.ts';
import { dataParams, defineList } from '../data-method.ts';
import {
  administers,
  assertRoom,
  created,
  duplicate,
  idOf,
  mayStay,
  noneOfThatId,
  notFound,
  nothing,
  textUpTo,
  tooMany,
  untouchable,
  untouchableWhen,
} from '../entities.ts';
import { field } from '../fields.ts';

export const getUsers = defineList({
  ...administers,
  name: 'get.users',
  summary: 'The users of the account and their rights; passwords are not kept.',
  fields: [
    field('id', 'number', 'fs', 'user id'),
    field('login', 'string', 'fs'),
    field('call_api', 'boolean', 'fs', 'may use the Call API'),
    field('data_api', 'boolean', 'fs', 'may use the Data API'),
    field('administration', 'boolean', 'fs', 'may use the methods of administration'),
  ],
  async rows({ caller: { account }, parts: { store } }) {
    return (await store.users.list(account.id)).map((user) => ({
      id: user.id,
      login: user.login,
      call_api: user.callApi,
      data_api: user.dataApi,
      administration: user.administration,
    }));
  },
});

const password = z
  .string()
  .regex(/^[^\p{Cc}]{8,256}$/u)
  .describe('8 to 256 characters');
const right = z.boolean();
const lastAdministrator = untouchableWhen(
  'nobody with the rights to the Data API and of administration would be left',
);

export const createUser = defineMethod({
  ...administers,
  name: 'create.users',
  summary: 'Adds a user to the account.',
  params: dataParams({
    login: textUpTo(100).describe('unique in the installation'),
    password,
    call_api: right.default(true).describe('may use the Call API'),
    data_api: right.default(true).describe('may use the Data API'),
    administration: right.default(false).describe('may use the methods of administration'),
  }),
  result: created,
  errors: [
    tooMany,
    { mnemonic: 'duplicate_entity', when: 'the account has a user of this login' },
    { mnemonic: 'already_in_use', when: 'another account has' },
  ],

  async run({ params, caller: { account }, parts: { store } }) {
    const { login, call_api: callApi, data_api: dataApi, administration } = params;
    const passwordHash = await hashPassword(params.password);
    return store.transaction(async (within) => {
      const existing = await within.users.byLogin(login);
      if (existing?.accountId === account.id) throw duplicate('login', login);
      if (existing !== undefined)
        throw new ApiError('already_in_use', { field: 'login', value: login });
      assertRoom(await within.users.list(account.id));
      const rights = { callApi, dataApi, administration };
      const user = { accountId: account.id, login, passwordHash, ...rights };
      return { id: (await within.users.put(user)).id };
    });
  },
});

export const updateUser = defineMethod({
  ...administers,
  name: 'update.users',
  summary:
    'Changes the password or the rights of a user; what is left out stays. A new password ends the sessions of the user, permanent keys stay.',
  params: dataParams({
    id: idOf('get.users'),
    password: mayStay(password),
    call_api: right.optional().describe('may use the Call API'),
    data_api: right.optional().describe('may use the Data API'),
    administration: right.optional().describe('may use the methods of administration'),
  }),
  result: nothing,
  errors: [noneOfThatId, lastAdministrator],

  async run({ params, caller: { account }, parts: { store, access } }) {
    const newHash = params.password === undefined ? undefined : await hashPassword(params.password);
    await store.transaction(async (within) => {
      const { id, ...user } = await findUser(within, account.id, params.id);
      const changed = await within.users.put({
        ...user,
        passwordHash: newHash ?? user.passwordHash,
        callApi: params.call_api ?? user.callApi,
        dataApi: params.data_api ?? user.dataApi,
        administration: params.administration ?? user.administration,
      });
      if (isAdministrator({ id, ...user }) && !isAdministrator(changed))
        await assertAdministrated(within, account.id, id);
      if (newHash !== undefined) await endSessions(within, changed);
    });
    access.forgetAll();
    return {};
  },
});

export const deleteUser = defineMethod({
  ...administers,
  name: 'delete.users',
  summary: 'Removes a user and ends its sessions.',
  params: dataParams({ id: idOf('get.users') }),
  result: nothing,
  errors: [
    noneOfThatId,
    { mnemonic: 'dependency_error', when: 'the user has permanent keys: delete them first' },
    lastAdministrator,
  ],

  async run({ params: { id }, caller: { account }, parts: { store, access } }) {
    await store.transaction(async (within) => {
      const user = await findUser(within, account.id, id);
      const keys = await within.keys.list(account.id);
      if (keys.some((key) => key.userId === id && key.kind === 'permanent'))
        throw new ApiError('dependency_error', { field: 'id', value: id });
      await within.users.remove(id);
      if (isAdministrator(user)) await assertAdministrated(within, account.id, id);
    });
    access.forgetAll();
    return {};
  },
});

async function findUser(store: Store, accountId: number, id: number): Promise<User> {
  const user = await store.users.byId(id);
  if (user?.accountId !== accountId) throw notFound('id', id);
  return user;
}

function isAdministrator({ dataApi, administration }: User): boolean {
  return dataApi && administration;
}

/** Throws, and so undoes the transaction, when the change of user `id` leaves the account without one. */
async function assertAdministrated(store: Store, accountId: number, id: number): Promise<void> {
  if (!(await store.users.list(accountId)).some(isAdministrator)) throw untouchable('id', id);
}

/** Whoever logged in with the old password must log in again. */
async function endSessions(store: Store, { id, accountId }: User): Promise<void> {
  for (const key of await store.keys.list(accountId))
    if (key.userId === id && key.kind === 'session') await store.keys.remove(key.id);
}
