import type { AccessKey, Account, Store, User } from '../../store/store.ts';
import { type Command, CommandError, type CommandInput } from '../command.ts';
import { accountOptions, columns, parseId, withAccount } from './store-session.ts';

const list: Command = {
  path: ['key', 'list'],
  summary: 'Lists the permanent keys of an account; the keys themselves are not kept.',
  options: accountOptions,
  examples: ['dozvon key list'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const logins = new Map((await store.users.list(account.id)).map((it) => [it.id, it.login]));
      const keys = await permanentKeys(store, account);
      const rows = keys.map(({ id, userId, label, expiresAt, blocked }) => [
        String(id),
        logins.get(userId) ?? '?',
        expiresAt === null ? 'never' : new Date(expiresAt * 1000).toISOString(),
        blocked ? 'yes' : 'no',
        label,
      ]);
      input.terminal.out(columns([['ID', 'USER', 'EXPIRES', 'BLOCKED', 'LABEL'], ...rows]));
      return 0;
    }),
};

const add: Command = {
  path: ['key', 'add'],
  summary: 'Makes a permanent key for a user and prints it: the only time it can be seen.',
  options: {
    user: { value: 'LOGIN', help: 'whose key; may be left out when there is only one user' },
    label: { value: 'TEXT', help: 'what it is for' },
    expires: { value: 'DATE', help: 'as 2027-01-31 or 2027-01-31T12:00:00+03:00; else endless' },
    ...accountOptions,
  },
  examples: [
    'dozvon key add --user crm --label "CRM on the web"',
    'dozvon key add --expires 2027-01-31',
  ],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const { random, hashToken } = input.services;
      const user = await chooseUser(store, account, input.text('user'));
      const token = random.hex(32);
      const key = await store.keys.add({
        accountId: account.id,
        userId: user.id,
        kind: 'permanent',
        tokenHash: hashToken(token),
        label: input.text('label') ?? '',
        expiresAt: parseExpiry(input),
        blocked: false,
      });
      input.terminal.out(`${token}\n`);
      input.terminal.err(`key ${key.id} of ${user.login}: keep it, it is not shown again\n`);
      return 0;
    }),
};

const block = changing('block', 'Refuses a key from now on; it can be unblocked.', (store, key) =>
  store.keys.setBlocked(key.id, true),
);
const unblock = changing('unblock', 'Lets a blocked key in again.', (store, key) =>
  store.keys.setBlocked(key.id, false),
);
const remove = changing('remove', 'Removes a key for good.', (store, key) =>
  store.keys.remove(key.id),
);

export const keyCommands: readonly Command[] = [add, list, block, unblock, remove];

function changing(
  verb: 'block' | 'unblock' | 'remove',
  summary: string,
  change: (store: Store, key: AccessKey) => Promise<void>,
): Command {
  return {
    path: ['key', verb],
    summary,
    operands: ['ID'],
    options: accountOptions,
    examples: [`dozvon key ${verb} 3`],
    run: (input) =>
      withAccount(input, async (store, account) => {
        const id = parseId(input.operands[0]!, 'key');
        const key = (await permanentKeys(store, account)).find((it) => it.id === id);
        if (key === undefined) {
          throw new CommandError(`the account ${account.name} has no key ${id}: dozvon key list`);
        }
        await change(store, key);
        input.terminal.out(`key ${id}: ${verb === 'remove' ? 'removed' : `${verb}ed`}\n`);
        return 0;
      }),
  };
}

async function permanentKeys(store: Store, account: Account): Promise<readonly AccessKey[]> {
  return (await store.keys.list(account.id)).filter(({ kind }) => kind === 'permanent');
}

async function chooseUser(
  store: Store,
  account: Account,
  login: string | undefined,
): Promise<User> {
  const users = await store.users.list(account.id);
  const logins = users.map((user) => user.login).join(', ');
  if (login === undefined) {
    if (users.length === 1) return users[0]!;
    const fix = users.length === 0 ? 'add one: dozvon user add LOGIN' : `--user, one of: ${logins}`;
    throw new CommandError(`a key belongs to a user; ${fix}`);
  }
  const user = users.find((it) => it.login === login);
  if (user !== undefined) return user;
  throw new CommandError(
    `the account ${account.name} has no user "${login}"; it has: ${logins || 'none'}`,
  );
}

function parseExpiry(input: CommandInput): number | null {
  const text = input.text('expires');
  if (text === undefined) return null;
  const shape = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/;
  const at = shape.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new CommandError(`--expires: "${text}" is no date, as 2027-01-31 or 2027-01-31T12:00Z`);
  }
  if (at <= input.services.clock.wallTime()) {
    throw new CommandError(`--expires: ${text} is over already`);
  }
  return Math.floor(at / 1000);
}
