import assert from 'node:assert/strict';
import { pick, type Random, randomInt } from '../../../src/base/random.ts';
import { type Answer, installation, tokens } from '../../contracts/api-installation.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

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

/** A request's body, damaged as a tree, as bytes, or both. */
export function body(random: Random): Buffer<ArrayBuffer> {
  const tree = structuredClone(pick(random, seeds)) as Json;
  const changes = randomInt(random, 0, 2);
  for (let count = 0; count < changes; count++) mutateTree(tree, random);
  let bytes = Buffer.from(JSON.stringify(tree));
  const cuts = random.next() < 0.7 ? 0 : randomInt(random, 1, 3);
  for (let count = 0; count < cuts; count++) bytes = Buffer.from(mutateBytes(bytes, random));
  return bytes;
}

/** What an answer must be, whatever was sent; gives its mnemonic. */
export function checkAnswer(text: string): string {
  const answer = JSON.parse(text) as Answer;
  assert.equal(answer.jsonrpc, '2.0');
  assert.notEqual('result' in answer, 'error' in answer);
  assert.ok(answer.id === null || ['string', 'number'].includes(typeof answer.id));
  const mnemonic = answer.error?.data.mnemonic ?? 'ok';
  if (answer.error === undefined) return mnemonic;
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
  return mnemonic;
}

/** The Call API with one user, in memory: its words are the mnemonics of its answers. */
export async function openJsonRpc(): Promise<FuzzTarget> {
  const it = await installation();
  let senders = 0;
  return {
    name: 'json-rpc',
    input: body,
    run: async (input) => {
      const request = new Request('http://test/v4.0', { method: 'POST', body: Buffer.from(input) });
      // Each from somewhere else: who tries many tokens is slowed down.
      const sender = `10.0.${(senders >> 8) & 255}.${senders++ & 255}`;
      const response = await it.api.fetch(request, sender);
      assert.equal(response.status, 200);
      const mnemonic = checkAnswer(await response.text());
      assert.notEqual(mnemonic, 'internal_error', 'no body is a defect of the server');
      return mnemonic;
    },
    reaches: ['ok', 'parse_error', 'invalid_request'],
    close: () => it.close(),
  };
}
