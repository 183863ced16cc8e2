import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { SpeechEngineSettings, SpeechSettings } from '../../model/speech-settings.ts';
import { Speech, SpeechFailed, type Spoken } from './speech.ts';
import { type SpeechEngine, SpeechError, type Utterance } from './speech-engine.ts';

type Asked = PromiseWithResolvers<Uint8Array> & { readonly text: string; readonly how: Utterance };

/** An engine that speaks when the test says so, and notes what it was asked. */
class FakeEngine implements SpeechEngine {
  readonly name: string;
  readonly atOnce: number;
  readonly asked: Asked[] = [];
  closed = 0;
  hindrance: string | undefined;
  #heard = Promise.withResolvers<Asked>();

  constructor(name: string, atOnce = 4) {
    this.name = name;
    this.atOnce = atOnce;
  }

  async obstacle(): Promise<string | undefined> {
    return this.hindrance;
  }

  synthesize(text: string, how: Utterance): Promise<Uint8Array> {
    const asked = { text, how, ...Promise.withResolvers<Uint8Array>() };
    this.asked.push(asked);
    this.#heard.resolve(asked);
    this.#heard = Promise.withResolvers();
    return asked.promise;
  }

  async close(): Promise<void> {
    this.closed++;
  }

  /** The next text that it is given. */
  next(): Promise<Asked> {
    return this.#heard.promise;
  }

  /** Speaks the next text at once. */
  async speaks(bytes = sound): Promise<Asked> {
    const asked = await this.next();
    asked.resolve(bytes);
    return asked;
  }

  async fails(error: Error): Promise<void> {
    (await this.next()).reject(error);
  }
}

/** A header and two seconds of 8 kHz. */
const sound = new Uint8Array(44 + 2_000 * 16).fill(7);
const settingsOf = (name: string): SpeechEngineSettings => ({
  name,
  type: 'command',
  command: [name],
  timeoutMs: 5_000,
  languages: [],
});

let folder: string;
let clock: VirtualClock;
let first: FakeEngine;
let second: FakeEngine;
let warned: string[];
let folders = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dozvon-speech-'));
});
after(() => rm(folder, { recursive: true }));
beforeEach(() => {
  clock = new VirtualClock();
  first = new FakeEngine('first');
  second = new FakeEngine('second');
  warned = [];
  folders++;
});

const log: Logger = {
  ...silentLogger,
  warn: (fields, text) => warned.push(`${JSON.stringify(fields)} ${text}`),
};

function open(changes: Partial<SpeechSettings> = {}): Speech {
  const settings: SpeechSettings = {
    engines: [settingsOf('first'), settingsOf('second')],
    overrides: [],
    language: 'auto',
    rate: 1,
    cacheBytes: 10_000_000,
    ...changes,
  };
  return new Speech({
    settings,
    engines: [first, second],
    finish: async (file) => file,
    folder: join(folder, String(folders)),
    clock,
    log,
  });
}

const files = (): Promise<string[]> => readdir(join(folder, String(folders)));

test('what was spoken once comes from the disk, after a restart too', async () => {
  const made = open().say('acme', 'Привет');
  const { text, how } = await first.speaks();
  assert.deepEqual([text, how.language, how.rate], ['Привет', 'ru', 1]);
  const { cached, durationMs, prompt } = await made;
  assert.deepEqual([cached, durationMs, prompt.id], [false, 2_000, 0]);
  assert.deepEqual(new Uint8Array(await readFile(prompt.path)), sound);

  const again = await open().say('acme', 'Привет');
  assert.deepEqual([again.cached, again.prompt.path], [true, prompt.path]);
  assert.equal(first.asked.length, 1);
});

test('line breaks and doubled blanks make no other text; the language, voice and rate do', async () => {
  const speech = open({
    overrides: [
      { account: 'fast', rate: 1.5 },
      { account: 'other', voice: 'ru+f2' },
      { account: 'english', language: 'en' },
    ],
  });
  const paths = new Set<string>();
  for (const account of ['acme', 'fast', 'other', 'english']) {
    const made = speech.say(account, 'Добрый\n  день ');
    assert.equal((await first.speaks()).text, 'Добрый день');
    paths.add((await made).prompt.path);
    assert.equal((await speech.say(account, ' Добрый день')).cached, true);
  }
  assert.equal(paths.size, 4);
});

test('a text asked for twice at once is made once, for both', async () => {
  const speech = open();
  const both = [speech.say('acme', 'Привет'), speech.say('acme', ' Привет ')];
  const asked = await first.next();
  const third = speech.say('acme', 'Привет');
  asked.resolve(sound);
  const paths = new Set((await Promise.all([...both, third])).map(({ prompt }) => prompt.path));
  assert.deepEqual([paths.size, first.asked.length, (await files()).length], [1, 1, 1]);
});

