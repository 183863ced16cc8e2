import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Answer, FakeCalls } from '../../test/contracts/api-installation.ts';
import { silentLogger } from '../base/logger.ts';
import { seededRandom } from '../base/random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { LocalEventBus } from '../bus/local-event-bus.ts';
import { NumberRules } from '../numbers/number-rules.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { createHttpApi } from './http-server.ts';
import { hashPassword } from './passwords.ts';
import { hashToken } from './tokens.ts';
import { nextMidnight } from './zone-time.ts';

const log = silentLogger;

type Process = {
  readonly store: Store;
  call(method: string, params?: object): Promise<Answer>;
  /** As SIGTERM does; without it the process was killed. */
  stop(): Promise<void>;
};

/** A server over a database file, as a process of its own would have it. */
async function startProcess(path: string, clock: VirtualClock): Promise<Process> {
  const store = await openSqliteStore({ path, log, clock });
  const address = { host: '127.0.0.1', port: 0 };
  const parts = { store, clock, log, address, random: seededRandom(clock.wallTime()) };
  const numbers = new NumberRules({ ...parts, nextMidnight, endCall: () => {} });
  await numbers.restore();
  const bus = new LocalEventBus(log);
  const api = createHttpApi({ ...parts, calls: new FakeCalls(), numbers, bus });
  return {
    store,
    async call(method, params = {}) {
      const all = { access_token: 'key', ...params };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: all });
      const request = new Request('http://test/v4.0', { method: 'POST', body });
      return (await (await api.fetch(request)).json()) as Answer;
    },
    async stop() {
      await api.close();
      await store.close();
    },
  };
}

async function addAccount(store: Store): Promise<{ accountId: number; keyId: number }> {
  const { id: accountId } = await store.accounts.put({
    name: 'acme',
    active: true,
    timeZone: 'UTC',
    minuteLimit: 5,
    dayLimit: 8,
    ttsMaxLength: 1000,
    disabledComponents: [],
  });
  const passwordHash = await hashPassword('correct horse', { N: 2, r: 8, p: 1 });
  const user = await store.users.put({ accountId, login: 'crm', passwordHash, callApi: true });
  const key = await store.keys.add({
    accountId,
    userId: user.id,
    kind: 'permanent',
    tokenHash: hashToken('key'),
    label: 'the site',
    expiresAt: null,
    blocked: false,
  });
  return { accountId, keyId: key.id };
}

async function withFolder(work: (path: string, clock: VirtualClock) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'dozvon-restart-'));
  const clock = new VirtualClock({ wallStart: Date.UTC(2026, 0, 1, 9, 30, 10) });
  try {
    await work(join(folder, 'test.sqlite'), clock);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const remaining = ({ result }: Answer): unknown => {
  const { day_remaining, minute_remaining } = result!.metadata.limits;
  return [day_remaining, minute_remaining];
};
const mnemonicOf = ({ error }: Answer): string | undefined => error?.data.mnemonic;

test('points go on where the last process stopped, and a day is a day', () =>
  withFolder(async (path, clock) => {
    const first = await startProcess(path, clock);
    await addAccount(first.store);
    await first.call('list.calls');
    assert.deepEqual(remaining(await first.call('list.calls')), [6, 3]);
    assert.equal(mnemonicOf(await first.call('release.call')), 'required_parameter_missed');
    await first.stop();

    const second = await startProcess(path, clock);
    assert.deepEqual(remaining(await second.call('list.calls')), [5, 2], 'failures were free');
    await second.call('list.calls');
    await second.call('list.calls');
    assert.equal(mnemonicOf(await second.call('list.calls')), 'limit_exceeded');
    await clock.advance(1_000); // Then it is killed: nothing of it is closed.

    const third = await startProcess(path, clock);
    assert.equal(mnemonicOf(await third.call('list.calls')), 'limit_exceeded');
    await clock.advance(60_000);
    assert.deepEqual(remaining(await third.call('list.calls')), [2, 4]);
    await third.stop();
    await clock.advance(15 * 3_600_000);
    const nextDay = await startProcess(path, clock);
    assert.deepEqual(remaining(await nextDay.call('list.calls')), [7, 4]);
    await Promise.all([nextDay.stop(), second.stop()]);
  }));

test('requests, sessions and the list of addresses outlive the process', () =>
  withFolder(async (path, clock) => {
    const first = await startProcess(path, clock);
    const { accountId } = await addAccount(first.store);
    const login = await first.call('login.user', {
      access_token: undefined,
      login: 'crm',
      password: 'correct horse',
    });
    const { access_token } = login.result!.data as { access_token: string };
    await first.call('release.call', { call_session_id: 7 });
    await first.store.allowList.add(accountId, '127.0.0.1');
    await first.stop();

    const second = await startProcess(path, clock);
    assert.ok((await second.call('list.calls', { access_token })).result);
    const everything = { from: 0, till: Number.MAX_SAFE_INTEGER, limit: 10, offset: 0 };
    const { rows } = await second.store.requests.list(accountId, everything);
    const shown = rows.map(({ method, errorMnemonic }) => [method, errorMnemonic]);
    assert.deepEqual(shown, [
      ['login.user', null],
      ['release.call', 'call_session_not_found'],
      ['list.calls', null],
    ]);
    await second.store.allowList.remove(accountId, '127.0.0.1');
    await second.store.allowList.add(accountId, '203.0.113.7');
    await second.stop();
    const third = await startProcess(path, clock);
    assert.equal(mnemonicOf(await third.call('list.calls')), 'ip_not_whitelisted');
    await third.stop();
  }));

test('what another process changes is felt within a second', () =>
  withFolder(async (path, clock) => {
    const server = await startProcess(path, clock);
    const { accountId, keyId } = await addAccount(server.store);
    const command = await openSqliteStore({ path, log, clock });
    const steps: readonly [change: () => Promise<unknown>, outcome: string | undefined][] = [
      [async () => {}, undefined],
      [() => command.keys.setBlocked(keyId, true), 'access_token_blocked'],
      [() => command.keys.setBlocked(keyId, false), undefined],
      [() => command.allowList.add(accountId, '203.0.113.7'), 'ip_not_whitelisted'],
      [() => command.allowList.add(accountId, '0.0.0.0/0'), undefined],
      [() => command.keys.remove(keyId), 'access_token_invalid'],
    ];
    for (const [change, outcome] of steps) {
      await change();
      await clock.advance(1_000);
      assert.equal(mnemonicOf(await server.call('list.calls')), outcome);
      await clock.advance(60_000);
    }
    await command.close();
    await server.stop();
  }));
