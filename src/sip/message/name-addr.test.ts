import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatNameAddr, parseNameAddr } from './name-addr.ts';
import { SipParseError } from './sip-parse-error.ts';

describe('From, To, Contact, Route', () => {
  const cases: [text: string, is: object, written: string][] = [
    ['sip:a@h;tag=1', { uri: 'sip:a@h', tag: '1' }, '<sip:a@h>;tag=1'],
    ['<sip:a@h;tag=1>', { uri: 'sip:a@h;tag=1' }, '<sip:a@h;tag=1>'],
    ['Bob Jones <sip:b@h>', { displayName: 'Bob Jones', uri: 'sip:b@h' }, '"Bob Jones" <sip:b@h>'],
    [
      '"A \\"B\\" \\\\ <c>, d"<sip:a@h> ; TAG = x',
      { displayName: 'A "B" \\ <c>, d', uri: 'sip:a@h', tag: 'x' },
      '"A \\"B\\" \\\\ <c>, d" <sip:a@h>;tag=x',
    ],
    ['"" <sip:a@h>', { displayName: '', uri: 'sip:a@h' }, '"" <sip:a@h>'],
    ['Иван <sip:a@h>', { displayName: 'Иван', uri: 'sip:a@h' }, '"Иван" <sip:a@h>'],
    ['<tel:+7926>;x="y z"', { uri: 'tel:+7926', x: 'y z' }, '<tel:+7926>;x="y z"'],
    ['*', { uri: '*' }, '*'],
  ];
  for (const [text, { ...is }, written] of cases) {
    test(text, () => {
      const { params, ...rest } = parseNameAddr(text);
      const { x, ...expected } = { tag: undefined, ...is } as Record<string, unknown>;
      assert.deepEqual(rest, expected);
      assert.equal(params.get('tag'), expected.tag);
      assert.equal(params.get('x'), x);
      assert.equal(formatNameAddr(parseNameAddr(text)), written);
      assert.equal(formatNameAddr(parseNameAddr(written)), written);
    });
  }

  const malformed = [
    '',
    'alice',
    '<>',
    '<alice>',
    '< sip:a@h >',
    '<sip:a@h',
    '"a <sip:a@h>',
    '"a" b <sip:a@h>',
    'a"b <sip:a@h>',
    '<sip:a@h> x',
    '<sip:a@h>;',
    '<sip:a@h>;tag=',
    '<sip:a@h>;tag=1;tag=2',
    'sip:a@h?x=y',
    'sip:a@h, sip:b@h',
    '<sip:a@h>, <sip:b@h>',
  ];
  for (const text of malformed) {
    test(`malformed: ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseNameAddr(text, 'From'),
        (error) => error instanceof SipParseError && error.message.startsWith('From: '),
      );
    });
  }

  test('a tag may be given as a field or as a parameter, and is written once', () => {
    assert.equal(formatNameAddr({ uri: 'sip:h', params: new Map(), tag: 'a' }), '<sip:h>;tag=a');
    const both = { uri: 'sip:h', params: new Map([['tag', 'b']]), tag: 'a' };
    assert.equal(formatNameAddr(both), '<sip:h>;tag=b');
  });

  test('a URI cannot bring parameters along', () => {
    const params = new Map();
    assert.throws(() => formatNameAddr({ uri: 'sip:h>;tag=x', params }), TypeError);
    assert.throws(() => formatNameAddr({ uri: 'sip:h\r\n', params }), TypeError);
    assert.throws(
      () => formatNameAddr({ uri: 'sip:h', params: new Map([['a b', true as const]]) }),
      TypeError,
    );
  });
});
