import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { limits, parseMessage } from './parser.ts';
import { type SipMessage, SipParseError } from './sip-message.ts';

const startLine = 'INVITE sip:b@h SIP/2.0';
const lines = [
  'Via: SIP/2.0/UDP a;branch=z9hG4bK1',
  'From: <sip:a@h>;tag=1',
  'To: <sip:b@h>',
  'Call-ID: x@h',
  'CSeq: 1 INVITE',
];
const headers = lines.join('\r\n');
/** A message of these headers and more. */
const withMore = (more = '', body = '', start = startLine): string =>
  `${start}\r\n${headers}\r\n${more}\r\n${body}`;
const without = (name: string): string =>
  `${startLine}\r\n${lines.filter((line) => !line.startsWith(name)).join('\r\n')}\r\n\r\n`;
const parse = (text: string | Uint8Array): SipMessage => parseMessage(Buffer.from(text as string));

function errorOf(text: string | Uint8Array): SipParseError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof SipParseError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'it was accepted' });
}

describe('the start line', () => {
  const accepted: [text: string, is: object][] = [
    [withMore(), { kind: 'request', method: 'INVITE', requestUri: 'sip:b@h' }],
    [`\r\n\r\n${withMore()}`, { kind: 'request', method: 'INVITE', requestUri: 'sip:b@h' }],
    [withMore('', '', 'INVITE tel:+7 sip/2.0'), { kind: 'request', requestUri: 'tel:+7' }],
    [
      withMore('', '', 'SIP/2.0 180 Ringing now'),
      { kind: 'response', status: 180, reason: 'Ringing now' },
    ],
    [withMore('', '', 'SIP/2.0 699'), { kind: 'response', status: 699, reason: '' }],
    [withMore('', '', 'SIP/2.0 200 a\tb'), { kind: 'response', status: 200, reason: 'a b' }],
  ];
  for (const [text, is] of accepted) {
    test(JSON.stringify(text.split('\r\n').find((line) => line !== '')), () => {
      const message = parse(text);
      assert.deepEqual({ ...message, ...is }, { ...message });
    });
  }

  const refused: [start: string, status: number | undefined][] = [
    ['', undefined],
    ['hello', undefined],
    ['GET / HTTP/1.1', undefined],
    ['INVITE SIP/2.0', undefined],
    ['INV(TE sip:b@h SIP/2.0', undefined],
    ['INVITE sip:b@h SIP/2', undefined],
    ['SIP/2.0 099 x', undefined],
    ['SIP/2.0 700 x', undefined],
    ['SIP/2.0 20 x', undefined],
    ['SIP/2.0 2000 x', undefined],
    ['SIP/3.0 200 OK', undefined],
    ['INVITE sip:b@h SIP/3.0', 505],
    ['INVITE sip:b@h SIP/2.00', 505],
    ['INVITE b@h SIP/2.0', 400],
    ['INVITE sip:b@h\tx SIP/2.0', 400],
    ['INVITE sip:b@h:x SIP/2.0', 400],
  ];
  for (const [start, status] of refused) {
    test(`${JSON.stringify(start)}: ${status ?? 'dropped'}`, () => {
      const error = errorOf(withMore('', '', start));
      assert.equal(error.status, status);
      assert.equal(error.request?.method, status === undefined ? undefined : 'INVITE');
    });
  }
});

