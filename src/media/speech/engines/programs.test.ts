import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../../base/clock.ts';
import { parseWav } from '../../audio/wav.ts';
import { finishSpeech } from '../finish-speech.ts';
import { type SpeechEngine, SpeechError, type Utterance } from '../speech-engine.ts';
import { createEngine } from './create-engine.ts';
import { EspeakProgram } from './espeak-program.ts';
import { espeakSpeed, espeakText } from './espeak-text.ts';
import { findProgram } from './run-program.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dozvon-programs-'));
});
after(() => rm(folder, { recursive: true }));

const how = (more: Partial<Utterance> = {}): Utterance => ({
  language: 'ru',
  voice: 'a voice',
  rate: 1.5,
  signal: new AbortController().signal,
  ...more,
});

/** A program that does what the lines say. */
async function program(name: string, lines: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${lines}\n`);
  await chmod(path, 0o755);
  return path;
}

const engine = (...command: readonly string[]): SpeechEngine =>
  createEngine(
    { name: 'it', timeoutMs: 1000, languages: [], type: 'command', command },
    systemClock,
  );
const said = async (...spoken: Parameters<SpeechEngine['synthesize']>): Promise<string> =>
  Buffer.from(await (await echo()).synthesize(...spoken)).toString();
/** Writes its arguments, one a line, then its input. */
const echo = async (): Promise<SpeechEngine> =>
  engine(await program('echo', 'printf "%s\\n" "$@"; cat'), '-v', '{voice}-{language}', '{rate}');

test('a command: placeholders are filled in, the text comes on standard input', async () => {
  assert.equal(await said('Привет\n$(id)', how()), '-v\na voice-ru\n1.5\nПривет\n$(id)');
  assert.equal(await said('x', how({ voice: undefined, language: 'en' })), '-v\nen-en\n1.5\nx');
});

test('a command with the text as an argument: no shell reads it, no option is made of it', async () => {
  const path = await program('arguments', 'printf "%s|" "$@"; cat');
  const text = '"; touch /tmp/x; $HOME `id` {voice} \'';
  const bytes = await engine(path, '--', '{text}').synthesize(text, how());
  assert.equal(Buffer.from(bytes).toString(), `--|${text}|`);
  await assert.rejects(
    async () => engine(path, '{text}').synthesize('--help', how()),
    /needs "--" before \{text\}/,
  );
});

test('what a program says of its failure is for whoever typed the text', async () => {
  const path = await program('fails', 'cat >&2; exit 3');
  await assert.rejects(engine(path).synthesize('Тайна', how()), (error) => {
    assert.ok(error instanceof SpeechError);
    assert.equal(error.message, 'the program ended with exit code 3');
    assert.equal(error.detail, 'Тайна');
    assert.ok(!JSON.stringify({ ...error }).includes('Тайна'));
    return true;
  });
});

test('a program that ended without reading its input is judged by its exit code', async () => {
  const path = await program('deaf', 'exec <&-; printf sound');
  const bytes = await engine(path).synthesize('x'.repeat(1_000_000), how());
  assert.equal(Buffer.from(bytes).toString(), 'sound');
});

test('a program that hangs is killed when the signal comes', async () => {
  const pidFile = join(folder, 'pid');
  const path = await program('hangs', `echo $$ > ${pidFile}; printf begun >&1; exec sleep 60`);
  const stop = new AbortController();
  const reason = new Error('too late');
  const spoken = engine(path).synthesize('x', how({ signal: stop.signal }));
  let pid = 0;
  while (pid === 0) pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  stop.abort(reason);
  await assert.rejects(spoken, reason);
  // Gone, not only given up: signal 0 finds nobody, or what is left of it until it is waited for.
  for (let alive = true; alive; ) {
    await new Promise((resolve) => setImmediate(resolve));
    try {
      process.kill(pid, 0);
    } catch {
      alive = false;
    }
  }
});

test('a program that writes without end is stopped', async () => {
  const path = await program('endless', 'exec cat /dev/zero');
  await assert.rejects(engine(path).synthesize('x', how()), /wrote more than 64 MiB/);
});

test('a program that is not there', async () => {
  const it = engine('/nonexistent/say');
  assert.equal(await it.obstacle(), 'the program /nonexistent/say is not there or may not be run');
  await assert.rejects(it.synthesize('x', how()), (error) => {
    assert.ok(error instanceof SpeechError && error.engineDown);
    assert.equal(error.message, 'the program could not be started: it is not there');
    return true;
  });
  assert.equal(await engine(await program('there', '')).obstacle(), undefined);
  assert.equal(await findProgram('no-such-program-anywhere'), undefined);
  assert.match((await findProgram('sh'))!, /\/sh$/);
});

test('our own variables are not handed to programs', async () => {
  process.env.DOZVON_TEST_PASSWORD = 'secret';
  try {
    const path = await program('variables', 'printf "%s" "[$DOZVON_TEST_PASSWORD][$PATH]"');
    const text = Buffer.from(await engine(path).synthesize('x', how())).toString();
    assert.equal(text, `[][${process.env.PATH}]`);
  } finally {
    delete process.env.DOZVON_TEST_PASSWORD;
  }
});

test('what eSpeak takes for commands in a text, and its speeds', () => {
  assert.equal(espeakText('a [[b]] c'), 'a [ [b]] c');
  assert.deepEqual([0.1, 0.5, 1, 1.5, 2, 9].map(espeakSpeed), [80, 88, 175, 263, 350, 450]);
});

const missing = await new EspeakProgram('espeak-ng').obstacle();
const skip = missing ?? false;

test('eSpeak NG speaks Russian and English, faster when told to', { skip }, async () => {
  const espeak = new EspeakProgram('espeak-ng');
  const voice = undefined;
  const length = async (text: string, more: Partial<Utterance>): Promise<number> => {
    const file = await espeak.synthesize(text, how({ voice, rate: 1, ...more }));
    // The header of a pipe names a length that never was.
    assert.notEqual(
      new DataView(file.buffer, file.byteOffset).getUint32(40, true),
      file.length - 44,
    );
    return parseWav(finishSpeech(file)).durationMs;
  };
  const normal = await length('Здравствуйте, вас приветствует «Ромашка».', {});
  assert.ok(normal > 1500 && normal < 4000, `${normal} ms`);
  const fast = await length('Здравствуйте, вас приветствует «Ромашка».', { rate: 2 });
  assert.ok(fast < 0.7 * normal, `${fast} ms`);
  assert.ok((await length('--version', { language: 'en' })) > 300, 'a text is no option');
  await assert.rejects(
    espeak.synthesize('x', how({ voice: 'nosuch' })),
    (error) => error instanceof SpeechError && /does not exist/.test(error.detail ?? ''),
  );
});
