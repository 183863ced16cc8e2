import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type Installation,
  installation,
  password,
  tokens,
} from '../../test/contracts/api-installation.ts';
import type { CallEvent as ModelEvent } from '../model/call-event.ts';
import { ApiError, type CallEvent, Client, HttpError } from './client.ts';
import { messages } from './event-source.ts';

const order = {
  first_call: 'operator',
  virtual_phone_number: '74993720692',
  contact: '79260000000',
  operator: '79262444491',
} as const;

describe('a client of a server', () => {
  let it: Installation;
  /** What was sent, oldest first. */
  let sent: string[];
  const url = 'http://test';
  const fetchFrom: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { method } = (request.method === 'POST' ? await request.clone().json() : request) as {
      readonly method: string;
    };
    sent.push(method);
    return it.api.fetch(request);
  };
  const byKey = (accessToken: string = tokens.valid): Client =>
    new Client({ url, accessToken, fetch: fetchFrom });
  const byLogin = (word = password): Client =>
    new Client({ url, login: 'user of one', password: word, fetch: fetchFrom });
  before(async () => {
    it = await installation();
  });
  after(() => it.close());
  test.beforeEach(() => {
    sent = [];
  });

  test('a key is sent with each request', async () => {
    const { call_session_id } = await byKey().call('start.simple_call', order);
    assert.ok(Number.isInteger(call_session_id));
    assert.deepEqual(await byKey().call('list.calls'), []);
    assert.deepEqual(sent, ['start.simple_call', 'list.calls']);
  });

  test('the URL may end in a slash or in the path of a version', async () => {
    for (const written of ['http://test/', 'http://test/v4.0', 'http://test/v4.0/'])
      await new Client({ url: written, accessToken: tokens.valid, fetch: fetchFrom }).call(
        'list.calls',
      );
    assert.equal(sent.length, 3);
  });

  test('an answer has the points that are left', async () => {
    const { data, metadata } = await byKey().answer('list.calls', { direction: 'in' });
    assert.deepEqual(data, []);
    assert.equal(metadata.limits.day_limit, 500_000);
  });

  test('lists of the Data API tell how many rows there are', async () => {
    const params = { limit: 1, fields: ['virtual_phone_number'] };
    const { data, metadata } = await byKey().dataAnswer('get.virtual_numbers', params);
    assert.deepEqual(data, [{ virtual_phone_number: '74993720692' }]);
    assert.equal(metadata.total_items, 3);
    const [account] = await byKey().data('get.account');
    assert.equal(account!.timezone, 'Europe/Moscow');
  });

  test('requests at the same time share one login', async () => {
    const client = byLogin();
    await Promise.all([client.call('list.calls'), client.call('list.calls')]);
    assert.deepEqual(sent, ['login.user', 'list.calls', 'list.calls']);
  });

  test('a session that is over is begun again, once for all who meet it', async () => {
    const client = byLogin();
    await client.login();
    await it.clock.advance(3_600_000);
    await Promise.all([client.call('list.calls'), client.call('list.calls')]);
    const count = (name: string): number => sent.filter((method) => method === name).length;
    assert.deepEqual([count('login.user'), count('list.calls')], [2, 4]);
  });

  test('a wrong password is told, and the next request tries again', async () => {
    const client = byLogin('wrong');
    for (const _ of [1, 2])
      await assert.rejects(client.call('list.calls'), {
        name: 'ApiError',
        method: 'login.user',
        code: -32001,
        mnemonic: 'auth_error',
      });
    assert.deepEqual(sent, ['login.user', 'login.user']);
  });

  test('logging out drops the session; a key stays; the client logs in again when it must', async () => {
    const client = byLogin();
    await client.logout(); // There is no session yet.
    await client.call('list.calls');
    await client.logout();
    await byKey().logout();
    await client.call('list.calls');
    const method = ['login.user', 'list.calls', 'logout.user', 'login.user', 'list.calls'];
    assert.deepEqual(sent, method);
  });

  test('logging out a session that is over already is no error', async () => {
    const client = byLogin();
    await client.login();
    await it.clock.advance(3_600_000);
    await client.logout();
  });

  test('a key that is no good is told at once', async () => {
    await assert.rejects(byKey('unknown').call('list.calls'), {
      mnemonic: 'access_token_invalid',
      field: 'access_token',
    });
    assert.deepEqual(sent, ['list.calls']);
  });

  test('an error says which parameter, what was sent, and what fills its text', async () => {
    const failed = byKey().call('start.simple_call', { ...order, contact: '79990000001' });
    await assert.rejects(failed, (error: unknown) => {
      assert.ok(error instanceof ApiError);
      const { message, stack: _, ...fields } = error;
      assert.equal(message, 'The contact 79990000001 has been found in the blacklist');
      assert.deepEqual(fields, {
        name: 'ApiError',
        method: 'start.simple_call',
        code: -32002,
        mnemonic: 'contact_in_blacklist',
        field: 'contact',
        value: '79990000001',
        params: { contact: '79990000001' },
      });
      return true;
    });
  });

  test('the compiler knows the parameters of each method', () => {
    const unsent = (client: Client): unknown[] => [
      // @ts-expect-error: a required parameter is missing
      client.call('release.call'),
      // @ts-expect-error: no such value
      client.call('start.simple_call', { ...order, first_call: 'both' }),
      // @ts-expect-error: no such parameter
      client.call('list.calls', { limit: 5 }),
      // @ts-expect-error: no such method
      client.call('start.call', {}),
    ];
    assert.equal(typeof unsent, 'function');
  });

  test('the events are those of the server, both ways', () => {
    const there = (event: ModelEvent): CallEvent => event;
    const back = (event: CallEvent): ModelEvent => event;
    assert.deepEqual([typeof there, typeof back], ['function', 'function']);
  });

  describe('events', () => {
    const ended: ModelEvent = {
      callSessionId: 5,
      accountId: 1,
      at: 1,
      type: 'callEnded',
      finishReason: 'operator_busy',
      cause: { type: 'busy' },
    };

    test('of one call, to its end', async () => {
      const accountId = it.account.id;
      it.calls.live.set(5, { accountId, call: {} as never, events: [{ ...ended, accountId }] });
      const seen = await Array.fromAsync(byKey().events(5), ({ type }) => type);
      assert.deepEqual(seen, ['callEnded']);
    });

    test('after the hour of a session too', async () => {
      const client = byLogin();
      await client.login();
      await it.clock.advance(3_600_000);
      assert.equal((await Array.fromAsync(client.events(5))).length, 1);
    });

    test('of no such call: what the server says', async () => {
      await assert.rejects(Array.fromAsync(byKey().events(77)), (error: unknown) => {
        assert.ok(error instanceof HttpError);
        assert.deepEqual([error.status, error.message], [404, error.said]);
        assert.match(error.message, /there is no call 77/);
        return true;
      });
    });

    test('with a bad key: what the server says', async () => {
      const failed = Array.fromAsync(byKey('unknown').events());
      await assert.rejects(failed, { name: 'HttpError', status: 401 });
    });
  });
});

