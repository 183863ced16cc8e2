import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSecurityRules } from '../../src/model/security-rules.ts';
import { type Installation, password, tokens } from './api-installation.ts';
import { administrated, ask, data, refusal, rows } from './data-api-test.ts';

test('a number is given to the account, noted, locked and taken away', async () => {
  await using it = await administrated();
  const { id } = await data(it, 'create.virtual_numbers', {
    virtual_phone_number: '74993720000',
    name: 'Офис',
    comment: 'until May',
  });
  const filter = { field: 'id', operator: '=', value: id };
  const shown = async () => (await rows(it, 'get.virtual_numbers', { filter }))[0];
  const card = {
    id,
    virtual_phone_number: '74993720000',
    redirection_phone_number: null,
    activation_date: '2026-01-01 12:30:15',
    status: 'active',
    category: 'usual',
    type: 'va',
    comment: 'until May',
    name: 'Офис',
    scenarios: [],
  };
  assert.deepEqual(await shown(), card);
  assert.deepEqual(await data(it, 'update.virtual_numbers', { id, status: 'manual_lock' }), {});
  assert.deepEqual(await shown(), { ...card, status: 'manual_lock' });
  assert.equal((await it.store.numbers.find('74993720000'))?.active, false);
  await data(it, 'update.virtual_numbers', { id, status: 'active', name: null, comment: null });
  assert.deepEqual(await shown(), { ...card, name: null, comment: null });
  assert.deepEqual(await data(it, 'delete.virtual_numbers', { id }), {});
  assert.equal(await shown(), undefined);
});

test('a user is added, logs in, loses a right and the password, is removed', async () => {
  await using it = await administrated();
  const { id } = await data(it, 'create.users', { login: 'crm', password, data_api: false });
  assert.deepEqual(await rows(it, 'get.users'), [
    { id: 1, login: 'user of one', call_api: true, data_api: true, administration: true },
    { id, login: 'crm', call_api: true, data_api: false, administration: false },
  ]);
  const session = await logIn(it, 'crm', password);
  const call = () => it.call('list.calls', { access_token: session });
  assert.deepEqual((await call()).result!.data, []);

  await data(it, 'update.users', { id, call_api: false });
  assert.equal((await call()).error!.data.mnemonic, 'forbidden'); // At once, without a second's wait.
  await data(it, 'update.users', { id, call_api: true, password: 'battery staple' });
  assert.equal((await call()).error!.data.mnemonic, 'access_token_invalid');
  assert.ok(await logIn(it, 'crm', 'battery staple'));

  assert.deepEqual(await data(it, 'delete.users', { id }), {});
  assert.equal(await it.store.users.byLogin('crm'), undefined);
  const text = JSON.stringify([it.logged, await ask(it, 'get.users')]);
  assert.ok(!text.includes('battery') && !text.includes('scrypt'));
});

test('with a second administrator the first may go', async () => {
  await using it = await administrated();
  const owner = { login: 'owner', password, administration: true };
  const { id } = await data(it, 'create.users', owner);
  assert.deepEqual(await data(it, 'update.users', { id: 1, administration: false }), {});
  assert.equal(await refusal(it, 'get.users'), 'forbidden -32003 -');
  const { result } = await ask(it, 'login.user', {
    access_token: undefined,
    login: 'owner',
    password,
  });
  const { access_token } = result!.data as { access_token: string };
  assert.equal((await rows(it, 'get.users', { access_token })).length, 2);
  const last = { access_token, id, data_api: false };
  assert.equal(await refusal(it, 'update.users', last), 'forbidden -32602 id');
});

test('a key is made, shown once, blocked, let in again and removed', async () => {
  await using it = await administrated();
  const { id, access_token } = await data(it, 'create.keys', {
    key_user_id: 1,
    label: 'the site',
    expires_at: '2027-01-31 00:00:00',
  });
  assert.match(String(access_token), /^[0-9a-f]{64}$/);
  const filter = { field: 'id', operator: '=', value: id };
  assert.deepEqual(await rows(it, 'get.keys', { filter }), [
    {
      id,
      user_id: 1,
      user_login: 'user of one',
      label: 'the site',
      expires_at: '2027-01-31 00:00:00',
      is_blocked: false,
    },
  ]);
  const use = async () => (await ask(it, 'get.tags', { access_token })).error?.data.mnemonic;
  assert.equal(await use(), undefined);
  await data(it, 'update.keys', { id, is_blocked: true });
  assert.equal(await use(), 'access_token_blocked');
  await data(it, 'update.keys', { id, is_blocked: false });
  assert.equal(await use(), undefined);
  assert.deepEqual(await data(it, 'delete.keys', { id }), {});
  assert.equal(await use(), 'access_token_invalid');
  const endless = await data(it, 'create.keys', { key_user_id: 1 });
  const all = await rows(it, 'get.keys', { sort: [{ field: 'id', order: 'desc' }] });
  assert.deepEqual([all[0]!.id, all[0]!.expires_at], [endless.id, null]);
  assert.ok(!it.logged.join('\n').includes(String(access_token)));
});

