import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Cdr } from '../../src/model/cdr.ts';
import type { Account, ApiRequest, JournalEntry, Store } from '../../src/store/store.ts';

/** One implementation of Store, as the contract needs it. */
export type StoreKind = {
  readonly name: string;
  /** An empty database. */
  create(): Promise<Database>;
};

export type Database = {
  /** A further handle on it, as another process would have. */
  open(): Promise<Store>;
  remove(): Promise<void>;
};

export const someAccount: Omit<Account, 'id'> = {
  name: 'one',
  active: true,
  timeZone: 'Europe/Moscow',
  minuteLimit: 60,
  dayLimit: 5000,
  ttsMaxLength: 300,
  disabledComponents: ['Call API Вызов сценария'],
};

export const entry = (
  callSessionId: number,
  sequence: number,
  kind = 'leg',
  data = '{}',
): JournalEntry => ({ callSessionId, sequence, at: 1_700_000_000_000 + sequence, kind, data });

export const someRecord = (callSessionId: number, accountId: number): Cdr => ({
  callSessionId,
  accountId,
  source: 'callapi',
  direction: 'in',
  virtualNumber: '74993720692',
  contact: '79260000000',
  operator: '79262444491',
  externalId: 'заказ "7"\u0000\n',
  startedAt: 1_700_000_000_000,
  talkStartedAt: 1_700_000_005_000,
  endedAt: 1_700_000_065_000,
  cause: { type: 'normal', status: 200, q850: 16 },
  finishReason: 'subscriber_disconnects',
  legs: [
    { ...leg, legId: callSessionId * 10, role: 'operator', quality },
    { ...leg, legId: callSessionId * 10 + 1, role: 'contact', answeredAt: null, ringingAt: null },
  ],
});

const quality = {
  codec: 'PCMA',
  srtp: 'AES_CM_128_HMAC_SHA1_80',
  roundTripMs: 41.5,
  received: { packets: 100, octets: 16_000, lost: 1, lossPercent: 1, jitterMs: 2.5, mos: 4.2 },
  sent: { packets: 99, octets: 15_840, lost: null, lossPercent: null, jitterMs: null, mos: null },
};

const leg = {
  trunk: 'sandbox',
  callingNumber: '74993720692',
  calledNumber: '79260000000.1.2',
  dialedAt: 1_700_000_000_001,
  ringingAt: 1_700_000_000_100,
  earlyMediaAt: null,
  answeredAt: 1_700_000_003_000,
  confirmedAt: null,
  noAudioMs: 0,
  endedAt: 1_700_000_065_000,
  endedBy: 'remote',
  cause: { type: 'otherLegEnded' },
  finishReason: 'operator_disconnects',
} as const;

/** What every Store must do, whichever database is behind it. */
export function testStore(kind: StoreKind): void {
  describe(`${kind.name} store`, () => {
    accounts(kind);
    isolation(kind);
    accessData(kind);
    calls(kind);
    transactions(kind);
    severalHandles(kind);
  });
}

/** Runs `work` on a database of its own. */
function withStore(
  kind: StoreKind,
  name: string,
  work: (store: Store, database: Database) => Promise<void>,
): void {
  test(name, async () => {
    const database = await kind.create();
    const store = await database.open();
    try {
      await work(store, database);
    } finally {
      await store.close();
      await database.remove();
    }
  });
}

async function addUser(store: Store, account: Account, login: string) {
  const accountId = account.id;
  return store.users.put({ accountId, login, passwordHash: 'scrypt$..', callApi: true });
}

