import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { FakeLines } from '../../test/traces/fake-lines.ts';
import { baseOrder, MemoryCallStore, testTrunk } from '../../test/traces/simulate-call.ts';
import { silentLogger } from '../base/logger.ts';
import { seededRandom } from '../base/random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { LocalEventBus } from '../bus/local-event-bus.ts';
import { defaultCallLimits } from './call-limits.ts';
import { CallRegistry } from './call-registry.ts';
import { ServiceStopping } from './call-service.ts';
import { Routing } from './routing.ts';

describe('CallRegistry', () => {
  let clock: VirtualClock;
  let store: MemoryCallStore;
  let prepared: PromiseWithResolvers<{ durationMs: number }>;
  let registry: CallRegistry;

  beforeEach(() => {
    clock = new VirtualClock();
    store = new MemoryCallStore();
    prepared = Promise.withResolvers();
    registry = new CallRegistry({
      clock,
      limits: defaultCallLimits,
      dialer: new FakeLines(
        clock,
        () => ({}),
        () => {},
      ),
      routing: new Routing([testTrunk], { clock, random: seededRandom(1) }),
      media: { prepare: () => prepared.promise },
      store,
      bus: new LocalEventBus(silentLogger),
      log: silentLogger,
    });
  });

  test('a call whose prompt is still being read when the server stops is not begun', async () => {
    const answer = registry.start(baseOrder);
    await registry.stop(1000);
    prepared.resolve({ durationMs: 1 });
    await assert.rejects(answer, ServiceStopping);
    assert.equal(registry.size, 0);
  });

  test('while the disk is full no phone rings for a call that cannot be stored', async () => {
    prepared.resolve({ durationMs: 1 });
    store.isFailing = true;
    await assert.rejects(registry.start(baseOrder), /cannot be stored/);
    assert.deepEqual([registry.size, store.entries], [0, []]);
    store.isFailing = false;
    assert.equal(await registry.start(baseOrder), 1);
  });

  test('a full disk does not keep the server from stopping', async () => {
    store.flushed = () => new Promise(() => {});
    let stopped = false;
    void registry.stop(1000).then(() => {
      stopped = true;
    });
    await clock.advance(1999);
    assert.equal(stopped, false);
    await clock.advance(1);
    assert.equal(stopped, true);
    assert.equal(clock.pendingTimers, 0);
  });
});
