import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Installation, installation, tokens } from './api-installation.ts';
import { ask, data, refusal, rows } from './data-api-test.ts';

describe('lists of the Data API', () => {
  let it: Installation;
  before(async () => {
    it = await installation();
    for (const [number, comment] of [
      ['79990000002', 'Боб'],
      ['79990000003', 'bob'],
      ['79990000004', null],
    ])
      await data(it, 'create.phone_number_to_blacklist', {
        phone_number: number,
        add_comment: comment,
      });
  });
  after(() => it.close());

  test('the envelope: total_items before the page is cut, limits, the id as it came', async () => {
    const answer = await ask(it, 'get.blacklist_phone_numbers', { limit: 1, offset: 1 });
    assert.equal(answer.id, 'req1');
    assert.equal(answer.result?.metadata.total_items, 4);
    assert.deepEqual(Object.keys(answer.result!.metadata), ['total_items', 'limits']);
    assert.deepEqual(answer.result!.data, [
      {
        id: 2,
        phone_number: '79990000002',
        add_user_name: 'user of one',
        add_comment: 'Боб',
        add_date_time: '2026-01-01 12:30:15',
      },
    ]);
  });

  test('both paths are served; GET tells which method is meant', async () => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'get.account',
      params: { access_token: tokens.valid },
    });
    for (const path of ['/v2.0', '/v2.0/']) {
      const url = `http://test${path}`;
      const posted = await it.api.fetch(new Request(url, { method: 'POST', body }));
      const answer = (await posted.json()) as { result: { data: unknown } };
      assert.deepEqual(answer.result.data, [{ app_id: 1, name: 'one', timezone: 'Europe/Moscow' }]);
      assert.equal((await it.api.fetch(new Request(url))).status, 405);
    }
  });

  // Phone numbers end in 1 (no comment, from configuration), 2 "Боб", 3 "bob", 4 (no comment).
  const by = (field: string, operator: string, value?: unknown): object => ({
    field,
    operator,
    ...(value !== undefined && { value }),
  });
  const filters: readonly [filter: object, ids: string][] = [
    [by('id', '=', 2), '2'],
    [by('id', '!=', 2), '134'],
    [by('id', '<', 2), '1'],
    [by('id', '<=', 2), '12'],
    [by('id', '>', 2), '34'],
    [by('id', '>=', 2), '234'],
    [by('id', 'in', [1, 3]), '13'],
    [by('id', 'in', 3), '3'],
    [by('id', 'in', []), ''],
    [by('id', 'not_in', [1, 3]), '24'],
    [by('add_comment', '=', 'bob'), '3'],
    [by('add_comment', '!=', 'bob'), '124'],
    [by('add_comment', '=', null), '14'],
    [by('add_comment', '='), '14'],
    [by('add_comment', '!=', null), '23'],
    [by('add_comment', 'is_null'), '14'],
    [by('add_comment', 'is_not_null', null), '23'],
    [by('add_comment', 'like', 'б%'), ''],
    [by('add_comment', 'like', 'Б_б'), '2'],
    [by('add_comment', 'ilike', 'б%'), '2'],
    [by('add_comment', 'not_like', 'b%'), '124'],
    [by('add_comment', 'not_ilike', '%Б%'), '134'],
    [by('phone_number', 'like', '%\\%'), ''],
    [by('phone_number', 'regexp', '[2-3]$'), '23'],
    [by('phone_number', 'regexp', '^7(9{3}|8)0+1'), '1'],
    [by('add_date_time', '=', '2026-01-01 12:30:15'), '234'],
    [by('add_date_time', '>', '2026-01-01 12:30:15'), ''],
    [by('add_date_time', '<', '2026-01-01 12:30:16'), '234'],
    [{ filters: [by('id', '>', 1), by('id', '<', 4)] }, '23'],
    [{ filters: [by('id', '=', 1), by('id', '=', 4)], condition: 'or' }, '14'],
    [
      {
        condition: 'and',
        filters: [
          by('id', '>', 1),
          {
            condition: 'or',
            filters: [
              by('id', '=', 1),
              by('id', '=', 4),
              { filters: [by('add_comment', '=', 'bob')] },
            ],
          },
        ],
      },
      '34',
    ],
  ];
  for (const [filter, expected] of filters)
    test(`filter ${JSON.stringify(filter)} finds ${expected || 'nothing'}`, async () => {
      const found = await rows(it, 'get.blacklist_phone_numbers', { filter, fields: ['id'] });
      assert.equal(found.map(({ id }) => id).join(''), expected);
    });

  const sorts: readonly [sort: object[], ids: string][] = [
    [[], '1234'],
    [[{ field: 'id', order: 'desc' }], '4321'],
    [[{ field: 'add_comment' }], '1432'],
    [[{ field: 'add_comment', order: 'desc' }], '2314'],
    [
      [
        { field: 'add_comment', order: 'asc' },
        { field: 'id', order: 'desc' },
      ],
      '4132',
    ],
  ];
  for (const [sort, expected] of sorts)
    test(`sort ${JSON.stringify(sort)} gives ${expected}`, async () => {
      const found = await rows(it, 'get.blacklist_phone_numbers', { sort, fields: ['id'] });
      assert.equal(found.map(({ id }) => id).join(''), expected);
    });

  test('fields are answered as asked, in that order', async () => {
    const [first] = await rows(it, 'get.blacklist_phone_numbers', {
      fields: ['phone_number', 'id'],
    });
    assert.equal(JSON.stringify(first), '{"phone_number":"79990000001","id":1}');
  });

  let deep: object = by('id', '=', 1);
  for (let level = 0; level < 4; level++) deep = { filters: [deep] };
  const refused: readonly [params: Record<string, unknown>, error: string][] = [
    [{ limit: 10_001 }, 'invalid_parameter_value -32602 limit'],
    [{ limit: -1 }, 'invalid_parameter_value -32602 limit'],
    [{ limit: 1.5 }, 'invalid_parameter_value -32602 limit'],
    [{ limit: '1' }, 'data_type_error -32602 limit'],
    [{ offset: 100_001 }, 'invalid_parameter_value -32602 offset'],
    [{ filter: [] }, 'data_type_error -32602 filter'],
    [{ filter: {} }, 'required_parameter_missed -32602 filter.field'],
    [{ filter: { field: 'id' } }, 'required_parameter_missed -32602 filter.operator'],
    [{ filter: by('id', '=', 1), nonsense: 1 }, 'unexpected_parameters -32602 nonsense'],
    [{ filter: { ...by('id', '=', 1), x: 1 } }, 'unexpected_parameters -32602 filter.x'],
    [{ filter: by('nobody', '=', 1) }, 'unexpected_parameters -32602 filter.field'],
    [{ filter: by('id', '==', 1) }, 'invalid_parameter_value -32602 filter.operator'],
    [{ filter: by('id', 'toString', 1) }, 'invalid_parameter_value -32602 filter.operator'],
    [{ filter: by('id', 'like', '1%') }, 'invalid_parameter_value -32602 filter.operator'],
    [{ filter: by('id', 'overlap', '1') }, 'invalid_parameter_value -32602 filter.operator'],
    [{ filter: by('id', 'jsquery', 'a') }, 'invalid_parameter_value -32602 filter.operator'],
    [{ filter: by('id', '=', '1') }, 'invalid_parameter_value -32602 filter.value'],
    [{ filter: by('id', 'in', [1, null]) }, 'invalid_parameter_value -32602 filter.value'],
    [{ filter: by('id', 'is_null', 1) }, 'invalid_parameter_value -32602 filter.value'],
    [{ filter: by('phone_number', '=', 7) }, 'invalid_parameter_value -32602 filter.value'],
    [{ filter: by('phone_number', '<', '7') }, 'invalid_parameter_value -32602 filter.operator'],
    [{ filter: by('phone_number', 'regexp', '(') }, 'invalid_parameter_value -32602 filter.value'],
    [
      { filter: by('add_date_time', '<', '2026-02-30 00:00:00') },
      'invalid_parameter_value -32602 filter.value',
    ],
    [{ filter: { filters: [] } }, 'invalid_parameter_value -32602 filter.filters'],
    [{ filter: { filters: [1] } }, 'data_type_error -32602 filter.filters.0'],
    [{ filter: { filters: {} } }, 'data_type_error -32602 filter.filters'],
    [
      { filter: { filters: [by('id', '=', 1)], condition: 'xor' } },
      'invalid_parameter_value -32602 filter.condition',
    ],
    [
      { filter: deep },
      'invalid_parameter_value -32602 filter.filters.0.filters.0.filters.0.filters',
    ],
    [{ sort: [{ field: 'nobody' }] }, 'unexpected_parameters -32602 sort.0.field'],
    [{ sort: [{ field: 'id', order: 'up' }] }, 'invalid_parameter_value -32602 sort.0.order'],
    [{ sort: ['id'] }, 'data_type_error -32602 sort.0'],
    [{ fields: ['id', 'nobody'] }, 'unexpected_parameters -32602 fields.1'],
    [{ fields: [1] }, 'data_type_error -32602 fields.0'],
  ];
  for (const [params, expected] of refused)
    test(`${JSON.stringify(params)} is refused`, async () => {
      assert.equal(await refusal(it, 'get.blacklist_phone_numbers', params), expected);
    });

  test('a field that is not for sorting or filtering says so', async () => {
    assert.equal(
      await refusal(it, 'get.virtual_numbers', { sort: [{ field: 'id' }] }),
      'sort_prohibited -32602 sort.0.field',
    );
  });

  test('user_id is taken and ignored', async () => {
    assert.equal((await rows(it, 'get.virtual_numbers', { user_id: 5 })).length, 3);
    assert.equal(
      await refusal(it, 'get.virtual_numbers', { user_id: '5' }),
      'data_type_error -32602 user_id',
    );
  });

  test('numbers of the account: an inactive one is locked by hand', async () => {
    const fields = ['id', 'virtual_phone_number', 'status', 'name', 'scenarios'];
    assert.deepEqual(await rows(it, 'get.virtual_numbers', { fields, offset: 1 }), [
      { id: 2, virtual_phone_number: '74993720693', status: 'active', name: null, scenarios: [] },
      {
        id: 3,
        virtual_phone_number: '74993720694',
        status: 'manual_lock',
        name: null,
        scenarios: [],
      },
    ]);
  });
});

describe('the blacklist of the Data API', () => {
  test('what is put in refuses calls, may not be put in twice, and is taken out by its id', async () => {
    await using it = await disposable();
    const entry = { phone_number: '79091234567' };
    const { id } = await data(it, 'create.phone_number_to_blacklist', entry);
    assert.equal(await it.store.blacklist.has(1, '79091234567'), true);
    assert.equal(
      await refusal(it, 'create.phone_number_to_blacklist', entry),
      'duplicate_entity -32602 phone_number',
    );
    const other = { access_token: tokens.other, id };
    const remove = 'delete.phone_number_from_blacklist';
    assert.equal(await refusal(it, remove, other), 'entity_not_found -32602 id');
    assert.deepEqual(await data(it, remove, { id }), {});
    assert.equal(await refusal(it, remove, { id }), 'entity_not_found -32602 id');
    assert.equal(await it.store.blacklist.has(1, '79091234567'), false);
  });
});

async function disposable(): Promise<Installation & AsyncDisposable> {
  const it = await installation();
  return { ...it, [Symbol.asyncDispose]: () => it.close() };
}
