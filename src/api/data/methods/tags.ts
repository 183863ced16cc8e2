import { defineMethod } from '../../method.ts';
import { dataParams, defineList } from '../data-method.ts';
import {
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

export const getTags = defineList({
  name: 'get.tags',
  summary: 'The tags that calls of the account may be given.',
  fields: [
    field('id', 'number', 'f', 'tag id'),
    field('name', 'string', 'fs'),
    field('is_system', 'boolean', 'fs', 'system tags cannot be deleted'),
  ],
  async rows({ caller: { account }, parts: { store } }) {
    const tags = await store.tags.list(account.id);
    return tags.map(({ id, name, isSystem }) => ({ id, name, is_system: isSystem }));
  },
});

const name = textUpTo(255).describe('unique in the account');
const nameTaken = { mnemonic: 'duplicate_entity', when: 'a tag of this name is there' } as const;

export const createTag = defineMethod({
  name: 'create.tags',
  component: 'Data API',
  weight: 1,
  summary: 'Makes a tag.',
  params: dataParams({ name }),
  result: created,
  errors: [tooMany, nameTaken],

  async run({ params, caller: { account }, parts: { store } }) {
    assertRoom(await store.tags.list(account.id));
    const tag = await store.tags.add(account.id, { name: params.name, isSystem: false });
    if (tag === undefined) throw duplicate('name', params.name);
    return { id: tag.id };
  },
});

export const updateTag = defineMethod({
  name: 'update.tags',
  component: 'Data API',
  weight: 1,
  summary: 'Gives a tag another name, on the calls that have it too.',
  params: dataParams({ id: idOf('get.tags'), name: mayStay(name) }),
  result: nothing,
  errors: [noneOfThatId, nameTaken],

  async run({ params: { id, name }, caller: { account }, parts: { store } }) {
    if ((await store.tags.find(account.id, id)) === undefined) throw notFound('id', id);
    if (name !== undefined && !(await store.tags.rename(account.id, id, name)))
      throw duplicate('name', name);
    return {};
  },
});

export const deleteTag = defineMethod({
  name: 'delete.tags',
  component: 'Data API',
  weight: 1,
  summary: 'Removes a tag, and takes it off the calls that have it.',
  params: dataParams({ id: idOf('get.tags') }),
  result: nothing,
  errors: [noneOfThatId, untouchableWhen('it is a system tag')],

  async run({ params: { id }, caller: { account }, parts: { store } }) {
    const tag = await store.tags.find(account.id, id);
    if (tag === undefined) throw notFound('id', id);
    if (tag.isSystem) throw untouchable('id', id);
    await store.tags.remove(account.id, id);
    return {};
  },
});
