import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { Speech } from '../../media/speech/speech.ts';
import { type SpeechEngine, SpeechError } from '../../media/speech/speech-engine.ts';
import { TestConsole } from '../test-console.ts';

const sound = new Uint8Array(44 + 1_500 * 16);
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dozvon-tts-'));
});
after(() => rm(folder, { recursive: true }));

/** Engines by name: what each says of a text. */
function consoleWith(engines: Readonly<Record<string, (text: string) => Uint8Array>>): TestConsole {
  const clock = new VirtualClock();
  const made = Object.entries(engines).map(
    ([name, speak]): SpeechEngine => ({
      name,
      atOnce: 1,
      obstacle: async () => (name === 'cloud' ? 'its key is missing' : undefined),
      synthesize: async (text) => speak(text),
      close: async () => {},
    }),
  );
  const console = new TestConsole({
    async openSpeech({ speech: settings }) {
      const engines = made;
      return new Speech({
        settings,
        engines,
        finish: async (file) => file,
        folder: join(folder, 'cache'),
        clock,
        log: silentLogger,
      });
    },
  });
  console.env = {
    DOZVON_SPEECH_ENGINES: JSON.stringify([
      { name: 'cloud', type: 'command', command: ['cloud'], languages: ['ru'], voice: 'alena' },
      { name: 'local', type: 'command', command: ['local'], timeout_seconds: 3 },
    ]),
    DOZVON_SPEECH_OVERRIDES: JSON.stringify([{ for: { account: 'acme' }, rate: 1.5 }]),
  };
  return console;
}

const silent = (): Uint8Array => {
  throw new SpeechError('it answered 403', { detail: 'cannot say "Привет"' });
};

test('list: each language with its engines, in order, and what hinders them', async () => {
  const console = consoleWith({ cloud: silent, local: () => sound });
  assert.equal(await console.run('tts', 'list', '--account', 'acme'), 0, console.stderr);
  const rows = console.stdout.trim().split('\n');
  assert.deepEqual(
    rows.map((row) => row.trim().split(/\s{2,}/)),
    [
      ['LANGUAGE', 'ENGINE', 'TYPE', 'VOICE', 'RATE', 'WITHIN', 'STATE'],
      ['ru', 'cloud', 'command', 'alena', '1.5', '4 s', 'its key is missing'],
      ['ru', 'local', 'command', 'its own', '1.5', '3 s', 'ready'],
      ['en', 'local', 'command', 'its own', '1.5', '3 s', 'ready'],
    ],
  );
});

test('say: into a file, and the second time from the cache', async () => {
  const console = consoleWith({ cloud: silent, local: () => sound });
  const out = join(folder, 'hello.wav');
  assert.equal(await console.run('tts', 'say', 'Здравствуйте!', '--out', out), 0, console.stderr);
  assert.equal(console.stdout, `local: ru, voice its own, rate 1; 1.5 s, made in 0 ms\n${out}\n`);
  assert.deepEqual(new Uint8Array(await readFile(out)), sound);
  await console.run('tts', 'say', 'Здравствуйте!');
  assert.match(console.stdout, /1\.5 s, from the cache\n.*\/cache\/[0-9a-f]{64}\.wav\n$/);
});

test('say: whoever typed the text is told what each engine said of it', async () => {
  const console = consoleWith({ cloud: silent, local: silent });
  assert.equal(await console.run('tts', 'say', 'Привет'), 1);
  assert.equal(
    console.stderr,
    [
      'dozvon: no engine spoke:',
      '  cloud: its key is missing',
      '  local: it answered 403',
      '    cannot say "Привет"',
      '',
    ].join('\n'),
  );
  assert.equal(await console.run('tts', 'say', '  '), 2);
  assert.match(console.stderr, /the text is empty/);
});
