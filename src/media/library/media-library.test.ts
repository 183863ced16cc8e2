import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { parseWav, writeWav } from '../audio/wav.ts';
import { MediaLibrary } from './media-library.ts';

const fixtures = new URL('../audio/fixtures/', import.meta.url);
const fixture = (name: string): Buffer => readFileSync(new URL(name, fixtures));

function setUp(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'library-'));
  const folder = join(root, 'media');
  const clock = new VirtualClock();
  const library = new MediaLibrary({ folder, longestMs: 5_000, clock, log: silentLogger });
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
  return { library, clock, folder, take, stored };
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

test('closed: nothing is taken any more', async (t) => {
  const { library, take } = setUp(t);
  await Promise.all([library.close(), library.close()]);
  assert.deepEqual(await take('a.opus', fixture('tone.opus')), {
    refused: 'the media library is closed',
  });
});
