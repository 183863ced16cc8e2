import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import type { Terminal } from '../../src/model/registration.ts';
import { tokens } from './api-installation.ts';
import { administrated, ask, data, refusal, rows, talkedCall } from './data-api-test.ts';

const interval = { date_from: '2026-01-01 00:00:00', date_till: '2026-01-31 23:59:59' };

test('a tag is made, renamed, put on an ended call, seen in its report, taken off, deleted', async () => {
  await using it = await administrated();
  it.store.calls.saveRecord(talkedCall(1));
  it.store.calls.saveRecord(talkedCall(2, { externalId: 'order 7' }));
  it.store.calls.saveRecord(talkedCall(3, { externalId: 'order 7' }));
  const { id } = await data(it, 'create.tags', { name: 'Целевой' });
  const other = await data(it, 'create.tags', { name: 'VIP' });
  assert.deepEqual(await data(it, 'update.tags', { id, name: 'Не целевой' }), {});
  assert.deepEqual(await data(it, 'update.tags', { id }), {}); // Nothing to change.
  assert.deepEqual(await rows(it, 'get.tags'), [
    { id, name: 'Не целевой', is_system: false },
    { id: other.id, name: 'VIP', is_system: false },
  ]);

  const put = { communication_type: 'call', tag_id: id };
  assert.deepEqual(await data(it, 'set.tag_communications', { ...put, communication_id: 1 }), {});
  // The id wins; of several calls of one external id the latest is meant.
  const both = { communication_id: 2, communication_ext_id: 'order 7' };
  await data(it, 'set.tag_communications', { ...put, ...both, tag_id: other.id });
  await data(it, 'set.tag_communications', { ...put, communication_ext_id: 'order 7' });

  const report = { ...interval, fields: ['id', 'tags'] };
  const [first] = await rows(it, 'get.calls_report', report);
  assert.deepEqual(first, {
    id: 1,
    tags: [
      {
        tag_name: 'Не целевой',
        tag_id: id,
        tag_change_time: '2026-01-01 12:30:15',
        tag_type: 'manual',
        tag_user_id: 1,
        tag_user_login: 'user of one',
        tag_employee_id: null,
        tag_employee_full_name: null,
      },
    ],
  });
  const having = async (operator: string, value: unknown): Promise<unknown> =>
    (
      await rows(it, 'get.calls_report', { ...report, filter: { field: 'tags', operator, value } })
    ).map((row) => row.id);
  assert.deepEqual(await having('overlap', 'Не целевой'), [1, 3]);
  assert.deepEqual(await having('overlap', [other.id]), [2]);
  assert.deepEqual(await having('not_overlap', 'VIP'), [1, 3]);

  await data(it, 'unset.tag_communications', { ...put, communication_ext_id: 'order 7' });
  assert.deepEqual(await having('overlap', id), [1]);
  assert.deepEqual(await data(it, 'delete.tags', { id }), {});
  assert.deepEqual(await having('overlap', id), []);
});

test('tags of another account are not seen, and no other account sees ours', async () => {
  await using it = await administrated();
  const { id } = await data(it, 'create.tags', { name: 'Целевой' });
  const other = { access_token: tokens.other };
  assert.deepEqual(await rows(it, 'get.tags', other), []);
  for (const method of ['update.tags', 'delete.tags'])
    assert.equal(await refusal(it, method, { ...other, id }), 'entity_not_found -32602 id');
  await data(it, 'create.tags', { ...other, name: 'Целевой' });
});

const person = { first_name: 'Иван', last_name: 'Иванов' };

