import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  type Answer,
  type Installation,
  installation,
  password,
  tokens,
} from '../../../test/contracts/api-installation.ts';
import type { ActiveCall } from '../../calls/call-service.ts';
import { methods } from './methods.ts';

let it: Installation;
beforeEach(async () => {
  it = await installation();
});
afterEach(() => it.close());

const login = (name = 'user of one', word = password): Promise<Answer> =>
  it.post(
    JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'login.user',
      params: {
        login: name,
        password: word,
      },
    }),
  );
const dataOf = ({ result }: Answer): Record<string, never> => result!.data;
const mnemonicOf = ({ error }: Answer): string | undefined => error?.data.mnemonic;

describe('login.user and logout.user', () => {
  test('a session token works for an hour, used or not, and is invalid afterwards', async () => {
    const { access_token, expire_at, ...rest } = dataOf(await login());
    assert.match(access_token!, /^[0-9a-f]{64}$/);
    assert.deepEqual(rest, {});
    assert.equal(expire_at, Math.floor(it.clock.wallTime() / 1000) + 3600);
    for (let minute = 0; minute < 59; minute += 10) {
      assert.ok((await it.call('list.calls', { access_token })).result, `minute ${minute}`);
      await it.clock.advance(10 * 60_000);
    }
    assert.equal(mnemonicOf(await it.call('list.calls', { access_token })), 'access_token_invalid');
  });

  test('a user may have several sessions; logging out drops one at once', async () => {
    const [one, two] = [dataOf(await login()), dataOf(await login())];
    const use = (access_token: unknown) => it.call('list.calls', { access_token });
    assert.ok((await use(one.access_token)).result);
    const { result } = await it.call('logout.user', { access_token: one.access_token });
    assert.deepEqual(result?.data, { success: true });
    assert.equal(mnemonicOf(await use(one.access_token)), 'access_token_invalid');
    assert.ok((await use(two.access_token)).result);
    const again = await it.call('logout.user', { access_token: one.access_token });
    assert.equal(mnemonicOf(again), 'access_token_invalid');
  });

  test('a permanent key cannot be logged out', async () => {
    assert.equal(mnemonicOf(await it.call('logout.user')), 'forbidden');
    assert.ok((await it.call('list.calls')).result);
  });

  test('expired sessions are swept out by the next login', async () => {
    await login();
    const before = (await it.store.keys.list(it.account.id)).length;
    await it.clock.advance(2 * 3_600_000);
    await login();
    assert.equal((await it.store.keys.list(it.account.id)).length, before);
  });

  test('who may not use the API gets no token, even with the right password', async () => {
    const rows = [
      ['user of right', 'forbidden'],
      ['user of inactive', 'account_inactive'],
      ['user of disabled', 'component_disabled'],
    ] as const;
    for (const [name, mnemonic] of rows) {
      assert.equal(mnemonicOf(await login(name)), mnemonic);
      assert.equal(mnemonicOf(await login(name, 'wrong')), 'auth_error');
    }
  });

  test('a burst of failures is no lockout, guessing on is slowed down', async () => {
    for (let tries = 0; tries < 19; tries++)
      assert.equal(mnemonicOf(await login('user of one', 'wrong')), 'auth_error');
    assert.ok((await login()).result, 'nineteen failures, then the right password');
    await login('user of one', 'wrong');
    assert.equal(mnemonicOf(await login()), 'auth_error', 'the twentieth was the last for now');
    const elsewhere = await it.api.fetch(loginRequest(), '10.0.0.7');
    assert.ok(((await elsewhere.json()) as Answer).result, 'another address is not concerned');
    await it.clock.advance(3_000);
    assert.ok((await login()).result);
  });

  function loginRequest(): Request {
    const params = { login: 'user of one', password };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'login.user', params });
    return new Request('http://test/v4.0', { method: 'POST', body });
  }

  test('a key that is blocked, or an account switched off, stops within a second', async () => {
    const key = (await it.store.keys.list(it.account.id)).find(({ blocked }) => !blocked)!;
    assert.ok((await it.call('list.calls')).result);
    await it.store.keys.setBlocked(key.id, true);
    await it.clock.advance(1_000);
    assert.equal(mnemonicOf(await it.call('list.calls')), 'access_token_blocked');
    await it.store.keys.setBlocked(key.id, false);
    await it.store.accounts.put({ ...it.account, active: false });
    await it.clock.advance(1_000);
    assert.equal(mnemonicOf(await it.call('list.calls')), 'account_inactive');
  });
});

