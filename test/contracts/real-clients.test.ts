// What public client libraries do with the bytes of an answer (spec/call-api.md section 17), each as a
// tiny model of the client: what it sends, what it reads unguarded, what makes it throw.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Installation, installation, password, tokens } from './api-installation.ts';
import { talkedCall } from './data-api-test.ts';
import { overFakeLines } from './over-fake-lines.ts';

type Json = Readonly<Record<string, unknown>>;
type Sent = { readonly status: number; readonly text: string };
type Headers = Readonly<Record<string, string>>;

const order = {
  first_call: 'operator',
  virtual_phone_number: '74993720692',
  contact: '79260000000',
  operator: '79262444491',
};
const january = { date_from: '2026-01-01 00:00:00', date_till: '2026-01-31 23:59:59' };

/** Posts what a client wrote and hands back what it reads. */
async function send(
  { api }: Installation,
  body: unknown,
  { path = '/v4.0', headers = {} }: { path?: string; headers?: Headers } = {},
): Promise<Sent> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const request = new Request(`http://test${path}`, { method: 'POST', body: text, headers });
  const response = await api.fetch(request);
  return { status: response.status, text: await response.text() };
}

const request = (id: string | number, method: string, params: object): object => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});
const withKey = (params: object = {}): object => ({ access_token: tokens.valid, ...params });

/** PHP reads a property of what is no object, or a missing key, with a warning that frameworks throw. */
function read(value: unknown, ...keys: readonly string[]): unknown {
  let at = value;
  for (const key of keys) {
    assert.ok(typeof at === 'object' && at !== null && key in at, `no ${key} of ${keys.join('.')}`);
    at = (at as Json)[key];
  }
  return at;
}