test('a SIP line: made for an employee, changed, given a new password, deleted', async () => {
  const terminals = new Map<string, Terminal[]>();
  const forgotten: string[] = [];
  const states = {
    terminals: (number: string) => terminals.get(number) ?? [],
    forget: (number: string) => void forgotten.push(number),
  };
  await using it = await administrated({ sip: { server: 'sip.example:5060', states } });
  const { id: employee } = await data(it, 'create.employees', {
    ...person,
    patronymic: 'Петрович',
    extension: '101',
  });
  const made = await data(it, 'create.sip_lines', {
    employee_id: employee,
    virtual_phone_number: '74993720692',
  });
  const { id, phone_number: number, password } = made as Record<string, string>;
  assert.match(number!, /^0[0-9]{6}$/);
  assert.match(password!, /^[0-9a-f]{20}$/);
  assert.deepEqual(made, { phone_number: number, password, server: 'sip.example:5060', id: 1 });
  // What a registrar compares, RFC 7616 section 3.4.2.
  const text = `${number}:dozvon:${password}`;
  assert.deepEqual((await it.store.sipLines.byPhoneNumber(number!))!.digests, {
    MD5: hash('md5', text, 'hex'),
    'SHA-256': hash('sha256', text, 'hex'),
  });

  const line = {
    id,
    phone_number: number,
    type: 'in_out',
    channels_count: 1,
    dial_time: 60,
    billing_state: 'active',
    physical_state: 'Не зарегистрирован',
    virtual_phone_number: '74993720692',
    status: 'active',
    employee_id: employee,
    employee_full_name: 'Иванов Иван Петрович',
    ip_addresses: [],
  };
  assert.deepEqual(await rows(it, 'get.sip_lines'), [line]);
  assert.equal((await rows(it, 'get.employees'))[0]!.calls_available, false);

  terminals.set(number!, [{ ip: '192.0.2.10', registeredAt: Date.UTC(2026, 0, 1, 6, 0, 0, 999) }]);
  assert.deepEqual(await rows(it, 'get.sip_lines'), [
    {
      ...line,
      physical_state: 'Зарегистрирован',
      ip_addresses: [{ date_time: '2026-01-01 09:00:00', ip: '192.0.2.10' }],
    },
  ]);
  const filter = { field: 'ip_addresses', operator: 'overlap', value: '192.0.2.10' };
  assert.equal((await rows(it, 'get.sip_lines', { filter })).length, 1);
  assert.equal((await rows(it, 'get.employees'))[0]!.calls_available, true);

  const change = { id, employee_id: employee };
  await data(it, 'update.sip_lines', {
    ...change,
    billing_state: 'manual_lock',
    channels_count: 3,
  });
  const fields = ['type', 'billing_state', 'channels_count', 'virtual_phone_number'];
  const shown = async () => Object.values((await rows(it, 'get.sip_lines', { fields }))[0]!);
  assert.deepEqual(await shown(), ['in_out', 'manual_lock', 3, '74993720692']);
  await data(it, 'update.sip_lines', { ...change, virtual_phone_number: null });
  assert.deepEqual(await shown(), ['in', 'manual_lock', 3, null]);

  const changed = await data(it, 'update.sip_line_password', { id });
  assert.notEqual(changed.password, password);
  const { digests } = (await it.store.sipLines.byPhoneNumber(number!))!;
  assert.equal(digests.MD5, hash('md5', `${number}:dozvon:${String(changed.password)}`, 'hex'));

  assert.deepEqual(await data(it, 'delete.sip_lines', { id }), {});
  assert.deepEqual(await rows(it, 'get.sip_lines'), []);
  // Locked, another password, gone: each ends its registrations.
  assert.deepEqual(forgotten, [number, number, number]);
  const log = it.logged.join('\n');
  assert.ok(!log.includes(password!) && !log.includes(String(changed.password)));
});

test('a number that is taken by another line is drawn again', async () => {
  await using it = await administrated();
  const { id: employee_id } = await data(it, 'create.employees', person);
  const numbers = new Set<unknown>();
  for (let line = 0; line < 5; line++)
    numbers.add((await data(it, 'create.sip_lines', { employee_id })).phone_number);
  assert.equal(numbers.size, 5);
  const { add } = it.store.sipLines;
  let refused = 3;
  it.store.sipLines.add = function (accountId, line) {
    return refused-- > 0 ? Promise.resolve(undefined) : add.call(this, accountId, line);
  };
  assert.match(
    String((await data(it, 'create.sip_lines', { employee_id })).phone_number),
    /^0[0-9]{6}$/,
  );
  assert.equal(refused, -1);
});

test('numbers of SIP lines are the active ones of the account', async () => {
  await using it = await administrated();
  assert.deepEqual(await rows(it, 'get.sip_line_virtual_numbers'), [
    { virtual_phone_number: '74993720692' },
    { virtual_phone_number: '74993720693' },
  ]);
});

test('an employee: made, changed in part, listed with the phones, deleted', async () => {
  await using it = await administrated();
  const { id } = await data(it, 'create.employees', { ...person, login: 'ivanov' });
  await data(it, 'update.employees', { id, last_name: 'Петров', extension: '7', login: null });
  const { phone_number } = await data(it, 'create.sip_lines', { employee_id: id });
  const none = {
    in_external_allowed_call_directions: [],
    in_internal_allowed_call_directions: [],
    out_external_allowed_call_directions: [],
    out_internal_allowed_call_directions: [],
  };
  assert.deepEqual(await rows(it, 'get.employees'), [
    {
      id,
      login: null,
      first_name: 'Иван',
      last_name: 'Петров',
      patronymic: null,
      full_name: 'Петров Иван',
      status: 'unknown',
      status_id: null,
      calls_available: false,
      ...none,
      email: null,
      call_recording: 'off',
      schedule_id: null,
      schedule_name: null,
      coach: null,
      groups: [],
      phone_numbers: [
        { phone_id: 1, phone_number, channels_count: 1, dial_time: 60, status: 'active' },
      ],
      extension: {
        extension_phone_number: '7',
        extension_voice_mail_enabled: false,
        extension_queue_enabled: false,
      },
    },
  ]);
  await data(it, 'delete.sip_lines', { id: 1 });
  await data(it, 'delete.employees', { id });
  assert.deepEqual(await rows(it, 'get.employees'), []);
});

test('SIP lines may be switched off with the component they are part of', async () => {
  await using it = await administrated();
  const { id: _, ...account } = it.account;
  await it.store.accounts.put({ ...account, disabledComponents: ['va'] });
  assert.equal(await refusal(it, 'get.sip_lines'), 'method_component_disabled -32008 -');
  const { error } = await ask(it, 'get.sip_lines');
  assert.equal(
    error!.message,
    'You need at least on of the following components to access this method: va',
  );
  assert.equal((await rows(it, 'get.tags')).length, 0);
});

