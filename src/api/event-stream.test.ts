import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type Installation, installation, tokens } from '../../test/contracts/api-installation.ts';
import { someRecord } from '../../test/contracts/store.contract.ts';
import type { CallEvent } from '../model/call-event.ts';
import { hashToken } from './tokens.ts';

describe('GET /v4.0/events', () => {
  let it: Installation;
  beforeEach(async () => {
    it = await installation();
  });
  afterEach(() => it.close());

  const open = (query = '', authorization = `Bearer ${tokens.valid}`): Promise<Response> =>
    it.api.fetch(new Request(`http://test/v4.0/events${query}`, { headers: { authorization } }));

  const event = (callSessionId: number, changes: object, accountId = it.account.id): CallEvent =>
    ({ callSessionId, accountId, at: 1000, ...changes }) as CallEvent;
  const started = (id: number, accountId?: number) => event(id, { type: 'callStarted' }, accountId);
  const ringing = (id: number, accountId?: number) =>
    event(id, { type: 'legRinging', legId: 1 }, accountId);
  const ended = (id: number) =>
    event(id, {
      type: 'callEnded',
      cause: {
        type: 'normal',
        status: 200,
        q850: 16,
      },
      finishReason: 'subscriber_disconnects',
    });

  /** Events as they come; `next` waits for one, `rest` for the end of the stream. */
  function reader(response: Response) {
    const chunks = response.body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
    const parse = (text: string): CallEvent => {
      assert.match(text, /^data: .*\n\n$/);
      return JSON.parse(text.slice(6)) as CallEvent;
    };
    return {
      chunks,
      next: async () => parse((await chunks.next()).value as string),
      async rest() {
        const events: CallEvent[] = [];
        for (let it = await chunks.next(); !it.done; it = await chunks.next())
          events.push(parse(it.value));
        return events;
      },
    };
  }

  function addLive(id: number, events: CallEvent[]): void {
    it.calls.live.set(id, { accountId: it.account.id, call: undefined as never, events });
  }

  test('a running call: what happened, then what happens, to its end', async () => {
    const happened = [started(7), ringing(7)];
    addLive(7, happened);
    const response = await open('?call_session_id=7');
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const events = reader(response);
    assert.deepEqual([await events.next(), await events.next()], happened);
    for (const it_ of [ringing(8), event(7, { type: 'legAnswered', legId: 1 }), ended(7), ended(8)])
      it.bus.publish(it_);
    assert.deepEqual(await events.rest(), [event(7, { type: 'legAnswered', legId: 1 }), ended(7)]);
  });

  test('a call that is over: its end, from the record', async () => {
    it.store.calls.saveRecord(someRecord(99, it.account.id));
    const events = await reader(await open('?call_session_id=99')).rest();
    assert.deepEqual(events, [{ ...ended(99), at: 1_700_000_065_000 }]);
  });

  test('without a call: everything of the account, live, until one side leaves', async () => {
    const response = await open();
    const events = reader(response);
    const first = events.next();
    it.bus.publish(started(7, it.account.id + 1));
    it.bus.publish(started(8));
    assert.deepEqual(await first, started(8));
    it.bus.publish(ended(8));
    it.bus.publish(started(9));
    assert.deepEqual([await events.next(), await events.next()], [ended(8), started(9)]);
    await events.chunks.return?.();
  });

  test('a quiet stream is kept open by comments, and ends with the server', async () => {
    const chunks = reader(await open()).chunks;
    await it.clock.advance(15_000);
    assert.equal((await chunks.next()).value, ': still here\n\n');
    const last = chunks.next();
    await it.api.close();
    assert.equal((await last).done, true);
    await it.clock.advance(0);
    assert.equal(it.clock.pendingTimers, 0);
  });

  test('a listener that goes away leaves nothing behind', { timeout: 20_000 }, async () => {
    const { host, port } = await it.api.listen();
    const leave = new AbortController();
    const headers = { authorization: `Bearer ${tokens.valid}` };
    const url = `http://${host}:${port}/v4.0/events`;
    const response = await fetch(url, { headers, signal: leave.signal });
    assert.equal(response.status, 200);
    assert.equal(it.clock.pendingTimers, 1);
    leave.abort();
    while (it.clock.pendingTimers > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test('a question by HEAD opens no stream that nobody reads', { timeout: 20_000 }, async () => {
    const { host, port } = await it.api.listen();
    const headers = { authorization: `Bearer ${tokens.valid}` };
    const url = `http://${host}:${port}/v4.0/events`;
    assert.equal((await fetch(url, { method: 'HEAD', headers })).status, 200);
    assert.equal(it.clock.pendingTimers, 0);
  });

  test('a reader that stands still is let go, and holds nothing', { timeout: 20_000 }, async () => {
    const { host, port } = await it.api.listen();
    const socket = connect(port, host);
    const authorization = `Authorization: Bearer ${tokens.valid}`;
    socket.write(`GET /v4.0/events HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\n`);
    await once(socket, 'data');
    socket.pause();
    const closed = once(socket, 'close');
    socket.on('error', () => {});
    const long = event(7, { type: 'callStarted', externalId: 'x'.repeat(1000) });
    // More than the buffers of the kernel and ten thousand events hold.
    for (let round = 0; round < 60 && it.clock.pendingTimers > 0; round++) {
      for (let count = 0; count < 1000; count++) it.bus.publish(long);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(it.clock.pendingTimers, 0);
    socket.resume();
    await closed;
  });

  test('a blocked key hears no more of the calls', async () => {
    const key = await it.store.keys.byTokenHash(hashToken(tokens.valid));
    const chunks = reader(await open()).chunks;
    await it.store.keys.setBlocked(key!.id, true);
    const rest = (async () => {
      while (!(await chunks.next()).done);
    })();
    await it.clock.advance(15_000);
    await rest;
    assert.equal(it.clock.pendingTimers, 0);
  });

  test('refusals name the fix', async () => {
    it.store.calls.saveRecord(someRecord(99, it.account.id + 1));
    const rows: readonly [query: string, authorization: string, status: number, text: RegExp][] = [
      ['', '', 401, /Authorization: Bearer/],
      ['', 'Basic abc', 401, /Authorization: Bearer/],
      ['', 'Bearer unknown', 401, /Access token is invalid/],
      ['', `Bearer ${tokens.blocked}`, 401, /blocked/],
      ['', `Bearer ${tokens.inactive}`, 403, /account has been disabled/],
      ['', `Bearer ${tokens.noRight}`, 403, /Permission denied/],
      ['?call_session_id=5', `Bearer ${tokens.valid}`, 404, /no call 5 of this account/],
      ['?call_session_id=99', `Bearer ${tokens.valid}`, 404, /no call 99/],
      ['?call_session_id=x', `Bearer ${tokens.valid}`, 404, /no call x/],
    ];
    for (const [query, authorization, status, text] of rows) {
      const response = await open(query, authorization);
      assert.equal(response.status, status, authorization);
      assert.match(((await response.json()) as { error: string }).error, text);
    }
  });
});
