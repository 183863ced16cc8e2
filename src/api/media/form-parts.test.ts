import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundaryOf, formParts } from './form-parts.ts';

/** A body that comes in pieces of so many octets. */
async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const body = Buffer.from(text, 'latin1');
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

/** `[name, filename, content]` of each part. */
async function read(text: string, size = 1_000): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { name, filename, content } of formParts(inPieces(text, size), 'B-1')) {
    const pieces: Buffer[] = [];
    for await (const piece of content) pieces.push(piece);
    found.push([name, filename, Buffer.concat(pieces).toString('latin1')]);
  }
  return found;
}

const form = (...lines: readonly string[]): string => lines.join('\r\n');
const two = form(
  'a preamble',
  '--B-1',
  'Content-Disposition: form-data; name="name"',
  '',
  'hello',
  '--B-1  ',
  'content-type: audio/mpeg',
  'content-disposition: form-data; name="file"; filename="a.mp3"',
  '',
  'one\r\n--B-\r\n\r\n--B-2\0\xff',
  '--B-1--',
  'an epilogue',
);

for (const size of [1, 2, 3, 7, 64, 1_000])
  test(`the parts of a form that comes in pieces of ${size}`, async () => {
    assert.deepEqual(await read(two, size), [
      ['name', undefined, 'hello'],
      ['file', 'a.mp3', 'one\r\n--B-\r\n\r\n--B-2\0\xff'],
    ]);
  });

test('an empty part, an empty form, a part that is not read', async () => {
  const empty = form('--B-1', 'Content-Disposition: form-data; name=a', '', '', '--B-1--', '');
  assert.deepEqual(await read(empty), [['a', undefined, '']]);
  assert.deepEqual(await read('--B-1--'), []);
  const names: string[] = [];
  for await (const { name } of formParts(inPieces(two, 5), 'B-1')) names.push(name);
  assert.deepEqual(names, ['name', 'file']);
});

const headers: readonly [disposition: string, name: string, filename: string | undefined][] = [
  ['form-data; name="a b"; filename="x\\"y.wav"', 'a b', 'x"y.wav'],
  ['form-data; name="a"; filename="x%22y.wav"', 'a', 'x"y.wav'],
  ['form-data; filename="name=z"; name=b', 'b', 'name=z'],
  ["form-data; name=a; filename=x.wav; filename*=UTF-8''%D1%8F.wav", 'a', 'я.wav'],
  ["form-data; name=a; filename*=UTF-8''%zz", 'a', undefined],
  ['form-data; name=a; filename=""', 'a', ''],
];
for (const [disposition, name, filename] of headers)
  test(`Content-Disposition: ${disposition}`, async () => {
    const body = form('--B-1', `Content-Disposition: ${disposition}`, '', 'x', '--B-1--');
    assert.deepEqual(await read(body), [[name, filename, 'x']]);
  });

const broken: readonly [what: string, body: string, says: RegExp][] = [
  ['nothing', '', /breaks off/],
  ['no boundary', 'hello', /breaks off/],
  ['an end in a boundary', '--B-1', /breaks off/],
  ['an end in the headers', form('--B-1', 'Content-Dis'), /breaks off/],
  ['an end in the content', two.slice(0, -30), /breaks off/],
  ['no name', form('--B-1', 'Content-Disposition: form-data', '', 'x', '--B-1--'), /has no name/],
  ['another boundary', form('--B-12', 'a: b', '', 'x', '--B-1--'), /is not one line/],
  ['endless headers', `--B-1\r\n${'a'.repeat(10_000)}`, /headers of a part are too long/],
  ['an endless boundary', `--B-1${' '.repeat(1_000)}`, /headers of a part are too long/],
  [
    'too many parts',
    '--B-1\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n'.repeat(40),
    /more than 32 parts/,
  ],
];
for (const [what, body, says] of broken)
  test(`a form with ${what} is refused`, async () => {
    await assert.rejects(read(body, 100), { name: 'FormError', message: says });
  });

for (const [contentType, boundary] of [
  ['multipart/form-data; boundary=abc', 'abc'],
  ['Multipart/Form-Data;charset=utf-8; Boundary="a b;c"', 'a b;c'],
  ['multipart/form-data', undefined],
  ['multipart/form-data; boundary=', undefined],
  ['multipart/mixed; boundary=abc', undefined],
  ['application/x-www-form-urlencoded', undefined],
  [undefined, undefined],
] as const)
  test(`the boundary of ${contentType} is ${boundary}`, () => {
    assert.equal(boundaryOf(contentType), boundary);
  });
