import assert from 'node:assert/strict';
import { after, before, describe, mock, test } from 'node:test';
import { dataMethods } from '../../src/api/data/data-api.ts';
import type { Field } from '../../src/api/data/fields.ts';
import type { SimpleCallOrder } from '../../src/model/simple-call-order.ts';
import { type Installation, password, tokens } from './api-installation.ts';
import { administrated, refusal, talkedCall } from './data-api-test.ts';

type Row = readonly [method: string, params: Record<string, unknown>, error: string];

/** Parameters with which a list answers. */
const minimal: Record<string, Record<string, unknown>> = {
  'get.calls_report': { date_from: '2026-01-01 00:00:00', date_till: '2026-02-01 00:00:00' },
  'get.call_legs_report': { date_from: '2026-01-01 00:00:00', date_till: '2026-02-01 00:00:00' },
  'get.api_requests': { date_from: '2026-01-01 00:00:00', date_till: '2026-02-01 00:00:00' },
};

/** What any list refuses, by its own fields. */
function listRows(method: string, fields: readonly Field[]): Row[] {
  const params = minimal[method] ?? {};
  const filter = (field: string, operator = '='): object => ({
    ...params,
    filter: { field, operator, value: null },
  });
  const closed = fields.find((field) => !field.filter);
  const unsorted = fields.find((field) => !field.sort);
  return [
    [method, { ...params, fields: ['nobody'] }, 'unexpected_parameters -32602 fields.0'],
    [
      method,
      { ...filter(fields.find((field) => field.filter)!.name, '~') },
      'invalid_parameter_value -32602 filter.operator',
    ],
    ...(closed
      ? ([[method, { ...filter(closed.name) }, 'filter_prohibited -32602 filter.field']] as Row[])
      : []),
    ...(unsorted
      ? ([
          [
            method,
            { ...params, sort: [{ field: unsorted.name }] },
            'sort_prohibited -32602 sort.0.field',
          ],
        ] as Row[])
      : []),
  ];
}

const lists = [...dataMethods.values()].flatMap(({ name, fields }) =>
  fields === undefined ? [] : listRows(name, fields),
);

const from = '2026-01-01 00:00:00';
const intervals: readonly (readonly [dates: object, error: string])[] = [
  [{ date_from: 'yesterday', date_till: from }, 'invalid_parameter_value -32602 date_from'],
  [
    { date_from: from, date_till: '2026-02-30 00:00:00' },
    'invalid_parameter_value -32602 date_till',
  ],
  [
    { date_from: from, date_till: '2025-12-31 23:59:59' },
    'invalid_parameter_value -32602 date_till',
  ],
  [{ date_till: from }, 'required_parameter_missed -32602 date_from'],
  [{ date_from: 1, date_till: from }, 'data_type_error -32602 date_from'],
];

const call = { communication_type: 'call', communication_id: 1, tag_id: 1 };
const tagged = ['set.tag_communications', 'unset.tag_communications'].flatMap((name): Row[] => [
  [
    name,
    { communication_type: 'call', tag_id: 1 },
    'required_parameter_missed -32602 communication_id',
  ],
  [
    name,
    { ...call, communication_id: 9 },
    'entity_not_found -32602 communication_id', // No such call.
  ],
  [name, { ...call, communication_id: 2 }, 'entity_not_found -32602 communication_id'], // Account two's.
  [name, { ...call, communication_type: 'chat' }, 'entity_not_found -32602 communication_id'],
  [
    name,
    { communication_type: 'call', communication_ext_id: 'x', tag_id: 1 },
    'entity_not_found -32602 communication_ext_id',
  ],
  [name, { ...call, tag_id: 9 }, 'entity_not_found -32602 tag_id'],
  [
    name,
    { ...call, communication_type: 'fax' },
    'invalid_parameter_value -32602 communication_type',
  ],
]);

const noneOfThatId: readonly Row[] = [...dataMethods.values()]
  .filter(({ params }) => 'id' in params.shape)
  .map(({ name }): Row => {
    const required: Record<string, Record<string, unknown>> = {
      'update.sip_lines': { employee_id: 1 },
      'update.keys': { is_blocked: true },
    };
    return [name, { id: 99, ...required[name] }, 'entity_not_found -32602 id'];
  });

