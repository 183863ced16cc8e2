import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { Prompt } from '../../model/party.ts';
import { PromptCache } from './prompt-cache.ts';
import { writeWav } from './wav.ts';

/** A cache over a folder of its own, on a clock that the test moves, and a count of files read. */
function setUp(t: TestContext, options: { cacheLimitBytes?: number; wideband?: boolean } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'prompts-'));
  const clock = new VirtualClock();
  const trace: string[] = [];
  const log: Logger = { ...silentLogger, debug: (_, text) => trace.push(text) };
  const limits = { longestMs: 5_000, largestBytes: 200_000 };
  const cache = new PromptCache({ log, clock, ...limits, ...options });
  t.after(async () => {
    await cache.close();
    rmSync(folder, { recursive: true });
  });
  let mtime = 1_700_000_000;
  /** Writes a file of a constant sample, a second later than the one before. */
  const put = (name: string, content: number | string, seconds = 1): Prompt => {
    const path = join(folder, name);
    const sound = (value: number): Uint8Array =>
      writeWav(8_000, new Int16Array(8_000 * seconds).fill(value));
    writeFileSync(path, typeof content === 'number' ? sound(content) : content);
    utimesSync(path, ++mtime, mtime);
    return { id: 1, name, path };
  };
  return { cache, clock, folder, put, trace };
}

test('a prompt is read once, then handed out at once until a second has passed', async (t) => {
  const { cache, clock, put, trace } = setUp(t);
  const prompt = put('a.wav', 100);
  assert.equal(cache.get(prompt.path), undefined);
  const first = await cache.prepare(prompt);
  assert.equal(first.durationMs, 1_000);
  assert.deepEqual([...first.samples.subarray(0, 2)], [100, 100]);
  assert.ok(first.samples.buffer instanceof SharedArrayBuffer);
  assert.match(first.contentHash, /^[0-9a-f]{64}$/);
  put('a.wav', 200);
  await clock.advance(999);
  assert.equal(cache.prepare(prompt), cache.prepare(prompt), 'one promise, made once');
  assert.equal(await cache.prepare(prompt), first);
  assert.equal(cache.get(prompt.path), first);
  await clock.advance(1);
  const changed = await cache.prepare(prompt);
  assert.equal(changed.samples[0], 200);
  assert.equal(first.samples[0], 100, 'who is hearing the old one goes on hearing it');
  assert.equal(cache.get(prompt.path), changed);
  assert.deepEqual(trace, ['prompt read', 'prompt read']);
});

test('an unchanged file is not read again, a touched one is not decoded again', async (t) => {
  const { cache, clock, put, trace } = setUp(t);
  const prompt = put('a.wav', 100);
  const first = await cache.prepare(prompt);
  await clock.advance(5_000);
  assert.equal(await cache.prepare(prompt), first);
  assert.deepEqual(trace, ['prompt read']);
  put('a.wav', 100);
  await clock.advance(5_000);
  assert.equal(await cache.prepare(prompt), first);
  assert.deepEqual(trace, ['prompt read', 'prompt unchanged']);
});

test('a hundred calls at once read the file once', async (t) => {
  const { cache, put, trace } = setUp(t);
  const prompt = put('a.wav', 100);
  const all = await Promise.all(Array.from({ length: 100 }, () => cache.prepare(prompt)));
  assert.equal(new Set(all).size, 1);
  assert.deepEqual(trace, ['prompt read']);
});

test('equal content is held once, whatever its path', async (t) => {
  const { cache, put } = setUp(t);
  const first = await cache.prepare(put('a.wav', 100));
  assert.equal(await cache.prepare(put('b.wav', 100)), first);
  assert.equal(cache.heldBytes, 16_000);
});

test('over the limit, what was used longest ago goes', async (t) => {
  const { cache, put } = setUp(t, { cacheLimitBytes: 40_000 });
  const [a, b, c] = [put('a.wav', 1), put('b.wav', 2), put('c.wav', 3)];
  await cache.prepare(a);
  await cache.prepare(b);
  cache.get(a.path);
  await cache.prepare(c);
  const held = [a, b, c].filter((prompt) => cache.get(prompt.path) !== undefined);
  assert.deepEqual(held, [a, c]);
  assert.equal(cache.heldBytes, 32_000);
});

test('one prompt over the limit is still heard', async (t) => {
  const { cache, put } = setUp(t, { cacheLimitBytes: 10_000 });
  const prompt = put('a.wav', 1);
  await cache.prepare(prompt);
  assert.equal(cache.get(prompt.path)?.durationMs, 1_000);
});

const refusals: readonly (readonly [
  name: string,
  prompt: (put: ReturnType<typeof setUp>['put'], folder: string) => Prompt,
  says: RegExp,
])[] = [
  [
    'a missing file',
    (_, folder) => ({ id: 1, name: 'greeting', path: join(folder, 'none.wav') }),
    /^prompt greeting \(.*none\.wav\): there is no such file; put it there or correct the path$/,
  ],
  ['a folder', (_, folder) => ({ id: 1, name: 'x', path: folder }), /: it is not a file$/],
  ['text', (put) => put('a.wav', 'hello'), /^prompt a\.wav \(.*\): it is something else, .*ffmpeg/],
  ['too long', (put) => put('a.wav', 1, 6), /: it lasts 6\.0 s; at most 5\.0 s can be played/],
  ['too large', (put) => put('a.wav', 1, 13), /: it has 208044 bytes; at most 200000 are read/],
];

for (const [name, prompt, says] of refusals) {
  test(`refuses ${name}, naming the file and the fix`, async (t) => {
    const { cache, put, folder } = setUp(t);
    await assert.rejects(cache.prepare(prompt(put, folder)), { name: 'MediaError', message: says });
  });
}

test('a broken file that is replaced by a good one works at once', async (t) => {
  const { cache, put } = setUp(t);
  await assert.rejects(cache.prepare(put('a.wav', 'nonsense')));
  assert.equal((await cache.prepare(put('a.wav', 5))).samples[0], 5);
});

test('a file that is gone is forgotten', async (t) => {
  const { cache, clock, put } = setUp(t);
  const prompt = put('a.wav', 5);
  await cache.prepare(prompt);
  rmSync(prompt.path);
  await clock.advance(1_000);
  await assert.rejects(cache.prepare(prompt), { message: /there is no such file/ });
  assert.equal(cache.get(prompt.path), undefined);
});

test('closed: work under way ends, new work is refused, twice is once', async (t) => {
  const { cache, put } = setUp(t);
  const prompt = put('a.wav', 5);
  const underWay = assert.rejects(cache.prepare(prompt), {
    message: 'the prompt reader is closed',
  });
  await Promise.all([cache.close(), cache.close()]);
  await underWay;
  await assert.rejects(cache.prepare(prompt), { message: 'the prompt reader is closed' });
});

test('where a codec is a wide-band one, prompts are held at 16000 Hz as well', async (t) => {
  const { cache, put } = setUp(t, { wideband: true });
  const { samples, wideSamples, durationMs } = await cache.prepare(put('a.wav', 100));
  assert.equal(durationMs, 1_000);
  assert.deepEqual([samples.length, wideSamples?.length], [8_000, 16_000]);
  assert.ok(wideSamples?.buffer instanceof SharedArrayBuffer);
  assert.equal(wideSamples[8_000], 100);
  assert.equal(cache.heldBytes, 48_000);
});
