import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SipParseError } from './sip-parse-error.ts';
import { formatVia, parseVia } from './via.ts';

describe('Via', () => {
  const cases: [text: string, is: object, written: string][] = [
    [
      'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;rport',
      { protocol: 'UDP', host: '10.0.0.1', port: 5060, branch: 'z9hG4bK1', rport: true },
      'SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK1',
    ],
    [
      'sip / 2.0 / tls  [2001:db8::1] : 5061 ; received = 2001:db8::2 ; Branch = x ; rport=40000',
      {
        protocol: 'TLS',
        host: '2001:db8::1',
        port: 5061,
        received: '2001:db8::2',
        branch: 'x',
        rport: 40_000,
      },
      'SIP/2.0/TLS [2001:db8::1]:5061;rport=40000;received=2001:db8::2;branch=x',
    ],
    [
      'SIP/2.0/UDP h;received=[::1];ttl=16;maddr=224.2.0.1;x="a;b,c"',
      {
        protocol: 'UDP',
        host: 'h',
        received: '::1',
        params: new Map([
          ['ttl', '16'],
          ['maddr', '224.2.0.1'],
          ['x', 'a;b,c'],
        ]),
      },
      'SIP/2.0/UDP h;received=::1;ttl=16;maddr=224.2.0.1;x="a;b,c"',
    ],
  ];
  for (const [text, is, written] of cases) {
    test(text, () => {
      const via = parseVia(text);
      assert.deepEqual(via, { params: new Map(), ...is });
      assert.equal(formatVia(via), written);
      assert.deepEqual(parseVia(written), via);
    });
  }

  const malformed = [
    '',
    'SIP/2.0/UDP',
    'SIP/2.0/ h',
    'SIP/3.0/UDP h',
    'HTTP/2.0/UDP h',
    'SIP/2.0/UDP h:',
    'SIP/2.0/UDP h:99999',
    'SIP/2.0/UDP h;',
    'SIP/2.0/UDP h;;rport',
    'SIP/2.0/UDP h;branch',
    'SIP/2.0/UDP h;branch=',
    'SIP/2.0/UDP h;received',
    'SIP/2.0/UDP h;rport=0',
    'SIP/2.0/UDP h;rport=x',
    'SIP/2.0/UDP h;branch=a;branch=b',
    'SIP/2.0/UDP h;x="',
    'SIP/2.0/UDP h h',
    'SIP/2.0/UDP h, SIP/2.0/UDP h',
  ];
  for (const text of malformed) {
    test(`malformed: ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseVia(text), SipParseError);
    });
  }

  test('what is no host or token cannot be written', () => {
    const via = { protocol: 'UDP', host: 'h', params: new Map() };
    assert.throws(() => formatVia({ ...via, host: 'h\r\nX: y' }), TypeError);
    assert.throws(() => formatVia({ ...via, host: '' }), TypeError);
    assert.throws(() => formatVia({ ...via, protocol: 'U P' }), TypeError);
  });
});
