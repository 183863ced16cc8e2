import { endSessions } from '../../config/bootstrap.ts';
import type { Account, Store, User } from '../../store/store.ts';
import { type Command, CommandError, type CommandInput } from '../command.ts';
import { accountOptions, columns, withAccount } from './store-session.ts';

const list: Command = {
  path: ['user', 'list'],
  summary: 'Lists the users of an account.',
  options: accountOptions,
  examples: ['dozvon user list --account acme'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const users = await store.users.list(account.id);
      const yesOrNo = (right: boolean): string => (right ? 'yes' : 'no');
      const rows = users.map((user) => [
        user.login,
        yesOrNo(user.callApi),
        yesOrNo(user.dataApi),
        yesOrNo(user.administration),
      ]);
      const head = ['LOGIN', 'CALL API', 'DATA API', 'ADMINISTRATION'];
      input.terminal.out(columns([head, ...rows]));
      return 0;
    }),
};

const add: Command = {
  path: ['user', 'add'],
  summary: 'Adds a user; the password is asked for, or read as the first line of standard input.',
  operands: ['LOGIN'],
  options: {
    'no-call-api': { help: 'without the right to use the Call API' },
    'no-data-api': { help: 'without the right to use the Data API' },
    administration: { help: 'with the right to change users, keys, numbers and rules by the API' },
    ...accountOptions,
  },
  examples: [
    'dozvon user add crm',
    'dozvon user add crm < password.txt',
    'dozvon user add owner --administration',
  ],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const login = input.operands[0]!;
      if ((await store.users.byLogin(login)) !== undefined) {
        throw new CommandError(
          `there is a user "${login}" already: dozvon user password ${login} changes the password`,
        );
      }
      await store.users.put({
        accountId: account.id,
        login,
        passwordHash: await input.services.hashPassword(await askPassword(input, login)),
        callApi: !input.flag('no-call-api'),
        dataApi: !input.flag('no-data-api'),
        administration: input.flag('administration'),
      });
      input.terminal.out(`user ${login}: added to ${account.name}\n`);
      return 0;
    }),
};

const password: Command = {
  path: ['user', 'password'],
  summary: 'Sets a new password and ends the sessions of the user; permanent keys stay.',
  operands: ['LOGIN'],
  options: accountOptions,
  examples: ['dozvon user password crm', 'dozvon user password crm < password.txt'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const user = await findUser(store, account, input.operands[0]!);
      const passwordHash = await input.services.hashPassword(await askPassword(input, user.login));
      const { accountId, login, callApi } = user;
      await store.transaction(async (within) => {
        await within.users.put({ accountId, login, callApi, passwordHash });
        await endSessions(within, user);
      });
      input.terminal.out(`user ${login}: password changed\n`);
      return 0;
    }),
};

const rights = { 'call-api': 'callApi', 'data-api': 'dataApi', administration: 'administration' };
const rightNames = Object.keys(rights) as (keyof typeof rights)[];

const grant = changingRight(
  'grant',
  'Gives a user a right',
  true,
  'dozvon user grant crm data-api',
);
const revoke = changingRight(
  'revoke',
  'Takes a right from a user',
  false,
  'dozvon user revoke crm call-api',
);

function changingRight(verb: string, summary: string, value: boolean, example: string): Command {
  return {
    path: ['user', verb],
    summary: `${summary}: ${rightNames.join(', ')}.`,
    operands: ['LOGIN', 'RIGHT'],
    options: accountOptions,
    examples: [example],
    run: (input) =>
      withAccount(input, async (store, account) => {
        const right = rightNames.find((name) => name === input.operands[1]);
        if (right === undefined) {
          throw new CommandError(
            `"${input.operands[1]}" is no right; there are: ${rightNames.join(', ')}`,
          );
        }
        const { id: _, ...user } = await findUser(store, account, input.operands[0]!);
        await store.users.put({ ...user, [rights[right]]: value });
        input.terminal.out(`user ${user.login}: ${right} ${value ? 'granted' : 'revoked'}\n`);
        return 0;
      }),
  };
}

const remove: Command = {
  path: ['user', 'remove'],
  summary: 'Removes a user and all its keys.',
  operands: ['LOGIN'],
  options: accountOptions,
  examples: ['dozvon user remove crm'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const user = await findUser(store, account, input.operands[0]!);
      await store.transaction(async (within) => {
        for (const key of await within.keys.list(account.id)) {
          if (key.userId === user.id) await within.keys.remove(key.id);
        }
        await within.users.remove(user.id);
      });
      input.terminal.out(`user ${user.login}: removed\n`);
      return 0;
    }),
};

export const userCommands: readonly Command[] = [add, list, password, grant, revoke, remove];

async function findUser(store: Store, account: Account, login: string): Promise<User> {
  const users = await store.users.list(account.id);
  const user = users.find((it) => it.login === login);
  if (user !== undefined) return user;
  const logins = users.map((it) => it.login).join(', ') || 'none';
  throw new CommandError(`the account ${account.name} has no user "${login}"; it has: ${logins}`);
}

async function askPassword({ terminal }: CommandInput, login: string): Promise<string> {
  const text = await terminal.readSecret(`Password for ${login}: `);
  if (/^[^\p{Cc}]{8,256}$/u.test(text)) return text;
  throw new CommandError('a password has 8 to 256 characters; nothing was changed');
}
