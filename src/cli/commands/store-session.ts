import { silentLogger } from '../../base/logger.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import { nearest } from '../../config/nearest.ts';
import type { Account, Store } from '../../store/store.ts';
import { CommandError, type CommandInput, configOption, type OptionSpec } from '../command.ts';

/** For the commands that work on the data of one account. */
export const accountOptions: Readonly<Record<string, OptionSpec>> = {
  account: { value: 'NAME', help: 'the account; may be left out when there is only one' },
  ...configOption,
};

/** Opens the store, also beside a running server, finds the account, does the work, closes it. */
export function withAccount(
  input: CommandInput,
  work: (store: Store, account: Account, config: Config) => Promise<number>,
): Promise<number> {
  return withStore(input, async (store, config) =>
    work(store, await chooseAccount(store, input.text('account')), config),
  );
}

/** For what belongs to no account. */
export async function withStore(
  input: CommandInput,
  work: (store: Store, config: Config) => Promise<number>,
): Promise<number> {
  const { env, cwd } = input.terminal;
  const { config } = loadConfig({ path: input.text('config'), env, cwd });
  const store = await input.services.openStore(config, silentLogger);
  try {
    return await work(store, config);
  } finally {
    await store.close();
  }
}

async function chooseAccount(store: Store, name: string | undefined): Promise<Account> {
  const accounts = await store.accounts.list();
  if (accounts.length === 0) {
    throw new CommandError(
      'there is no account yet: start the server once, or describe one under bootstrap.accounts ' +
        'in dozvon.yaml and then start it',
    );
  }
  const names = accounts.map((account) => account.name);
  if (name !== undefined) {
    const found = accounts.find((account) => account.name === name);
    if (found !== undefined) return found;
    const guess = nearest(name, names);
    const hint =
      guess === undefined ? `; there are: ${names.join(', ')}` : `; did you mean "${guess}"?`;
    throw new CommandError(`there is no account "${name}"${hint}`);
  }
  if (accounts.length > 1) {
    throw new CommandError(`say which account: --account ${names.join(' | ')}`);
  }
  return accounts[0]!;
}

/** Left-aligned columns; the first row is the heading. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
    .concat('\n');
}

/** @throws CommandError when it is not a number as calls use them. */
export function checkPhoneNumber(number: string): string {
  if (/^[1-9][0-9]{6,14}$/.test(number)) return number;
  throw new CommandError(
    `"${number}" is no number: E.164 digits without + are wanted, as 74993720692`,
  );
}

/** The first digits of numbers. @throws CommandError */
export function checkPrefix(prefix: string): string {
  if (/^[1-9][0-9]{0,14}$/.test(prefix)) return prefix;
  throw new CommandError(
    `"${prefix}" is no beginning of numbers: digits with the country code are wanted, as 7800 or 44`,
  );
}

/** @throws CommandError when it is not a positive whole number. */
export function parseId(text: string, what: string): number {
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text);
  throw new CommandError(`"${text}" is no id of a ${what}: see its list`);
}
