import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { parseWav, writeWav } from '../../src/media/audio/wav.ts';
import { MediaLibrary } from '../../src/media/library/media-library.ts';
import { type Installation, installation, tokens } from './api-installation.ts';
import { ask, type DataAnswer, data, refusal, rows } from './data-api-test.ts';

const fixtures = new URL('../../src/media/audio/fixtures/', import.meta.url);
const fixture = (name: string): Buffer => readFileSync(new URL(name, fixtures));
const tone = Buffer.from(
  writeWav(
    8_000,
    Int16Array.from({ length: 16_000 }, (_, at) => 9_000 * Math.sin(at / 3)),
  ),
);

type MediaInstallation = Installation & {
  /** Names of what is stored. */
  stored(): string[];
};

/** An API with a media library of its own, for sounds of 5 s and files of 100 000 bytes. */
async function withLibrary(): Promise<MediaInstallation> {
  const root = mkdtempSync(join(tmpdir(), 'media-'));
  const folder = join(root, 'media');
  const library = new MediaLibrary({
    folder,
    longestMs: 5_000,
    largestReceivedBytes: 100_000,
    clock: systemClock,
    log: silentLogger,
  });
  const it = await installation({ media: { intake: library, linkMs: 3_600_000 } });
  return {
    ...it,
    stored: () => {
      try {
        return readdirSync(folder).sort();
      } catch {
        return [];
      }
    },
    async close() {
      await it.close();
      await library.close();
      rmSync(root, { recursive: true });
    },
  };
}

type Body = ConstructorParameters<typeof Response>[0];
type Sent = { readonly query?: string; readonly headers?: Record<string, string> };