function accounts(kind: StoreKind): void {
  withStore(kind, 'an account is created, then changed by its name', async ({ accounts }) => {
    const made = await accounts.put(someAccount);
    assert.deepEqual(made, { id: made.id, ...someAccount });
    const changed = await accounts.put({ ...someAccount, active: false, dayLimit: 7 });
    assert.deepEqual(changed, { ...made, active: false, dayLimit: 7 });
    assert.deepEqual(await accounts.byId(made.id), changed);
    assert.deepEqual(await accounts.byName('one'), changed);
    assert.equal(await accounts.byName('two'), undefined);
    assert.deepEqual(await accounts.list(), [changed]);
  });

  withStore(kind, 'a user is created, changed by the login, and goes with its keys', async (it) => {
    const account = await it.accounts.put(someAccount);
    const user = await addUser(it, account, 'ivan');
    const changed = await it.users.put({ ...user, passwordHash: 'other', callApi: false });
    assert.deepEqual(changed, { ...user, passwordHash: 'other', callApi: false });
    const { id: _, ...values } = { ...changed, dataApi: false, administration: true };
    assert.deepEqual(await it.users.put(values), { ...values, id: user.id });
    // What is left out is kept.
    const { dataApi: _data, administration: _administration, ...rest } = values;
    assert.deepEqual(await it.users.put(rest), { ...values, id: user.id });
    assert.deepEqual(await it.users.byLogin('ivan'), { ...values, id: user.id });
    assert.deepEqual(await it.users.byId(user.id), { ...values, id: user.id });

    const { id: userId, accountId } = user;
    const key = await it.keys.add({
      accountId,
      userId,
      kind: 'permanent',
      tokenHash: 'aa',
      label: 'crm',
      expiresAt: null,
      blocked: false,
    });
    assert.deepEqual(await it.keys.byTokenHash('aa'), key);
    await it.keys.setBlocked(key.id, true);
    assert.deepEqual(await it.keys.list(accountId), [{ ...key, blocked: true }]);
    await it.users.remove(userId);
    assert.deepEqual(await it.users.list(accountId), []);
    assert.equal(await it.keys.byTokenHash('aa'), undefined);
  });

  withStore(kind, 'expired session tokens go; permanent keys stay', async (it) => {
    const user = await addUser(it, await it.accounts.put(someAccount), 'ivan');
    const common = { accountId: user.accountId, userId: user.id, label: '', blocked: false };
    const add = (kind: 'session' | 'permanent', tokenHash: string, expiresAt: number | null) =>
      it.keys.add({ ...common, kind, tokenHash, expiresAt });
    await add('session', 'old', 999);
    await add('session', 'current', 1000);
    await add('permanent', 'old key', 5);
    await add('permanent', 'endless', null);
    assert.equal(await it.keys.removeExpired(1000), 1);
    const left = await it.keys.list(user.accountId);
    assert.deepEqual(
      left.map(({ tokenHash }) => tokenHash),
      ['current', 'old key', 'endless'],
    );
    await it.keys.remove(left[0]!.id);
    assert.equal(await it.keys.byTokenHash('current'), undefined);
    await assert.rejects(add('permanent', 'endless', null), 'a token is one key');
  });

  withStore(kind, 'numbers and the blacklist', async ({ accounts, numbers, blacklist }) => {
    const { id: accountId } = await accounts.put(someAccount);
    const number = { accountId, number: '74993720692', active: true, label: 'main' };
    await numbers.put(number);
    await numbers.put({ ...number, active: false });
    assert.deepEqual(await numbers.find('74993720692'), { ...number, active: false });
    assert.deepEqual(await numbers.list(accountId), [{ ...number, active: false }]);
    await numbers.remove(accountId, '74993720692');
    assert.equal(await numbers.find('74993720692'), undefined);

    await blacklist.add(accountId, '79990000002');
    await blacklist.add(accountId, '79990000001');
    await blacklist.add(accountId, '79990000001');
    assert.deepEqual(await blacklist.list(accountId), ['79990000001', '79990000002']);
    assert.equal(await blacklist.has(accountId, '79990000001'), true);
    await blacklist.remove(accountId, '79990000001');
    assert.equal(await blacklist.has(accountId, '79990000001'), false);
  });

  withStore(kind, 'media files: by id, by name, of the system', async ({ accounts, media }) => {
    const { id: accountId } = await accounts.put(someAccount);
    const file = { name: 'greeting', path: '/a.wav', contentHash: 'c0', durationMs: 1500 };
    const chosen = await media.put({ id: 2561, accountId, ...file });
    const facts = { sizeBytes: 0, normalized: false, originalName: 'greeting' };
    const unknown = { ...facts, listenFormat: null };
    assert.deepEqual(chosen, { id: 2561, accountId, ...file, ...unknown });
    const renamed = await media.put({ ...chosen, name: 'hello', path: '/b.wav' });
    assert.deepEqual(await media.find(accountId, 2561), renamed);

    const own = await media.put({ accountId, ...file });
    const same = await media.put({ accountId, ...file, durationMs: 9 });
    assert.deepEqual(same, { ...own, durationMs: 9 }, 'without an id the name decides');
    const system = await media.put({ accountId: null, ...file });
    assert.deepEqual(await media.system('greeting'), system);
    assert.equal(await media.system('hello'), undefined, "an account's file is not the system's");
    assert.equal((await media.put({ accountId: null, ...file })).id, system.id);
    assert.deepEqual(await media.find(accountId, system.id), system);
    assert.deepEqual(
      (await media.list(accountId)).map(({ id }) => id),
      [2561, own.id, system.id],
    );
    const known = {
      sizeBytes: 70_000,
      normalized: true,
      originalName: 'Привет.mp3',
      listenFormat: 'mp3',
    } as const;
    assert.deepEqual(await media.put({ ...own, contentHash: 'c1', ...known }), {
      ...own,
      contentHash: 'c1',
      ...known,
    });
    assert.deepEqual(await media.contentHashes(), new Set(['c0', 'c1']));
    assert.equal((await media.byId(own.id))?.contentHash, 'c1');
    assert.equal(await media.remove(accountId, own.id), true);
    assert.equal(await media.remove(accountId, own.id), false);
    assert.equal(await media.remove(accountId, system.id), false, 'not of the account');
    assert.deepEqual(await media.contentHashes(), new Set(['c0']));
    assert.equal(await media.byId(own.id), undefined);
    assert.equal(await media.find(accountId, own.id), undefined);
    assert.notEqual((await media.put({ accountId, ...file })).id, own.id, 'an id is given once');
  });

  withStore(kind, 'sounds of the library are found where the data folder is now', async (it) => {
    const { id: accountId } = await it.accounts.put(someAccount);
    const contentHash = 'ab'.repeat(32);
    const put = (name: string, path: string, owner: number | null = accountId) =>
      it.media.put({ accountId: owner, name, path, contentHash, durationMs: 1 });
    await put('a', `/old/media/${contentHash}.normalised.wav`);
    await put('b', `/new/media/${contentHash}.wav`);
    await put('c', '/home/crm/greeting.wav');
    await put('d', '/old/system/beep.wav', null);
    await it.media.relocate('/new/media');
    assert.deepEqual(
      (await it.media.list(accountId)).map(({ path }) => path),
      [
        `/new/media/${contentHash}.normalised.wav`,
        `/new/media/${contentHash}.wav`,
        '/home/crm/greeting.wav',
        '/old/system/beep.wav',
      ],
    );
  });

  withStore(kind, 'names of media files: unique among what an account sees', async (it) => {
    const { media } = it;
    const one = await it.accounts.put(someAccount);
    const two = await it.accounts.put({ ...someAccount, name: 'two' });
    const sound = { path: '/a.wav', contentHash: 'c0', durationMs: 1500 };
    await media.put({ ...sound, id: 1, accountId: null, name: 'beep' });
    const facts = { sizeBytes: 7, normalized: true, originalName: 'a' };
    const file = { ...sound, ...facts, name: 'greeting', listenFormat: 'opus' } as const;
    const added = await media.add(one.id, file);
    assert.deepEqual(added, { id: 1000, accountId: one.id, ...file }, 'lower ids are the system’s');
    assert.deepEqual(await media.find(one.id, 1000), added);
    assert.equal(await media.add(one.id, file), undefined);
    assert.equal(await media.add(one.id, { ...file, name: 'beep' }), undefined);
    assert.equal((await media.add(two.id, file))?.id, 1001);
    const other = (await media.add(one.id, { ...file, name: 'other' }))!;
    for (const [name, renamed] of [
      ['greeting', false],
      ['beep', false],
      ['other', true],
      ['Привет', true],
    ] as const)
      assert.equal(await media.rename(one.id, other.id, name), renamed, name);
    assert.equal((await media.byId(other.id))?.name, 'Привет');
    assert.equal(await media.rename(two.id, other.id, 'theirs'), true);
    assert.equal((await media.byId(other.id))?.name, 'Привет', 'of another account');
  });
}

