import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { CallEvent } from '../model/call-event.ts';
import type { MinuteUse } from '../store/numbers-store.ts';
import { MinuteSaver } from './minute-saver.ts';

type Use = MinuteUse & { talks: boolean };

/** A limiter of two accounts, and the times at which which of them were saved. */
function open() {
  const clock = new VirtualClock();
  const uses: Use[] = [1, 2].map((accountId) => ({
    accountId,
    dayEndsAt: 1,
    usedMs: 0,
    talks: false,
  }));
  const saved: string[] = [];
  const disk = { works: true };
  const saver = new MinuteSaver({
    clock,
    log: silentLogger,
    limiter: { minutes: () => uses },
    store: {
      list: async () => [],
      save: async (given) => {
        saved.push(`${clock.now()} ${given.map(({ accountId }) => accountId)}`);
        if (!disk.works) throw new Error('the disk is full');
      },
    },
  });
  const take = (type: 'legAnswered' | 'legEnded' | 'legRinging', accountId: number): void => {
    if (type !== 'legRinging')
      uses[accountId - 1] = { ...uses[0]!, accountId, talks: type === 'legAnswered' };
    saver.take({ type, accountId } as CallEvent);
  };
  return { clock, saved, disk, saver, take };
}

test('saved every ten seconds while somebody talks, and once afterwards; only who talked', async () => {
  const { clock, saved, take } = open();
  take('legRinging', 2);
  take('legAnswered', 1);
  await clock.advance(25_000);
  assert.deepEqual(saved, ['10000 1', '20000 1']);
  take('legAnswered', 2);
  take('legEnded', 1);
  take('legEnded', 2);
  await clock.advance(60_000);
  assert.deepEqual(saved.slice(2), ['30000 1,2']);
  assert.equal(clock.pendingTimers, 0);
});

test('what could not be saved is saved later', async () => {
  const { clock, saved, disk, take } = open();
  disk.works = false;
  take('legAnswered', 1);
  take('legEnded', 1);
  await clock.advance(10_000);
  disk.works = true;
  await clock.advance(60_000);
  assert.deepEqual(saved, ['10000 1', '20000 1']);
});

test('closing saves at once and leaves no timer, also when the disk fails', async () => {
  for (const works of [true, false]) {
    const { clock, saved, disk, saver, take } = open();
    disk.works = works;
    take('legAnswered', 2);
    await clock.advance(3_000);
    await saver.close();
    assert.deepEqual(saved, ['3000 2']);
    assert.equal(clock.pendingTimers, 0);
  }
});