describe('list.calls and release.call', () => {
  const call: ActiveCall = {
    callSessionId: 206597836,
    direction: 'in',
    startedAt: Date.UTC(2016, 9, 19, 9, 26, 48, 418),
    virtualNumber: '74951045771',
    contact: '74959268686',
    externalId: null,
    legs: [
      {
        legId: 287866245,
        role: 'contact',
        callingNumber: '74951045771',
        calledNumber: '74959268686...9.2.3.3',
        state: 'talking',
      },
      {
        legId: 287866221,
        role: 'operator',
        callingNumber: '74959268686',
        calledNumber: '79262444393',
        state: 'talking',
      },
    ],
  };
  const add = (changes: Partial<ActiveCall> = {}, accountId = it.account.id) => {
    const added = { ...call, ...changes };
    it.calls.live.set(added.callSessionId, { accountId, call: added, events: [] });
  };
  const ids = async (params: Record<string, unknown>) => {
    const calls = (await it.call('list.calls', params)).result?.data as unknown as {
      call_session_id: number;
    }[];
    return calls.map(({ call_session_id }) => call_session_id);
  };

  test('nothing is going on: an empty list', async () => {
    assert.deepEqual((await it.call('list.calls')).result?.data, []);
  });

  test('a call as the vendor prints it', async () => {
    add();
    const leg = { employee_id: null, employee_full_name: null, record_call_enabled: false };
    assert.deepEqual((await it.call('list.calls')).result?.data, [
      {
        call_session_id: 0xc506ecc,
        direction: 'in',
        start_time: '2016-10-19T12:26:48.418',
        virtual_phone_number: '74951045771',
        contact_phone_number: '74959268686',
        external_id: null,
        tags: [],
        legs: [
          {
            leg_id: 287866245,
            calling_phone_number: '74951045771',
            called_phone_number: '74959268686...9.2.3.3',
            is_operator: false,
            ...leg,
            state: 'Разговор',
          },
          {
            leg_id: 287866221,
            calling_phone_number: '74959268686',
            called_phone_number: '79262444393',
            is_operator: true,
            ...leg,
            state: 'Разговор',
          },
        ],
      },
    ]);
  });

  test('each state of a leg by its exact name', async () => {
    const states = ['dialing', 'waiting', 'talking', 'held', 'ended'] as const;
    add({ legs: states.map((state) => ({ ...call.legs[0]!, state })), externalId: '334otr01' });
    const [listed] = (await it.call('list.calls')).result!.data as unknown as {
      external_id: string;
      legs: { state: string }[];
    }[];
    assert.equal(listed!.external_id, '334otr01');
    assert.deepEqual(
      listed!.legs.map(({ state }) => state),
      ['Дозвон', 'На очереди', 'Разговор', 'На удержании', 'Разъединено'],
    );
  });

  test('filters, and calls of other accounts', async () => {
    add({ callSessionId: 1 });
    add({ callSessionId: 2, direction: 'out' });
    add({ callSessionId: 3, virtualNumber: '74993720692' });
    add({ callSessionId: 4 }, it.account.id + 1);
    assert.deepEqual(await ids({}), [1, 2, 3]);
    assert.deepEqual(await ids({ direction: 'in', virtual_phone_number: null }), [1, 3]);
    assert.deepEqual(await ids({ direction: 'out' }), [2]);
    assert.deepEqual(await ids({ virtual_phone_number: '74993720692' }), [3]);
    assert.deepEqual(await ids({ virtual_phone_number: '74993720692', direction: 'out' }), []);
    const { error } = await it.call('list.calls', { virtual_phone_number: '84993720692' });
    assert.deepEqual(
      [error?.data.mnemonic, error?.data.field],
      ['invalid_parameter_value', 'virtual_phone_number'],
    );
  });

  test('release ends a call of the account, answered by the string "true"', async () => {
    add({ callSessionId: 1 });
    add({ callSessionId: 4 }, it.account.id + 1);
    const release = (call_session_id: unknown) => it.call('release.call', { call_session_id });
    assert.deepEqual((await release(1)).result?.data, { success: 'true' });
    assert.equal(mnemonicOf(await release(4)), 'call_session_not_found');
    assert.equal(mnemonicOf(await release('1')), 'data_type_error');
    assert.equal(mnemonicOf(await release(undefined)), 'required_parameter_missed');
    assert.deepEqual(it.calls.released, [1]);
  });
});

test('nothing that was sent as a token, login or password is logged or answered', async () => {
  const secrets = [...Object.values(tokens), password, 'user of one', 'guessed-token'];
  const answers: Answer[] = [];
  for (const access_token of [...Object.values(tokens), 'guessed-token', ['guessed-token']])
    for (const more of [{}, { extra: 1 }, { direction: 'IN' }])
      answers.push(await it.call('list.calls', { access_token, ...more }));
  answers.push(await login('user of one', 'guessed-token'), await login('nobody'));
  answers.push(await it.post(`{"jsonrpc":"2.0","id":1,"method":"x","params":["${password}"]}`));
  answers.push(await it.post(`{"access_token":"${tokens.valid}"}`));
  answers.push(await it.post(`{"access_token":"${tokens.valid}"`));
  answers.push(await it.call('list.calls', { token: tokens.valid, password }));
  const misplaced = { access_token: tokens.valid, user: { password } };
  answers.push(await it.call('start.simple_call', { first_call: misplaced }));
  it.calls.failure = new Error('a defect');
  answers.push(await it.call('start.simple_call', { first_call: 'operator' }));
  await login();
  assert.ok(it.logged.length > 20);
  for (const text of [...it.logged, ...answers.map((answer) => JSON.stringify(answer))])
    for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} in ${text}`);
});

test('every method is one of the vendor’s, with its component', () => {
  assert.deepEqual(
    [...methods.values()].map(({ name, component }) => [name, component]),
    [
      ['login.user', 'Call API Базовый набор'],
      ['logout.user', 'Call API Базовый набор'],
      ['start.simple_call', 'Call API Базовый набор'],
      ['list.calls', 'Call API Управление вызовами'],
      ['release.call', 'Call API Базовый набор'],
    ],
  );
});
