import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pick, type Random, randomInt, seededRandom } from '../../src/base/random.ts';
import {
  type Answer,
  type Installation,
  installation,
  tokens,
} from '../contracts/api-installation.ts';

const bodies = 24_000;
const longestMs = 50;
const seed = Number(process.env.FUZZ_SEED ?? 20_261_123);

const seeds: readonly object[] = [
  {
    jsonrpc: '2.0',
    method: 'start.simple_call',
    id: 'req1',
    params: {
      access_token: tokens.valid,
      first_call: 'operator',
      switch_at_once: true,
      media_file_id: 2701,
      show_virtual_phone_number: false,
      direction: 'in',
      virtual_phone_number: '74993720692',
      external_id: '334otr01',
      dtmf_string: '.1.2.3',
      contact: '79260000000',
      operator: '79262444491',
      operator_confirmation: 'any',
      contact_message: {
        type: 'media',
        value: '1',
      },
      operator_message: {
        type: 'media',
        value: '2561',
      },
    },
  },
  {
    jsonrpc: '2.0',
    method: 'start.simple_call',
    id: 2,
    params: {
      access_token: tokens.valid,
      first_call: 'contact',
      external_id: 'заказ № 7',
      virtual_phone_number: '74993720692',
      contact: '79260000000',
      operator: '79262444491',
    },
  },
  { jsonrpc: '2.0', method: 'list.calls', id: 7, params: { access_token: tokens.valid } },
  {
    jsonrpc: '2.0',
    method: 'release.call',
    id: 1.5,
    params: {
      access_token: tokens.valid,
      call_session_id: 0xe2d7109,
    },
  },
  // Without a password: what a guess costs is not what is measured here.
  { jsonrpc: '2.0', method: 'login.user', id: 'x', params: { login: 'user of one' } },
  { jsonrpc: '2.0', method: 'logout.user', id: 0, params: { access_token: tokens.valid } },
];

/** Values that break programs: of every type, at every edge. */
const odd: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  ' ',
  '0',
  '+7',
  '\0',
  '\ud800',
  '__proto__',
  'constructor',
  '7'.repeat(16),
  'я'.repeat(300),
  '"}',
  '\r\nBYE sip:x',
  [],
  {},
  [[]],
  { type: 'media' },
  {
    type: 'tts',
    value: '',
  },
  { length: -1 },
  { toString: 1 },
  { toJSON: 'x' },
  [null, undefined],
  {
    type: { type: {} },
    value: [],
  },
];

const mnemonics: Record<string, number> = {};

type Json = Record<string, unknown>;

/** One change somewhere in the tree: a value, a key, a removal, a move. */
function mutateTree(tree: Json, random: Random): void {
  const inside = Object.entries(tree).filter(([, value]) => typeof value === 'object' && value);
  const [, deeper] = inside.length > 0 && random.next() < 0.7 ? pick(random, inside) : [0, tree];
  const target = deeper as Json;
  const keys = Object.keys(target);
  const key = keys.length > 0 ? pick(random, keys) : 'new';
  const kind = random.next();
  if (kind < 0.5) target[key] = structuredClone(pick(random, odd));
  else if (kind < 0.65) delete target[key];
  else if (kind < 0.8) target[JSON.stringify(pick(random, odd))] = target[key];
  else if (keys.length > 1) target[key] = target[pick(random, keys)];
}

/** Bytes flipped, cut out, doubled, put in. */
function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const at = randomInt(random, 0, bytes.length);
  const end = Math.min(bytes.length, at + randomInt(random, 1, 12));
  const [head, piece, tail] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  const kind = random.next();
  if (kind < 0.3) return Buffer.concat([head, Buffer.from(random.hex(1), 'hex'), tail]);
  if (kind < 0.55) return Buffer.concat([head, tail]);
  if (kind < 0.7) return Buffer.concat([head, piece, piece, piece, tail]);
  if (kind < 0.8) return Buffer.from(head);
  const tokens = ['{', '}', '[', ']', '"', ',', ':', '\\u', '1e999', '-', 'null', '\u0000', '\\'];
  return Buffer.concat([head, Buffer.from(pick(random, tokens)), tail]);
}

function body(random: Random): Buffer<ArrayBuffer> {
  const tree = structuredClone(pick(random, seeds)) as Json;
  const changes = randomInt(random, 0, 2);
  for (let count = 0; count < changes; count++) mutateTree(tree, random);
  let bytes = Buffer.from(JSON.stringify(tree));
  const cuts = random.next() < 0.7 ? 0 : randomInt(random, 1, 3);
  for (let count = 0; count < cuts; count++) bytes = Buffer.from(mutateBytes(bytes, random));
  return bytes;
}

