// Each service against a server on loopback that keeps the request as it came.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { systemClock } from '../../../base/clock.ts';
import type { SpeechEngineKind } from '../../../model/speech-settings.ts';
import { monoSamples, parseWav, writeWav } from '../../audio/wav.ts';
import { type SpeechEngine, SpeechError, type Utterance } from '../speech-engine.ts';
import { createEngine } from './create-engine.ts';
import { joinUrl } from './http-sound.ts';

type Request = {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

const samples = Int16Array.of(0, 8000, -8000, 1);
const wav = writeWav(8000, samples);
const pcm = new Uint8Array(samples.buffer);

let seen: Request | undefined;
let reply: (response: ServerResponse) => void;
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  seen = { line: `${request.method} ${request.url}`, headers: request.headers, body };
  reply(response);
});
let url = '';
before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen = undefined;
  reply = (response) => response.end(wav);
});

const engine = (kind: SpeechEngineKind): SpeechEngine =>
  createEngine({ name: 'it', timeoutMs: 1000, languages: [], ...kind }, systemClock);
const how = (more: Partial<Utterance> = {}): Utterance => ({
  language: 'ru',
  voice: undefined,
  rate: 1,
  signal: new AbortController().signal,
  ...more,
});
const text = 'Здравствуйте, «Ромашка» & Ко = 100%!';

const openAi = {
  type: 'openai',
  path: '/v1/audio/speech',
  model: 'tts-1',
  format: 'wav',
  pcmRate: 24_000,
} as const;

test('OpenAI’s request: a key, a voice, a speed; the answer as it came', async () => {
  const it = engine({ ...openAi, url: `${url}/`, apiKey: 'sk-1' });
  assert.deepEqual(
    new Uint8Array(await it.synthesize(text, how({ rate: 1.2, voice: 'nova' }))),
    wav,
  );
  assert.equal(seen?.line, 'POST /v1/audio/speech');
  assert.equal(seen.headers.authorization, 'Bearer sk-1');
  assert.equal(seen.headers['content-type'], 'application/json');
  assert.deepEqual(JSON.parse(seen.body), {
    model: 'tts-1',
    input: text,
    voice: 'nova',
    response_format: 'wav',
    speed: 1.2,
  });
});

test('OpenAI’s request to a local server without a key that answers raw samples', async () => {
  reply = (response) => response.end(pcm);
  const it = engine({ ...openAi, url, model: 'kokoro', format: 'pcm', pcmRate: 16_000 });
  const file = parseWav(await it.synthesize(text, how()));
  assert.deepEqual([file.sampleRate, file.encoding, file.frames], [16_000, 'pcm16', 4]);
  assert.deepEqual(
    [...monoSamples(file, 0, 4)],
    [...samples].map((value) => value / 32_768),
  );
  assert.equal(seen?.headers.authorization, undefined);
  const { voice, response_format } = JSON.parse(seen!.body);
  assert.deepEqual([voice, response_format], ['alloy', 'pcm']);
});

test('Piper: what is not set is left to the server', async () => {
  const it = engine({ type: 'piper', url, path: '/synthesize' });
  await it.synthesize(text, how());
  assert.equal(seen?.line, 'POST /synthesize');
  assert.deepEqual(JSON.parse(seen.body), { text });
  const old = engine({ type: 'piper', url, path: '/' });
  await old.synthesize(text, how({ voice: 'ru_RU-irina-medium', rate: 1.5 }));
  assert.equal(seen.line, 'POST /');
  assert.deepEqual(JSON.parse(seen.body), {
    text,
    voice: 'ru_RU-irina-medium',
    length_scale: 0.667,
  });
});

