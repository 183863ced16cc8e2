import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pick, randomInt, seededRandom } from '../../base/random.ts';
import { type Framed, StreamFramer } from './stream-framer.ts';

const message = (body: string, length = `Content-Length: ${Buffer.byteLength(body)}`): string =>
  `BYE sip:a@b SIP/2.0\nTo: <sip:c@d>\n${length}\n\n${body}`;

/** `message …` with its last line, or what it is. */
function describe(framed: Framed): string {
  if (framed.type === 'message') {
    return `message ${Buffer.from(framed.bytes).toString().split('\r\n').at(-1)}`;
  }
  if (framed.type === 'broken') return `broken: ${framed.why}${framed.head ? ' (head)' : ''}`;
  return framed.type;
}

const wire = (text: string): Buffer => Buffer.from(text.replace(/(?<!\r)\n/g, '\r\n'));

// biome-ignore format: a table
const streams: [name: string, stream: string, found: string[]][] = [
  ['a message without a body', message(''), ['message ']],
  ['a body in bytes, not characters', message('имя'), ['message имя']],
  ['two in a row', message('one') + message('two'), ['message one', 'message two']],
  ['the compact form', message('one', 'l:3'), ['message one']],
  ['blanks around the colon, any case', message('one', 'CONTENT-LENGTH \t:  3 '), ['message one']],
  ['a folded value', message('one', 'Content-Length:\n  3'), ['message one']],
  ['twice the same', message('one', 'Content-Length: 3\nl: 3'), ['message one']],
  ['an empty line before a message', `\n${message('one')}`, ['message one']],
  ['an empty line after each message', `${message('one')}\n${message('two')}\n`, ['message one', 'message two']],
  ['a ping', '\n\n', ['ping']],
  ['pings between messages', `${message('one')}\n\n${message('two')}\n\n\n\n`, ['message one', 'ping', 'message two', 'ping', 'ping']],
  ['a body that looks like a message', message(`x\r\n\r\n${message('').replaceAll('\n', '\r\n')}y`), ['message y']],
  ['half a message', message('one').slice(0, -1), []],
  ['no Content-Length', message('', 'X: y'), ['broken: Content-Length: missing (head)']],
  ['one that is no number', message('', 'Content-Length: 3x'), ['broken: Content-Length: not a number of bytes (head)']],
  ['a negative one', message('', 'Content-Length: -1'), ['broken: Content-Length: not a number of bytes (head)']],
  ['an empty one', message('', 'Content-Length:'), ['broken: Content-Length: not a number of bytes (head)']],
  ['two that differ', message('one', 'Content-Length: 3\nl: 4'), ['broken: Content-Length: two that differ (head)']],
  ['one in a folded line is no header', message('', 'X: y\n Content-Length: 3'), ['broken: Content-Length: missing (head)']],
  ['more than a message may have', message('', 'Content-Length: 65536'), ['broken: the message is too long (head)']],
  ['nothing after what is broken', message('', 'X: y') + message('one'), ['broken: Content-Length: missing (head)']],
  ['headers without end', `BYE sip:a@b SIP/2.0\n${'X: y\n'.repeat(8_000)}`, ['broken: endless headers']],
  ['long headers with an end', `${'X: y\n'.repeat(8_000)}\n`, ['broken: endless headers']],
  ['a line without end', 'x'.repeat(40_000), ['broken: endless headers']],
  ['another protocol', 'GET / HTTP/1.1\nHost: a\n\n', ['broken: Content-Length: missing (head)']],
];

for (const [name, stream, found] of streams) {
  test(`framing: ${name}`, () => {
    assert.deepEqual(new StreamFramer().push(wire(stream)).map(describe), found);
    const byteByByte = new StreamFramer();
    const parts = [...wire(stream)].flatMap((byte) => byteByByte.push(Uint8Array.of(byte)));
    assert.deepEqual(parts.map(describe), found, 'byte by byte');
  });
}

test('framing: the empty line after a ping of ours is its pong, whatever comes around it', () => {
  const framer = new StreamFramer();
  const push = (text: string): string[] => framer.push(wire(text)).map(describe);
  framer.expectPong();
  assert.deepEqual(push('\n'), ['pong']);
  framer.expectPong();
  assert.deepEqual(push(`${message('one')}\n`), ['message one', 'pong']);
  framer.expectPong();
  assert.deepEqual(push('\n\n\n'), ['pong', 'ping']);
});

test('framing: in the middle of a message it is partial, between messages it is not', () => {
  const framer = new StreamFramer();
  assert.equal(framer.isPartial, false);
  framer.push(wire('B'));
  assert.equal(framer.isPartial, true);
  framer.push(wire(message('one').slice(1)));
  assert.equal(framer.isPartial, false);
});

test('framing: however the stream is cut, the same comes out', () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = seededRandom(seed);
    const expected: string[] = [];
    let stream = '';
    for (let count = randomInt(random, 1, 12); count > 0; count--) {
      const kind = pick(random, ['message', 'message', 'ping'] as const);
      const body = pick(random, ['', 'one', '\n\n', 'Content-Length: 9\n\n', 'имя']).replaceAll(
        '\n',
        '\r\n',
      );
      stream += kind === 'ping' ? '\r\n\r\n' : message(body).replace(/(?<!\r)\n/g, '\r\n');
      expected.push(kind === 'ping' ? kind : `message ${body.split('\r\n').at(-1)}`);
    }
    const bytes = Buffer.from(stream);
    const framer = new StreamFramer();
    const found: string[] = [];
    for (let start = 0; start < bytes.length; ) {
      const end = start + randomInt(random, 1, 90);
      found.push(...framer.push(bytes.subarray(start, end)).map(describe));
      start = end;
    }
    assert.deepEqual(found, expected, `seed ${seed}`);
    assert.equal(framer.isPartial, false, `seed ${seed}`);
  }
});

test('framing: noise never makes it throw or keep more than a message', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const framer = new StreamFramer();
    for (let count = 0; count < 40; count++) {
      const noise = Buffer.from(message('one').replaceAll('\n', '\r\n'));
      for (let flips = randomInt(random, 0, 3); flips > 0; flips--) {
        noise[randomInt(random, 0, noise.length - 1)] = randomInt(random, 0, 255);
      }
      for (const framed of framer.push(noise.subarray(0, randomInt(random, 1, noise.length)))) {
        if (framed.type === 'message') assert.ok(framed.bytes.length <= 65_535);
      }
    }
  }
});
