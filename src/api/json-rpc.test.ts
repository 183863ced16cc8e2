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
    it = await installation({
      allowsAddress: (account) => account.name !== 'two',
    });
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
              ...{ mnemonic, field, value: null, params: {} },
              ...{ extended_helper: null, metadata: {} },
            },
          },
        });
      });
    }
  });

  test('every common error: code, text, mnemonic, field, value, what is said of limits', async () => {
    const reached = new Set<string>();
    for (const { name, ask, withoutAccount, ...expected } of commonErrors(() => it)) {
      const { error } = await ask();
      assert.ok(error, name);
      const { mnemonic, field, value, params, extended_helper, metadata } = error.data;
      const { code, message } = error;
      const actual = { code, message, mnemonic, field, value, params };
      assert.deepEqual(actual, { field: null, value: null, params: {}, ...expected }, name);
      assert.equal(extended_helper, null);
      const silent = withoutLimits.has(mnemonic as never) || withoutAccount === true;
      assert.equal('limits' in metadata, !silent, `limits of ${name}`);
      reached.add(mnemonic);
    }
    const common = [
      ...['access_token_expired', 'access_token_blocked', 'access_token_invalid'],
      ...['limit_exceeded', 'component_disabled', 'ip_not_whitelisted', 'auth_error'],
      ...['account_inactive', 'call_session_not_found', 'internal_error', 'data_type_error'],
      ...['method_not_found', 'forbidden', 'required_parameter_missed'],
      ...['invalid_parameter_value', 'unexpected_parameters'],
    ];
    assert.deepEqual([...reached].sort(), common.sort());
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

  test('what is wrong with the server is logged and told to the client as one sentence', async () => {
    it.calls.failure = new Error('the disk is gone');
    const { error } = await it.call('start.simple_call', simpleCall);
    it.calls.failure = undefined;
    assert.equal(error?.message, 'Internal error, contact the support service');
    assert.ok(it.logged.some((line) => line.includes('the disk is gone')));
  });
});

type Row = {
  readonly name: string;
  readonly ask: () => Promise<Answer>;
  readonly code: number;
  readonly message: string;
  readonly mnemonic: string;
  readonly field?: string;
  readonly value?: string;
  readonly params?: Record<string, unknown>;
};

