// Media files over real sockets: taken, played to a browser and in a call, kept while they are needed.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import { recognise } from '../../src/demo/recognise.ts';
import { writeWav } from '../../src/media/audio/wav.ts';
import type { PhoneBehaviour } from '../../src/sandbox/phone-behaviour.ts';
import type { PhoneEvent } from '../../src/sandbox/phone-event.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { openStore, type RunningServer, startServer } from '../../src/server.ts';
import { testConfig, testKey, testNumber } from '../loopback/test-config.ts';
import { testSounds } from '../loopback/test-sounds.ts';

const operator = '79990000100';
const contact = '79260000100';
const sounds = testSounds({ operatorMessageMs: 300, contactMessageMs: 900 });
const wavOf = (samples: Int16Array): Buffer => Buffer.from(writeWav(8_000, samples));

const folder = mkdtempSync(join(tmpdir(), 'media-'));
/** What the API answered to uploads, as its log has it. */
let onUpload: (outcome: unknown) => void = () => {};
const log: Logger = {
  ...silentLogger,
  debug(fields) {
    const { method, outcome } = fields as { method?: unknown; outcome?: unknown };
    if (method === 'upload.media_file') onUpload(outcome);
  },
  child: () => log,
};
let onPhone: (event: PhoneEvent) => void = () => {};
let sandbox: Sandbox;
let server: RunningServer;

const phones: Readonly<Record<string, PhoneBehaviour>> = {
  [operator]: { ringsAfterMs: 20, final: { type: 'answers', afterMs: 40 } },
  [contact]: { ringsAfterMs: 20, final: { type: 'answers', afterMs: 1_200 } },
};

function configured(dataFolder = 'data'): ReturnType<typeof testConfig> {
  const { port } = sandbox.sipAddress;
  const trunks = [{ name: 'sandbox', port }];
  return testConfig({ dataFolder: join(folder, dataFolder), trunks, log });
}
const start = (): Promise<RunningServer> => startServer(...configured());

before(async () => {
  sandbox = await startSandbox({
    clock: systemClock,
    random: seededRandom(5),
    log: silentLogger,
    host: '127.0.0.1',
    keepsRecords: true,
    behaviours: (number) => phones[number]!,
    sink: (event) => onPhone(event),
  });
  server = await start();
});
after(async () => {
  await server.stop(0);
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

const url = (path: string): string => {
  const { host, port } = server.httpAddress;
  return `http://${host}:${port}${path}`;
};

type Row = Readonly<Record<string, unknown>>;

async function ask<Data = Row>(path: string, method: string, params: object): Promise<Data> {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method,
    params: { access_token: testKey, ...params },
  });
  const response = await fetch(url(path), { method: 'POST', body });
  const { result, error } = (await response.json()) as {
    result?: { data: Data };
    error?: { data: { mnemonic: string } };
  };
  if (result === undefined) throw new Error(error?.data.mnemonic);
  return result.data;
}

async function upload(name: string, content: Buffer): Promise<{ id: number; play_link: string }> {
  const body = new FormData();
  body.append('access_token', testKey);
  body.append('name', name);
  body.append('file', new Blob([Uint8Array.from(content)]), `${name}.wav`);
  const response = await fetch(url('/v2.0/media'), { method: 'POST', body });
  const { result } = (await response.json()) as {
    result: { data: { id: number; play_link: string } };
  };
  return result.data;
}

const withoutLink = (row: Row): Row => ({ ...row, play_link: 'any' });
const mediaFiles = (): Promise<readonly Row[]> =>
  ask<readonly Row[]>('/v2.0', 'get.media_files', { sort: [{ field: 'id' }] });

test('a file that a running call plays, and one it is going to play, are heard after their removal', async () => {
  const music = await upload('music', wavOf(sounds.ownMusic));
  const message = await upload('message', wavOf(sounds.contactMessage));
  const [ringing, talk] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ended = Promise.withResolvers<void>();
  onPhone = ({ type, number }) => {
    if (type === 'ringing' && number === contact) ringing.resolve();
  };
  server.bus.subscribe((event) => {
    if (event.type === 'talkStarted') talk.resolve();
    if (event.type === 'callEnded') ended.resolve();
  });
  const order = {
    first_call: 'operator',
    virtual_phone_number: testNumber,
    operator,
    contact,
    media_file_id: music.id,
    contact_message: { type: 'media', value: String(message.id) },
  };
  await ask('/v4.0', 'start.simple_call', order);
  await ringing.promise;
  for (const { id } of [music, message]) await ask('/v2.0', 'delete.media_file', { id });
  const removedAt = systemClock.now();
  assert.deepEqual(
    (await mediaFiles()).filter(({ type }) => type === 'user'),
    [],
  );
  await talk.promise;
  sandbox.call(operator)!.hangUp();
  await ended.promise;

  const known = [
    { name: 'music', samples: sounds.ownMusic, loops: true },
    { name: 'message', samples: sounds.contactMessage, loops: false },
  ];
  const heardBy = (number: string) => {
    const { startMs, samples, gaps } = sandbox.call(number)!.heard;
    return { gaps, pieces: recognise({ startMs: startMs!, samples }, known) };
  };
  const { gaps, pieces } = heardBy(operator);
  assert.deepEqual(gaps, []);
  const played = pieces.filter(({ name }) => name === 'music');
  assert.equal(played.length, 1, 'without a break');
  assert.ok(played[0]!.fromMs < removedAt, 'it was heard before');
  assert.ok(played[0]!.toMs - removedAt > 500, `then ${played[0]!.toMs - removedAt} ms`);
  const message1 = heardBy(contact).pieces.filter(({ name }) => name === 'message');
  assert.equal(message1.length, 1);
  assert.ok(message1[0]!.toMs - message1[0]!.fromMs > 800, 'the whole of 900 ms');

  await assert.rejects(ask('/v4.0', 'start.simple_call', order), /^Error: media_file_not_found$/);
});