test('the list of addresses: an entry lets in at once, its removal keeps out', async () => {
  await using it = await administrated();
  assert.deepEqual(await rows(it, 'get.allowed_addresses'), []);
  const outside = async (): Promise<number | undefined> => {
    const params = { access_token: tokens.valid };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'get.account', params });
    const request = new Request('http://test/v2.0', { method: 'POST', body });
    const answer = (await (await it.api.fetch(request, '203.0.113.9')).json()) as {
      error?: { code: number };
    };
    return answer.error?.code;
  };
  assert.equal(await outside(), -32003);
  await data(it, 'add.allowed_addresses', { address: '127.0.0.0/8' });
  assert.deepEqual(await data(it, 'add.allowed_addresses', { address: '203.0.113.0/24' }), {
    address: '203.0.113.0/24',
  });
  assert.equal(await outside(), undefined);
  assert.deepEqual(await rows(it, 'get.allowed_addresses'), [
    { address: '127.0.0.0/8' },
    { address: '203.0.113.0/24' },
  ]);
  assert.deepEqual(await data(it, 'delete.allowed_addresses', { address: '203.0.113.0/24' }), {});
  assert.equal(await outside(), -32003);
  // The last entry may go: the private ranges take its place.
  assert.deepEqual(await data(it, 'delete.allowed_addresses', { address: '127.0.0.0/8' }), {});
  assert.deepEqual(await rows(it, 'get.allowed_addresses'), []);
});

test('limits of the account hold from the next request on', async () => {
  await using it = await administrated();
  const before = { points_per_minute: 100_000, points_per_day: 500_000, tts_max_length: 20 };
  assert.deepEqual(await rows(it, 'get.account_limits'), [before]);
  assert.deepEqual(await data(it, 'update.account_limits', { points_per_minute: 50 }), {});
  const { result } = await ask(it, 'get.account_limits');
  assert.deepEqual(result!.data, [{ ...before, points_per_minute: 50 }]);
  assert.equal(result!.metadata.limits.minute_limit, 50);
});

test('security rules are changed in part; lists are replaced whole, null takes a limit away', async () => {
  await using it = await administrated();
  const { store } = it;
  assert.equal((await rows(it, 'get.security_rules'))[0]!.international, false);
  assert.deepEqual(
    await data(it, 'update.security_rules', {
      international: true,
      denied_prefixes: ['7900', '1'],
      simultaneous_calls: 5,
      minutes_per_day: 600,
    }),
    {},
  );
  const { directions, limits } = defaultSecurityRules;
  const changed = {
    ...defaultSecurityRules,
    directions: { ...directions, international: true },
    deniedPrefixes: ['7900', '1'],
    limits: { ...limits, simultaneousCalls: 5, minutesPerDay: 600 },
  };
  assert.deepEqual(await store.security.of(1), changed);
  await data(it, 'update.security_rules', { denied_prefixes: [], simultaneous_calls: null });
  assert.deepEqual(await store.security.of(1), {
    ...changed,
    deniedPrefixes: [],
    limits: { ...changed.limits, simultaneousCalls: null },
  });
  const shown = {
    home_country: 'RU',
    mobile: true,
    long_distance: true,
    international: true,
    allowed_prefixes: [],
    denied_prefixes: [],
    simultaneous_calls: null,
    calls_per_minute_per_contact: null,
    calls_per_minute_per_operator: null,
    calls_per_minute_per_prefix: null,
    prefix_length: 7,
    minutes_per_day: 600,
  };
  assert.deepEqual(await rows(it, 'get.security_rules'), [shown]);
  // Another account keeps its own.
  const two = await store.accounts.byName('two');
  assert.deepEqual(await store.security.of(two!.id), defaultSecurityRules);
});

test('each API asks for its own right', async () => {
  await using it = await administrated();
  const { id: _, ...user } = (await it.store.users.byLogin('user of right'))!;
  const answers = async (): Promise<unknown[]> => {
    const access_token = tokens.noRight;
    const call = await it.call('list.calls', { access_token });
    const list = await ask(it, 'get.tags', { access_token });
    return [call.error?.data.mnemonic, list.error?.data.mnemonic];
  };
  const rights: readonly (readonly [callApi: boolean, dataApi: boolean, errors: unknown[]])[] = [
    [false, true, ['forbidden', undefined]],
    [true, false, [undefined, 'forbidden']],
    [true, true, [undefined, undefined]],
    [false, false, ['forbidden', 'forbidden']],
  ];
  for (const [callApi, dataApi, errors] of rights) {
    await it.store.users.put({ ...user, callApi, dataApi });
    await it.clock.advance(1_000); // What the command line changes is felt within a second.
    assert.deepEqual(await answers(), errors);
  }
});

async function logIn(it: Installation, login: string, secret: string): Promise<string> {
  const params = { access_token: undefined, login, password: secret };
  const { result, error } = await it.call('login.user', params);
  assert.ok(result, JSON.stringify(error));
  return (result.data as { access_token: string }).access_token;
}
