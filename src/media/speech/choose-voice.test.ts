import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpeechEngineSettings, SpeechSettings } from '../../model/speech-settings.ts';
import { chooseLanguage, languageOf, planSpeech } from './choose-voice.ts';

const engine = (name: string, more: Partial<SpeechEngineSettings> = {}): SpeechEngineSettings =>
  ({
    name,
    type: 'piper',
    url: 'http://p',
    path: '/',
    timeoutMs: 1,
    languages: [],
    ...more,
  }) as SpeechEngineSettings;

const cloud = engine('cloud', { languages: ['ru'], voice: 'alena' });
const local = engine('local', { rate: 0.8 });
const program = engine('espeak-ng', { type: 'espeak-ng' });
const wasm = engine('espeak-ng-wasm', { type: 'espeak-ng-wasm' });

const settings = (more: Partial<SpeechSettings> = {}): SpeechSettings => ({
  engines: [cloud, local, program, wasm],
  overrides: [],
  language: 'auto',
  rate: 1,
  cacheBytes: 1,
  ...more,
});

/** `engine:voice@rate` in order. */
const planned = (it: SpeechSettings, account: string | undefined, language: string): string =>
  planSpeech(it, account, language)
    .map(({ engine: { name }, voice, rate }) => `${name}:${voice ?? '-'}@${rate}`)
    .join(' ');

for (const [text, language] of [
  ['Привет', 'ru'],
  ['Hello', 'en'],
  ['Ваш заказ в магазине Apple', 'ru'],
  ['Your order, Иван', 'ru'],
  ['1234', 'ru'],
  ['Grüß Gott', 'en'],
  ['...', 'ru'],
] as const) {
  test(`"${text}" is ${language}`, () => assert.equal(languageOf(text), language));
}

test('the language of a text: of the account, else of the installation, else found', () => {
  const overrides = [{ account: 'acme', language: 'kk' }];
  assert.equal(chooseLanguage(settings({ overrides }), 'acme', 'Сәлем'), 'kk');
  assert.equal(chooseLanguage(settings({ overrides }), 'globex', 'Hello'), 'en');
  assert.equal(chooseLanguage(settings({ overrides, language: 'de' }), 'globex', 'Привет'), 'de');
});

test('engines that do not speak the language are left out; voice and rate are the engine’s own', () => {
  assert.equal(
    planned(settings(), undefined, 'ru'),
    'cloud:alena@1 local:-@0.8 espeak-ng:-@1 espeak-ng-wasm:-@1',
  );
  assert.equal(
    planned(settings(), undefined, 'en'),
    'local:-@0.8 espeak-ng:-@1 espeak-ng-wasm:-@1',
  );
  assert.equal(planned(settings({ engines: [cloud] }), undefined, 'en'), '');
  assert.equal(
    planned(settings({ engines: [engine('a', { languages: ['en'] })] }), undefined, 'en-GB'),
    'a:-@1',
  );
});

test('a voice of no engine in particular is the first one’s, and its family’s', () => {
  const voice = 'ru+f2';
  assert.equal(
    planned(settings({ engines: [program, wasm, local], voice }), undefined, 'ru'),
    'espeak-ng:ru+f2@1 espeak-ng-wasm:ru+f2@1 local:-@0.8',
  );
  // An engine that has a voice keeps it.
  assert.equal(planned(settings({ engines: [cloud], voice }), undefined, 'ru'), 'cloud:alena@1');
});

test('the closest override wins, key by key', () => {
  const overrides = [
    { account: 'acme', forLanguage: 'en', engines: ['espeak-ng'] },
    { voice: 'everybody', rate: 1.5 },
    { forLanguage: 'en', voice: 'english' },
    { account: 'acme', voice: 'acme', engines: ['local', 'cloud'] },
  ];
  const it = settings({ overrides });
  assert.equal(planned(it, 'acme', 'en'), 'espeak-ng:acme@1.5');
  assert.equal(planned(it, 'acme', 'ru'), 'local:acme@1.5 cloud:alena@1.5');
  assert.equal(
    planned(it, 'globex', 'en'),
    'local:english@1.5 espeak-ng:-@1.5 espeak-ng-wasm:-@1.5',
  );
  assert.equal(
    planned(it, undefined, 'ru'),
    'cloud:everybody@1.5 local:-@1.5 espeak-ng:-@1.5 espeak-ng-wasm:-@1.5',
  );
});