/** `POST /v2.0/media` with account one's key, unless the headers have another. */
async function upload(
  it: Installation,
  body: Body,
  { query = 'name=a', headers = {} }: Sent = {},
): Promise<DataAnswer> {
  const request = new Request(`http://test/v2.0/media?${query}`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${tokens.valid}`, ...headers },
    duplex: 'half',
  } as RequestInit);
  const response = await it.api.fetch(request);
  assert.equal(response.status, 200);
  return (await response.json()) as DataAnswer;
}

const inForm = { 'content-type': 'multipart/form-data; boundary=B' };

/** A form of one field and the tone, octet by octet. */
function formOf(field: string, value: string, filename: string): Buffer {
  const part = (disposition: string): string =>
    `--B\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`;
  const head = `${part(`name=${field}`)}${value}\r\n${part(`name=file; filename="${filename}"`)}`;
  return Buffer.concat([Buffer.from(head, 'latin1'), tone, Buffer.from('\r\n--B--\r\n')]);
}

type Row = Record<string, unknown>;

const get = (
  it: Installation,
  url: unknown,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Response> =>
  it.api.fetch(new Request(url as string, { headers, method }), '203.0.113.9');

describe('get.media_files', () => {
  let it: Installation;
  before(async () => {
    it = await installation();
  });
  after(() => it.close());

  test('own files and those of the system, with every field', async () => {
    const file = { accountId: 1, path: '/a.wav', contentHash: 'c', durationMs: 3_700 };
    await it.store.media.put({
      ...file,
      id: 2701,
      name: 'jingle',
      normalized: true,
      sizeBytes: 480_044,
    });
    const found = await rows(it, 'get.media_files', {
      sort: [{ field: 'id' }],
      fields: ['id', 'name', 'duration', 'normalization', 'size', 'type'],
    });
    const rest = { duration: 1, normalization: false, size: 0 };
    assert.deepEqual(found, [
      { id: 1, name: 'dialing_music', ...rest, type: 'system' },
      { id: 2, name: 'ringback', ...rest, type: 'system' },
      { id: 2561, name: 'whisper', ...rest, type: 'user' },
      { id: 2701, name: 'jingle', duration: 4, normalization: true, size: 480_044, type: 'user' },
    ]);
    const [all] = await rows(it, 'get.media_files', { limit: 1 });
    assert.deepEqual(Object.keys(all!), [
      'id',
      'name',
      'duration',
      'play_link',
      'normalization',
      'size',
      'type',
    ]);
  });

  for (const [filter, ids] of [
    [{ field: 'type', operator: '=', value: 'user' }, [2561, 2701]],
    [{ field: 'name', operator: 'ilike', value: '%MUSIC' }, [1]],
    [{ field: 'normalization', operator: '=', value: true }, [2701]],
    [{ field: 'duration', operator: '>', value: 1 }, [2701]],
    [{ field: 'size', operator: '<', value: 1 }, [1, 2, 2561]],
  ] as const)
    test(`filter ${JSON.stringify(filter)}`, async () => {
      const found = await rows(it, 'get.media_files', { filter, sort: [{ field: 'id' }] });
      assert.deepEqual(
        found.map(({ id }) => id),
        ids,
      );
    });

  test('not by play_link', async () => {
    const filter = { field: 'play_link', operator: '=', value: 'x' };
    assert.equal(
      await refusal(it, 'get.media_files', { filter }),
      'filter_prohibited -32602 filter.field',
    );
    assert.equal(
      await refusal(it, 'get.media_files', { sort: [{ field: 'play_link' }] }),
      'sort_prohibited -32602 sort.0.field',
    );
    const found = await data<Row[]>(it, 'get.media_files', { fields: ['play_link'], limit: 1 });
    assert.match(
      String(found[0]!.play_link),
      /^http:\/\/test\/media\/1\?account=1&expires=1767263415&signature=[\w-]{43}$/,
    );
  });
});

for (const [what, options, headers, begins] of [
  ['as it was called', {}, { 'x-forwarded-host': 'evil.example' }, 'http://test/media/'],
  ['as configured', { publicUrl: 'https://acme.example/calls' }, {}, 'https://acme.example/calls/'],
  [
    'as a trusted proxy says',
    { proxies: { trustedProxies: ['127.0.0.1'], forwardedHeader: 'X-Forwarded-For' } },
    { 'x-forwarded-host': 'calls.example', 'x-forwarded-proto': 'https' },
    'https://calls.example/media/',
  ],
] as const)
  test(`links begin ${what}`, async () => {
    const it = await installation(options);
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'get.media_files',
      params: { access_token: tokens.valid, fields: ['play_link'] },
    });
    const request = new Request('http://test/v2.0', { method: 'POST', body, headers });
    const { result } = (await (await it.api.fetch(request)).json()) as { result: { data: Row[] } };
    for (const { play_link } of result.data) assert.ok(String(play_link).startsWith(begins));
    assert.equal(result.data.length, 4);
    await it.close();
  });

describe('changing and removing', () => {
  let it: Installation;
  before(async () => {
    it = await installation();
  });
  after(() => it.close());

  for (const [method, params, outcome] of [
    ['update.media_file', { id: 2561, name: 'jingle' }, 'duplicate_entity -32602 name'],
    ['update.media_file', { id: 2561, name: 'dialing_music' }, 'duplicate_entity -32602 name'],
    ['update.media_file', { id: 2561, name: ' ' }, 'invalid_parameter_value -32602 name'],
    ['update.media_file', { id: 2561, name: 'a\nb' }, 'invalid_parameter_value -32602 name'],
    ['update.media_file', { id: 1, name: 'mine' }, 'forbidden -32602 id'],
    ['update.media_file', { id: 2562, name: 'mine' }, 'entity_not_found -32602 id'],
    ['update.media_file', { name: 'mine' }, 'required_parameter_missed -32602 id'],
    ['delete.media_file', { id: 1 }, 'forbidden -32602 id'],
    ['delete.media_file', { id: 2562 }, 'entity_not_found -32602 id'],
    ['delete.media_file', { id: 9 }, 'entity_not_found -32602 id'],
    ['delete.media_file', { id: '9' }, 'data_type_error -32602 id'],
  ] as const)
    test(`${method} ${JSON.stringify(params)}: ${outcome}`, async () => {
      assert.equal(await refusal(it, method, params), outcome);
    });

  test('a file is renamed, also to its own name, and removed', async () => {
    assert.deepEqual(await data(it, 'update.media_file', { id: 2561, name: 'Шёпот' }), {});
    assert.deepEqual(await data(it, 'update.media_file', { id: 2561, name: 'Шёпот' }), {});
    assert.deepEqual(await data(it, 'update.media_file', { id: 2561 }), {});
    assert.equal((await it.store.media.find(1, 2561))?.name, 'Шёпот');
    assert.deepEqual(await data(it, 'delete.media_file', { id: 2561 }), {});
    assert.equal(await it.store.media.find(1, 2561), undefined);
    assert.equal(
      await refusal(it, 'delete.media_file', { id: 2561 }),
      'entity_not_found -32602 id',
    );
  });
});

describe('uploading', () => {
  let it: MediaInstallation;
  before(async () => {
    it = await withLibrary();
  });
  after(() => it.close());

  const form = (fields: Record<string, string>, content: Uint8Array, filename = 'x.mp3') => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    body.append('file', new Blob([Buffer.from(content)]), filename);
    return body;
  };

  test('as the body, token in the header; the row is answered as get.media_files shows it', async () => {
    const answer = await upload(it, tone, { query: 'name=raw&normalization=true' });
    const { play_link: link, id, ...row } = answer.result!.data as Row;
    const rest = { duration: 2, normalization: true, size: tone.length, type: 'user' };
    assert.deepEqual(row, { name: 'raw', ...rest });
    const [listed] = await rows(it, 'get.media_files', {
      filter: { field: 'id', operator: '=', value: id },
    });
    assert.deepEqual(listed, { id, play_link: link, ...row });
    assert.equal((await it.store.media.find(1, Number(id)))?.originalName, 'raw');
  });

  test('as a form, token in a field; each format; the name of the file will do', async () => {
    for (const format of ['mp3', 'opus', 'flac']) {
      const body = form({ access_token: tokens.valid }, fixture(`tone.${format}`), `a b.${format}`);
      const answer = await upload(it, body, { query: '', headers: { authorization: '' } });
      const row = answer.result!.data as Row;
      assert.deepEqual([row.name, row.duration], [`a b.${format}`, 1]);
      const file = (await it.store.media.find(1, Number(row.id)))!;
      assert.deepEqual([file.originalName, file.listenFormat], [`a b.${format}`, format]);
    }
  });

  test('as Base64 within JSON', async () => {
    const content = tone.toString('base64');
    const row = await data(it, 'upload.media_file', { name: 'json', content });
    assert.deepEqual([row.name, row.normalization, row.size], ['json', false, tone.length]);
  });

  const refusals: readonly [what: string, body: () => Body, sent: Sent, outcome: string][] = [
    [
      'no token',
      () => tone,
      { headers: { authorization: '' } },
      'required_parameter_missed access_token -',
    ],
    [
      'a token in the address',
      () => tone,
      { query: `name=b&access_token=${tokens.valid}`, headers: { authorization: '' } },
      'required_parameter_missed access_token -',
    ],
    [
      'a wrong token',
      () => tone,
      { headers: { authorization: 'Bearer x' } },
      'access_token_invalid access_token -',
    ],
    [
      'no right',
      () => tone,
      { headers: { authorization: `Bearer ${tokens.noRight}` } },
      'forbidden - -',
    ],
    ['no name', () => tone, { query: '' }, 'required_parameter_missed name -'],
    ['another parameter', () => tone, { query: 'name=b&loud=1' }, 'unexpected_parameters loud -'],
    [
      'a wrong type',
      () => tone,
      { query: 'name=b&normalization=1' },
      'data_type_error normalization -',
    ],
    ['a name that is taken', () => tone, { query: 'name=whisper' }, 'duplicate_entity name -'],
    ['a name of the system', () => tone, { query: 'name=ringback' }, 'duplicate_entity name -'],
    [
      'a name in windows-1251 in the query',
      () => tone,
      { query: 'name=%CF%F0%E8' },
      'character_encoding_not_allowed - -',
    ],
    [
      'a name in windows-1251 in a field',
      () => formOf('name', '\xcf\xf0\xe8', 'a.wav'),
      { query: '', headers: inForm },
      'character_encoding_not_allowed - -',
    ],
    [
      'a file whose name is in windows-1251, and no other name',
      () => formOf('normalization', 'true', '\xcf\xf0.wav'),
      { query: '', headers: inForm },
      'required_parameter_missed name -',
    ],
    ['no file', () => new FormData(), { query: 'name=b' }, 'required_parameter_missed file -'],
    [
      'an empty body',
      () => '',
      { query: 'name=b' },
      'invalid_parameter_value file it is empty, not WAV',
    ],
    [
      'text',
      () => 'hello',
      { query: 'name=b' },
      'invalid_parameter_value file it is something else, not WAV',
    ],
    [
      'more than is received',
      () => Buffer.alloc(100_001),
      { query: 'name=b' },
      'invalid_parameter_value file it has more than 100000 bytes',
    ],
    [
      'a sound that is too long',
      () => Buffer.from(writeWav(8_000, new Int16Array(48_000))),
      { query: 'name=b' },
      'invalid_parameter_value file it lasts 6.0 s; at most 5.0 s can be played',
    ],
    [
      'WAV cut short',
      () => tone.subarray(0, 20_000),
      { query: 'name=b' },
      'invalid_parameter_value file it is cut short',
    ],
    [
      'MP3 cut short',
      () => fixture('tone.mp3').subarray(0, 4_000),
      { query: 'name=b' },
      'invalid_parameter_value file it is cut short',
    ],
    [
      'damaged Opus',
      () => damaged('tone.opus', 2_000),
      { query: 'name=b' },
      'invalid_parameter_value file it is damaged',
    ],
    [
      'damaged FLAC',
      () => damaged('tone.flac', 6_000),
      { query: 'name=b' },
      'invalid_parameter_value file it is damaged',
    ],
    [
      'a form that breaks off',
      () => Buffer.from('--B\r\nContent-Disposition: form-data; name="file"\r\n\r\nRIFF'),
      { query: 'name=b', headers: inForm },
      'invalid_parameter_value file the form breaks off',
    ],
    [
      'a form that is none',
      () => 'hello',
      { query: 'name=b', headers: inForm },
      'invalid_parameter_value file the form breaks off',
    ],
    [
      'a field behind the file',
      () => {
        const body = form({}, tone);
        body.append('name', 'b');
        return body;
      },
      { query: 'name=b' },
      'invalid_parameter_value file the field name stands behind the file',
    ],
    [
      'a body that breaks off',
      () =>
        new ReadableStream({
          pull(controller) {
            controller.enqueue(tone.subarray(0, 20_000));
            controller.error(new Error('reset'));
          },
        }),
      { query: 'name=b' },
      'invalid_parameter_value file the upload broke off',
    ],
  ];
  for (const [what, body, sent, outcome] of refusals)
    test(`${what} is refused, and nothing of it is left`, async () => {
      const before = it.stored();
      const files = await it.store.media.list(1);
      const { error } = await upload(it, body(), sent);
      assert.ok(error, 'it succeeded');
      const { mnemonic, field, params } = error.data;
      const told = `${mnemonic} ${field ?? '-'} ${params.reason ?? '-'}`;
      assert.ok(told.startsWith(outcome), told);
      assert.deepEqual(it.stored(), before);
      assert.deepEqual(await it.store.media.list(1), files);
    });

  for (const content of ['%%%%', 'YQ', 'YQ='])
    test(`Base64 that is none: ${content}`, async () => {
      const { error } = await ask(it, 'upload.media_file', { name: 'b', content });
      assert.deepEqual(
        [error?.data.mnemonic, error?.data.field, error?.data.value, error?.data.params.reason],
        ['invalid_parameter_value', 'content', null, 'it is not Base64 (RFC 4648 section 4)'],
      );
    });

  test('the same content sent ten times at once is stored once', async () => {
    const before = it.stored();
    const content = Buffer.from(writeWav(8_000, new Int16Array(8_000).fill(5)));
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) => upload(it, content, { query: `name=same${at}` })),
    );
    const ids = answers.map(({ result }) => (result?.data as Row | undefined)?.id);
    assert.equal(new Set(ids).size, 10);
    assert.equal(it.stored().length, before.length + 2);
    const files = await Promise.all(ids.map((id) => it.store.media.find(1, Number(id))));
    assert.equal(new Set(files.map((file) => file!.path)).size, 1);
  });

  test('of one name sent twice at once one is taken', async () => {
    const answers = await Promise.all(
      [tone, fixture('tone.mp3')].map((content) => upload(it, content, { query: 'name=race' })),
    );
    const outcomes = answers.map(({ error }) => error?.data.mnemonic ?? 'taken');
    assert.deepEqual(outcomes.sort(), ['duplicate_entity', 'taken']);
  });

  test('points, log of requests: as for JSON; the token is in no log', async () => {
    const name = { query: 'name=limited', headers: { authorization: `Bearer ${tokens.limited}` } };
    assert.equal(
      (await upload(it, 'hello', name)).error?.data.metadata.limits?.minute_remaining,
      3,
    );
    const { result } = await upload(it, tone, name);
    assert.equal(result?.metadata.limits.minute_remaining, 2);
    const account = (await it.store.accounts.byName('limited'))!;
    const everything = { from: 0, till: Number.MAX_SAFE_INTEGER, limit: 10, offset: 0 };
    const { rows: logged } = await it.store.requests.list(account.id, everything);
    assert.deepEqual(
      logged.map(({ method, errorMnemonic, body }) => [method, errorMnemonic, body]),
      ['invalid_parameter_value', null].map((outcome) => [
        'upload.media_file',
        outcome,
        '{"jsonrpc":"2.0","id":null,"method":"upload.media_file","params":{"name":"limited"}}',
      ]),
    );
    assert.ok(!it.logged.join().includes(tokens.limited));
  });
});

function damaged(name: string, at: number): Buffer {
  const file = fixture(name);
  file[at]! ^= 1;
  return file;
}

describe('listening', () => {
  let it: MediaInstallation;
  const links: Record<string, string> = {};
  const ids: Record<string, number> = {};
  before(async () => {
    it = await withLibrary();
    const alaw = alawWav();
    for (const [name, content] of [
      ['wav', tone],
      ['mp3', fixture('tone.mp3')],
      ['opus', fixture('tone.opus')],
      ['flac', fixture('tone.flac')],
      ['alaw', alaw],
    ] as const) {
      const { result } = await upload(it, content, { query: `name=${name}` });
      links[name] = String((result!.data as Row).play_link);
      ids[name] = Number((result!.data as Row).id);
    }
  });
  after(() => it.close());

  for (const [name, type] of [
    ['wav', 'audio/wav'],
    ['mp3', 'audio/mpeg'],
    ['opus', 'audio/ogg; codecs=opus'],
    ['flac', 'audio/flac'],
  ] as const)
    test(`${name}: the file as it came, octet by octet`, async () => {
      const response = await get(it, links[name]);
      assert.equal(response.status, 200);
      const original = name === 'wav' ? tone : fixture(`tone.${name}`);
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), original);
      const shown = Object.fromEntries(response.headers);
      assert.match(shown.etag!, /^"[0-9a-f]{32}-original"$/);
      delete shown.etag;
      assert.deepEqual(shown, {
        'accept-ranges': 'bytes',
        'cache-control': 'private, max-age=3600',
        'content-disposition': `inline; filename="${name}.${name}"; filename*=UTF-8''${name}.${name}`,
        'content-length': String(original.length),
        'content-type': type,
        'x-content-type-options': 'nosniff',
      });
    });

  test('what browsers do not play is given as the WAV that calls play', async () => {
    const response = await get(it, links.alaw);
    assert.equal(response.headers.get('content-type'), 'audio/wav');
    const wav = parseWav(new Uint8Array(await response.arrayBuffer()));
    assert.deepEqual([wav.encoding, wav.sampleRate, wav.frames], ['pcm16', 8_000, 4_000]);
    const samples = new Int16Array(Uint8Array.from(wav.data).buffer);
    assert.ok(
      samples.every((sample) => Math.abs(sample - 8) <= 8),
      'the silence of A-law',
    );
  });

  test('HEAD tells what GET would', async () => {
    const [head, whole] = [await get(it, links.mp3, {}, 'HEAD'), await get(it, links.mp3)];
    await whole.arrayBuffer();
    assert.equal(head.status, 200);
    assert.equal(await head.text(), '');
    assert.deepEqual(Object.fromEntries(head.headers), Object.fromEntries(whole.headers));
  });

  const size = tone.length;
  for (const [range, status, contentRange, from, to] of [
    ['bytes=0-', 206, `bytes 0-${size - 1}/${size}`, 0, size],
    ['bytes=0-0', 206, `bytes 0-0/${size}`, 0, 1],
    ['bytes=100-199', 206, `bytes 100-199/${size}`, 100, 200],
    ['bytes=-44', 206, `bytes ${size - 44}-${size - 1}/${size}`, size - 44, size],
    ['bytes=-999999', 206, `bytes 0-${size - 1}/${size}`, 0, size],
    [`bytes=32000-999999`, 206, `bytes 32000-${size - 1}/${size}`, 32_000, size],
    [`bytes=${size}-`, 416, `bytes */${size}`, 0, 0],
    ['bytes=-0', 416, `bytes */${size}`, 0, 0],
    ['bytes=5-4', 200, null, 0, size],
    ['bytes=0-1,5-6', 200, null, 0, size],
    ['frames=0-1', 200, null, 0, size],
    ['bytes=-', 200, null, 0, size],
  ] as const)
    test(`Range: ${range} answers ${status}`, async () => {
      const response = await get(it, links.wav, { range });
      assert.equal(response.status, status);
      assert.equal(response.headers.get('content-range'), contentRange);
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), tone.subarray(from, to));
    });

  test('a changed file is not continued, an unchanged one not sent again', async () => {
    const tag = (await get(it, links.wav, {}, 'HEAD')).headers.get('etag')!;
    const range = 'bytes=0-1';
    assert.equal((await get(it, links.wav, { range, 'if-range': tag }, 'HEAD')).status, 206);
    assert.equal((await get(it, links.wav, { range, 'if-range': '"other"' }, 'HEAD')).status, 200);
    assert.equal((await get(it, links.wav, { 'if-none-match': `"x", W/${tag}` })).status, 304);
    assert.equal((await get(it, links.wav, { 'if-none-match': '"x"' }, 'HEAD')).status, 200);
  });

  test('a name is told to every client', async () => {
    await data(it, 'update.media_file', { id: ids.flac, name: 'Привет "100%".flac' });
    const told = (await get(it, links.flac, {}, 'HEAD')).headers.get('content-disposition');
    assert.equal(
      told,
      `inline; filename="______ _100__.flac"; filename*=UTF-8''%D0%9F%D1%80%D0%B8%D0%B2%D0%B5%D1%82%20%22100%25%22.flac`,
    );
  });

  const tampered: readonly [what: string, change: (link: string) => string][] = [
    ['another file', (link) => link.replace(/media\/\d+/, 'media/1')],
    ['another account', (link) => link.replace('account=1', 'account=2')],
    ['a later end', (link) => link.replace(/expires=\d+/, 'expires=1999999999')],
    ['another signature', (link) => link.replace(/.$/, (it) => (it === 'A' ? 'B' : 'A'))],
    ['a shorter signature', (link) => link.slice(0, -1)],
    ['no signature', (link) => link.replace(/&signature.*/, '')],
    ['no query', (link) => link.replace(/\?.*/, '')],
    ['an id that is none', (link) => link.replace(/media\/\d+/, 'media/..%2f')],
  ];
  for (const [what, change] of tampered)
    test(`a link with ${what} answers 403`, async () => {
      const response = await get(it, change(links.wav!));
      assert.equal(response.status, 403);
      const { error } = (await response.json()) as { error: string };
      assert.match(error, /^the link is not one of this server, or was changed/);
    });

  test('a signed link of an account to a file that is not its own answers 404', async () => {
    const random = { hex: () => 'never asked' } as never;
    const { PlayLinks } = await import('../../src/api/media/play-links.ts');
    const secrets = it.store.secrets;
    const linkMs = 3_600_000;
    const forged = new PlayLinks({ secrets, clock: it.clock, random, linkMs });
    const link = (await forged.of('http://test', 2))(ids.wav!);
    assert.equal((await get(it, link)).status, 404);
  });

  test('a deleted file answers 404, one whose sound is missing too', async () => {
    await data(it, 'delete.media_file', { id: ids.opus });
    const response = await get(it, links.opus);
    assert.equal(response.status, 404);
    assert.deepEqual(await response.json(), { error: 'the media file was deleted' });
    const [{ play_link: missing }] = (await rows(it, 'get.media_files', { limit: 1 })) as [Row];
    assert.equal((await get(it, missing)).status, 404, 'its path leads nowhere in this test');
  });

  test('a link ends when it says so', async () => {
    await it.clock.advance(3_599_000);
    const response = await get(it, links.wav, {}, 'HEAD');
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'private, max-age=1');
    await it.clock.advance(1_000);
    const late = await get(it, links.wav);
    assert.equal(late.status, 403);
    assert.deepEqual(await late.json(), {
      error: 'the link has expired: ask for a new one by get.media_files',
    });
  });
});

/** Half a second of the silence of A-law. */
function alawWav(): Buffer {
  const wav = Buffer.from(writeWav(8_000, new Int16Array(2_000)));
  wav.fill(0xd5, 44);
  wav.writeUInt16LE(6, 20);
  wav.writeUInt16LE(8, 34);
  return wav;
}
