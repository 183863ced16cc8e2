import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { AccessKey, Account, Store, User } from '../store/store.ts';
import { Access } from './access.ts';
import { ApiError } from './errors.ts';
import { hashToken } from './tokens.ts';

/** A store of one key that counts what it is asked. */
function oneKey(key: Partial<AccessKey> = {}) {
  const tokenHash = hashToken('token');
  let asked = 0;
  const row = { id: 1, accountId: 2, userId: 3, kind: 'permanent', tokenHash, ...key };
  const stored = { expiresAt: null, blocked: false, label: '', ...row } as AccessKey;
  const store = {
    keys: {
      byTokenHash: async (hash: string) => {
        asked++;
        return hash === tokenHash ? stored : undefined;
      },
    },
    users: { byId: async () => ({ id: 3 }) as User },
    accounts: { byId: async () => ({ id: 2 }) as Account },
  } as unknown as Store;
  return { store, stored, asked: () => asked };
}

test('a busy key is looked up once a second; an unknown one each time', async () => {
  const clock = new VirtualClock();
  const { store, stored, asked } = oneKey();
  const access = new Access(store, clock);
  for (let count = 0; count < 1000; count++)
    assert.equal((await access.resolve('token')).account.id, 2);
  assert.equal(asked(), 1);
  await clock.advance(999);
  await access.resolve('token');
  assert.equal(asked(), 1);
  await clock.advance(1);
  await access.resolve('token');
  assert.equal(asked(), 2);
  access.forget(stored);
  await access.resolve('token');
  assert.equal(asked(), 3);
  for (let count = 0; count < 3; count++) await assert.rejects(access.resolve('guess'), ApiError);
  assert.equal(asked(), 6);
});

test('a key that expires is refused at that second, remembered or not', async () => {
  const clock = new VirtualClock({ wallStart: 1_000_000_000 });
  const end = (kind: 'permanent' | 'session') =>
    new Access(oneKey({ kind, expiresAt: 1_000_001 }).store, clock);
  const [permanent, session] = [end('permanent'), end('session')];
  await clock.advance(500);
  await permanent.resolve('token');
  await session.resolve('token');
  await clock.advance(499);
  await permanent.resolve('token');
  await clock.advance(1);
  await assert.rejects(permanent.resolve('token'), { mnemonic: 'access_token_expired' });
  await assert.rejects(session.resolve('token'), { mnemonic: 'access_token_invalid' });
});

test('a blocked key is blocked even when it has expired', async () => {
  const { store } = oneKey({ blocked: true, expiresAt: 0 });
  const access = new Access(store, new VirtualClock());
  await assert.rejects(access.resolve('token'), { mnemonic: 'access_token_blocked' });
});