/*
 * What the rows meet: tag 1 "Целевой" on call 1, system tag 2, call 2 of account two, employee 1 with the SIP
 * line 1 that shows number 1, employee 2 without a line; users 1 (with keys, the only administrator) and
 * the user of account two; number 2 in a running call.
 */
const rows: readonly Row[] = [
  ...lists,
  ...['get.calls_report', 'get.call_legs_report', 'get.api_requests'].flatMap((name) =>
    intervals.map(([dates, error]): Row => [name, { ...dates }, error]),
  ),
  [
    'get.calls_report',
    { date_from: from, date_till: '2026-04-01 00:00:01' },
    'date_interval_limit_reached -32602 date_till',
  ],
  [
    'get.call_legs_report',
    { date_from: from, date_till: '2026-04-01 00:00:01' },
    'date_interval_limit_reached -32602 date_till',
  ],
  [
    'get.api_requests',
    { date_from: from, date_till: '2027-01-02 00:00:01' },
    'date_interval_limit_reached -32602 date_till',
  ],
  ...noneOfThatId,
  ...tagged,
  ['login.user', { login: 'user of one', password: 'wrong' }, 'auth_error -32001 -'],
  [
    'login.user',
    { access_token: undefined, login: 'user of inactive', password },
    'account_inactive -32009 -',
  ],
  [
    'login.user',
    { access_token: undefined, login: 'user of right', password },
    'forbidden -32003 -',
  ],
  ['logout.user', {}, 'forbidden -32003 -'],
  [
    'create.phone_number_to_blacklist',
    { phone_number: '79990000001' },
    'duplicate_entity -32602 phone_number',
  ],
  ['create.tags', { name: 'Целевой' }, 'duplicate_entity -32602 name'],
  ['create.tags', { name: 'a\nb' }, 'invalid_parameter_value -32602 name'],
  ['update.tags', { id: 1, name: 'system' }, 'duplicate_entity -32602 name'],
  ['delete.tags', { id: 2 }, 'forbidden -32602 id'],
  ['set.tag_communications', call, 'duplicate_entity -32602 tag_id'],
  ['unset.tag_communications', { ...call, tag_id: 2 }, 'entity_not_found -32602 tag_id'],
  ['create.sip_lines', { employee_id: 9 }, 'entity_not_found -32602 employee_id'],
  [
    'create.sip_lines',
    { employee_id: 1, virtual_phone_number: '74993720694' }, // Inactive.
    'entity_not_found -32602 virtual_phone_number',
  ],
  [
    'create.sip_lines',
    { employee_id: 1, virtual_phone_number: '74993720695' }, // Account two's.
    'entity_not_found -32602 virtual_phone_number',
  ],
  [
    'create.sip_lines',
    { employee_id: 1, virtual_phone_number: '84993720692' },
    'invalid_parameter_value -32602 virtual_phone_number',
  ],
  ['update.sip_lines', { id: 1, employee_id: 9 }, 'entity_not_found -32602 employee_id'],
  [
    'update.sip_lines',
    { id: 1, employee_id: 1, billing_state: 'limit_lock' },
    'invalid_parameter_value -32602 billing_state',
  ],
  [
    'update.sip_lines',
    { id: 1, employee_id: 1, channels_count: 21 },
    'invalid_parameter_value -32602 channels_count',
  ],
  [
    'create.virtual_numbers',
    { virtual_phone_number: '74993720692' },
    'duplicate_entity -32602 virtual_phone_number',
  ],
  [
    'create.virtual_numbers',
    { virtual_phone_number: '74993720695' },
    'already_in_use -32602 virtual_phone_number',
  ],
  ['delete.virtual_numbers', { id: 1 }, 'dependency_error -32602 id'],
  ['delete.virtual_numbers', { id: 2 }, 'dependency_error -32602 id'],
  ['delete.virtual_numbers', { id: 4 }, 'entity_not_found -32602 id'], // Account two's.
  ['delete.employees', { id: 1 }, 'dependency_error -32602 id'],
  ['create.users', { login: 'user of one', password }, 'duplicate_entity -32602 login'],
  ['create.users', { login: 'user of two', password }, 'already_in_use -32602 login'],
  ['create.users', { login: 'x', password: 'short' }, 'invalid_parameter_value -32602 password'],
  ['update.users', { id: 1, administration: false }, 'forbidden -32602 id'],
  ['update.users', { id: 1, data_api: false }, 'forbidden -32602 id'],
  ['delete.users', { id: 1 }, 'dependency_error -32602 id'],
  ['create.keys', { key_user_id: 9 }, 'entity_not_found -32602 key_user_id'],
  ['create.keys', { key_user_id: 2 }, 'entity_not_found -32602 key_user_id'],
  [
    'create.keys',
    { key_user_id: 1, expires_at: '2026-02-30 00:00:00' },
    'invalid_date_time -32602 expires_at',
  ],
  [
    'create.keys',
    { key_user_id: 1, expires_at: '2026-01-01 12:30:15' },
    'invalid_date_time -32602 expires_at',
  ],
  ['update.keys', { id: 1, is_blocked: true }, 'forbidden -32602 id'],
  ['delete.keys', { id: 1 }, 'forbidden -32602 id'],
  ['delete.keys', { id: 4 }, 'entity_not_found -32602 id'], // Of another account.
  ['add.allowed_addresses', { address: 'crm' }, 'invalid_parameter_value -32602 address'],
  ['add.allowed_addresses', { address: '127.0.0.1/32' }, 'duplicate_entity -32602 address'],
  ['delete.allowed_addresses', { address: '::x' }, 'invalid_parameter_value -32602 address'],
  ['delete.allowed_addresses', { address: '10.0.0.1' }, 'entity_not_found -32602 address'],
  ['delete.allowed_addresses', { address: '127.0.0.1' }, 'forbidden -32602 address'],
  [
    'update.account_limits',
    { points_per_minute: 0 },
    'invalid_parameter_value -32602 points_per_minute',
  ],
  ['update.security_rules', { home_country: 'ru' }, 'invalid_parameter_value -32602 home_country'],
  ['update.security_rules', { home_country: 'XX' }, 'invalid_parameter_value -32602 home_country'],
  [
    'update.security_rules',
    { denied_prefixes: ['7+'] },
    'invalid_parameter_value -32602 denied_prefixes.0',
  ],
  ['update.security_rules', { prefix_length: 16 }, 'invalid_parameter_value -32602 prefix_length'],
  ['upload.media_file', { name: 'jingle', content: 'UklGRg==' }, 'duplicate_entity -32602 name'],
  [
    'upload.media_file',
    { name: 'x', content: 'no Base64' },
    'invalid_parameter_value -32602 content',
  ],
  ['update.media_file', { id: 2561, name: 'jingle' }, 'duplicate_entity -32602 name'],
  ['update.media_file', { id: 1 }, 'forbidden -32602 id'],
  ['delete.media_file', { id: 1 }, 'forbidden -32602 id'],
];

