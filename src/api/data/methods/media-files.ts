import { z } from 'zod';
import { selectRows } from '../../../store/list-query.ts';
import type { MediaFile, Store } from '../../../store/store.ts';
import { defineMethod } from '../../method.ts';
import { wholeNumber } from '../../parameters.ts';
import { dataParams, defineList } from '../data-method.ts';
import {
  duplicate,
  idOf,
  mayStay,
  noneOfThatId,
  notFound,
  nothing,
  untouchable,
  untouchableWhen,
} from '../entities.ts';
import { field } from '../fields.ts';

/** What a file is called: nothing that would break a line of a list. */
export const mediaName = z
  .string()
  .regex(/^(?=.*\S)[^\p{Cc}]{1,200}$/u)
  .describe("no other file of the account's, nor of the system, has it");

export const mediaFile = z.strictObject({
  id: wholeNumber.describe('`media_file_id` of calls'),
  name: z.string(),
  duration: wholeNumber.describe('seconds, at least 1'),
  play_link: z.string().describe('a URL that plays in a browser for an hour, or as configured'),
  normalization: z.boolean().describe('brought to the usual loudness'),
  size: wholeNumber.describe('bytes of the file as it came'),
  type: z.enum(['system', 'user']).describe('system files cannot be changed'),
});

export const getMediaFiles = defineList({
  name: 'get.media_files',
  summary: 'The sound files that calls of the account may play: its own and those of the system.',
  fields: [
    field('id', 'number', 'fs', '`media_file_id` of calls'),
    field('name', 'string', 'fs', 'unique among what the account sees'),
    field('duration', 'number', 'fs', 'seconds, at least 1'),
    field('play_link', 'string', '', 'a URL that plays in a browser, for an hour or as configured'),
    field('normalization', 'boolean', 'fs', 'brought to the usual loudness'),
    field('size', 'number', 'fs', 'bytes of the file as it came'),
    field('type', 'enum', 'fs', 'system files cannot be changed', { values: ['system', 'user'] }),
  ],
  remarks: `Of the system are \`dialing_music\` (the default of \`media_file_id\`), \`ringback\`, \`hold_music\` and short
tones; user files come from \`upload.media_file\`, \`POST /v2.0/media\` and \`dozvon media add\`. A \`play_link\`
needs no token, so whoever has it may listen until it expires:
[media files](../../operating/media.md#links).`,
  async page({ caller: { account }, parts: { store, links }, origin }, { query }) {
    const files = await store.media.list(account.id);
    const { rows, total } = selectRows(files.map(toRow), query);
    const linkOf = await links.of(origin, account.id);
    return { rows: rows.map((row) => ({ ...row, play_link: linkOf(Number(row.id)) })), total };
  },
});

/** The fields of a file but its link. */
export function toRow({ id, accountId, name, durationMs, normalized, sizeBytes }: MediaFile) {
  return {
    id,
    name,
    duration: Math.max(1, Math.round(durationMs / 1000)),
    normalization: normalized,
    size: sizeBytes,
    type: accountId === null ? ('system' as const) : ('user' as const),
  };
}

export const updateMediaFile = defineMethod({
  name: 'update.media_file',
  component: 'Data API',
  weight: 1,
  extension: true,
  summary: "Gives a file of the account's own another name.",
  params: dataParams({
    id: idOf('get.media_files'),
    name: mayStay(mediaName),
  }),
  result: nothing,
  errors: [
    noneOfThatId,
    untouchableWhen('the file is of the system'),
    { mnemonic: 'duplicate_entity', when: 'another file has the name' },
  ],
  example: { params: { id: 2561, name: 'greeting' }, result: {} },

  async run({ params: { id, name }, caller: { account }, parts: { store } }) {
    await findOwn(store, account.id, id);
    if (name !== undefined && !(await store.media.rename(account.id, id, name)))
      throw duplicate('name', name);
    return {};
  },
});

export const deleteMediaFile = defineMethod({
  name: 'delete.media_file',
  component: 'Data API',
  weight: 1,
  extension: true,
  summary: "Removes a file of the account's own; calls that play it go on.",
  params: dataParams({ id: idOf('get.media_files') }),
  result: nothing,
  errors: [noneOfThatId, untouchableWhen('the file is of the system')],
  example: { params: { id: 2561 }, result: {} },
  remarks: `The sound itself stays on the disk as long as a running call was ordered with it, and at least an hour:
[media files](../../operating/media.md#deleting).`,

  async run({ params: { id }, caller: { account }, parts: { store } }) {
    await findOwn(store, account.id, id);
    if (!(await store.media.remove(account.id, id))) throw notFound('id', id);
    return {};
  },
});

async function findOwn(store: Store, accountId: number, id: number): Promise<MediaFile> {
  const file = await store.media.find(accountId, id);
  if (file === undefined) throw notFound('id', id);
  if (file.accountId === null) throw untouchable('id', id);
  return file;
}
