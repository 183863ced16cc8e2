import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../base/logger.ts';
import { seededRandom } from '../base/random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { defaultSecurityRules } from '../model/security-rules.ts';
import type { Taken } from '../model/stored-sound.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { applyBootstrap, type BootstrapDeps, type BootstrapMediaDeps } from './bootstrap.ts';
import { configFrom } from './load-config.ts';
import { createSandboxInstallation } from './sandbox-installation.ts';

const token = 'abcdefghijklmnopqrstuvwxyz';

const wanted = {
  name: 'acme',
  users: [{ login: 'crm', password: 'correct horse' }],
  keys: [{ token, user: 'crm', label: 'web', expires: '2027-01-31' }],
  numbers: [{ number: '74993720692', label: 'office' }],
  media: [
    { id: 2561, name: 'greeting', path: '/sounds/greeting.wav' },
    { name: 'b', path: '/b.wav' },
  ],
  blacklist: ['79260000000'],
  allow_list: ['203.0.113.0/24'],
};

/** Counts hashing, which takes a tenth of a second in production. */
type Doubles = BootstrapDeps &
  BootstrapMediaDeps & { hashed: number; readonly files: Map<string, string> };

function doubles(): Doubles {
  const deps = {
    hashed: 0,
    files: new Map([
      ['/sounds/greeting.wav', 'v1'],
      ['/b.wav', 'v1'],
    ]),
    async hashPassword(password: string) {
      deps.hashed++;
      return `hash ${deps.hashed} of ${password}`;
    },
    verifyPassword: async (password: string, hash: string) => hash.endsWith(` of ${password}`),
    hashToken: (text: string) => `sha-256 of ${text}`,
    media: {
      async take(path: string, { normalize }: { normalize: boolean }): Promise<Taken> {
        const contentHash = deps.files.get(path);
        if (contentHash === undefined) return { refused: 'there is no such file' };
        const facts = { durationMs: 2500, sizeBytes: 40_044, listenFormat: null };
        return {
          sound: {
            path: `/library/${contentHash}.wav`,
            contentHash,
            ...facts,
            normalized: normalize,
          },
        };
      },
    },
  };
  return deps;
}

async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
  const clock = new VirtualClock();
  const store = await openSqliteStore({ path: ':memory:', log: silentLogger, clock });
  await work(store);
  await store.close();
}

const apply = (store: Store, deps: Doubles, ...accounts: object[]) =>
  applyBootstrap(
    configFrom({ sandbox: true, bootstrap: { accounts } }, '/srv').bootstrap,
    store,
    deps,
  );

async function dump(store: Store): Promise<unknown> {
  const accounts = await store.accounts.list();
  return Promise.all(
    accounts.map(async (account) => [
      account,
      await store.users.list(account.id),
      await store.keys.list(account.id),
      await store.numbers.list(account.id),
      await store.media.list(account.id),
      await store.blacklist.list(account.id),
    ]),
  );
}

test('the first time everything is added, the second time nothing changes', () =>
  withStore(async (store) => {
    const deps = doubles();
    assert.deepEqual(await apply(store, deps, wanted), [
      'account acme: added',
      'account acme: user crm added',
      'account acme: key "web" added',
      'account acme: number 74993720692 added',
      'account acme: media file 2561 "greeting" added',
      'account acme: media file 2562 "b" added',
      'account acme: blacklist: 79260000000 added',
      'account acme: allow-list: 203.0.113.0/24 added',
    ]);
    const first = await dump(store);
    assert.deepEqual(await apply(store, deps, wanted), []);
    assert.deepEqual(await dump(store), first);
    assert.equal(deps.hashed, 1, 'a password that is stored already is not hashed again');
    assert.deepEqual(await store.keys.byTokenHash(`sha-256 of ${token}`), {
      id: 1,
      accountId: 1,
      userId: 1,
      kind: 'permanent',
      tokenHash: `sha-256 of ${token}`,
      label: 'web',
      expiresAt: Date.UTC(2027, 0, 31) / 1000,
      blocked: false,
    });
  }));

test('what is changed in the file is changed in the store, and only that', () =>
  withStore(async (store) => {
    const deps = doubles();
    await apply(store, deps, wanted);
    deps.files.set('/b.wav', 'v2');
    const [greeting, b] = wanted.media;
    const changed = {
      ...wanted,
      time_zone: 'Asia/Yekaterinburg',
      users: [{ login: 'crm', password: 'battery staple', call_api: false }],
      keys: [{ token, user: 'crm', label: 'web' }],
      numbers: [{ number: '74993720692', label: 'office', active: false }],
      media: [{ ...greeting, normalize: true }, b],
    };
    assert.deepEqual(await apply(store, deps, changed), [
      'account acme: changed',
      'account acme: user crm: password changed, sessions ended',
      'account acme: key "web" changed',
      'account acme: number 74993720692 changed',
      'account acme: media file 2561 "greeting" changed',
      'account acme: media file 2562 "b" changed',
    ]);
    assert.equal((await store.keys.byTokenHash(`sha-256 of ${token}`))?.expiresAt, null);
    assert.equal((await store.numbers.find('74993720692'))?.active, false);
    assert.equal((await store.media.find(1, 2562))?.contentHash, 'v2');
    const { normalized, originalName } = (await store.media.find(1, 2561))!;
    assert.deepEqual([normalized, originalName], [true, 'greeting.wav']);
  }));

