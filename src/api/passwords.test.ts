import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { LoginGuard } from './login-guard.ts';
import { hashPassword, verifyNothing, verifyPassword } from './passwords.ts';

const cheap = { N: 16, r: 8, p: 1 };

test('a password is verified against its hash, and only that one', async () => {
  const hash = await hashPassword('пароль é', cheap);
  assert.match(hash, /^scrypt\$16\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  assert.equal(await verifyPassword('пароль é', hash), true);
  assert.equal(await verifyPassword('пароль e\u0301', hash), true, 'the same letters');
  assert.equal(await verifyPassword('пароль e', hash), false);
  assert.equal(await verifyPassword('', hash), false);
  assert.notEqual(await hashPassword('пароль é', cheap), hash, 'salted');
});

test('the test vector of RFC 7914 section 12', async () => {
  const salt = Buffer.from('NaCl').toString('base64url');
  const hex =
    'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640';
  const stored = `scrypt$1024$8$16$${salt}$${Buffer.from(hex, 'hex').toString('base64url')}`;
  assert.equal(await verifyPassword('password', stored), true);
  assert.equal(await verifyPassword('Password', stored), false);
});

test('what is no hash of ours verifies nothing', async () => {
  for (const stored of [
    '',
    'x',
    'bcrypt$1$2$3$c2Fs$aGFzaA',
    'scrypt$3$8$1$c2Fs$aGFzaA',
    'scrypt$16$8$1$$',
  ])
    assert.equal(await verifyPassword('', stored), false, stored);
});

test('two passwords are checked at a time, in order; a failed check frees its place', async () => {
  const guard = new LoginGuard(new VirtualClock());
  const running: { name: string; end: (error?: Error) => void }[] = [];
  const check = (name: string) =>
    guard.check(
      () =>
        new Promise<void>((resolve, reject) => {
          running.push({ name, end: (error) => (error ? reject(error) : resolve()) });
        }),
    );
  const done = ['a', 'b', 'c', 'd'].map(check);
  const names = () => running.map(({ name }) => name).join('');
  assert.equal(names(), 'ab');
  running[1]!.end(new Error('no'));
  await assert.rejects(done[1]!);
  assert.equal(names(), 'abc');
  running[0]!.end();
  await done[0];
  assert.equal(names(), 'abcd');
  running[2]!.end();
  running[3]!.end();
  await Promise.all([done[2], done[3]]);
});

test('only so many may wait for a check', () => {
  const guard = new LoginGuard(new VirtualClock());
  for (let count = 0; count < 102; count++) void guard.check(() => new Promise(() => {}));
  assert.equal(guard.allows('192.0.2.1'), false);
});

test('a login with a password of a hundred thousand accents does not hold up the calls', async () => {
  const password = `a${'\u0301\u0323'.repeat(50_000)}`;
  const stored = await hashPassword('a', { N: 2, r: 1, p: 1 });
  const startedAt = performance.now();
  assert.equal(await verifyPassword(password, stored), false);
  assert.equal(await verifyNothing(password), false);
  assert.ok(performance.now() - startedAt < 50);
  await assert.rejects(hashPassword(password), /at most 1024 characters/);
});