/** Texts and codes as the vendor prints them, so that a slip in the catalogue is seen. */
function commonErrors(of: () => Installation): readonly (Row & { withoutAccount?: boolean })[] {
  const list = (params: Record<string, unknown>) => of().call('list.calls', params);
  const withToken = (access_token: unknown) => list({ access_token });
  const login = (params: Record<string, unknown>) =>
    of().post(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'login.user', params }));
  const token = { code: -32001, field: 'access_token' };
  const wrongLogin = {
    code: -32001,
    message: 'Login or password is wrong',
    mnemonic: 'auth_error',
  };
  const missed = {
    code: -32602,
    message: 'The required parameter has been missed',
    mnemonic: 'required_parameter_missed',
  };
  const wrongType = {
    code: -32602,
    message: 'Data supplied is of wrong type',
    mnemonic: 'data_type_error',
  };
  const invalid = {
    ...{ name: 'unknown token', ...token },
    ...{ message: 'Access token is invalid', mnemonic: 'access_token_invalid' },
  };
  return [
    { ...invalid, ask: () => withToken('unknown') },
    { ...invalid, name: 'an enormous token', ask: () => withToken('x'.repeat(100_000)) },
    {
      ...{ name: 'a permanent key past its end', ask: () => withToken(tokens.expired), ...token },
      ...{ message: 'Access token has been expired', mnemonic: 'access_token_expired' },
    },
    {
      ...{ name: 'a blocked key', ask: () => withToken(tokens.blocked), ...token },
      ...{ message: 'Access token has been blocked', mnemonic: 'access_token_blocked' },
    },
    {
      ...missed,
      ...{ name: 'no token', ask: () => withToken(undefined), field: 'access_token' },
      withoutAccount: true,
    },
    {
      ...missed,
      ...{ name: 'a token that is null', ask: () => withToken(null), field: 'access_token' },
      withoutAccount: true,
    },
    {
      ...wrongType,
      ...{ name: 'a token that is a number', ask: () => withToken(5), field: 'access_token' },
      withoutAccount: true,
    },
    { name: 'unknown login', ask: () => login({ login: 'nobody', password }), ...wrongLogin },
    {
      ...{ name: 'wrong password', ...wrongLogin },
      ask: () => login({ login: 'user of one', password: 'wrong' }),
    },
    {
      ...{ name: 'no password', ...missed, field: 'password', withoutAccount: true },
      ask: () => login({ login: 'user of one' }),
    },
    {
      ...{ name: 'a login that is a number', ...wrongType, field: 'login', withoutAccount: true },
      ask: () => login({ login: 5, password: 5 }),
    },
    {
      ...{ name: 'another address', ask: () => withToken(tokens.other), code: -32003 },
      ...{ message: 'Your IP 127.0.0.1 is not whitelisted', mnemonic: 'ip_not_whitelisted' },
      params: { ip: '127.0.0.1' },
    },
    {
      ...{ name: 'inactive account', ask: () => withToken(tokens.inactive), code: -32009 },
      message: 'Your account has been disabled, contact the support service',
      mnemonic: 'account_inactive',
    },
    {
      ...{ name: 'a user without the right', ask: () => withToken(tokens.noRight), code: -32003 },
      ...{ message: 'Permission denied', mnemonic: 'forbidden' },
    },
    {
      ...{ name: 'component off', ask: () => withToken(tokens.disabled), code: -32008 },
      message: 'Component Call API Управление вызовами has been disabled',
      mnemonic: 'component_disabled',
      params: { component_name: 'Call API Управление вызовами' },
    },
    {
      name: 'the fourth request of three points',
      async ask() {
        for (let count = 0; count < 3; count++)
          assert.ok((await withToken(tokens.limited)).result, 'within the limit');
        return withToken(tokens.limited);
      },
      ...{ code: -32029, mnemonic: 'limit_exceeded' },
      message: 'Limit per minute has been exceeded. Value of current limit per minute is 3',
      params: { limit_type: 'minute', limit_max_value: 3 },
    },
    {
      ...{ name: 'unexpected parameter', ask: () => list({ directions: 'in', other: 1 }) },
      ...{ code: -32602, message: 'Unexpected method parameter(s)' },
      ...{ mnemonic: 'unexpected_parameters', field: 'directions', value: 'in' },
    },
    {
      ...{ name: 'wrong type', ...wrongType, field: 'virtual_phone_number', value: '74951112233' },
      ask: () => list({ virtual_phone_number: 74951112233 }),
    },
    {
      ...{ name: 'wrong value', ask: () => list({ direction: 'IN' }), code: -32602 },
      ...{ message: 'Invalid parameter value', mnemonic: 'invalid_parameter_value' },
      ...{ field: 'direction', value: 'IN' },
    },
    {
      ...{ name: 'missing parameter', ask: () => of().call('release.call') },
      ...{ ...missed, field: 'call_session_id' },
    },
    {
      ...{ name: 'unknown call', ask: () => of().call('release.call', { call_session_id: 12 }) },
      ...{ code: -32602, message: 'Call session not found', mnemonic: 'call_session_not_found' },
      ...{ field: 'call_session_id', value: '12' },
    },
    {
      ...{ name: 'unknown method', ask: () => of().call('hold.call'), code: -32601 },
      message: 'The method does not exist / is not available',
      mnemonic: 'method_not_found',
    },
    {
      name: 'the server is stopping',
      async ask() {
        of().calls.failure = new ServiceStopping('stopping');
        const answer = await of().call('start.simple_call', simpleCall);
        of().calls.failure = undefined;
        return answer;
      },
      ...{ code: -32603, message: 'Internal error, contact the support service' },
      mnemonic: 'internal_error',
    },
  ];
}