function isolation(kind: StoreKind): void {
  withStore(kind, 'accounts do not see or take what is of another', async (it) => {
    const one = await it.accounts.put(someAccount);
    const two = await it.accounts.put({ ...someAccount, name: 'two' });
    const user = await addUser(it, one, 'ivan');
    await assert.rejects(addUser(it, two, 'ivan'), /another account/);
    assert.deepEqual(await it.users.list(two.id), []);

    const number = { number: '74993720692', active: true, label: '' };
    await it.numbers.put({ ...number, accountId: one.id });
    await assert.rejects(it.numbers.put({ ...number, accountId: two.id }), /another account/);
    await it.numbers.remove(two.id, number.number);
    assert.equal((await it.numbers.find(number.number))?.accountId, one.id);
    assert.deepEqual(await it.numbers.list(two.id), []);

    const file = { name: 'greeting', path: '/a.wav', contentHash: '', durationMs: 1 };
    const { id } = await it.media.put({ accountId: one.id, ...file });
    await assert.rejects(it.media.put({ id, accountId: two.id, ...file }), /another account/);
    await assert.rejects(it.media.put({ id, accountId: null, ...file }), /another account/);
    await it.media.remove(two.id, id);
    assert.equal((await it.media.find(one.id, id))?.id, id);
    assert.equal(await it.media.find(two.id, id), undefined);
    assert.deepEqual(await it.media.list(two.id), []);
    assert.notEqual((await it.media.put({ accountId: two.id, ...file })).id, id);

    await it.blacklist.add(one.id, '79990000001');
    await it.blacklist.remove(two.id, '79990000001');
    assert.equal(await it.blacklist.has(two.id, '79990000001'), false);
    assert.equal(await it.blacklist.has(one.id, '79990000001'), true);

    it.calls.saveRecord(someRecord(100000001, one.id));
    await it.calls.flushed();
    assert.deepEqual(await it.calls.records(two.id, { limit: 10, offset: 0 }), []);
    assert.deepEqual(await it.keys.list(two.id), []);
    assert.equal(user.accountId, one.id);
  });
}

