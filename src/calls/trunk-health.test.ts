import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testTrunk } from '../../test/traces/simulate-call.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { Trunk } from '../model/trunk.ts';
import { TrunkHealth } from './trunk-health.ts';

function healthOf(trunk: Trunk, answers: (at: number) => boolean) {
  const clock = new VirtualClock();
  const log: string[] = [];
  const note = (_: object, text: string): void => {
    log.push(`${clock.now()} ${text}`);
  };
  const logger: Logger = { ...silentLogger, info: note, warn: note };
  const health = new TrunkHealth({
    clock,
    log: logger,
    trunks: [trunk],
    ping: async () => answers(clock.now()),
  });
  return { clock, log, health };
}

const pinged: Trunk = { ...testTrunk, pingMs: 10_000 };

test('two unanswered OPTIONS in a row, and it is down; one answered, and it is up', async () => {
  const { clock, log, health } = healthOf(pinged, (at) => at < 15_000 || at > 55_000);
  await clock.advance(29_999);
  assert.equal(health.isDown(pinged), false);
  await clock.advance(1);
  assert.equal(health.isDown(pinged), true);
  await clock.advance(30_000);
  assert.equal(health.isDown(pinged), false);
  assert.deepEqual(log, [
    '30000 a trunk stopped answering OPTIONS',
    '60000 a trunk answers OPTIONS again',
  ]);
  health.close();
  assert.equal(clock.pendingTimers, 0);
});

test('a trunk that never answers OPTIONS is not down: its carrier may drop them', async () => {
  const { clock, log, health } = healthOf(pinged, () => false);
  await clock.advance(600_000);
  assert.equal(health.isDown(pinged), false);
  assert.deepEqual(log, []);
  health.close();
});

test('a call it failed sets it back for half a minute, or as long as it asks, five minutes at most', async () => {
  const { clock, log, health } = healthOf(testTrunk, () => true);
  health.failed(testTrunk);
  await clock.advance(29_999);
  assert.equal(health.isDown(testTrunk), true);
  await clock.advance(1);
  assert.equal(health.isDown(testTrunk), false);
  health.failed(testTrunk, 90_000);
  health.failed(testTrunk, 90_000); // Told once.
  await clock.advance(89_999);
  assert.equal(health.isDown(testTrunk), true);
  health.failed(testTrunk, 86_400_000);
  await clock.advance(300_000);
  assert.equal(health.isDown(testTrunk), false);
  health.failed(testTrunk);
  health.worked(testTrunk);
  assert.equal(health.isDown(testTrunk), false);
  assert.equal(log.length, 3);
  assert.equal(clock.pendingTimers, 0);
});
