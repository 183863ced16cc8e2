import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Installation, installation, tokens } from '../../test/contracts/api-installation.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { TokenGuard } from './token-guard.ts';

/** Names those of the promises that have settled, in the order in which they did. */
function noting(): { readonly order: string[]; note(name: string, of: Promise<unknown>): void } {
  const order: string[] = [];
  return { order, note: (name, of) => void of.then(() => order.push(name)) };
}

test('after two hundred refused tokens each refusal waits a second, from that address only', async () => {
  const clock = new VirtualClock();
  const guard = new TokenGuard(clock);
  for (let tries = 0; tries < 200; tries++) await guard.refused('203.0.113.7');
  assert.equal(clock.pendingTimers, 0);
  const { order, note } = noting();
  note('guessing', guard.refused('203.0.113.7'));
  note('another', guard.refused('203.0.113.8'));
  await clock.advance(999);
  assert.deepEqual(order, ['another']);
  await clock.advance(1);
  assert.deepEqual(order, ['another', 'guessing']);
  await clock.advance(20_000);
  await guard.refused('203.0.113.7');
  assert.equal(clock.pendingTimers, 0, 'what was is forgotten');
});

test('no more than a thousand refusals are held back', async () => {
  const clock = new VirtualClock();
  const guard = new TokenGuard(clock);
  for (let tries = 0; tries < 1_200; tries++) void guard.refused('203.0.113.7');
  assert.equal(clock.pendingTimers, 1_000);
  await guard.refused('203.0.113.7');
  await clock.runOut(2_000);
});

test('who guesses waits, and the right token from the same address does not', async () => {
  const it: Installation = await installation();
  const guess = () => it.call('list.calls', { access_token: 'guessed' });
  for (let tries = 0; tries < 200; tries++) await guess();
  const { order, note } = noting();
  note('guessed', guess());
  assert.ok((await it.call('list.calls', { access_token: tokens.valid })).result);
  assert.deepEqual(order, []);
  await it.clock.advance(1_000);
  assert.deepEqual(order, ['guessed']);
  await it.close();
});
