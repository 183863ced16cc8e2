import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type Answer,
  type Installation,
  installation,
  password,
  tokens,
} from '../../test/contracts/api-installation.ts';
import { ServiceStopping } from '../calls/call-service.ts';
import { catalogue, withoutLimits } from './errors.ts';

const limits = {
  day_limit: 500_000,
  day_remaining: 500_000,
  day_reset: 41_385,
  minute_limit: 100_000,
  minute_remaining: 100_000,
  minute_reset: 45,
};

const simpleCall = {
  first_call: 'operator',
  virtual_phone_number: '74993720692',
  contact: '79260000000',
  operator: '79262444491',
};

describe('JSON-RPC', () => {
  let it: Installation;
  before(async () => {
    it = await installation();
    await it.store.allowList.add((await it.store.accounts.byName('two'))!.id, '203.0.113.7');
  });
  after(() => it.close());

  describe('ids come back as they were sent', () => {
    const ids: readonly string[] = [
      '"req1"',
      '""',
      '"req_get_tags_1700000000.123"',
      '"юникод \\" \\u0000"',
      '1',
      '0',
      '-7',
      '1.50',
      '1e3',
      '12345678901234567890123',
      '0.1000000000000000055511151231257827',
    ];
    for (const id of ids) {
      test(id, async () => {
        for (const [method, outcome, more] of [
          ['list.calls', 'result', ''],
          ['release.call', 'error', ',"id":5.5'],
        ]) {
          const params = `{"access_token":"${tokens.valid}"${more}}`;
          const body = `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;
          const request = new Request('http://test/v4.0', { method: 'POST', body });
          const text = await (await it.api.fetch(request)).text();
          const sent = id.startsWith('"') ? JSON.stringify(JSON.parse(id)) : id;
          const echoed = sent === '1e3' ? '1000' : sent; // The same number, as every client reads it.
          assert.ok(text.startsWith(`{"jsonrpc":"2.0","id":${echoed},"${outcome}":`), text);
        }
      });
    }
  });

  describe('bodies that are no request', () => {
    const valid = { jsonrpc: '2.0', id: 7, method: 'list.calls', params: {} };
    const json = (changes: object): string => JSON.stringify({ ...valid, ...changes });
    const rows: readonly [body: string, mnemonic: string, field: string | null, id: unknown][] = [
      ['', 'parse_error', null, null],
      ['{', 'parse_error', null, null],
      ['{"jsonrpc":"2.0",}', 'parse_error', null, null],
      ["{'jsonrpc':'2.0'}", 'parse_error', null, null],
      ['[]', 'batch_opreations_not_supported', null, null],
      [`[${json({})}]`, 'batch_opreations_not_supported', null, null],
      ['[1', 'parse_error', null, null],
      // Ten thousand members and a fractional id: half a second without sound, for a megabyte of them.
      [json({ id: 0.5, params: { a: Array(10_002).fill(0) } }), 'parse_error', null, null],
      ['['.repeat(32) + ']'.repeat(32), 'batch_opreations_not_supported', null, null],
      ['['.repeat(33) + ']'.repeat(33), 'parse_error', null, null],
      [json({ id: '[{"\\'.repeat(40), method: 'x' }), 'method_not_found', null, '[{"\\'.repeat(40)],
      ['null', 'invalid_request', null, null],
      ['5', 'invalid_request', null, null],
      ['"2.0"', 'invalid_request', null, null],
      ['{}', 'invalid_request', 'jsonrpc', null],
      [json({ jsonrpc: '1.0' }), 'invalid_request', 'jsonrpc', 7],
      [json({ jsonrpc: 2 }), 'invalid_request', 'jsonrpc', 7],
      [json({ jsonrpc: '1.0', id: undefined }), 'invalid_request', 'jsonrpc', null],
      [json({ id: null }), 'invalid_request', 'id', null],
      [json({ id: true }), 'invalid_request', 'id', null],
      [json({ id: {} }), 'invalid_request', 'id', null],
      [json({ id: [] }), 'invalid_request', 'id', null],
      [json({ method: undefined }), 'invalid_request', 'method', 7],
      [json({ method: 5 }), 'invalid_request', 'method', 7],
      [json({ params: undefined }), 'invalid_request', 'params', 7],
      [json({ params: [] }), 'invalid_request', 'params', 7],
      [json({ params: null }), 'invalid_request', 'params', 7],
      [json({ params: 'x' }), 'invalid_request', 'params', 7],
      [json({ id: undefined, params: [] }), 'invalid_request', 'params', null],
      [json({ id: undefined }), 'notifications_not_supported', 'id', null],
      [json({ id: undefined, method: 'x' }), 'notifications_not_supported', 'id', null],
      [json({ method: 'list_calls' }), 'method_not_found', null, 7],
      [json({ method: 'constructor' }), 'method_not_found', null, 7],
      [json({ method: 'start.employee_call' }), 'method_not_found', null, 7],
    ];
    for (const [body, mnemonic, field, id] of rows) {
      test(`${body.slice(0, 70)} -> ${mnemonic} ${field}`, async () => {
        const answer = await it.post(body);
        const { code, message } = catalogue[mnemonic as keyof typeof catalogue];
        assert.deepEqual(answer, {
          jsonrpc: '2.0',
          id,
          error: {
            code,
            message,
            data: {
              mnemonic,
              field,
              value: null,
              params: {},
              extended_helper: null,
              metadata: {},
            },
          },
        });
      });
    }
  });

  test('every common error: code, text, mnemonic, field, value, what is said of limits', async () => {
    const reached = new Set<string>();
    for (const row of [...commonErrors, ...withoutAccount]) {
      const [name, ask, code, message, mnemonic, more] = row;
      const { error } = await ask(it);
      assert.ok(error, name);
      const { metadata, ...data } = error.data;
      const none = { field: null, value: null, params: {}, extended_helper: null };
      assert.deepEqual(
        { ...error, data },
        { code, message, data: { mnemonic, ...none, ...more } },
        name,
      );
      const silent = withoutLimits.has(mnemonic as never) || withoutAccount.includes(row);
      assert.equal('limits' in metadata, !silent, `limits of ${name}`);
      reached.add(mnemonic);
    }
    const elsewhere = [
      'parse_error',
      'invalid_request',
      'batch_opreations_not_supported',
      'notifications_not_supported',
      'invalid_parameters_combination',
      'tts_text_exceeded',
      'media_file_not_found',
      'virtual_phone_number_not_found',
      'contact_in_blacklist',
      'own_virtual_phone_number_not_allowed',
      'character_encoding_not_allowed',
    ];
    assert.deepEqual([...reached, ...elsewhere].sort(), Object.keys(catalogue).sort());
  });

  test('the checks come in the documented order', async () => {
    // Everything is wrong at once; each row rights what the one before it complained of.
    const bad = { extra: 1, call_session_id: 'x' };
    const rows: readonly [params: Record<string, unknown>, mnemonic: string][] = [
      [{ ...bad, access_token: undefined }, 'required_parameter_missed'],
      [{ ...bad, access_token: 5 }, 'data_type_error'],
      [{ ...bad, access_token: 'unknown' }, 'access_token_invalid'],
      [{ ...bad, access_token: tokens.blocked }, 'access_token_blocked'],
      [{ ...bad, access_token: tokens.expired }, 'access_token_expired'],
      [{ ...bad, access_token: tokens.other }, 'ip_not_whitelisted'],
      [{ ...bad, access_token: tokens.inactive }, 'account_inactive'],
      [{ ...bad, access_token: tokens.noRight }, 'forbidden'],
      [{ ...bad, access_token: tokens.disabled }, 'component_disabled'],
      [bad, 'unexpected_parameters'],
      [{}, 'required_parameter_missed'],
      [{ call_session_id: 'x' }, 'data_type_error'],
      [{ call_session_id: 1.5 }, 'invalid_parameter_value'],
      [{ call_session_id: 1 }, 'call_session_not_found'],
    ];
    for (const [params, mnemonic] of rows) {
      const { error } = await it.call('release.call', params);
      assert.equal(error?.data.mnemonic, mnemonic, JSON.stringify(params));
    }
  });

  test('limits are in every result, as whole numbers, points taken by results only', async (t) => {
    const it = await installation();
    t.after(() => it.close());
    const first = await it.call('list.calls');
    assert.deepEqual(first.result?.metadata, {
      limits: { ...limits, day_remaining: 499_999, minute_remaining: 99_999 },
    });
    const { error } = await it.call('list.calls', { direction: 'sideways' });
    assert.equal(error?.data.metadata.limits?.day_remaining, 499_999);
    const params = { login: 'user of one', password };
    const login = await it.post(
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'login.user', params }),
    );
    assert.equal(login.result?.metadata.limits.day_remaining, 499_999, 'a login is free');
  });

  test('a method that does not come to an end is answered after ten seconds', async () => {
    const { start } = it.calls;
    it.calls.start = () => new Promise(() => {});
    const answer = it.call('start.simple_call', simpleCall);
    await it.clock.advance(10_000);
    it.calls.start = start;
    assert.equal((await answer).error?.data.mnemonic, 'internal_error');
    assert.ok(it.logged.some((line) => line.includes('no outcome within 10000 ms')));
    await it.clock.advance(1_000); // What is written behind.
    assert.equal(it.clock.pendingTimers, 0);
  });

  test('what is wrong with the server is logged and told to the client as one sentence', async () => {
    it.calls.failure = new Error('the disk is gone');
    const { error } = await it.call('start.simple_call', simpleCall);
    it.calls.failure = undefined;
    assert.equal(error?.message, 'Internal error, contact the support service');
    assert.ok(it.logged.some((line) => line.includes('the disk is gone')));
  });
});

type Row = readonly [
  name: string,
  ask: (it: Installation) => Promise<Answer>,
  code: number,
  message: string,
  mnemonic: string,
  more?: Partial<{ field: string; value: string; params: Record<string, unknown> }>,
];

const list = (it: Installation, params: Record<string, unknown>) => it.call('list.calls', params);

const withToken = (access_token: unknown) => (it: Installation) => list(it, { access_token });

const login = (params: Record<string, unknown>) => (it: Installation) =>
  it.post(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'login.user', params }));

async function thriceAndOnce(it: Installation): Promise<Answer> {
  for (let count = 0; count < 3; count++)
    assert.ok((await withToken(tokens.limited)(it)).result, 'within the limit');
  return withToken(tokens.limited)(it);
}

async function whileStopping(it: Installation): Promise<Answer> {
  it.calls.failure = new ServiceStopping('stopping');
  const answer = await it.call('start.simple_call', simpleCall);
  it.calls.failure = undefined;
  return answer;
}

const token = { field: 'access_token' };
const management = { component_name: 'Call API Управление вызовами' };
const perMinute = { limit_type: 'minute', limit_max_value: 3 };
const someone = 'user of one';

/** Texts and codes as the vendor prints them. */
// biome-ignore format: a table
const commonErrors: readonly Row[] = [
  ['unknown token', withToken('unknown'), -32001, 'Access token is invalid', 'access_token_invalid', token],
  ['enormous token', withToken('x'.repeat(100_000)), -32001, 'Access token is invalid', 'access_token_invalid', token],
  ['key past its end', withToken(tokens.expired), -32001, 'Access token has been expired', 'access_token_expired', token],
  ['blocked key', withToken(tokens.blocked), -32001, 'Access token has been blocked', 'access_token_blocked', token],
  ['unknown login', login({ login: 'nobody', password }), -32001, 'Login or password is wrong', 'auth_error'],
  ['wrong password', login({ login: someone, password: 'wrong' }), -32001, 'Login or password is wrong', 'auth_error'],
  ['another address', withToken(tokens.other), -32003, 'Your IP 127.0.0.1 is not whitelisted', 'ip_not_whitelisted', { params: { ip: '127.0.0.1' } }],
  ['inactive account', withToken(tokens.inactive), -32009, 'Your account has been disabled, contact the support service', 'account_inactive'],
  ['user without the right', withToken(tokens.noRight), -32003, 'Permission denied', 'forbidden'],
  ['component switched off', withToken(tokens.disabled), -32008, 'Component Call API Управление вызовами has been disabled', 'component_disabled', { params: management }],
  ['fourth request of three points', thriceAndOnce, -32029, 'Limit per minute has been exceeded. Value of current limit per minute is 3', 'limit_exceeded', { params: perMinute }],
  ['unexpected parameter', (it) => list(it, { directions: 'in', other: 1 }), -32602, 'Unexpected method parameter(s)', 'unexpected_parameters', { field: 'directions', value: 'in' }],
  ['missing parameter', (it) => it.call('release.call'), -32602, 'The required parameter has been missed', 'required_parameter_missed', { field: 'call_session_id' }],
  ['wrong type', (it) => list(it, { virtual_phone_number: 74951112233 }), -32602, 'Data supplied is of wrong type', 'data_type_error', { field: 'virtual_phone_number', value: '74951112233' }],
  ['wrong value', (it) => list(it, { direction: 'IN' }), -32602, 'Invalid parameter value', 'invalid_parameter_value', { field: 'direction', value: 'IN' }],
  ['unknown call', (it) => it.call('release.call', { call_session_id: 12 }), -32602, 'Call session not found', 'call_session_not_found', { field: 'call_session_id', value: '12' }],
  ['unknown method', (it) => it.call('hold.call'), -32601, 'The method does not exist / is not available', 'method_not_found'],
  ['server stopping', whileStopping, -32603, 'Internal error, contact the support service', 'internal_error'],
];

/** Before any account is known, nothing can be said of its limits. */
// biome-ignore format: a table
const withoutAccount: readonly Row[] = [
  ['no token', withToken(undefined), -32602, 'The required parameter has been missed', 'required_parameter_missed', token],
  ['a token that is null', withToken(null), -32602, 'The required parameter has been missed', 'required_parameter_missed', token],
  ['a token that is a number', withToken(5), -32602, 'Data supplied is of wrong type', 'data_type_error', token],
  ['no password', login({ login: someone }), -32602, 'The required parameter has been missed', 'required_parameter_missed', { field: 'password' }],
  ['neither', login({ password: null }), -32602, 'The required parameter has been missed', 'required_parameter_missed', { field: 'login' }],
  ['a login that is a number', login({ login: 5, password: 5 }), -32602, 'Data supplied is of wrong type', 'data_type_error', { field: 'login' }],
];