test('another engine is tried before a text is given up; no log holds a text', async () => {
  const said = open().say('acme', 'Секрет');
  void first.fails(new SpeechError('it answered 500', { detail: 'cannot say Секрет' }));
  await second.speaks();
  const spoken = await said;
  assert.equal(spoken.choice.engine.name, 'second');
  assert.equal(warned.length, 1);
  assert.match(warned[0]!, /"engine":"first".*a text was not spoken: it answered 500$/);
  assert.doesNotMatch(warned.join(), /Секрет/);
});

test('nobody speaks: who failed and why, without the text', async () => {
  const said = open().say('acme', 'Секрет');
  void first.fails(new SpeechError('it answered 500', { detail: 'cannot say Секрет' }));
  void second.fails(new Error('no such voice'));
  await assert.rejects(said, (error) => {
    assert.ok(error instanceof SpeechFailed);
    const told = 'no speech engine spoke: first: it answered 500; second: no such voice';
    assert.equal(error.message, told);
    assert.equal(error.attempts[0]?.error.detail, 'cannot say Секрет');
    return true;
  });
  await assert.rejects(open({ engines: [] }).say('acme', 'Привет'), {
    message: 'no speech engine spoke: none is configured for this language',
  });
});

test('an engine that is too slow is given up and asked last for half a minute', async () => {
  const speech = open();
  const slow = speech.say('acme', 'один');
  const { how } = await first.next();
  await clock.advance(4_999);
  assert.deepEqual([how.signal.aborted, second.asked.length], [false, 0]);
  const other = second.speaks();
  await clock.advance(1);
  await other;
  assert.equal((await slow).choice.engine.name, 'second');
  assert.equal(how.signal.aborted, true);
  assert.match(warned[0]!, /it did not speak within 5000 ms/);

  const next = speech.say('acme', 'два');
  await second.speaks();
  await next;
  assert.equal(first.asked.length, 1, 'not asked while it counts as down');
  await clock.advance(30_000);
  const later = speech.say('acme', 'три');
  await first.speaks();
  assert.equal((await later).choice.engine.name, 'first');
  assert.equal(clock.pendingTimers, 0);
});

test('all engines together have nine seconds', async () => {
  const engines = ['first', 'second'].map((name) => ({ ...settingsOf(name), timeoutMs: 8_000 }));
  const said = open({ engines }).say('acme', 'Привет');
  const failed = assert.rejects(said, (error: SpeechFailed) => {
    const reasons = error.attempts.map(({ error }) => error.message);
    assert.deepEqual(reasons, [
      'it did not speak within 8000 ms',
      'it did not speak within 1000 ms',
    ]);
    return true;
  });
  await first.next();
  const asked = second.next();
  await clock.advance(8_000);
  await asked;
  await clock.advance(1_000);
  await failed;
});

test('an engine that cannot speak here is passed over with its reason', async () => {
  first.hindrance = 'espeak-ng is not installed';
  const speech = open();
  const said = speech.say('acme', 'Привет');
  await second.speaks();
  await said;
  assert.match(warned[0]!, /espeak-ng is not installed/);
  const plan = await speech.plan('acme', 'ru');
  assert.deepEqual(
    plan.map(({ choice, obstacle }) => [choice.engine.name, obstacle]),
    [
      ['first', 'espeak-ng is not installed'],
      ['second', undefined],
    ],
  );
});

test('an engine is given no more texts at once than it takes', async () => {
  first = new FakeEngine('first', 1);
  const speech = open();
  const said: Promise<Spoken>[] = [speech.say('acme', 'один'), speech.say('acme', 'два')];
  const one = await first.next();
  const two = first.next();
  assert.equal(first.asked.length, 1);
  one.resolve(sound);
  (await two).resolve(sound);
  await Promise.all(said);
  assert.equal(first.asked.length, 2);
});

test('the disk holds no more than it may', async () => {
  const speech = open({ cacheBytes: 2.5 * sound.length });
  for (const text of ['один', 'два', 'три']) {
    const said = speech.say('acme', text);
    await first.speaks();
    await said;
  }
  assert.equal((await files()).length, 2);
  assert.equal((await speech.say('acme', 'три')).cached, true);
  const again = speech.say('acme', 'один');
  await first.speaks();
  assert.equal((await again).cached, false);
});

test('closing ends what is being spoken, and the engines', async () => {
  const speech = open();
  const said = speech.say('acme', 'Привет');
  const failed = assert.rejects(said, SpeechFailed);
  await first.next();
  await speech.close();
  await failed;
  assert.deepEqual([first.closed, second.closed], [1, 1]);
});
