import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { SpeechCache } from './speech-cache.ts';

let parent: string;
before(async () => {
  parent = await mkdtemp(join(tmpdir(), 'dozvon-speech-'));
});
after(() => rm(parent, { recursive: true }));

const now = Date.UTC(2026, 0, 1);
const cacheIn = (name: string, limitBytes = 300): SpeechCache =>
  new SpeechCache({ folder: join(parent, name), limitBytes, clock: new VirtualClock() });
const sound = (fill: number, bytes = 100): Uint8Array => new Uint8Array(bytes).fill(fill);
const kept = async (name: string): Promise<string> =>
  (await readdir(join(parent, name))).sort().join(' ');

test('keeps and finds; a folder that is not there is made', async () => {
  const cache = cacheIn('new/deep');
  assert.equal(await cache.find('a'), undefined);
  const path = await cache.put('a', sound(1));
  assert.equal(path, join(parent, 'new/deep/a.wav'));
  assert.equal(await cache.find('a'), path);
  assert.deepEqual(new Uint8Array(await readFile(path)), sound(1));
  assert.equal(await kept('new/deep'), 'a.wav', 'no draft is left');
});

test('what was used longest ago makes room', async () => {
  const cache = cacheIn('lru');
  for (const key of ['a', 'b', 'c']) await cache.put(key, sound(1));
  await cache.find('a');
  await cache.put('d', sound(1));
  assert.equal(await kept('lru'), 'a.wav c.wav d.wav');
  await cache.put('large', sound(1, 250));
  assert.equal(await kept('lru'), 'large.wav');
  await cache.put('larger', sound(1, 900));
  assert.equal(await kept('lru'), 'larger.wav', 'the newest stays whatever its size');
  assert.equal(cache.heldBytes, 900);
  await cache.put('larger', sound(1, 90));
  assert.equal(cache.heldBytes, 90);
});

test('a restart knows what was used when, and tidies up old drafts only', async () => {
  const folder = join(parent, 'restart');
  await mkdir(folder);
  const file = async (name: string, ageMs: number): Promise<void> => {
    await writeFile(join(folder, name), sound(1));
    const at = (now - ageMs) / 1000;
    await utimes(join(folder, name), at, at);
  };
  await file('old.wav', 9_000_000);
  await file('older.wav', 99_000_000);
  await file('fresh.wav', 1_000);
  await file('x.wav.1-1.tmp', 9_000_000);
  await file('y.wav.1-1.tmp', 1_000);
  const first = cacheIn('restart');
  await first.find('older'); // Its use is written down: an hour has passed since the last one.
  assert.equal((await stat(join(folder, 'older.wav'))).mtimeMs, now);
  await first.find('fresh');
  assert.equal((await stat(join(folder, 'fresh.wav'))).mtimeMs, now - 1_000);
  const second = cacheIn('restart');
  await second.put('new', sound(1));
  assert.equal(await kept('restart'), 'fresh.wav new.wav older.wav y.wav.1-1.tmp');
});

test('a file that another process put there or took away', async () => {
  const cache = cacheIn('shared');
  await cache.put('a', sound(1));
  await writeFile(join(parent, 'shared/b.wav'), sound(2));
  assert.equal(await cache.find('b'), join(parent, 'shared/b.wav'));
  assert.equal(cache.heldBytes, 200);
  await rm(join(parent, 'shared/a.wav'));
  assert.equal(await cache.find('a'), undefined);
  assert.equal(cache.heldBytes, 100);
});