test('an upload that is cut off leaves nothing, and the next one is taken', async () => {
  const stored = (): string[] => readdirSync(join(folder, 'data', 'media')).sort();
  const earlier = stored();
  const told = Promise.withResolvers<unknown>();
  onUpload = told.resolve;
  const { host, port } = server.httpAddress;
  const socket = connect(port, host, () => {
    const headers = [
      'POST /v2.0/media?name=half HTTP/1.1',
      'Host: test',
      `Authorization: Bearer ${testKey}`,
      'Content-Length: 100000',
      'Expect: 100-continue',
    ];
    socket.write(`${headers.join('\r\n')}\r\n\r\n`);
  });
  // The server says when it wants the body.
  socket.once('data', () => {
    socket.write(Buffer.alloc(50_000, 1), () => socket.resetAndDestroy());
  });
  assert.equal(await told.promise, 'invalid_parameter_value');
  assert.deepEqual(stored(), earlier);
  const { id } = await upload('half', wavOf(sounds.announcement));
  assert.ok(id >= 1000);
});

test('a refusal reaches a client that is still sending', async () => {
  // More than the bound of a test server, which is 1 MiB.
  const body = Buffer.alloc(3 * 2 ** 20, 1);
  for (const [authorization, mnemonic] of [
    ['Bearer wrong', 'access_token_invalid'],
    [`Bearer ${testKey}`, 'invalid_parameter_value'],
  ] as const) {
    const headers = { authorization };
    const response = await fetch(url('/v2.0/media?name=large'), { method: 'POST', body, headers });
    const { error } = (await response.json()) as { error: { data: { mnemonic: string } } };
    assert.equal(error.data.mnemonic, mnemonic);
  }
});

test('links and ids outlive a restart; a browser gets headers, ranges and the sound', async () => {
  const content = wavOf(sounds.operatorVoice);
  const { id, play_link: link } = await upload('kept', content);
  const before = (await mediaFiles()).map(withoutLink);
  await server.stop(0);
  server = await start();
  const afterwards = await mediaFiles();
  assert.deepEqual(afterwards.map(withoutLink), before);
  const names = before.filter(({ type }) => type === 'system').map(({ id, name }) => [id, name]);
  assert.deepEqual(names, [
    [1, 'dialing_music'],
    [2, 'ringback'],
    [3, 'hold_music'],
    [4, 'beep'],
    [5, 'double_beep'],
    [6, 'confirmation'],
    [7, 'error'],
    [8, 'busy'],
  ]);
  assert.equal(afterwards.at(-1)!.id, id);
  for (const { play_link, name } of afterwards) {
    assert.ok(String(play_link).startsWith(url('/media/')), 'as the server was called');
    const { headers, body } = await getRaw(String(play_link));
    assert.equal(Number(headers['content-length']), body.length);
    assert.equal(body.subarray(0, 4).toString('latin1'), 'RIFF', String(name));
  }
  // The same link as before the restart, by the port of after it.
  const moved = url(new URL(link).pathname + new URL(link).search);
  assert.deepEqual((await getRaw(moved)).body, content);
  const part = await getRaw(moved, { headers: { range: 'bytes=44-' } });
  assert.deepEqual([part.status, part.body], [206, content.subarray(44)]);
  const head = await getRaw(moved, { method: 'HEAD' });
  assert.deepEqual(
    [head.status, head.headers['content-length'], head.body.length],
    [200, String(content.length), 0],
  );
});

test('an installation whose own file has the id of a system file keeps it', async () => {
  const [config, options] = configured('older');
  const store = await openStore(config, log);
  const { id: accountId } = await store.accounts.put({
    name: 'test',
    active: true,
    timeZone: 'Europe/Moscow',
    minuteLimit: 1,
    dayLimit: 1,
    ttsMaxLength: 1,
    disabledComponents: [],
  });
  const own = { path: '/a.wav', contentHash: '', durationMs: 1, name: 'own' };
  await store.media.put({ ...own, id: 3, accountId });
  await store.close();
  const found: (readonly [number, string])[][] = [];
  for (let starts = 0; starts < 2; starts++) {
    const older = await startServer(config, options);
    const files = await older.store.media.list(accountId);
    found.push(files.map(({ id, name }) => [id, name]));
    await older.stop(0);
  }
  assert.deepEqual(found[0], found[1]);
  assert.deepEqual(found[0]!.slice(0, 4), [
    [1, 'dialing_music'],
    [2, 'ringback'],
    [3, 'own'],
    [4, 'beep'],
  ]);
  assert.equal(new Map(found[0]).get(1000), 'hold_music');
});

async function getRaw(
  link: string,
  options: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpGet(link, { ...options, agent: false }, resolve).on('error', reject);
  });
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  return {
    status: response.statusCode!,
    headers: response.headers,
    body: Buffer.concat(pieces),
  };
}