function calls(kind: StoreKind): void {
  withStore(kind, 'the journal keeps the order, unfinished calls are told', async ({ calls }) => {
    for (const sequence of [0, 1, 2]) {
      calls.appendJournal(entry(7, sequence, sequence === 0 ? 'order' : 'leg', `"${sequence}"`));
      calls.appendJournal(entry(8, sequence, sequence === 0 ? 'order' : 'leg'));
    }
    calls.appendJournal(entry(8, 3, 'end'));
    await calls.flushed();
    assert.deepEqual(await calls.journal(7), [
      entry(7, 0, 'order', '"0"'),
      entry(7, 1, 'leg', '"1"'),
      entry(7, 2, 'leg', '"2"'),
    ]);
    assert.equal((await calls.journal(8)).at(-1)!.kind, 'end');
    assert.deepEqual(await calls.journal(9), []);
    assert.deepEqual(await calls.unfinished(), [7]);
    calls.appendJournal(entry(7, 3, 'end'));
    await calls.flushed();
    assert.deepEqual(await calls.unfinished(), []);
  });

  withStore(kind, 'records come back as they were, newest first', async ({ calls }) => {
    for (const id of [101, 102, 103]) calls.saveRecord(someRecord(id, 1));
    await calls.flushed();
    assert.deepEqual(await calls.record(102), someRecord(102, 1));
    assert.equal(await calls.record(104), undefined);
    const ids = async (limit: number, offset: number) =>
      (await calls.records(1, { limit, offset })).map(({ callSessionId }) => callSessionId);
    assert.deepEqual(await ids(2, 0), [103, 102]);
    assert.deepEqual(await ids(2, 2), [101]);
    calls.saveRecord({ ...someRecord(102, 1), legs: [] });
    await calls.flushed();
    assert.deepEqual((await calls.record(102))!.legs, [], 'saved again, it is replaced');
  });

  withStore(kind, 'numbers of calls and legs begin where documented', async ({ calls }) => {
    assert.equal(calls.nextId('call'), 100000001);
    assert.equal(calls.nextId('leg'), 1);
    assert.equal(calls.nextId('leg'), 2);
    assert.equal(calls.nextId('call'), 100000002);
  });

  withStore(kind, 'numbers follow each other over many blocks', async ({ calls }) => {
    for (let expected = 1; expected <= 1_000; expected++) {
      assert.equal(calls.nextId('leg'), expected);
      if (expected % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });
}

function transactions(kind: StoreKind): void {
  withStore(kind, 'a transaction that throws leaves nothing', async (store) => {
    const failure = new Error('no');
    await assert.rejects(
      store.transaction(async (within) => {
        const account = await within.accounts.put(someAccount);
        assert.equal((await within.accounts.byId(account.id))?.name, 'one', 'it sees itself');
        await within.transaction((inner) => inner.blacklist.add(account.id, '79990000001'));
        await within.media.put({
          accountId: account.id,
          name: 'a',
          path: '/a',
          contentHash: '',
          durationMs: 1,
        });
        throw failure;
      }),
      failure,
    );
    assert.deepEqual(await store.accounts.list(), []);
    const kept = await store.transaction((within) => within.accounts.put(someAccount));
    assert.deepEqual(await store.accounts.list(), [kept]);
  });

  withStore(kind, 'what others read and write does not enter an open transaction', async (it) => {
    const { id: accountId } = await it.accounts.put(someAccount);
    const order: string[] = [];
    const outside: Promise<unknown>[] = [];
    const work = it.transaction(async (within) => {
      await within.blacklist.add(accountId, '79990000001');
      const read = it.blacklist.has(accountId, '79990000001');
      outside.push(read.then((found) => order.push(`read ${found}`)));
      outside.push(it.blacklist.add(accountId, '79990000002'));
      it.calls.appendJournal(entry(7, 0, 'order'));
      await new Promise((resolve) => setImmediate(resolve));
      order.push('rolled back');
      throw new Error('no');
    });
    await assert.rejects(work);
    await Promise.all(outside);
    await it.calls.flushed();
    assert.deepEqual(order, ['rolled back', 'read false']);
    assert.deepEqual(await it.blacklist.list(accountId), ['79990000002']);
    assert.deepEqual(await it.calls.journal(7), [entry(7, 0, 'order')]);
  });
}

const everything = { from: 0, till: Number.MAX_SAFE_INTEGER, limit: 1000, offset: 0 };

function request({ id: accountId }: Account, at = 1): ApiRequest {
  return {
    id: at,
    accountId,
    at,
    method: 'list.calls',
    component: 'Call API Управление вызовами',
    apiVersion: '4.0',
    rawId: '1',
    externalId: null,
    ip: '2001:db8::7',
    userLogin: 'crm',
    keyLabel: null,
    weight: 1,
    errorCode: -32602,
    errorMnemonic: 'data_type_error',
    executionMs: 0.25,
    callSessionId: null,
    body: '{}',
  };
}

function accessData(kind: StoreKind): void {
  withStore(kind, 'networks are listed in order, each once, of one account', async (it) => {
    const one = await it.accounts.put(someAccount);
    const two = await it.accounts.put({ ...someAccount, name: 'two' });
    for (const network of ['203.0.113.7', '2001:db8::/32', '203.0.113.7'])
      await it.allowList.add(one.id, network);
    await it.allowList.add(two.id, '0.0.0.0/0');
    assert.deepEqual(await it.allowList.list(one.id), ['2001:db8::/32', '203.0.113.7']);
    await it.allowList.remove(one.id, '0.0.0.0/0');
    await it.allowList.remove(one.id, '2001:db8::/32');
    assert.deepEqual(await it.allowList.list(one.id), ['203.0.113.7']);
    assert.deepEqual(await it.allowList.list(two.id), ['0.0.0.0/0']);
  });

  withStore(kind, 'points of each account, the last ones saved', async (it) => {
    const window = (used: number) => ({ startsAt: 1, endsAt: 2, used });
    const counters = (accountId: number, used: number) => {
      return { accountId, minute: window(used), day: window(used + 100) };
    };
    await it.points.save([]);
    await it.points.save([counters(1, 5), counters(2, 6)]);
    await it.points.save([counters(1, 7)]);
    assert.deepEqual(await it.points.list(), [counters(1, 7), counters(2, 6)]);
  });

  withStore(kind, 'journals of ended calls are pruned, oldest first', async (it) => {
    const last = 1_700_000_000_000;
    for (const id of [1, 2, 3, 4, 5]) {
      it.calls.appendJournal({ ...entry(id, 0, 'order'), at: last + id - 10 });
      if (id !== 2) it.calls.appendJournal({ ...entry(id, 1, 'end'), at: last + id });
    }
    await it.calls.flushed();
    const removed: number[] = [];
    for (let turn = 0; turn < 3; turn++) removed.push(await it.journals.prune(last + 5, 2));
    assert.deepEqual(removed, [2, 1, 0]);
    const lengths = [];
    for (const id of [1, 2, 3, 4, 5]) lengths.push((await it.calls.journal(id)).length);
    assert.deepEqual(lengths, [0, 1, 0, 0, 2]);
    assert.deepEqual(await it.calls.unfinished(), [2]);
  });

  withStore(kind, 'what calls without an end were ordered', async (it) => {
    const orders = [1, 2, 3].map((id) => ({ ...entry(id, 0, 'order'), at: id, data: `"${id}"` }));
    for (const order of orders) it.calls.appendJournal(order);
    it.calls.appendJournal({ ...entry(1, 1, 'leg'), at: 9 });
    it.calls.appendJournal({ ...entry(2, 1, 'end'), at: 9 });
    await it.calls.flushed();
    assert.deepEqual([...(await it.journals.openOrders(0))].sort(), ['"1"', '"3"']);
    assert.deepEqual(await it.journals.openOrders(2), ['"3"']);
  });

  withStore(kind, 'a secret is the first that was proposed', async ({ secrets }) => {
    const proposals = ['a', 'b'].map((value) => secrets.obtain('play_link', value));
    const [one, two] = await Promise.all(proposals);
    assert.equal(one, two);
    assert.equal(await secrets.obtain('play_link', 'c'), one);
    assert.equal(await secrets.obtain('another', 'c'), 'c');
  });

  withStore(kind, 'requests are pruned from the oldest on, some at a time', async (it) => {
    const account = await it.accounts.put(someAccount);
    for (let at = 1; at <= 10; at++) it.requests.append(request(account, at));
    await it.requests.flushed();
    const removed: number[] = [];
    for (let turn = 0; turn < 3; turn++) removed.push(await it.requests.prune(6, 4));
    assert.deepEqual(removed, [4, 1, 0]);
    const { rows, total } = await it.requests.list(account.id, everything);
    assert.deepEqual([rows.map(({ at }) => at), total], [[6, 7, 8, 9, 10], 5]);
  });
}

function severalHandles(kind: StoreKind): void {
  withStore(kind, 'everything is there after a restart', async (first, database) => {
    const account = await first.accounts.put(someAccount);
    await first.numbers.put({ accountId: account.id, number: '7499', active: true, label: '' });
    first.calls.appendJournal(entry(first.calls.nextId('call'), 0, 'order'));
    first.calls.saveRecord(someRecord(99, account.id));
    first.requests.append(request(account));
    await first.close(); // Without waiting for flushed().
    const second = await database.open();
    assert.deepEqual(await second.accounts.list(), [account]);
    assert.equal((await second.numbers.list(account.id)).length, 1);
    assert.deepEqual(await second.calls.unfinished(), [100000001]);
    assert.deepEqual(await second.calls.record(99), someRecord(99, account.id));
    assert.equal(second.calls.nextId('call'), 100000002);
    assert.deepEqual((await second.requests.list(account.id, everything)).rows, [request(account)]);
    await second.close();
  });

  withStore(kind, 'a process that was killed has its numbers skipped', async (killed, database) => {
    const given = new Set([killed.calls.nextId('call'), killed.calls.nextId('call')]);
    const next = await database.open(); // Beside the first, which never closed.
    for (let count = 0; count < 500; count++) {
      for (const { calls } of [next, killed]) {
        const id = calls.nextId('call');
        assert.ok(!given.has(id), `${id} was given twice`);
        given.add(id);
      }
    }
    await next.close();
  });

  withStore(kind, 'two handles see each other at once', async (server, database) => {
    const command = await database.open();
    const account = await server.accounts.put(someAccount);
    const user = await addUser(command, account, 'ivan');
    assert.deepEqual(await server.users.byId(user.id), user);
    await command.blacklist.add(account.id, '79990000001');
    assert.equal(await server.blacklist.has(account.id, '79990000001'), true);
    await Promise.all([
      ...Array.from({ length: 20 }, (_, n) => server.blacklist.add(account.id, `7999${n}`)),
      ...Array.from({ length: 20 }, (_, n) => command.blacklist.add(account.id, `7888${n}`)),
    ]);
    assert.equal((await command.blacklist.list(account.id)).length, 41);
    await command.close();
  });

  withStore(kind, 'two processes may start on a new database together', async (_, database) => {
    const both = await Promise.all([database.open(), database.open()]);
    const ids = both.map(({ calls }) => calls.nextId('call'));
    assert.notEqual(ids[0], ids[1]);
    for (const store of both) await store.close();
  });
}