describe('where no server answers', () => {
  const clientOf = (answer: () => Promise<Response>): Client =>
    new Client({ url: 'http://there', accessToken: 'key', fetch: answer, timeoutMs: 60_000 });
  const html = (status: number): Promise<Response> =>
    Promise.resolve(new Response('<html>', { status, headers: { 'content-type': 'text/html' } }));

  const rows: readonly [name: string, answer: () => Promise<Response>, expected: object][] = [
    [
      'nothing listens',
      () => Promise.reject(new TypeError('fetch failed')),
      { message: 'no server answers at http://there', status: undefined },
    ],
    [
      'nothing comes in time',
      () => Promise.reject(new DOMException('', 'TimeoutError')),
      { message: 'no answer in time from http://there', status: undefined },
    ],
    ['a proxy answers', () => html(502), { status: 502 }],
    ['a page answers', () => html(200), { status: 200 }],
    [
      'another JSON answers',
      async () => Response.json({ hello: 1 }),
      { message: 'http://there answers no JSON-RPC' },
    ],
    ['a JSON of no object answers', async () => Response.json(null), { message: /no JSON object/ }],
    [
      'the server refuses the body',
      async () => Response.json({ error: 'send less' }, { status: 413 }),
      { message: 'send less', said: 'send less', status: 413 },
    ],
  ];
  for (const [name, answer, expected] of rows)
    test(name, async () => {
      await assert.rejects(clientOf(answer).call('list.calls'), { name: 'HttpError', ...expected });
    });

  test("the caller's own signal comes back as it is", async () => {
    const leaving = new AbortController();
    const client = new Client({
      url: 'http://there',
      accessToken: 'key',
      fetch: (_, { signal } = {}) =>
        new Promise((_, reject) => {
          signal!.addEventListener('abort', () => reject(signal!.reason as Error));
        }),
    });
    const answer = client.call('list.calls', {}, { signal: leaving.signal });
    await Promise.resolve();
    leaving.abort();
    await assert.rejects(answer, { name: 'AbortError' });
  });
});

describe('a stream of events', () => {
  const stream = (chunks: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> =>
    new Blob(chunks.map((it) => (typeof it === 'string' ? it : new Uint8Array(it)))).stream();

  const rows: readonly [name: string, chunks: (string | Uint8Array)[], expected: string[]][] = [
    ['two messages', ['data: a\n\ndata: b\n\n'], ['a', 'b']],
    ['lines of CR LF, no space', ['data:a\r\n\r\n'], ['a']],
    ['several lines', ['data: a\ndata: b\n\n'], ['a\nb']],
    ['comments and other fields', [': still here\n\nevent: x\nid: 1\ndata: a\n\n'], ['a']],
    ['an unfinished one is none', ['data: a\n\ndata: b\n'], ['a']],
  ];
  for (const [name, chunks, expected] of rows)
    test(name, async () => {
      assert.deepEqual(await Array.fromAsync(messages(stream(chunks))), expected);
    });

  test('a letter in two chunks', async () => {
    const bytes = new TextEncoder().encode('data: Ж\n\n');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    assert.deepEqual(await Array.fromAsync(messages(body)), ['Ж']);
  });

  test('leaving the loop closes the connection', async () => {
    let closed = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('data: a\n\n')),
      cancel: () => {
        closed = true;
      },
    });
    for await (const _ of messages(body)) break;
    assert.ok(closed);
  });
});