test('the request report: requests of both APIs, those of strangers left out', async () => {
  await using it = await administrated();
  await it.call('list.calls', { direction: 'up' });
  await it.call('start.simple_call', {
    first_call: 'operator',
    switch_at_once: true,
    virtual_phone_number: '74993720692',
    operator: '79262444491',
    contact: '79260000000',
    external_id: 'order 7',
  });
  await it.call('list.calls', { access_token: 'nobody' });
  await it.call('list.calls', { access_token: tokens.other });
  await it.clock.advance(1_000);
  await rows(it, 'get.tags', { user_id: 5 });

  const all = await rows(it, 'get.api_requests', { ...interval, report_id: 12 });
  assert.deepEqual(all[1], {
    api_request_id: 2,
    token_name: tokens.valid,
    api_request_ip: '127.0.0.1',
    employee_login: 'user of one',
    call_session_id: 237859081,
    api_request_body:
      '{"jsonrpc":"2.0","id":"req1","method":"start.simple_call","params":{"first_call":"operator","switch_at_once":true,"virtual_phone_number":"74993720692","operator":"79262444491","contact":"79260000000","external_id":"order 7"}}',
    api_request_method: 'start.simple_call',
    api_request_raw_id: 'req1',
    api_request_status: { value: 'Успешен', value_id: 'success' },
    api_request_version: '4.0',
    api_request_is_agent: { value: 'Нет', value_id: false },
    api_request_component: { value: 'Call API Базовый набор', value_id: 'callapi' },
    api_request_error_code: null,
    api_request_raw_ext_id: 'order 7',
    api_request_method_weight: 1,
    api_request_error_mnemonic: null,
    api_request_execution_time: 0,
    api_request_start_date_time: '2026-01-01 12:30:15',
  });
  assert.deepEqual(
    all.map((row) => [row.api_request_method, row.api_request_status, row.api_request_error_code]),
    [
      ['list.calls', { value: 'Не успешен', value_id: 'failure' }, -32602],
      ['start.simple_call', { value: 'Успешен', value_id: 'success' }, null],
      ['get.tags', { value: 'Успешен', value_id: 'success' }, null],
    ],
  );

  // The report's own requests are among them from here on, all of the last second.
  const found = async (filter: object, sort: object[] = []): Promise<unknown> =>
    (
      await rows(it, 'get.api_requests', {
        ...interval,
        date_till: '2026-01-01 12:30:15',
        filter,
        sort,
        fields: ['api_request_method'],
      })
    ).map((row) => row.api_request_method);
  const by = (field: string, operator: string, value?: unknown): object => ({
    field: `api_request_${field}`,
    operator,
    value,
  });
  assert.deepEqual(await found(by('status', '=', 'failure')), ['list.calls']);
  assert.deepEqual(await found(by('is_agent', '=', true)), []);
  assert.deepEqual(await found(by('component', 'in', ['callapi'])), [
    'list.calls',
    'start.simple_call',
  ]);
  assert.deepEqual(await found(by('raw_id', '=', 'req1')), ['list.calls', 'start.simple_call']);
  assert.deepEqual(await found(by('raw_ext_id', 'is_not_null')), ['start.simple_call']);
  assert.deepEqual(
    await found(by('start_date_time', '=', '2026-01-01 12:30:15'), [
      { field: 'api_request_status', order: 'desc' },
    ]),
    ['start.simple_call', 'list.calls'],
  );
  const two = { filters: [{ filters: [by('status', '=', 'failure')] }] };
  assert.deepEqual(await found(two), ['list.calls']);
  assert.equal(
    await refusal(it, 'get.api_requests', { ...interval, filter: { filters: [two] } }),
    'invalid_parameter_value -32602 filter.filters.0.filters.0.filters',
  );
  const year = { date_from: '2026-01-01 00:00:00', date_till: '2027-01-02 00:00:00' };
  const dataRows = await rows(it, 'get.api_requests', {
    ...year,
    filter: by('component', '=', 'dataapi'),
    limit: 1,
  });
  assert.deepEqual(dataRows[0]!.api_request_component, { value: 'Data API', value_id: 'dataapi' });
});

test('the id of a request is shown by its digits, a long one as it was cut', async () => {
  await using it = await administrated();
  for (const id of ['12345678901234567890123', '1.50', '"7"', `"${'x'.repeat(20_000)}"`]) {
    const params = `{"access_token":"${tokens.valid}"}`;
    await it.post(`{"jsonrpc":"2.0","id":${id},"method":"list.calls","params":${params}}`);
  }
  const fields = ['api_request_raw_id'];
  const shown = await rows(it, 'get.api_requests', { ...interval, fields });
  const ids = shown.map((row) => String(row.api_request_raw_id));
  assert.deepEqual(ids.slice(0, 3), ['12345678901234567890123', '1.50', '7']);
  assert.equal(ids[3]!.length, 16_384);
});