/** These need an installation of their own: the last test of this file. */
const full: readonly Row[] = [
  ['create.tags', { name: 'x' }, 'data_limit_exceeded -32602 -'],
  ['create.sip_lines', { employee_id: 1 }, 'data_limit_exceeded -32602 -'],
  [
    'create.virtual_numbers',
    { virtual_phone_number: '74993720000' },
    'data_limit_exceeded -32602 -',
  ],
  ['create.employees', { first_name: 'Иван', last_name: 'Иванов' }, 'data_limit_exceeded -32602 -'],
  ['create.users', { login: 'x', password }, 'data_limit_exceeded -32602 -'],
  ['create.keys', { key_user_id: 1 }, 'data_limit_exceeded -32602 -'],
  ['add.allowed_addresses', { address: '127.0.0.1' }, 'data_limit_exceeded -32602 -'],
  ['upload.media_file', { name: 'x', content: '' }, 'data_limit_exceeded -32602 -'],
];
const lockedOut: Row = [
  'add.allowed_addresses',
  { address: '203.0.113.7' },
  'forbidden -32602 address',
];
const lastAdministrator: Row = ['delete.users', { id: 1 }, 'forbidden -32602 id'];

describe('what the methods of the Data API refuse', () => {
  let it: Installation;
  before(async () => {
    it = await administrated();
    const { store } = it;
    const { id: _, ...noRight } = (await store.users.byLogin('user of right'))!;
    await store.users.put({ ...noRight, dataApi: false });
    await store.tags.add(1, { name: 'Целевой', isSystem: false });
    await store.tags.add(1, { name: 'system', isSystem: true });
    store.calls.saveRecord(talkedCall(1));
    const two = await store.accounts.byName('two');
    store.calls.saveRecord(talkedCall(2, { accountId: two!.id }));
    await store.tags.putOnCall({
      callSessionId: 1,
      tagId: 1,
      userId: 1,
      userLogin: 'x',
      changedAt: 1,
    });
    const person = { login: null, firstName: 'a', lastName: 'b', patronymic: null };
    await store.employees.add(1, { ...person, email: null, extension: null });
    await store.sipLines.add(1, {
      employeeId: 1,
      phoneNumber: '0000001',
      digests: { MD5: '', 'SHA-256': '' },
      virtualNumber: '74993720692',
      channelsCount: 1,
      dialTime: 60,
      billingState: 'active',
      active: true,
    });
    await store.allowList.add(1, '127.0.0.1');
    await store.allowList.add(1, '203.0.113.7');
    const order = { virtualNumber: '74993720693' } as SimpleCallOrder;
    it.calls.live.set(7, {
      accountId: 1,
      events: [],
      call: {
        callSessionId: 7,
        direction: 'in',
        startedAt: 0,
        virtualNumber: order.virtualNumber,
        contact: '79260000000',
        externalId: null,
        legs: [],
      },
    });
  });
  after(() => it.close());

  for (const [method, params, expected] of rows)
    test(`${method} ${JSON.stringify(params)}: ${expected}`, async () => {
      assert.equal(await refusal(it, method, params), expected);
    });

  for (const { name, administration } of dataMethods.values())
    if (administration)
      test(`${name} needs the right of administration`, async () => {
        const other = { access_token: tokens.other };
        assert.equal(await refusal(it, name, other), 'forbidden -32003 -');
      });

  test('each error that a method tells of is met by a row', () => {
    const met = new Set(
      [...rows, ...full, lockedOut, lastAdministrator].map(
        ([method, , error]) => `${method} ${error.split(' ')[0]}`,
      ),
    );
    const told = [...dataMethods.values()].flatMap(({ name, errors = [] }) =>
      errors.map(({ mnemonic }) => `${name} ${mnemonic}`),
    );
    assert.deepEqual(
      [...new Set(told)].filter((it) => !met.has(it)),
      [],
    );
  });
});