describe('real clients', () => {
  let it: Installation;
  before(async () => {
    it = await installation();
    it.store.calls.saveRecord(talkedCall(237859081));
    await it.store.calls.flushed();
  });
  after(() => it.close());

  describe('olegstan/uiscom-api-client (PHP)', () => {
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
    /** Requester.php: any status but 200 is an exception; then the key that is there decides. */
    async function call(method: string, params: object): Promise<Json> {
      const { status, text } = await send(it, request(1, method, params), { headers });
      if (status !== 200) throw new Error(`RequestException: ${status}`);
      const body = JSON.parse(text) as Json;
      if (Object.hasOwn(body, 'result')) {
        const { result } = body;
        // Its constructor takes an array: a null would be a TypeError.
        assert.ok(typeof result === 'object' && result !== null, 'TypeError: result is no array');
        return result as Json;
      }
      const data = read(body, 'error', 'data');
      assert.ok(typeof data === 'object' && data !== null, 'TypeError: error.data is no array');
      throw new Error(String(read(data, 'mnemonic')));
    }

    test('its flags are sent as false, and a session id is merely looked for', async () => {
      const flags = {
        switch_at_once: false,
        early_switching: false,
        show_virtual_phone_number: false,
      };
      const { data } = await call('start.simple_call', withKey({ ...order, ...flags }));
      assert.ok(Object.hasOwn(data as Json, 'call_session_id'));
    });

    test('a refusal is an answer to it, not a transport that failed', async () => {
      await assert.rejects(call('start.simple_call', withKey({ ...order, contact: '1' })), {
        message: 'invalid_parameter_value',
      });
      await assert.rejects(call('start.multi_call', withKey()), { message: 'method_not_found' });
    });

    test('empty parameters, which PHP writes as a list, are told of', async () => {
      await assert.rejects(call('list.calls', []), { message: 'invalid_request' });
    });
  });

  describe('paataD/laravel-comagic-api and pashamesh (PHP)', () => {
    /** `$body->result->metadata` and the fields of an error are read without a look. */
    async function call(method: string, params: object): Promise<unknown> {
      const { status, text } = await send(it, request(2, method, params));
      assert.equal(status, 200, 'GuzzleException: http_errors');
      const body = JSON.parse(text) as Json;
      if ('error' in body) {
        const [mnemonic, field, value] = ['mnemonic', 'field', 'value'].map((key) =>
          read(body, 'error', 'data', key),
        );
        throw new Error(`${mnemonic} ${field ?? '-'} ${value ?? '-'}`);
      }
      read(body, 'result', 'metadata');
      return read(body, 'result', 'data');
    }

    test('results have metadata, errors a field and a value that is text or nothing', async () => {
      assert.deepEqual(await call('list.calls', withKey()), []);
      for (const [contact, shown] of [
        [undefined, '-'],
        ['1', '1'],
        [5, '5'],
        [true, 'true'],
        [{ a: [1] }, '{"a":[1]}'],
      ]) {
        const mnemonic =
          contact === undefined
            ? 'required_parameter_missed'
            : contact === '1'
              ? 'invalid_parameter_value'
              : 'data_type_error';
        await assert.rejects(call('start.simple_call', withKey({ ...order, contact })), {
          message: `${mnemonic} contact ${shown}`,
        });
      }
    });

    test('it logs in again a minute before expire_at, which are seconds of the wall clock', async () => {
      const session = await call('login.user', { login: 'user of one', password });
      const expireAt = read(session, 'expire_at') as number;
      const token = read(session, 'access_token');
      const time = (): number => Math.floor(it.clock.wallTime() / 1000);
      const isFresh = (): boolean => expireAt - 60 > time();
      assert.equal(isFresh(), true);
      await it.clock.advance((expireAt - 61 - time()) * 1000);
      assert.equal(isFresh(), true);
      assert.deepEqual(await call('list.calls', { access_token: token }), []);
      await it.clock.advance(1000);
      assert.equal(isFresh(), false);
    });
  });

  describe('bzdvdn/comagic-sdk (Python, Data API)', () => {
    let requests = 0;
    /** Only the body counts; -32001 is tried again, up to four times, with the same token. */
    async function call(method: string, params: object, max = 4): Promise<unknown> {
      requests++;
      const id = `req_${method.replace('.', '_')}_1700000000.123`;
      const { text } = await send(it, request(id, method, params), { path: '/v2.0' });
      const body = JSON.parse(text) as Json;
      if ('error' in body) {
        const { code } = body.error as Json;
        if (code === -32001 && max > 0) return call(method, params, max - 1);
        throw new Error(String(code));
      }
      const result = body.result as Json;
      return 'data' in result ? result.data : result;
    }

    test('rows come from result.data', async () => {
      const rows = (await call('get.calls_report', withKey(january))) as readonly Json[];
      assert.equal(rows[0]?.id, 237859081);
    });

    test('its bursts after an expired session are no attack', async () => {
      requests = 0;
      for (let burst = 0; burst < 25; burst++)
        await assert.rejects(call('get.account', { access_token: 'old' }), { message: '-32001' });
      assert.equal(requests, 125);
      assert.ok(await call('get.account', withKey()));
    });
  });

  describe('sazanof/novofon-api-v2 (PHP, Data API)', () => {
    /** Typed properties: `?string` of the details of an error, `array` of its params. */
    function typed(body: Json): { readonly data: unknown } {
      if (!('error' in body)) return { data: read(body, 'result', 'data') };
      for (const key of ['mnemonic', 'field', 'value']) {
        const value = read(body, 'error', 'data', key);
        assert.ok(value === null || typeof value === 'string', `TypeError: ${key}`);
      }
      assert.equal(typeof read(body, 'error', 'data', 'params'), 'object', 'TypeError: params');
      return { data: null };
    }
    const call = async (method: string, params: object) =>
      typed(JSON.parse((await send(it, request(3, method, params), { path: '/v2.0' })).text));

    test('the account is data[0]; numbers and objects in an error are text to it', async () => {
      const { data } = await call('get.account', withKey());
      assert.equal(read((data as readonly unknown[])[0], 'name'), 'one');
      for (const limit of [-1, 'ten', { a: 1 }, [1], true])
        await call('get.calls_report', withKey({ ...january, limit }));
    });
  });

  describe('zfullio/comagic-service (Go, Data API)', () => {
    const isText = (value: unknown): boolean => value === null || typeof value === 'string';
    const isInt = (value: unknown): boolean => Number.isInteger(value);
    /** json.Unmarshal into structs: another kind of value than the field's fails, a missing one is zero. */
    function unmarshal(text: string): Json {
      const body = JSON.parse(text) as Json;
      assert.equal(typeof body.id, 'string', 'cannot unmarshal id into string');
      const { data, metadata } = (body.error ?? body.result) as Json;
      if ('error' in body) {
        const details = data as Json;
        for (const key of ['mnemonic', 'field', 'value', 'extended_helper'])
          assert.ok(isText(details[key]), `cannot unmarshal ${key} into string`);
        const { object = null } = details.params as Json;
        assert.ok(isText(object), 'cannot unmarshal params.object into string');
      }
      const { total_items = 0, version = null, limits = {} } = (metadata ?? {}) as Json;
      assert.ok(isInt(total_items) && version === null, 'cannot unmarshal metadata');
      for (const [key, value] of Object.entries(limits as Json))
        assert.ok(isInt(value), `cannot unmarshal limits.${key} into int64`);
      return body;
    }
    const call = async (method: string, params: object): Promise<Json> =>
      unmarshal((await send(it, request('42', method, params), { path: '/v2.0' })).text);

    test('ids stay text, limits and totals are whole numbers, values are text', async () => {
      const listed = await call('get.virtual_numbers', withKey());
      assert.equal(read(listed, 'result', 'metadata', 'total_items'), 3);
      assert.ok('error' in (await call('get.calls_report', withKey({ ...january, limit: [1] }))));
      assert.ok('error' in (await call('get.calls_report', withKey({ date_from: 5 }))));
    });
  });

  describe('an edge function over several accounts (TypeScript)', () => {
    const authentication = /^access_token_|^auth_error$/;
    /** The next token is tried when one is refused; other mnemonics are words for people. */
    async function start(contact: string, keys: readonly string[]): Promise<string> {
      for (const access_token of keys) {
        const params = { access_token, ...order, contact };
        const { status, text } = await send(it, request(4, 'start.simple_call', params));
        if (status < 200 || status > 299) return `HTTP ${status}`;
        const body = JSON.parse(text) as Json;
        if ('result' in body) return 'started';
        const mnemonic = String(read(body, 'error', 'data', 'mnemonic'));
        if (!authentication.test(mnemonic)) return mnemonic;
      }
      return 'no token works';
    }

    test('its mnemonics are exact', async () => {
      const refused = [tokens.blocked, tokens.expired, 'unknown'];
      assert.equal(await start(order.contact, refused), 'no token works');
      assert.equal(await start(order.contact, [...refused, tokens.valid]), 'started');
      const own = await start('74993720693', [tokens.valid]);
      assert.equal(own, 'own_virtual_phone_number_not_allowed');
      assert.equal(await start(order.contact, [tokens.disabled]), 'component_disabled');
      assert.equal(await start(order.contact, [tokens.other]), 'virtual_phone_number_not_found');
    });
  });

  test('Django: release.call without parameters is its question whether a key works', async () => {
    async function isAlive(access_token: string): Promise<boolean> {
      const { status, text } = await send(it, request(5, 'release.call', { access_token }));
      assert.ok(status < 400, 'raise_for_status');
      const mnemonic = read(JSON.parse(text), 'error', 'data', 'mnemonic');
      const known = ['required_parameter_missed', 'invalid_parameter_value'];
      return known.includes(String(mnemonic));
    }
    assert.equal(await isAlive(tokens.valid), true);
    assert.equal(await isAlive('unknown'), false);
  });

  test('a widget (Python): six parameters, the id is looked for in the whole result', async () => {
    const find = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return undefined;
      if ('call_session_id' in value) return value.call_session_id;
      return Object.values(value).map(find).find(Boolean);
    };
    const strip = (number: string): string => number.replace('+', '');
    const params = {
      ...order,
      contact: strip(`+${order.contact}`),
      external_id: 'lead 7',
      access_token: tokens.valid,
    };
    const { text } = await send(it, request('7', 'start.simple_call', params));
    assert.equal(typeof find(JSON.parse(text).result), 'number');
  });

  test('a header of authorization and a type without charset are no reason to refuse', async () => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer other' };
    const { text } = await send(it, request(8, 'list.calls', withKey()), { headers });
    assert.ok('result' in JSON.parse(text));
  });
});

