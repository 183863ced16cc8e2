import { basename, resolve } from 'node:path';
import { type Command, CommandError } from '../command.ts';
import { accountOptions, columns, parseId, withAccount } from './store-session.ts';

const list: Command = {
  path: ['media', 'list'],
  summary: "Lists the sound files an account may use: its own and the system's.",
  options: accountOptions,
  examples: ['dozvon media list'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const files = await store.media.list(account.id);
      const rows = files.map(({ id, accountId, name, durationMs, path }) => [
        String(id),
        accountId === null ? 'system' : 'own',
        `${(durationMs / 1000).toFixed(1)} s`,
        name,
        path,
      ]);
      input.terminal.out(columns([['ID', 'WHOSE', 'LENGTH', 'NAME', 'FILE'], ...rows]));
      return 0;
    }),
};

const add: Command = {
  path: ['media', 'add'],
  summary: 'Makes a WAV file usable in calls. It stays where it is and is read from there.',
  operands: ['FILE'],
  options: {
    name: { value: 'TEXT', help: 'for people; else the name of the file' },
    id: { value: 'NUMBER', help: 'the media_file_id; else the next free one' },
    ...accountOptions,
  },
  examples: ['dozvon media add greeting.wav', 'dozvon media add greeting.wav --id 2561'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const path = resolve(input.terminal.cwd, input.operands[0]!);
      const name = input.text('name') ?? basename(path);
      const idText = input.text('id');
      const id = idText === undefined ? undefined : parseId(idText, 'media file');
      const own = (await store.media.list(account.id)).filter((it) => it.accountId === account.id);
      const clash = own.find((it) => it.name === name && it.id !== id);
      if (clash !== undefined) {
        throw new CommandError(
          `file ${clash.id} has the name "${name}" already: give another --name, or --id ${clash.id} to replace it`,
        );
      }
      const { contentHash, durationMs } = await input.services.probeMedia(path);
      const file = await store.media.put({
        ...(id !== undefined && { id }),
        accountId: account.id,
        name,
        path,
        contentHash,
        durationMs,
      });
      input.terminal.out(`media file ${file.id}: "${name}", ${(durationMs / 1000).toFixed(1)} s\n`);
      return 0;
    }),
};

const remove: Command = {
  path: ['media', 'remove'],
  summary: 'Takes a sound file off the list; the file itself stays.',
  operands: ['ID'],
  options: accountOptions,
  examples: ['dozvon media remove 2561'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const id = parseId(input.operands[0]!, 'media file');
      const file = await store.media.find(account.id, id);
      if (file === undefined) {
        throw new CommandError(`the account ${account.name} has no media file ${id}`);
      }
      if (file.accountId === null)
        throw new CommandError(`${id} is a file of the system: it stays`);
      await store.media.remove(account.id, id);
      input.terminal.out(`media file ${id}: removed\n`);
      return 0;
    }),
};

export const mediaCommands: readonly Command[] = [add, list, remove];
