import { z } from 'zod';
import { defineMethod } from '../../method.ts';
import { dataParams, defineList } from '../data-method.ts';
import { duplicate, idOf, noneOfThatId, notFound, nothing, textUpTo } from '../entities.ts';
import { field } from '../fields.ts';

export const getBlacklist = defineList({
  name: 'get.blacklist_phone_numbers',
  summary: 'The numbers, and prefixes of numbers, that no call of the account rings.',
  fields: [
    field('id', 'number', 'fs', 'entry id'),
    field('phone_number', 'string', 'fs', 'a prefix ends in `*`'),
    field('add_user_name', 'string', 'fs', 'login of who added it; null: the configuration did'),
    field('add_comment', 'string', 'fs'),
    field('add_date_time', 'iso8601', 'fs', 'null: put in by the configuration'),
  ],
  async rows({ caller: { account }, parts: { store } }) {
    const cards = await store.blacklistCards.list(account.id);
    return cards.map(({ id, number, userName, comment, addedAt }) => ({
      id,
      phone_number: number,
      add_user_name: userName,
      add_comment: comment,
      add_date_time: addedAt,
    }));
  },
});

/** A number, or, beyond the vendor, a prefix with `*` at its end. */
const blacklistedNumber = z
  .string()
  .regex(/^(?:[1-9][0-9]{6,14}|[1-9][0-9]{0,13}\*)$/)
  .describe('a number, or a prefix with `*` at its end');

export const createBlacklistEntry = defineMethod({
  name: 'create.phone_number_to_blacklist',
  component: 'Data API',
  weight: 1,
  summary: 'Lets no call of the account ring a number from now on.',
  params: dataParams({
    phone_number: blacklistedNumber,
    add_comment: textUpTo(255).optional().describe('for people'),
  }),
  result: z.strictObject({ id: z.int(), phone_number: z.string() }),
  errors: [{ mnemonic: 'duplicate_entity', when: 'the number is there already' }],

  async run({ params, caller: { account, user }, parts: { store, clock } }) {
    const { phone_number: number, add_comment: comment = null } = params;
    const added = await store.blacklistCards.add(account.id, {
      number,
      comment,
      userName: user.login,
      addedAt: Math.floor(clock.wallTime() / 1000),
    });
    if (added === undefined) throw duplicate('phone_number', number);
    return { id: added.id, phone_number: number };
  },
});

export const deleteBlacklistEntry = defineMethod({
  name: 'delete.phone_number_from_blacklist',
  component: 'Data API',
  weight: 1,
  summary: 'Lets calls ring a number again.',
  params: dataParams({ id: idOf('get.blacklist_phone_numbers') }),
  result: nothing,
  errors: [noneOfThatId],

  async run({ params: { id }, caller: { account }, parts: { store } }) {
    if (!(await store.blacklistCards.remove(account.id, id))) throw notFound('id', id);
    return {};
  },
});
