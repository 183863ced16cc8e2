import type { Account, Store, VirtualNumber } from '../../store/store.ts';
import { type Command, CommandError } from '../command.ts';
import { accountOptions, checkPhoneNumber, columns, withAccount } from './store-session.ts';

const list: Command = {
  path: ['number', 'list'],
  summary: 'Lists the virtual numbers of an account.',
  options: accountOptions,
  examples: ['dozvon number list'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const numbers = await store.numbers.list(account.id);
      const rows = numbers.map((it) => [it.number, it.active ? 'yes' : 'no', it.label]);
      input.terminal.out(columns([['NUMBER', 'ACTIVE', 'LABEL'], ...rows]));
      return 0;
    }),
};

const add: Command = {
  path: ['number', 'add'],
  summary: 'Adds a virtual number, which calls may then present as the caller.',
  operands: ['NUMBER'],
  options: { label: { value: 'TEXT', help: 'for people' }, ...accountOptions },
  examples: ['dozvon number add 74993720692 --label "Moscow office"'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const number = checkPhoneNumber(input.operands[0]!);
      const existing = await store.numbers.find(number);
      if (existing !== undefined) {
        const owner = existing.accountId === account.id ? 'this account' : 'another account';
        throw new CommandError(`${owner} has the number ${number} already`);
      }
      const label = input.text('label') ?? '';
      await store.numbers.put({ accountId: account.id, number, active: true, label });
      input.terminal.out(`number ${number}: added to ${account.name}\n`);
      return 0;
    }),
};

const remove = changing('remove', 'Removes a virtual number.', 'removed', (store, it) =>
  store.numbers.remove(it.accountId, it.number),
);
const activate = changing('activate', 'Lets calls use a number again.', 'active', (store, it) =>
  store.numbers.put({ ...it, active: true }),
);
const deactivate = changing('deactivate', 'Keeps a number from use.', 'inactive', (store, it) =>
  store.numbers.put({ ...it, active: false }),
);

export const numberCommands: readonly Command[] = [add, list, remove, activate, deactivate];

function changing(
  verb: string,
  summary: string,
  done: string,
  change: (store: Store, number: VirtualNumber) => Promise<void>,
): Command {
  return {
    path: ['number', verb],
    summary,
    operands: ['NUMBER'],
    options: accountOptions,
    examples: [`dozvon number ${verb} 74993720692`],
    run: (input) =>
      withAccount(input, async (store, account) => {
        await change(store, await findNumber(store, account, input.operands[0]!));
        input.terminal.out(`number ${input.operands[0]}: ${done}\n`);
        return 0;
      }),
  };
}

async function findNumber(store: Store, account: Account, text: string): Promise<VirtualNumber> {
  const found = await store.numbers.find(checkPhoneNumber(text));
  if (found?.accountId === account.id) return found;
  throw new CommandError(`the account ${account.name} has no number ${text}: dozvon number list`);
}