describe('a poller (Python): list.calls once a second', () => {
  type Row = { call_session_id: number; legs: readonly { state: string }[] };

  test('it sees ringing, then the talk no sooner than it begins, then that it is over', async () => {
    const { it, clock } = await overFakeLines({
      behave: (number) =>
        number === order.operator
          ? { rings: 200, answers: 1_500 }
          : { rings: 200, answers: 2_000, hangsUp: 60_000 },
    });
    // The contact hears its message of 30 s out before the two are connected.
    const contact_message = { type: 'media', value: '2561' };
    const params = { ...order, contact_message };
    const { result } = await it.call('start.simple_call', params);
    const { call_session_id: id } = result!.data as { call_session_id: number };
    const seen: string[] = [];
    for (let second = 0; second < 70; second++) {
      await clock.advance(1_000);
      const rows = (await it.call('list.calls')).result!.data as readonly Row[];
      const call = rows.find(({ call_session_id }) => call_session_id === id);
      const state =
        call === undefined
          ? 'over'
          : call.legs.some(({ state }) => state === 'Разговор')
            ? 'connected'
            : 'ringing';
      if (seen.at(-1)?.endsWith(state)) continue;
      seen.push(`${second + 1} s: ${state}`);
    }
    await it.close();
    assert.deepEqual(seen, ['1 s: ringing', '34 s: connected', '64 s: over']);
  });
});
