import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/base/random.ts';
import { type Installation, installation, tokens } from '../contracts/api-installation.ts';
import { fuzz } from './fuzz-target.ts';
import { openJsonRpc } from './targets/json-rpc.ts';

const bodies = 24_000;
const longestMs = 50;
const seed = Number(process.env.FUZZ_SEED ?? 20_261_123);

test(`${bodies} damaged bodies: always status 200, always an answer, never a stall`, async (t) => {
  const target = await openJsonRpc();
  t.after(() => target.close?.());
  const enough = (count: number): boolean => count >= bodies;
  const { words, failure } = await fuzz(target, seededRandom(seed), enough, longestMs);
  if (failure !== undefined) {
    throw new Error(`seed ${seed}, body ${failure.count}: ${failure.input}`, {
      cause: failure.cause,
    });
  }
  t.diagnostic(JSON.stringify(Object.fromEntries(words)));
  for (const word of [...target.reaches, 'character_encoding_not_allowed'])
    assert.ok((words.get(word) ?? 0) >= 5, `${word} is reached`);
});

let senders = 0;
/** Each from somewhere else: who tries many tokens is slowed down. */
const nextAddress = (): string => `10.0.${(senders >> 8) & 255}.${senders++ & 255}`;

async function tookMs(it: Installation, body: string): Promise<number> {
  const startedAt = performance.now();
  const request = new Request('http://test/v4.0', { method: 'POST', body });
  const response = await it.api.fetch(request, nextAddress());
  await response.text();
  return performance.now() - startedAt;
}

/** The best of some tries: a busy machine stalls any body once, a body that stalls does it again. */
async function bestMs(it: Installation, body: string): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 5 && best > longestMs; tries++)
    best = Math.min(best, await tookMs(it, body));
  return best;
}

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
    const best = await bestMs(it, text);
    t.diagnostic(`${name}: ${Math.round(best)} ms`);
    assert.ok(best <= longestMs, `${name}: ${best} ms`);
  }
});