test('security rules and components: what is named is changed, the rest stays as commands left it', () =>
  withStore(async (store) => {
    const deps = doubles();
    await apply(store, deps, wanted);
    const { limits } = defaultSecurityRules;
    await store.security.put(1, {
      ...defaultSecurityRules,
      deniedPrefixes: ['7900'],
      limits: { ...limits, simultaneousCalls: 5, minutesPerDay: 100 },
    });
    const security = {
      home_country: 'KZ',
      directions: { international: true },
      allowed_prefixes: [7800, '44'],
      limits: { calls_per_minute_per_contact: 3, minutes_per_day: 'none' },
    };
    const disabled_components = ['Text-to-Speech'];
    const changed = { ...wanted, security, disabled_components };
    assert.deepEqual(await apply(store, deps, changed), [
      'account acme: changed',
      'account acme: security rules changed',
    ]);
    assert.deepEqual(await store.security.of(1), {
      homeCountry: 'KZ',
      directions: { mobile: true, long_distance: true, international: true },
      allowedPrefixes: ['7800', '44'],
      deniedPrefixes: ['7900'],
      limits: { ...limits, simultaneousCalls: 5, callsPerMinutePerContact: 3 },
    });
    assert.deepEqual(await apply(store, deps, changed), []);
    assert.deepEqual(await apply(store, deps, wanted), []);
    const account = await store.accounts.byName('acme');
    assert.deepEqual(account?.disabledComponents, disabled_components);
    assert.deepEqual(await apply(store, deps, { ...wanted, disabled_components: [] }), [
      'account acme: changed',
    ]);
  }));

test('a new password ends the sessions of the user and keeps its permanent keys', () =>
  withStore(async (store) => {
    const deps = doubles();
    await apply(store, deps, wanted);
    const session = {
      accountId: 1,
      userId: 1,
      kind: 'session',
      label: '',
      blocked: false,
    } as const;
    await store.keys.add({ ...session, tokenHash: 'session', expiresAt: 2_000_000_000 });
    await apply(store, deps, { ...wanted, users: [{ login: 'crm', password: 'battery staple' }] });
    assert.deepEqual(
      (await store.keys.list(1)).map(({ kind }) => kind),
      ['permanent'],
    );
  }));

test('a key that was blocked stays blocked, what the file does not name stays', () =>
  withStore(async (store) => {
    const deps = doubles();
    await apply(store, deps, wanted);
    await store.keys.setBlocked(1, true);
    await store.blacklist.add(1, '79261111111');
    await apply(store, deps, { ...wanted, keys: [{ token, user: 'crm', label: 'renamed' }] });
    const key = await store.keys.byTokenHash(`sha-256 of ${token}`);
    assert.deepEqual([key?.label, key?.blocked], ['renamed', true]);
    assert.deepEqual(await store.blacklist.list(1), ['79260000000', '79261111111']);
  }));

const foreign: { what: string; account: object; told: RegExp }[] = [
  {
    what: 'login',
    account: { users: wanted.users },
    told: /the login "crm" cannot go to .* other/,
  },
  {
    what: 'number',
    account: { numbers: wanted.numbers },
    told: /the number 74993720692 cannot go to the account other: another account has it/,
  },
  {
    what: 'key',
    account: {
      users: [{ login: 'new', password: 'correct horse' }],
      keys: [{ token, user: 'new', label: 'web' }],
    },
    told: /the key "web" cannot go to the account other: another account has it/,
  },
];

for (const { what, account, told } of foreign) {
  test(`a ${what} of another account is refused, and nothing is changed`, () =>
    withStore(async (store) => {
      const deps = doubles();
      await apply(store, deps, wanted);
      const before = await dump(store);
      await assert.rejects(apply(store, deps, { ...account, name: 'other' }), told);
      assert.deepEqual(await dump(store), before);
    }));
}

test('an id of the system: the fix is named', () =>
  withStore(async (store) => {
    const file = { path: '/a.wav', contentHash: 'a', durationMs: 1000 };
    await store.media.put({ ...file, id: 3, accountId: null, name: 'hold_music' });
    const media = [{ id: 3, name: 'b', path: '/b.wav' }];
    await assert.rejects(
      apply(store, doubles(), { ...wanted, media }),
      /"b" cannot have the id 3, which is the system's hold_music: give it another one, from 1000/,
    );
    assert.deepEqual(await store.accounts.list(), []);
  }));

test('a media file that got an id later: the fix is named', () =>
  withStore(async (store) => {
    const deps = doubles();
    await apply(store, deps, wanted);
    const media = [{ id: 3000, name: 'b', path: '/b.wav' }];
    await assert.rejects(
      apply(store, deps, { ...wanted, media }),
      /the account acme has the media file 2562 of the name "b" already: give it id: 2562, or another name/,
    );
  }));

test('a file that is missing changes nothing', () =>
  withStore(async (store) => {
    const deps = doubles();
    deps.files.delete('/b.wav');
    await assert.rejects(apply(store, deps, wanted), /\/b\.wav: there is no such file/);
    assert.deepEqual(await store.accounts.list(), []);
  }));

test('the sandbox is made once: its key is told only then', () =>
  withStore(async (store) => {
    const deps = doubles();
    for (const side of ['contact', 'operator'])
      deps.files.set(`/assets/demo/${side}-message.wav`, side);
    const options = { ...deps, random: seededRandom(1), assetsFolder: '/assets' };
    const first = await createSandboxInstallation(store, options);
    const media = first.media;
    assert.match(first.newKey ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual(first, {
      accountId: 1,
      virtualNumber: '74993720692',
      newKey: first.newKey,
      media: [
        { id: media[0]!.id, name: 'contact_message' },
        { id: media[1]!.id, name: 'operator_message' },
      ],
    });
    assert.equal((await store.keys.byTokenHash(`sha-256 of ${first.newKey}`))?.accountId, 1);
    const before = await dump(store);
    const again = await createSandboxInstallation(store, options);
    assert.deepEqual(again, { ...first, newKey: undefined });
    assert.deepEqual(await dump(store), before);
  }));
