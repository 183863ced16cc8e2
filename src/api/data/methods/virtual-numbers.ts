import type { NumberCard } from '../../../store/data-store.ts';
import type { ListRow } from '../../../store/list-query.ts';
import { defineList } from '../data-method.ts';
import { field } from '../fields.ts';

const statuses = [
  'active',
  'waiting',
  'cleaning',
  'prereserved',
  'reserved',
  'manual_lock',
  'limit_lock',
];
const categories = ['usual', 'bronze', 'silver', 'gold', 'platinum'];
const types = ['va', 'call_tracking', 'dynamic_call_tracking'];

export const getVirtualNumbers = defineList({
  name: 'get.virtual_numbers',
  summary: 'The numbers that calls of the account may show.',
  fields: [
    field('id', 'number', 'f', 'number id'),
    field('virtual_phone_number', 'string', 'f', 'E.164 digits'),
    field('redirection_phone_number', 'string', 'f', 'always null: there are no linked numbers'),
    field('activation_date', 'iso8601', 'f', 'null for a number of the configuration'),
    field('status', 'enum', 'fs', '`active`, or `manual_lock` when switched off', {
      values: statuses,
    }),
    field('category', 'enum', 'fs', 'always `usual`', { values: categories }),
    field('type', 'enum', 'fs', 'always `va`', { values: types }),
    field('comment', 'string', 'fs'),
    field('name', 'string', 'fs', 'the label of the configuration'),
    field('scenarios', 'array', 'f', 'always empty'),
  ],
  example: {
    params: { fields: ['virtual_phone_number', 'status'], limit: 1 },
    result: [{ virtual_phone_number: '74993720692', status: 'active' }],
  },
  async rows({ caller: { account }, parts: { store } }) {
    return (await store.numberCards.list(account.id)).map(toRow);
  },
});

function toRow({ id, number, active, label, comment, activatedAt }: NumberCard): ListRow {
  return {
    id,
    virtual_phone_number: number,
    redirection_phone_number: null,
    activation_date: activatedAt,
    status: active ? 'active' : 'manual_lock',
    category: 'usual',
    type: 'va',
    comment,
    name: label === '' ? null : label,
    scenarios: [],
  };
}
