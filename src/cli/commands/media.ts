import { basename, resolve } from 'node:path';
import { silentLogger } from '../../base/logger.ts';
import type { Config } from '../../config/config.ts';
import type { StoredSound } from '../../model/stored-sound.ts';
import type { Account, MediaFile, Store } from '../../store/store.ts';
import { type Command, CommandError, type CommandInput } from '../command.ts';
import { accountOptions, columns, parseId, withAccount } from './store-session.ts';

const list: Command = {
  path: ['media', 'list'],
  summary: "Lists the sound files an account may use: its own and the system's.",
  options: accountOptions,
  examples: ['dozvon media list'],
  run: (input) =>
    withAccount(input, async (store, account) => {
      const files = await store.media.list(account.id);
      const rows = files.map((file) => [
        String(file.id),
        file.accountId === null ? 'system' : 'own',
        seconds(file.durationMs),
        String(file.sizeBytes),
        file.normalized ? 'yes' : 'no',
        file.name,
        file.path,
      ]);
      const header = ['ID', 'WHOSE', 'LENGTH', 'BYTES', 'NORMALIZED', 'NAME', 'FILE'];
      input.terminal.out(columns([header, ...rows]));
      return 0;
    }),
};

const add: Command = {
  path: ['media', 'add'],
  summary:
    'Takes a WAV, MP3, Ogg Opus or FLAC file into the library: it is copied, and can be played in calls.',
  operands: ['FILE'],
  options: {
    name: { value: 'TEXT', help: 'for people; else the name of the file' },
    normalize: { help: 'bring it to the usual loudness, as music of one volume' },
    id: { value: 'NUMBER', help: 'the media_file_id, also of one to replace; else the next free' },
    ...accountOptions,
  },
  examples: [
    'dozvon media add greeting.mp3 --normalize',
    'dozvon media add greeting.wav --name "Greeting" --id 2561',
  ],
  run: (input) =>
    withAccount(input, async (store, account, config) => {
      const path = resolve(input.terminal.cwd, input.operands[0]!);
      const name = checkName(input.text('name') ?? basename(path));
      const idText = input.text('id');
      const id = idText === undefined ? undefined : parseId(idText, 'media file');
      await checkPlace(store, account, name, id);
      const sound = await takeSound(input, config, path);
      const values = { ...sound, name, originalName: basename(path) };
      const file =
        id === undefined
          ? await store.media.add(account.id, values)
          : await store.media.put({ ...values, id, accountId: account.id });
      if (file === undefined) throw new CommandError(`another file has the name "${name}" by now`);
      const how = file.normalized ? ', normalized' : '';
      input.terminal.out(
        `media file ${file.id}: "${name}", ${seconds(file.durationMs)}, ${file.sizeBytes} bytes${how}\n`,
      );
      return 0;
    }),
};

const remove: Command = {
  path: ['media', 'remove'],
  summary: 'Takes a sound file out of the library; calls that play it go on.',
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

function checkName(name: string): string {
  if (/^[^\p{Cc}]{1,200}$/u.test(name) && name.trim() !== '') return name;
  throw new CommandError('a name has 1 to 200 characters and no line break: give it by --name');
}

/** Whether the account may have a file of this name, and with this id. */
async function checkPlace(
  store: Store,
  account: Account,
  name: string,
  id: number | undefined,
): Promise<void> {
  const owner = id === undefined ? undefined : await store.media.byId(id);
  if (owner !== undefined && owner.accountId !== account.id) {
    const whose = owner.accountId === null ? 'the system' : 'another account';
    throw new CommandError(`the id ${id} is of a file of ${whose}: choose another one, from 1000`);
  }
  const seen = await store.media.list(account.id);
  const clash = seen.find((it) => it.name === name && it.id !== id);
  if (clash !== undefined) throw new CommandError(clashText(clash));
}

function clashText({ id, accountId, name }: MediaFile): string {
  return accountId === null
    ? `"${name}" is the name of a file of the system: give another --name`
    : `file ${id} has the name "${name}" already: give another --name, or --id ${id} to replace it`;
}

/** @throws CommandError for a file that cannot be played. */
async function takeSound(input: CommandInput, config: Config, path: string): Promise<StoredSound> {
  const library = await input.services.openMediaLibrary(config, silentLogger);
  try {
    const taken = await library.take(path, { normalize: input.flag('normalize') });
    if ('refused' in taken) throw new CommandError(`${path}: ${taken.refused}`);
    return taken.sound;
  } finally {
    await library.close();
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export const mediaCommands: readonly Command[] = [add, list, remove];
