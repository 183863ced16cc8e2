import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { parseWav, writeWav } from '../audio/wav.ts';
import { MediaLibrary } from './media-library.ts';

const fixtures = new URL('../audio/fixtures/', import.meta.url);
const fixture = (name: string): Buffer => readFileSync(new URL(name, fixtures));

function setUp(t: TestContext, options: { readonly largestReceivedBytes?: number } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'library-'));
  const folder = join(root, 'media');
  const clock = new VirtualClock();
  const library = new MediaLibrary({
    folder,
    longestMs: 5_000,
    clock,
    log: silentLogger,
    ...options,
  });
  t.after(async () => {
    await library.close();
    rmSync(root, { recursive: true });
  });
  /** Writes a file and takes it in. */
  const take = (name: string, content: Uint8Array, normalize = false) => {
    writeFileSync(join(root, name), content);
    return library.take(join(root, name), { normalize });
  };
  const stored = (): string[] => {
    try {
      return readdirSync(folder).map((name) => name.replace(/^[0-9a-f]{58}/, ''));
    } catch {
      return [];
    }
  };
  return { library, clock, root, folder, take, stored };
}

test('each format is stored as it came and as the WAV file that calls play', async (t) => {
  const { take, folder } = setUp(t);
  for (const [name, rate, durationMs] of [
    ['tone.mp3', 16_000, 1_056],
    ['tone.opus', 16_000, 1_000],
    ['tone.flac', 16_000, 1_000],
  ] as const) {
    const content = fixture(name);
    const taken = await take(name, content);
    assert.ok('sound' in taken, name);
    const { path, contentHash, ...rest } = taken.sound;
    const listenFormat = name.slice(5);
    const facts = { durationMs, sizeBytes: content.length, normalized: false, listenFormat };
    assert.deepEqual(rest, facts);
    assert.equal(path, join(folder, `${contentHash}.wav`));
    const played = parseWav(readFileSync(path));
    assert.deepEqual([played.sampleRate, played.encoding], [rate, 'pcm16']);
    assert.equal(played.missingOctets, 0);
    const original = join(folder, `${contentHash}.original.${name.slice(5)}`);
    assert.deepEqual(readFileSync(original), content);
  }
});

test('telephone sound stays at 8000 Hz, sample by sample', async (t) => {
  const { take } = setUp(t);
  const samples = Int16Array.from({ length: 800 }, (_, at) => (at * 7_919) % 65_536);
  const taken = await take('a.wav', writeWav(8_000, samples));
  assert.ok('sound' in taken);
  assert.deepEqual(
    readFileSync(taken.sound.path),
    Buffer.from(writeWav(8_000, samples)),
    'nothing is lost on the way',
  );
});

test('equal content is stored once, normalised or not is told apart', async (t) => {
  const { take, stored } = setUp(t);
  const first = await take('a.mp3', fixture('tone.mp3'));
  assert.deepEqual(await take('b.wav', fixture('tone.mp3')), first, 'whatever its name');
  const normalised = await take('c.mp3', fixture('tone.mp3'), true);
  assert.ok('sound' in first && 'sound' in normalised);
  assert.equal(normalised.sound.contentHash, first.sound.contentHash);
  assert.equal(normalised.sound.normalized, true);
  const hash = first.sound.contentHash.slice(58);
  assert.deepEqual(stored().sort(), [
    `${hash}.normalised.wav`,
    `${hash}.original.mp3`,
    `${hash}.wav`,
  ]);
});

test('what is normalised has the usual loudness', async (t) => {
  const { take } = setUp(t);
  const quiet = Int16Array.from({ length: 16_000 }, (_, at) => 500 * Math.sin(at / 3));
  const taken = await take('quiet.wav', writeWav(16_000, quiet), true);
  assert.ok('sound' in taken);
  const wav = parseWav(readFileSync(taken.sound.path));
  const samples = new Int16Array(Uint8Array.from(wav.data).buffer);
  const rms = Math.sqrt(samples.reduce((sum, it) => sum + it * it, 0) / samples.length) / 32_768;
  assert.ok(Math.abs(20 * Math.log10(rms) + 16) < 0.5, `${20 * Math.log10(rms)} dBFS`);
});

test('a file that is refused leaves nothing behind, and the next one is taken', async (t) => {
  const { library, take, stored } = setUp(t);
  assert.deepEqual(await take('a.wav', Buffer.from('hello')), {
    refused:
      'it is something else, not WAV, MP3, Ogg Opus or FLAC; convert it with: ffmpeg -i <file> -ar 16000 -ac 1 -c:a pcm_s16le <file>.wav',
  });
  assert.deepEqual(await take('long.wav', writeWav(8_000, new Int16Array(48_000))), {
    refused: 'it lasts 6.0 s; at most 5.0 s can be played: shorten it',
  });
  assert.deepEqual(await take('cut.mp3', fixture('tone.mp3').subarray(0, 4_000)), {
    refused: 'it is cut short: the end of its sound is missing',
  });
  assert.deepEqual(await library.take('/nonexistent', { normalize: false }), {
    refused: 'there is no such file; put it there or correct the path',
  });
  assert.deepEqual(stored(), []);
  assert.ok('sound' in (await take('good.opus', fixture('tone.opus'))));
});