test('Yandex SpeechKit: a form, an API key or an IAM token, raw samples at 8000 Hz', async () => {
  reply = (response) => response.end(pcm);
  const byKey = engine({ type: 'yandex', url, apiKey: 'AQVN' });
  const file = parseWav(await byKey.synthesize(text, how({ voice: 'alena', rate: 0.9 })));
  assert.deepEqual([file.sampleRate, file.frames], [8000, 4]);
  assert.equal(seen?.line, 'POST /speech/v1/tts:synthesize');
  assert.equal(seen.headers.authorization, 'Api-Key AQVN');
  assert.match(seen.headers['content-type']!, /^application\/x-www-form-urlencoded/);
  assert.deepEqual(Object.fromEntries(new URLSearchParams(seen.body)), {
    text,
    lang: 'ru-RU',
    voice: 'alena',
    speed: '0.9',
    format: 'lpcm',
    sampleRateHertz: '8000',
  });
  const byToken = engine({ type: 'yandex', url, iamToken: 't1.9eu', folderId: 'b1g' });
  await byToken.synthesize('Hello', how({ language: 'en' }));
  assert.equal(seen.headers.authorization, 'Bearer t1.9eu');
  const { lang, folderId, voice } = Object.fromEntries(new URLSearchParams(seen.body));
  assert.deepEqual([lang, folderId, voice], ['en-US', 'b1g', undefined]);
});

/** Column by column: how it answers, what is told of it, and whether other texts would fail as well. */
// biome-ignore format: a table
const failures: readonly [
  name: string,
  reply: (response: ServerResponse) => void,
  message: string,
  engineDown: boolean,
][] = [
  ['a text it does not like', (it) => it.writeHead(400).end(`bad text: ${text}`), 'it answered with HTTP status 400', false],
  ['a key it does not know', (it) => it.writeHead(401).end(), 'it answered with HTTP status 401', true],
  ['too many requests', (it) => it.writeHead(429).end(), 'it answered with HTTP status 429', true],
  ['a fault of its own', (it) => it.writeHead(503).end(), 'it answered with HTTP status 503', true],
  ['nothing', (it) => it.end(), 'it answered without a sound', false],
  ['half of an answer', (it) => { it.writeHead(200, { 'content-length': 100 }).write('RIFF'); it.destroy(); }, 'it cannot be reached: UND_ERR_SOCKET', true],
  ['another address', (it) => it.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(), 'it cannot be reached: Error', true],
];
for (const [name, answer, message, engineDown] of failures) {
  test(`it answers ${name}`, async () => {
    reply = answer;
    const it = engine({ ...openAi, url, apiKey: 'sk-secret' });
    await assert.rejects(it.synthesize(text, how()), (error) => {
      assert.ok(error instanceof SpeechError);
      assert.deepEqual([error.message, error.engineDown], [message, engineDown]);
      if (name.startsWith('a text')) assert.equal(error.detail, `bad text: ${text}`);
      // However a logger prints an error, the text and the key are not in it.
      const printed = JSON.stringify({ ...error }) + error.stack;
      assert.ok(!/Ромашка|sk-secret/.test(printed), printed);
      return true;
    });
  });
}

test('nobody listens', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  await new Promise((resolve) => taken.close(resolve));
  const it = engine({ type: 'piper', url: `http://127.0.0.1:${port}`, path: '/' });
  await assert.rejects(
    it.synthesize(text, how()),
    /^SpeechError: it cannot be reached: ECONNREFUSED/,
  );
});

test('the signal ends a request that is not answered, and one half answered', async () => {
  const reason = new Error('too late');
  for (const begin of [() => {}, (it: ServerResponse) => void it.write('RIFF')]) {
    const stop = new AbortController();
    reply = (response) => {
      begin(response);
      setImmediate(() => stop.abort(reason));
    };
    const it = engine({ type: 'piper', url, path: '/' });
    await assert.rejects(it.synthesize(text, how({ signal: stop.signal })), reason);
  }
});

test('an address may end as the path begins', () => {
  for (const [base, path, joined] of [
    ['http://a', '/v1/audio/speech', 'http://a/v1/audio/speech'],
    ['http://a/', '/v1/audio/speech', 'http://a/v1/audio/speech'],
    ['http://a/v1', '/v1/audio/speech', 'http://a/v1/audio/speech'],
    ['http://a/openai/v1/', '/v1/audio/speech', 'http://a/openai/v1/audio/speech'],
    ['http://a/tts', '/', 'http://a/tts/'],
    ['http://a/speak', '/speak', 'http://a/speak/speak'],
  ] as const)
    assert.equal(joinUrl(base, path), joined);
});
