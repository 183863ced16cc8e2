import { NetworkSet, normalNetwork, privateNetworks } from '../../base/network.ts';
import { type Command, CommandError } from '../command.ts';
import { accountOptions, withAccount } from './store-session.ts';

const list: Command = {
  path: ['allow-list', 'list'],
  summary: 'Lists the addresses from which an account may be used.',
  options: accountOptions,
  examples: ['dozvon allow-list list'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const networks = await store.allowList.list(account.id);
      if (networks.length === 0) {
        const standard = privateNetworks.join(', ');
        input.terminal.err(`the list is empty: loopback and private ranges (${standard})\n`);
      }
      input.terminal.out(networks.map((network) => `${network}\n`).join(''));
      return 0;
    }),
};

const add: Command = {
  path: ['allow-list', 'add'],
  summary:
    'Lets an IP address or a network in; the first entry replaces the default of private ranges.',
  operands: ['NETWORK'],
  options: accountOptions,
  examples: [
    'dozvon allow-list add 203.0.113.7',
    'dozvon allow-list add 2001:db8::/32 --account acme',
    'dozvon allow-list add 0.0.0.0/0',
  ],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const network = checkNetwork(input.operands[0]!);
      const before = await store.allowList.list(account.id);
      await store.allowList.add(account.id, network);
      input.terminal.out(`${network}: may use the account ${account.name}\n`);
      if (before.length === 0 && !new NetworkSet([network]).has('127.0.0.1')) {
        input.terminal.err('this machine may not any more: dozvon allow-list add 127.0.0.1\n');
      }
      return 0;
    }),
};

const remove: Command = {
  path: ['allow-list', 'remove'],
  summary: 'Takes an entry off the list; an empty list stands for loopback and private ranges.',
  operands: ['NETWORK'],
  options: accountOptions,
  examples: ['dozvon allow-list remove 203.0.113.7'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const network = checkNetwork(input.operands[0]!);
      const networks = await store.allowList.list(account.id);
      if (!networks.includes(network)) {
        throw new CommandError(`${network} is not in the list of ${account.name}`);
      }
      await store.allowList.remove(account.id, network);
      input.terminal.out(`${network}: off the list of ${account.name}\n`);
      return 0;
    }),
};

export const allowListCommands: readonly Command[] = [add, list, remove];

function checkNetwork(text: string): string {
  const network = normalNetwork(text);
  if (network !== undefined) return network;
  throw new CommandError(
    `"${text}" is no IP address or network, as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32`,
  );
}
