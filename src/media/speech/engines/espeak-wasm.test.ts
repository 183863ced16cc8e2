import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { VirtualClock } from '../../../base/virtual-clock.ts';
import { parseWav } from '../../audio/wav.ts';
import { finishSpeech } from '../finish-speech.ts';
import type { Utterance } from '../speech-engine.ts';
import { EspeakWasm } from './espeak-wasm.ts';

const clock = new VirtualClock();
const espeak = new EspeakWasm('espeak-ng-wasm', clock);
after(() => espeak.close());
/** Printed by the test runner when the optional package is left out. */
const skip = (await espeak.obstacle()) ?? false;

const how = (more: Partial<Utterance> = {}): Utterance => ({
  language: 'ru',
  voice: undefined,
  rate: 1,
  signal: new AbortController().signal,
  ...more,
});
const lengthOf = (file: Uint8Array): number => parseWav(finishSpeech(file)).durationMs;

test('the package under the GPL is used by one file, which nobody imports and which imports nobody', () => {
  const sources = globSync('src/**/*.{ts,mjs,js}', {
    cwd: new URL('../../../../', import.meta.url).pathname,
  });
  assert.ok(sources.length > 100);
  const child = 'src/media/speech/gpl/espeak-child.ts';
  for (const path of sources) {
    const text = readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, it]) => it!);
    if (path === child) {
      assert.deepEqual(imports, ['node:fs']);
      assert.match(text, /SPDX-License-Identifier: GPL-3\.0-or-later/);
      continue;
    }
    for (const it of imports) assert.ok(!/espeak-ng-emscripten|\/gpl\//.test(it), path);
    assert.ok(!/new Worker\([^)]*gpl/.test(text), path);
  }
});

test('a fresh machine speaks Russian and English', { skip }, async () => {
  const russian = await espeak.synthesize('Здравствуйте, вас приветствует «Ромашка».', how());
  const ms = lengthOf(russian);
  assert.ok(ms > 1500 && ms < 4000, `${ms} ms`);
  // Its noise goes on from text to text: the same words are as long, sample by sample they differ.
  const again = await espeak.synthesize('Здравствуйте, вас приветствует «Ромашка».', how());
  assert.ok(Math.abs(lengthOf(again) - ms) < 0.02 * ms, `${lengthOf(again)} ms, ${ms} ms`);
  const fast = await espeak.synthesize(
    'Здравствуйте, вас приветствует «Ромашка».',
    how({ rate: 2 }),
  );
  assert.ok(lengthOf(fast) < 0.7 * ms);
  const english = await espeak.synthesize('Hello\nworld', how({ language: 'en' }));
  assert.ok(lengthOf(english) > 400);
  assert.ok(lengthOf(await espeak.synthesize('Привет', how({ voice: 'ru+f2' }))) > 200);
  await assert.rejects(espeak.synthesize('x', how({ voice: 'nosuch' })), /there is no such voice/);
});

test('it dies under a text: the text is spoken all the same', { skip }, async () => {
  const first = espeak.processId!;
  const spoken = espeak.synthesize('Это предложение будет сказано дважды.', how());
  process.kill(first, 'SIGKILL');
  assert.ok(lengthOf(await spoken) > 1000);
  assert.notEqual(espeak.processId, first);
});

test('it dies between two texts', { skip }, async () => {
  const first = espeak.processId!;
  process.kill(first, 'SIGKILL');
  assert.ok(lengthOf(await espeak.synthesize('Привет.', how())) > 200);
  assert.notEqual(espeak.processId, first);
});

test('busy, it hears nothing: the signal ends it, and the next text begins another', {
  skip,
}, async () => {
  const stop = new AbortController();
  const reason = new Error('too late');
  const first = espeak.processId!;
  const spoken = espeak.synthesize(
    'Очень длинный текст. '.repeat(2000),
    how({ signal: stop.signal }),
  );
  stop.abort(reason);
  await assert.rejects(spoken, reason);
  assert.ok(lengthOf(await espeak.synthesize('Привет.', how())) > 200);
  assert.notEqual(espeak.processId, first);
});

test('nobody speaks for ten minutes: its memory is given back', { skip }, async () => {
  assert.notEqual(espeak.processId, undefined);
  await clock.advance(599_000);
  assert.notEqual(espeak.processId, undefined);
  await clock.advance(2_000);
  assert.equal(espeak.processId, undefined);
  assert.ok((await espeak.synthesize('Привет.', how())).length > 1000);
});