test('a decoder that does not come to an end is given up', async (t) => {
  const { take, clock } = setUp(t);
  const [taken] = await Promise.all([take('a.mp3', fixture('tone.mp3')), clock.advance(120_000)]);
  assert.deepEqual(taken, { refused: 'it could not be decoded within 120 s' });
  assert.ok('sound' in (await take('a.mp3', fixture('tone.mp3'))), 'the next file is taken');
});

async function* pieces(content: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

test('a file that is received piece by piece is the same', async (t) => {
  const { library, take, stored } = setUp(t);
  const content = fixture('tone.flac');
  const received = await library.receive(pieces(content), { normalize: false });
  assert.deepEqual(received, await take('same.flac', content));
  assert.equal(stored().length, 2);
});

test('what is not received to its end leaves nothing', async (t) => {
  const { library, stored } = setUp(t, { largestReceivedBytes: 5_000 });
  const large = await library.receive(pieces(fixture('tone.flac')), { normalize: false });
  assert.deepEqual(large, {
    refused: 'it has more than 5000 bytes: shorten it, or save it as MP3 or Ogg Opus',
  });
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield fixture('tone.flac').subarray(0, 2_000);
    throw new Error('reset');
  }
  await assert.rejects(library.receive(breaking(), { normalize: false }), /^Error: reset$/);
  assert.deepEqual(stored(), []);
});

test('a thirty-third file is not read before one of the others is here', async (t) => {
  const { library } = setUp(t);
  const sources = Array.from({ length: 33 }, () => new TransformStream<Uint8Array, Uint8Array>());
  const begun: number[] = [];
  const all32 = Promise.withResolvers<void>();
  async function* from(index: number): AsyncGenerator<Uint8Array> {
    if (begun.push(index) === 32) all32.resolve();
    yield* sources[index]!.readable;
  }
  const all = sources.map((_, index) => library.receive(from(index), { normalize: false }));
  await all32.promise;
  const last = 32;
  for (const index of [3, ...begun.filter((it) => it !== 3), last]) {
    const writer = sources[index]!.writable.getWriter();
    await writer.write(fixture('tone.opus'));
    if (index === 3) assert.ok(begun.length === 32 && !begun.includes(last));
    await writer.close();
    assert.ok('sound' in (await all[index]!));
  }
  assert.equal(begun.at(-1), last);
});

test('a disk that cannot be written is no fault of the file', async (t) => {
  const { library, folder, root } = setUp(t);
  writeFileSync(folder, 'in the way');
  writeFileSync(join(root, 'a.opus'), fixture('tone.opus'));
  await assert.rejects(library.take(join(root, 'a.opus'), { normalize: false }), {
    name: 'Error',
    message: /^a sound could not be stored: E/,
  });
});

test('content goes at the second sweep that finds nobody needs it', async (t) => {
  const { library, take, stored } = setUp(t);
  const [kept, gone] = [
    await take('a.opus', fixture('tone.opus')),
    await take('b.mp3', fixture('tone.mp3')),
  ];
  assert.ok('sound' in kept && 'sound' in gone);
  const all = new Set([kept.sound.contentHash, gone.sound.contentHash]);
  const wanted = new Set([kept.sound.contentHash]);
  assert.equal(await library.sweep(wanted), 0);
  assert.equal(await library.sweep(all), 0, 'it is needed again');
  assert.equal(await library.sweep(wanted), 0);
  assert.equal(stored().length, 4);
  assert.equal(await library.sweep(wanted), 1);
  const hash = kept.sound.contentHash.slice(58);
  assert.deepEqual(stored().sort(), [`${hash}.original.opus`, `${hash}.wav`]);
});

test('content that is taken again, or by another process, is not swept away', async (t) => {
  const { library, take, stored, folder } = setUp(t);
  const opus = await take('a.opus', fixture('tone.opus'));
  assert.ok('sound' in opus);
  utimesSync(opus.sound.path, 1, 1);
  utimesSync(opus.sound.path.replace('.wav', '.original.opus'), 1, 1);
  const nothing = new Set<string>();
  assert.equal(await library.sweep(nothing), 0);
  const other = new MediaLibrary({
    folder,
    longestMs: 5_000,
    clock: new VirtualClock(),
    log: silentLogger,
  });
  writeFileSync(join(folder, '..', 'b'), fixture('tone.opus'));
  assert.deepEqual(await other.take(join(folder, '..', 'b'), { normalize: false }), opus);
  await other.close();
  assert.equal(await library.sweep(nothing), 0, 'its row may not be there yet');
  assert.equal(stored().length, 2);
  assert.equal(await library.sweep(nothing), 1);
  assert.deepEqual(stored(), []);
});

test('what a process that died was writing goes at the second sweep, other files never', async (t) => {
  const { library, folder } = setUp(t);
  mkdirSync(folder);
  const hash = 'ab'.repeat(32);
  for (const name of [`${hash}.wav.4711.tmp`, '1b9d6bcd.tmp', 'notes.txt'])
    writeFileSync(join(folder, name), 'x');
  await library.sweep(new Set([hash]));
  assert.equal(readdirSync(folder).length, 3);
  await library.sweep(new Set([hash]));
  assert.deepEqual(readdirSync(folder), ['notes.txt']);
});

test('closed: nothing is taken any more', async (t) => {
  const { library, take } = setUp(t);
  await Promise.all([library.close(), library.close()]);
  assert.deepEqual(await take('a.opus', fixture('tone.opus')), {
    refused: 'the media library is closed',
  });
});
