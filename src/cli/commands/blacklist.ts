import { type Command, CommandError } from '../command.ts';
import { accountOptions, checkPhoneNumber, checkPrefix, withAccount } from './store-session.ts';

const list: Command = {
  path: ['blacklist', 'list'],
  summary: 'Lists the contacts that an account does not call.',
  options: accountOptions,
  examples: ['dozvon blacklist list'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const numbers = await store.blacklist.list(account.id);
      input.terminal.out(numbers.map((number) => `${number}\n`).join(''));
      return 0;
    }),
};

const add: Command = {
  path: ['blacklist', 'add'],
  summary: 'Refuses calls to a contact, or to all that begin so, from now on.',
  operands: ['NUMBER'],
  options: accountOptions,
  examples: ['dozvon blacklist add 79260000000', 'dozvon blacklist add "7809*"'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const number = checkBarred(input.operands[0]!);
      await store.blacklist.add(account.id, number);
      input.terminal.out(`${number}: in the blacklist of ${account.name}\n`);
      return 0;
    }),
};

const remove: Command = {
  path: ['blacklist', 'remove'],
  summary: 'Lets calls to a contact through again.',
  operands: ['NUMBER'],
  options: accountOptions,
  examples: ['dozvon blacklist remove 79260000000'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const number = checkBarred(input.operands[0]!);
      const numbers = await store.blacklist.list(account.id);
      if (!numbers.includes(number)) {
        const prefix = numbers.find((it) => it.endsWith('*') && number.startsWith(it.slice(0, -1)));
        const why = prefix === undefined ? '' : `, but ${prefix} is: remove that`;
        throw new CommandError(`${number} is not in the blacklist of ${account.name}${why}`);
      }
      await store.blacklist.remove(account.id, number);
      input.terminal.out(`${number}: out of the blacklist of ${account.name}\n`);
      return 0;
    }),
};

export const blacklistCommands: readonly Command[] = [add, list, remove];

/** A number, or the first digits of numbers with `*`. */
function checkBarred(text: string): string {
  return text.endsWith('*') ? `${checkPrefix(text.slice(0, -1))}*` : checkPhoneNumber(text);
}