test('the first address of a list may not keep out whoever adds it', async () => {
  await using it = await administrated();
  const [method, params, expected] = lockedOut;
  assert.equal(await refusal(it, method, params), expected);
  assert.deepEqual(await it.store.allowList.list(1), []);
});

test('the last administrator is not removed', async () => {
  await using it = await administrated();
  for (const key of await it.store.keys.list(1)) await it.store.keys.remove(key.id);
  const { access_token } = await login(it);
  const [method, params, expected] = lastAdministrator;
  assert.equal(await refusal(it, method, { ...params, access_token }), expected);
  assert.equal((await it.store.users.list(1)).length, 1);
});

async function login(it: Installation): Promise<{ access_token: string }> {
  const answer = await it.call('login.user', {
    access_token: undefined,
    login: 'user of one',
    password,
  });
  return answer.result!.data;
}

test('an account with ten thousand of them has no room for more', async () => {
  await using it = await administrated();
  const { store } = it;
  const most = 10_000;
  const many = async () => Array.from({ length: most }, () => ({ kind: 'permanent' })) as never;
  mock.method(store, 'transaction', async (work: (it: typeof store) => Promise<unknown>) =>
    work(store),
  );
  const { tags, sipLines, employees, keys, users, numbers, media } = store;
  for (const part of [tags, sipLines, employees, keys, users, numbers, media])
    mock.method(part, 'list', many);
  mock.method(store.allowList, 'list', async () =>
    Array.from({ length: most }, () => '127.0.0.0/8'),
  );
  for (const [method, params, expected] of full)
    assert.equal(await refusal(it, method, params), expected, method);
});
