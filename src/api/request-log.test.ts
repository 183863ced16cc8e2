import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  type Installation,
  installation,
  password,
  tokens,
} from '../../test/contracts/api-installation.ts';
import type { ApiRequest } from '../store/store.ts';

let it: Installation;
beforeEach(async () => {
  it = await installation();
});
afterEach(() => it.close());

const everything = { from: 0, till: Number.MAX_SAFE_INTEGER, limit: 1000, offset: 0 };
const logged = async (accountId = it.account.id): Promise<readonly ApiRequest[]> =>
  (await it.store.requests.list(accountId, everything)).rows;

const order = {
  first_call: 'operator',
  virtual_phone_number: '74993720692',
  contact: '79260000000',
  operator: '79262444491',
  external_id: 'deal 7',
};

test('a call is listed with all that is known of its request, but for the token', async () => {
  const at = it.clock.wallTime();
  await it.call('start.simple_call', order);
  const body = { jsonrpc: '2.0', id: 'req1', method: 'start.simple_call', params: order };
  const [{ executionMs, ...row } = { executionMs: -1 }] = await logged();
  assert.ok(executionMs >= 0);
  assert.deepEqual(row, {
    id: 1,
    accountId: it.account.id,
    at,
    method: 'start.simple_call',
    component: 'Call API Базовый набор',
    apiVersion: '4.0',
    rawId: '"req1"',
    externalId: 'deal 7',
    ip: '127.0.0.1',
    userLogin: 'user of one',
    keyLabel: tokens.valid,
    weight: 1,
    errorCode: null,
    errorMnemonic: null,
    callSessionId: 237859081,
    body: JSON.stringify(body),
  });
});

test('failures are listed with their error and the session they were about', async () => {
  const rows: readonly [params: object, error: string, code: number, session: number | null][] = [
    [{ call_session_id: 7 }, 'call_session_not_found', -32602, 7],
    [{ call_session_id: '7' }, 'data_type_error', -32602, null],
    [{ call_session_id: 7, extra: 1 }, 'unexpected_parameters', -32602, 7],
  ];
  for (const [params] of rows) await it.call('release.call', { ...params });
  const shown = (await logged()).map((row) => [
    row.errorMnemonic,
    row.errorCode,
    row.callSessionId,
  ]);
  assert.deepEqual(
    shown,
    rows.map(([, error, code, session]) => [error, code, session]),
  );
});

test('what says nothing of the limits is not listed; every other refusal is', async () => {
  const call = (access_token: unknown, method = 'list.calls') => it.call(method, { access_token });
  for (const token of [tokens.blocked, tokens.expired, 'unknown', 5, null]) await call(token);
  await call(tokens.valid, 'no.method');
  await it.store.allowList.add((await it.store.accounts.byName('two'))!.id, '203.0.113.7');
  await call(tokens.other);
  for (const account of await it.store.accounts.list())
    assert.deepEqual(await logged(account.id), [], account.name);

  await call(tokens.inactive);
  await call(tokens.noRight);
  await call(tokens.disabled);
  const listed: Record<string, unknown> = {};
  for (const { id, name } of await it.store.accounts.list())
    for (const row of await logged(id)) listed[name] = row.errorMnemonic;
  assert.deepEqual(listed, {
    inactive: 'account_inactive',
    right: 'forbidden',
    disabled: 'component_disabled',
  });
});

test('no password and no token is kept, wherever in the request it stands', async () => {
  const params = { login: 'user of one', password };
  await it.post(JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'login.user', params }));
  await it.call('list.calls', {
    accessToken: 'kept nowhere 1',
    operator_message: { type: 'tts', secret: 'kept nowhere 2' },
    deep: [[{ new_password: 'kept nowhere 3', value: null }]],
  });
  const [login, list] = await logged();
  const start = '{"jsonrpc":"2.0","id":';
  assert.equal(login?.body, `${start}7,"method":"login.user","params":{"login":"user of one"}}`);
  assert.deepEqual([login?.keyLabel, login?.rawId, login?.weight], [null, '7', 0]);
  const rest = '{"operator_message":{"type":"tts"},"deep":[[{"value":null}]]}';
  assert.equal(list?.body, `${start}"req1","method":"list.calls","params":${rest}}`);
});

test('a body of a megabyte is cut', async () => {
  await it.call('list.calls', { comment: 'x'.repeat(1_000_000) });
  const [row] = await logged();
  assert.equal(row?.body.length, 16_385);
  assert.ok(row.body.endsWith('xx…'));
});

test('an hour of requests is read by pages, from one instant to before another', async () => {
  const start = it.clock.wallTime();
  for (let minute = 0; minute < 6; minute++) {
    await it.call('release.call', { call_session_id: minute });
    await it.clock.advance(60_000);
  }
  const read = async (query: object): Promise<unknown> => {
    const { rows, total } = await it.store.requests.list(it.account.id, {
      ...everything,
      ...query,
    });
    return [rows.map(({ callSessionId }) => callSessionId), total];
  };
  const range = { from: start + 60_000, till: start + 240_000 };
  assert.deepEqual(await read(range), [[1, 2, 3], 3]);
  assert.deepEqual(await read({ ...range, limit: 1, offset: 1 }), [[2], 3]);
  assert.deepEqual(await read({ limit: 0 }), [[], 6]);
});
