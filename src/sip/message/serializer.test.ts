import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatNameAddr, parseNameAddr } from './name-addr.ts';
import { parseMessage } from './parser.ts';
import { serializeMessage } from './serializer.ts';
import { SipRequest, SipResponse } from './sip-message.ts';
import { escapeUser, formatUri } from './uri.ts';
import { formatVia } from './via.ts';

const needed: [string, string][] = [
  ['Via', 'SIP/2.0/UDP a;branch=z9hG4bK1'],
  ['From', '<sip:a@h>;tag=1'],
  ['To', '<sip:b@h>'],
  ['Call-ID', 'x@h'],
  ['CSeq', '1 INVITE'],
];
const request = (change: object = {}): SipRequest =>
  new SipRequest({ method: 'INVITE', requestUri: 'sip:b@h', headers: needed, ...change });

test('the message on the wire, its length in bytes and last', () => {
  const headers = [...needed, ['l', '999'], ['Subject', 'Ив']] as [string, string][];
  const bytes = serializeMessage(request({ headers, body: Buffer.from('Ив') }));
  assert.equal(
    Buffer.from(bytes).toString(),
    `INVITE sip:b@h SIP/2.0\r\n${needed.map(([name, value]) => `${name}: ${value}\r\n`).join('')}` +
      'Subject: Ив\r\nContent-Length: 4\r\n\r\nИв',
  );
});

describe('is not written', () => {
  const cases: [name: string, message: SipRequest | SipResponse][] = [
    ['a method that is no token', request({ method: 'IN VITE' })],
    ['an empty method', request({ method: '' })],
    ['an empty URI', request({ requestUri: '' })],
    ['a URI with a blank', request({ requestUri: 'sip:b@h SIP/2.0' })],
    ['a URI with a line end', request({ requestUri: 'sip:b@h\r\nX: y' })],
    ['a header name with a colon', request({ headers: [['A: b', 'c']] })],
    ['an empty header name', request({ headers: [['', 'c']] })],
    ['a value with LF', request({ headers: [['A', 'b\nc: d']] })],
    ['a value with CR', request({ headers: [['A', 'b\rc: d']] })],
    ['a value with NUL', request({ headers: [['A', 'b\0']] })],
    ['a value with a tab', request({ headers: [['A', 'b\tc']] })],
    ['a length with LF, though it is not used', request({ headers: [['l', '0\n']] })],
    ['a reason with LF', new SipResponse({ status: 200, reason: 'OK\r\nA: b' })],
    ['a status of two digits', new SipResponse({ status: 20 })],
    ['a status with a fraction', new SipResponse({ status: 200.5 })],
    ['more than a datagram holds', request({ body: new Uint8Array(65_500) })],
  ];
  for (const [name, message] of cases) {
    test(name, () => assert.throws(() => serializeMessage(message), TypeError));
  }
});

/** Texts in which what breaks lines, quotes and URIs is frequent. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r',
        '\n',
        '\r\n',
        '\0',
        '\t',
        '\x7f',
        '"',
        '\\',
        '<',
        '>',
        ';',
        ',',
        ':',
        ' ',
      ),
      fc.constantFrom(
        '@',
        '%',
        '=',
        'X: y',
        'Иван',
        '7926',
        'a',
        '\u2028',
        '\u0085',
        '\ud800',
        '🙂',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

/** Undefined when it refuses, as it may. Any other error than TypeError is a failure. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The lines of the head, which must be made of nothing that a parser could take for more. */
function headLines(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString();
  const head = text.slice(0, text.indexOf('\r\n\r\n'));
  const found = head.split('\r\n');
  for (const line of found) assert.doesNotMatch(line, /[\x00-\x1f\x7f]/);
  return found;
}

describe('whatever texts are put in, no line is added and no control character gets out', () => {
  test('in any part of a message', () => {
    fc.assert(
      fc.property(
        fc.record({
          name: hostile,
          value: hostile,
          method: hostile,
          uri: hostile,
          reason: hostile,
        }),
        fc.nat(5),
        ({ name, value, method, uri, reason }, which) => {
          const extra: [string, string] = [which === 0 ? name : 'X', which === 1 ? value : 'y'];
          const message =
            which === 2
              ? new SipResponse({ status: 200, reason, headers: [...needed, extra] })
              : request({
                  headers: [...needed, extra],
                  ...(which === 3 && { method }),
                  ...(which === 4 && { requestUri: uri }),
                });
          const bytes = attempt(() => serializeMessage(message));
          if (bytes === undefined) return;
          assert.equal(headLines(bytes).length, needed.length + 3);
          if (which !== 1) return;
          const { headers } = parseMessage(bytes);
          assert.equal(headers.get('X'), value.toWellFormed().replace(/^ +| +$/g, ''));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('through addresses, URIs and Via', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (displayName, text, host) => {
        const params = new Map([['p', text]]);
        const uri = attempt(() =>
          formatUri({ scheme: 'sip', user: text, host, params: new Map() }),
        );
        const safe = formatUri({
          scheme: 'sip',
          user: escapeUser(text),
          host: 'h',
          params: new Map(),
        });
        const from = attempt(() =>
          formatNameAddr({ displayName, uri: uri ?? safe, params, tag: text }),
        );
        const via = attempt(() =>
          formatVia({
            protocol: 'UDP',
            host: uri === undefined ? 'h' : host,
            branch: text,
            params,
          }),
        );
        if (from === undefined || via === undefined) return;
        const message = request();
        message.headers.set('From', from);
        message.headers.set('Via', via);
        const bytes = attempt(() => serializeMessage(message));
        if (bytes === undefined) return;
        assert.equal(headLines(bytes).length, needed.length + 2);
        const read = parseNameAddr(Buffer.from(from).toString());
        assert.equal(read.displayName, displayName.toWellFormed());
        assert.equal(read.params.get('p'), text.toWellFormed());
        assert.equal(read.tag, text.toWellFormed());
      }),
      { numRuns: 3_000 },
    );
  });
});
