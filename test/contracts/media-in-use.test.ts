// What a running call was ordered with stays on the disk: its removal, sweeps, and a crash between them.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { PromptCache } from '../../src/media/audio/prompt-cache.ts';
import { writeWav } from '../../src/media/audio/wav.ts';
import { MediaLibrary } from '../../src/media/library/media-library.ts';
import { startMediaSweeps } from '../../src/store/media-sweeps.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';

test('a removed file of a running call can be read again; when the call has ended it goes', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'in-use-'));
  const clock = new VirtualClock();
  const log = silentLogger;
  const path = join(root, 'store.sqlite');
  const parts = new AsyncDisposableStack();
  t.after(async () => {
    await parts.disposeAsync();
    rmSync(root, { recursive: true });
  });
  /** A process over the same data; each call of `sweep` is an hour later. */
  const start = async () => {
    const own = parts.use(new AsyncDisposableStack());
    const store = own.adopt(await openSqliteStore({ path, log, clock }), (it) => it.close());
    const folder = join(root, 'media');
    const library = own.adopt(new MediaLibrary({ folder, longestMs: 5_000, clock, log }), (it) =>
      it.close(),
    );
    let swept = Promise.withResolvers<void>();
    const sweep = async (wanted: ReadonlySet<string>): Promise<number> => {
      const removed = await library.sweep(wanted);
      swept.resolve();
      return removed;
    };
    own.use(startMediaSweeps({ store, clock, log, sweep }));
    await swept.promise;
    const later = async (): Promise<void> => {
      swept = Promise.withResolvers();
      await clock.advance(3_600_000);
      await swept.promise;
    };
    return { store, library, later, crash: () => own.disposeAsync() };
  };
  /** As a call does whose sound has left the cache meanwhile. */
  const play = async (sound: string): Promise<number> => {
    const prompts = new PromptCache({ log });
    const { durationMs } = await prompts.prepare({ id: 1, name: 'a', path: sound });
    await prompts.close();
    return durationMs;
  };

  const first = await start();
  const { id: accountId } = await first.store.accounts.put({
    name: 'acme',
    active: true,
    timeZone: 'Europe/Moscow',
    minuteLimit: 1,
    dayLimit: 1,
    ttsMaxLength: 1,
    disabledComponents: [],
  });
  writeFileSync(join(root, 'a.wav'), writeWav(8_000, new Int16Array(8_000).fill(9)));
  const taken = await first.library.take(join(root, 'a.wav'), { normalize: false });
  assert.ok('sound' in taken);
  const { sound } = taken;
  const file = await first.store.media.add(accountId, {
    ...sound,
    name: 'a',
    originalName: 'a.wav',
  });
  const order = { music: { id: file!.id, name: 'a', path: sound.path } };
  const input = { callSessionId: 7, at: clock.wallTime() };
  const data = JSON.stringify({ order });
  first.store.calls.appendJournal({ ...input, sequence: 0, kind: 'order', data });
  await first.store.calls.flushed();
  await first.store.media.remove(accountId, file!.id);
  for (let hour = 0; hour < 3; hour++) await first.later();
  assert.equal(await play(sound.path), 1_000);

  await first.crash();
  const second = await start();
  for (let hour = 0; hour < 3; hour++) await second.later();
  assert.equal(await play(sound.path), 1_000, 'a call that the crash interrupted may go on');

  second.store.calls.appendJournal({ ...input, sequence: 1, kind: 'end', data: '{}' });
  await second.store.calls.flushed();
  await second.later();
  assert.equal(await play(sound.path), 1_000, 'once more it is spared');
  await second.later();
  assert.ok(!existsSync(sound.path));
});