/** What an answer must be, whatever was sent. */
function assertAnswer(text: string): void {
  const answer = JSON.parse(text) as Answer;
  assert.equal(answer.jsonrpc, '2.0');
  assert.notEqual('result' in answer, 'error' in answer);
  assert.ok(answer.id === null || ['string', 'number'].includes(typeof answer.id));
  const mnemonic = answer.error?.data.mnemonic ?? 'ok';
  mnemonics[mnemonic] = (mnemonics[mnemonic] ?? 0) + 1;
  if (answer.error === undefined) return;
  const { data, message } = answer.error;
  assert.deepEqual(Object.keys(data), [
    'mnemonic',
    'field',
    'value',
    'params',
    'extended_helper',
    'metadata',
  ]);
  assert.ok(data.value === null || typeof data.value === 'string');
  assert.ok(!/\{\w+\}/.test(message) || data.params, 'placeholders are filled in');
}

let senders = 0;
/** Each from somewhere else: who tries many tokens is slowed down. */
const nextAddress = (): string => `10.0.${(senders >> 8) & 255}.${senders++ & 255}`;

type Timed = { readonly status: number; readonly text: string; readonly tookMs: number };

async function send(it: Installation, bytes: string | Buffer<ArrayBuffer>): Promise<Timed> {
  const startedAt = performance.now();
  const request = new Request('http://test/v4.0', { method: 'POST', body: bytes });
  const response = await it.api.fetch(request, nextAddress());
  const text = await response.text();
  return { status: response.status, text, tookMs: performance.now() - startedAt };
}

/** The best of some tries: a busy machine stalls any body once, a body that stalls does it again. */
async function bestMs(it: Installation, bytes: string | Buffer<ArrayBuffer>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 5 && best > longestMs; tries++)
    best = Math.min(best, (await send(it, bytes)).tookMs);
  return best;
}

test(`${bodies} damaged bodies: always status 200, always an answer, never a stall`, async (t) => {
  const it = await installation();
  t.after(() => it.close());
  const random = seededRandom(seed);
  for (let count = 0; count < bodies; count++) {
    const bytes = body(random);
    const { status, text, tookMs } = await send(it, bytes);
    const sent = `seed ${seed}, body ${count}: ${bytes}`;
    assert.equal(status, 200, sent);
    try {
      assertAnswer(text);
    } catch (error) {
      assert.fail(`${sent}\n${text}\n${error}`);
    }
    if (tookMs > longestMs) assert.ok((await bestMs(it, bytes)) <= longestMs, `stalls: ${sent}`);
  }
  t.diagnostic(JSON.stringify(mnemonics));
  assert.equal(mnemonics.internal_error, undefined, 'no body is a defect of the server');
  for (const mnemonic of ['ok', 'parse_error', 'invalid_request', 'character_encoding_not_allowed'])
    assert.ok(mnemonics[mnemonic]! >= 5, `${mnemonic} is reached`);
});

test('bodies made to be slow: deep, wide, long', async (t) => {
  const it = await installation();
  t.after(() => it.close());
  const mebibyte = 2 ** 20;
  const inParams = (name: string, value: string): string =>
    `{"jsonrpc":"2.0","id":1,"method":"start.simple_call","params":{"access_token":"${tokens.valid}","${name}":${value}}}`;
  const deep = 500_000;
  const rows: readonly [name: string, body: string, mnemonic: string][] = [
    ['nothing but brackets', '['.repeat(mebibyte), 'parse_error'],
    ['deep and closed', '['.repeat(deep) + ']'.repeat(deep), 'parse_error'],
    ['deep in a parameter', inParams('x', '['.repeat(deep) + ']'.repeat(deep)), 'parse_error'],
    [
      'deep objects',
      inParams('contact', `${'{"a":'.repeat(170_000)}1${'}'.repeat(170_000)}`),
      'parse_error',
    ],
    ['a wide object', inParams('x', `{${'"a":1,'.repeat(100_000)}"b":1}`), 'parse_error'],
    [
      'as wide as is read',
      inParams('x', `{${'"a":1,'.repeat(9_000)}"b":1}`),
      'unexpected_parameters',
    ],
    ['a long number', inParams('x', '1'.repeat(900_000)), 'unexpected_parameters'],
    [
      'a long id',
      `{"jsonrpc":"2.0","id":${'1'.repeat(900_000)},"method":"x","params":{}}`,
      'method_not_found',
    ],
    [
      'a long string',
      inParams('dtmf_string', `"${'.'.repeat(1_000_000)}"`),
      'required_parameter_missed',
    ],
    [
      'a long token',
      inParams('access_token', `"${'a'.repeat(1_000_000)}"`),
      'access_token_invalid',
    ],
    ['many backslashes', inParams('x', `"${'\\\\'.repeat(500_000)}"`), 'unexpected_parameters'],
  ];
  for (const [name, text, mnemonic] of rows) {
    const answer = await it.post(text);
    assert.equal(answer.error?.data.mnemonic, mnemonic, name);
    const tookMs = await bestMs(it, text);
    t.diagnostic(`${name}: ${Math.round(tookMs)} ms`);
    assert.ok(tookMs <= longestMs, `${name}: ${tookMs} ms`);
  }
});
