import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SipParseError } from './sip-parse-error.ts';
import { escapeUser, formatUri, parseUri, sameUri, unescapeUser } from './uri.ts';

describe('reading and writing a URI', () => {
  const cases: [text: string, is: object][] = [
    ['sip:atlanta.com', { scheme: 'sip', host: 'atlanta.com' }],
    [
      'SIPS:alice@atlanta.com:5061',
      { scheme: 'sips', user: 'alice', host: 'atlanta.com', port: 5061 },
    ],
    [
      'sip:alice:secret@10.0.0.1;Transport=tcp;lr?subject=x&priority=urgent',
      {
        scheme: 'sip',
        user: 'alice',
        password: 'secret',
        host: '10.0.0.1',
        params: new Map<string, string | true>([
          ['transport', 'tcp'],
          ['lr', true],
        ]),
        headers: 'subject=x&priority=urgent',
      },
    ],
    ['sip:[2001:db8::1]:5060', { scheme: 'sip', host: '2001:db8::1', port: 5060 }],
    ['sip:+7926;ext=1?/=a@h', { scheme: 'sip', user: '+7926;ext=1?/=a', host: 'h' }],
    ['sip:*21#@pbx_1', { scheme: 'sip', user: '*21#', host: 'pbx_1' }],
    ['sip:a%20b@h', { scheme: 'sip', user: 'a%20b', host: 'h' }],
    [
      'tel:+7-926-000-00-00;phone-context=example.com',
      {
        scheme: 'tel',
        user: '+7-926-000-00-00',
        host: '',
        params: new Map([['phone-context', 'example.com']]),
      },
    ],
  ];
  for (const [text, is] of cases) {
    test(text, () => {
      const uri = parseUri(text);
      assert.deepEqual(uri, { params: new Map(), ...is });
      assert.deepEqual(parseUri(formatUri(uri)), uri);
    });
  }

  const malformed: [text: string, why: string, status?: number][] = [
    ['', 'nothing'],
    ['alice@atlanta.com', 'no scheme'],
    ['sip:', 'no host'],
    ['sip:@h', 'an empty user'],
    ['sip:a@b@c', 'two at signs'],
    ['sip:a b@h', 'a blank'],
    ['sip:h:0', 'port 0'],
    ['sip:h:65536', 'a port beyond 65535'],
    ['sip:h:', 'no port'],
    ['sip:[::1', 'an open bracket'],
    ['sip:[h]', 'a name in brackets'],
    ['sip:h;', 'an empty parameter'],
    ['sip:h;a=', 'an empty value'],
    ['sip:h;a;A', 'a parameter twice'],
    ['sip:h?', 'empty headers'],
    ['sip:h>', 'a character that ends it'],
    ['sip:h\r\n', 'a line end'],
    ['sip:Иван@h', 'letters that need escapes'],
    ['tel:', 'no number'],
    ['tel:+7926@h', 'not a number'],
    ['http://example.com', 'another scheme', 416],
    ['soap.beep://192.0.2.103:3002', 'another scheme', 416],
  ];
  for (const [text, why, status = 400] of malformed) {
    test(`${JSON.stringify(text)}: ${why}`, () => {
      assert.throws(
        () => parseUri(text),
        (error) => error instanceof SipParseError && error.status === status,
      );
    });
  }
});

describe('RFC 3261 section 19.1.4: which URIs are the same', () => {
  const same: [string, string][] = [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtlanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5'],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['tel:+7-926-000', 'tel:+7926000'],
  ];
  const different: [string, string][] = [
    ['SIP:ALICE@AtlanTa.CoM;Transport=udp', 'sip:alice@AtlanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:a%3Bb@h', 'sip:a;b@h'],
    ['sip:h', 'sips:h'],
    ['sip:h;user=phone', 'sip:h'],
  ];
  for (const [a, b] of same) {
    test(`${a} is ${b}`, () => {
      assert.ok(sameUri(parseUri(a), parseUri(b)));
      assert.ok(sameUri(parseUri(b), parseUri(a)));
    });
  }
  for (const [a, b] of different) {
    test(`${a} is not ${b}`, () => {
      assert.ok(!sameUri(parseUri(a), parseUri(b)));
      assert.ok(!sameUri(parseUri(b), parseUri(a)));
    });
  }
});

test('any text can be a user, and comes back', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (text) => {
      const escaped = escapeUser(text);
      const uri = parseUri(
        formatUri({ scheme: 'sip', user: escaped, host: 'h', params: new Map() }),
      );
      assert.equal(uri.user, escaped);
      assert.equal(unescapeUser(escaped), text);
    }),
  );
});

test('a user put in unescaped is escaped, an escape that is there stays', () => {
  const params = new Map();
  assert.equal(
    formatUri({ scheme: 'sip', user: 'a b@c%20', host: 'h', params }),
    'sip:a%20b%40c%20@h',
  );
  assert.equal(escapeUser('*21#'), '*21%23');
  assert.equal(unescapeUser('100%'), '100%');
});

test('what would end the URI early cannot be written', () => {
  const base = { scheme: 'sip' as const, host: 'h', params: new Map<string, string | true>() };
  assert.throws(() => formatUri({ ...base, host: 'h>;tag=x' }), TypeError);
  assert.throws(() => formatUri({ ...base, host: '::1]' }), TypeError);
  assert.throws(() => formatUri({ ...base, params: new Map([['a', 'b>']]) }), TypeError);
  assert.throws(() => formatUri({ ...base, headers: 'a\r\n' }), TypeError);
});
