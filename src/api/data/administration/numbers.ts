import { z } from 'zod';
import type { NumberCard } from '../../../store/data-store.ts';
import type { Store } from '../../../store/store.ts';
import { ApiError } from '../../errors.ts';
import { defineMethod } from '../../method.ts';
import { phoneNumber } from '../../parameters.ts';
import { dataParams } from '../data-method.ts';
import {
  administers,
  assertRoom,
  created,
  duplicate,
  idOf,
  noneOfThatId,
  notFound,
  nothing,
  textUpTo,
  tooMany,
} from '../entities.ts';

const notes = {
  name: textUpTo(255).nullable().optional().describe('for people; null: none'),
  comment: textUpTo(1000).nullable().optional().describe('for people; null: none'),
};

export const createVirtualNumber = defineMethod({
  ...administers,
  name: 'create.virtual_numbers',
  summary: 'Gives the account a number that its calls may show.',
  params: dataParams({
    virtual_phone_number: phoneNumber.describe('E.164 digits without +'),
    ...notes,
  }),
  result: created,
  errors: [
    tooMany,
    { mnemonic: 'duplicate_entity', when: 'the account has the number already' },
    { mnemonic: 'already_in_use', when: 'another account has it' },
  ],

  async run({ params, caller: { account }, parts: { store, clock } }) {
    const { virtual_phone_number: number, name, comment = null } = params;
    return store.transaction(async (within) => {
      const existing = await within.numbers.find(number);
      if (existing?.accountId === account.id) throw duplicate('virtual_phone_number', number);
      if (existing !== undefined)
        throw new ApiError('already_in_use', { field: 'virtual_phone_number', value: number });
      assertRoom(await within.numbers.list(account.id));
      await within.numbers.put({ accountId: account.id, number, active: true, label: name ?? '' });
      const activatedAt = Math.floor(clock.wallTime() / 1000);
      await within.numberCards.note(number, { comment, activatedAt });
      const cards = await within.numberCards.list(account.id);
      return { id: cards.find((card) => card.number === number)!.id };
    });
  },
});

export const updateVirtualNumber = defineMethod({
  ...administers,
  name: 'update.virtual_numbers',
  summary: 'Changes a virtual number; what is left out stays.',
  params: dataParams({
    id: idOf('get.virtual_numbers'),
    status: z
      .enum(['active', 'manual_lock'])
      .optional()
      .describe('whether calls may show it; running ones go on'),
    ...notes,
  }),
  result: nothing,
  errors: [noneOfThatId],

  async run({ params, caller: { account }, parts: { store } }) {
    const { id, status, name, comment } = params;
    const card = await findCard(store, account.id, id);
    const { number, activatedAt } = card;
    await store.transaction(async (within) => {
      await within.numbers.put({
        accountId: account.id,
        number,
        active: status === undefined ? card.active : status === 'active',
        label: name === undefined ? card.label : (name ?? ''),
      });
      await within.numberCards.note(number, {
        comment: comment === undefined ? card.comment : comment,
        activatedAt,
      });
    });
    return {};
  },
});

export const deleteVirtualNumber = defineMethod({
  ...administers,
  name: 'delete.virtual_numbers',
  summary: 'Takes a virtual number from the account.',
  params: dataParams({ id: idOf('get.virtual_numbers') }),
  result: nothing,
  errors: [
    noneOfThatId,
    { mnemonic: 'dependency_error', when: 'a SIP line or a running call shows it' },
  ],

  async run({ params: { id }, caller: { account }, parts: { store, calls } }) {
    const { number } = await findCard(store, account.id, id);
    const lines = await store.sipLines.list(account.id);
    const isUsed =
      lines.some(({ virtualNumber }) => virtualNumber === number) ||
      calls.active(account.id).some(({ virtualNumber }) => virtualNumber === number);
    if (isUsed) throw new ApiError('dependency_error', { field: 'id', value: id });
    await store.numbers.remove(account.id, number);
    return {};
  },
});

async function findCard(store: Store, accountId: number, id: number): Promise<NumberCard> {
  const card = (await store.numberCards.list(accountId)).find((it) => it.id === id);
  if (card === undefined) throw notFound('id', id);
  return card;
}