describe('headers', () => {
  const cases: [name: string, more: string, value: string | undefined][] = [
    ['blanks around name and value', 'X \t : \t a b \t \r\n', 'a b'],
    ['a fold becomes one blank', 'X: a\r\n   b\r\n\tc\r\n', 'a b c'],
    ['a fold before any value', 'X:\r\n a\r\n', 'a'],
    ['a fold with nothing in it', 'X: a\r\n \r\n b\r\n', 'a b'],
    ['an empty value', 'X:\r\n', ''],
    ['colons in the value', 'X: a:b: c\r\n', 'a:b: c'],
    ['a tab within is a blank', 'X: a\tb\r\n', 'a b'],
    ['UTF-8', 'X: Иван\r\n', 'Иван'],
    [
      'a control character after a backslash is dropped with it',
      'X: "a\\\x00\\\\b\\\x7f"\r\n',
      '"a\\\\b"',
    ],
  ];
  for (const [name, more, value] of cases) {
    test(name, () => assert.equal(parse(withMore(more)).headers.get('X'), value));
  }

  test('bytes that are not UTF-8 are read as replacement characters', () => {
    const bytes = Buffer.from(withMore('X: ~\r\n'));
    bytes[bytes.indexOf('~')] = 0xc8;
    assert.equal(parse(bytes).headers.get('X'), '\ufffd');
  });

  const refused: [name: string, text: string][] = [
    ['no empty line', `${startLine}\r\n${headers}\r\n`],
    ['a line without a colon', withMore('X\r\n')],
    ['a name that is no token', withMore('X Y: a\r\n')],
    ['no name', withMore(': a\r\n')],
    ['a fold under the start line', `${startLine}\r\n ${headers}\r\n\r\n`],
    ['a lone LF: no header hides behind it', withMore('X: a\nTo: b\r\n')],
    ['a lone CR', withMore('X: a\rTo: b\r\n')],
    ['NUL', withMore('X: a\0b\r\n')],
    ['DEL', withMore('X: a\x7fb\r\n')],
    ['a header too long', withMore(`X: ${'a'.repeat(limits.headerLength)}\r\n`)],
    ['too many headers', withMore('X: a\r\n'.repeat(limits.headerLines))],
    ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name): [string, string] => [
      `no ${name}`,
      without(name),
    ]),
    ...['f: <sip:a@h>', 't: <sip:a@h>', 'i: y', 'CSeq: 1 INVITE'].map((line): [string, string] => [
      `once more: ${line}`,
      withMore(`${line}\r\n`),
    ]),
    ['two Max-Forwards', withMore('Max-Forwards: 1\r\nMax-Forwards: 1\r\n')],
    ['CSeq of another method', withMore().replace('1 INVITE', '1 BYE')],
    ['CSeq at 2^31', withMore().replace('1 INVITE', '2147483648 INVITE')],
    ['CSeq without a method', withMore().replace('1 INVITE', '1')],
    ['CSeq with more', withMore().replace('1 INVITE', '1 INVITE x')],
    ['a Call-ID with a blank', withMore().replace('x@h', 'x y')],
    ['an empty Call-ID', withMore().replace('x@h', '')],
  ];
  for (const [name, text] of refused) {
    test(`400: ${name}`, () => {
      const { status, request } = errorOf(text);
      assert.equal(status, 400);
      assert.equal(request?.method, 'INVITE');
    });
  }

  test('only the headers that everybody needs are looked into', () => {
    const message = parse(withMore('Contact: <\r\nRoute: "\r\nMax-Forwards: 256\r\nX: ;;,,\r\n'));
    assert.throws(() => message.contact, SipParseError);
    assert.throws(() => message.routes, SipParseError);
    assert.throws(() => message.maxForwards, SipParseError);
  });

  test('an ACK and a response are never answered, whatever is wrong with them', () => {
    const malformed = headers.replace('CSeq: 1 INVITE', 'CSeq: x');
    for (const start of ['ACK sip:b@h SIP/2.0', 'SIP/2.0 200 OK']) {
      const { status, request } = errorOf(`${start}\r\n${malformed}\r\n\r\n`);
      assert.deepEqual([status, request], [undefined, undefined]);
    }
  });
});

describe('the body', () => {
  const cases: [name: string, more: string, body: string, is: string | 400][] = [
    ['none', '', '', ''],
    ['all that is there, when no length is given', '', 'abc', 'abc'],
    ['what is announced; the rest is not looked at', 'l: 2\r\n', 'abc', 'ab'],
    ['bytes are counted, not characters', 'Content-Length: 4\r\n', 'Ив!', 'Ив'],
    ['leading zeros', 'Content-Length: 0003\r\n', 'abc', 'abc'],
    ['the same length twice', 'Content-Length: 3\r\nl: 3\r\n', 'abc', 'abc'],
    ['two lengths', 'Content-Length: 3\r\nl: 2\r\n', 'abc', 400],
    ['less than announced', 'Content-Length: 4\r\n', 'abc', 400],
    ['a negative length', 'Content-Length: -1\r\n', 'abc', 400],
    ['a length in hexadecimal', 'Content-Length: 0x2\r\n', 'abc', 400],
    ['a length with a fraction', 'Content-Length: 2.0\r\n', 'abc', 400],
    ['an empty length', 'Content-Length:\r\n', 'abc', 400],
    ['a length of a thousand digits', `Content-Length: ${'9'.repeat(1000)}\r\n`, 'abc', 400],
  ];
  for (const [name, more, body, is] of cases) {
    test(name, () => {
      if (is === 400) assert.equal(errorOf(withMore(more, body)).status, 400);
      else assert.equal(Buffer.from(parse(withMore(more, body)).body).toString(), is);
    });
  }

  test('a message within a larger buffer', () => {
    const text = withMore('l: 3\r\n', 'abc');
    const bytes = Buffer.from(`junk${text}junk`).subarray(4, 4 + text.length);
    assert.equal(Buffer.from(parseMessage(bytes).body).toString(), 'abc');
  });
});

test('nothing but line ends is a keep-alive: dropped', () => {
  for (const text of ['', '\r\n', '\r\n\r\n']) assert.equal(errorOf(text).status, undefined);
});
