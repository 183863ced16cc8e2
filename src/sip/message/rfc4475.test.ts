import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseNameAddr } from './name-addr.ts';
import { parseMessage } from './parser.ts';
import { serializeMessage } from './serializer.ts';
import { createResponse, type SipMessage, SipParseError } from './sip-message.ts';
import { parseUri, sameUri } from './uri.ts';
import { parseVia } from './via.ts';

const corpus = new URL('../../../test/corpus/rfc4475/', import.meta.url);
const read = (file: string): Buffer => readFileSync(new URL(file, corpus));

/** `parses`, the status that answers it, or `dropped` (nothing can or may be answered). */
type Outcome = 'parses' | 400 | 505 | 'dropped';
type Row = [
  file: string,
  section: string,
  outcome: Outcome,
  why: string,
  sees?: (message: SipMessage) => unknown,
  is?: unknown,
];

const valid: Row[] = [
  [
    'wsinv',
    '3.1.1.1',
    'parses',
    'folds, compact names, blanks wherever they are allowed',
    ({ headers, from, to, cseq, maxForwards, contact, routes }) => [
      [from.displayName, from.uri, from.tag],
      [to.uri, to.tag, cseq, maxForwards, headers.get('subject'), headers.get('newfangledheader')],
      [contact?.displayName, contact?.params.get('q'), contact?.params.get('secondparam')],
      routes.map(({ uri }) => uri),
      headers.values('Via').map((value) => parseVia(value).protocol + parseVia(value).branch),
    ],
    [
      ['J Rosenberg \\"', 'sip:jdrosen@example.com', '98asjd8'],
      [
        'sip:vivekg@chair-dnrc.example.com',
        '1918181833n',
        { sequence: 9, method: 'INVITE' },
        68,
        '',
        'newfangled value continued newfangled value',
      ],
      ['Quoted string ""', '0.33', true],
      ['sip:services.example.com;lr;unknownwith=value;unknown-no-value'],
      ['UDP390skdjuw', 'TCPz9hG4bK9ikj8', 'UDPz9hG4bK30239'],
    ],
  ],
  [
    'intmeth',
    '3.1.1.2',
    'parses',
    'every character its grammar allows, controls in quotes',
    ({ to, from, sipCallId }) => [to.displayName, from.displayName, from.tag, sipCallId],
    [
      // Deviation: the control characters, legal after a backslash, do not get in.
      'BEL: NUL: DEL:',
      "token1~` token2'+_ token3*%!.-",
      "_token~1'+`*%!-.",
      'intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{',
    ],
  ],
  [
    'esc01',
    '3.1.1.3',
    'parses',
    'escapes in users and parameters mean the characters',
    ({ to, contact }) => [
      sameUri(parseUri(to.uri), parseUri('sip:user@example.com')),
      parseUri(contact!.uri).user,
    ],
    [true, 'cal%6Cer'],
  ],
  [
    'escnull',
    '3.1.1.4',
    'parses',
    'an escaped NUL stays escaped',
    ({ to }) => to.uri,
    'sip:null-%00-null@example.com',
  ],
  [
    'esc02',
    '3.1.1.5',
    'parses',
    'a percent sign in a token is no escape',
    ({ cseq, from, headers, topVia }) => [
      cseq.method,
      from.displayName,
      headers.all('Contact').length,
      topVia.branch,
    ],
    ['RE%47IST%45R', '%Z%45', 2, 'z9hG4bK209%fzsnel234'],
  ],
  ['lwsdisp', '3.1.1.6', 'parses', 'no blank before <', ({ from }) => from.displayName, 'caller'],
  [
    'longreq',
    '3.1.1.7',
    'parses',
    'long values, 34 Via lines',
    ({ headers, from, topVia }) => [headers.all('Via').length, from.tag?.length, topVia.host],
    [34, 155, 'sip33.example.com'],
  ],
  [
    'dblreq',
    '3.1.1.8',
    'parses',
    'what follows the body in a datagram is ignored',
    ({ body, sipCallId }) => [body.length, sipCallId],
    [0, 'dblreq.0ha0isndaksdj99sdfafnl3lk233412'],
  ],
  [
    'semiuri',
    '3.1.1.9',
    'parses',
    'a semicolon may stand in a user',
    (message) => {
      const uri = parseUri(message.kind === 'request' ? message.requestUri : '');
      return [uri.user, uri.host, uri.params.size];
    },
    ['user;par=u%40example.net', 'example.com', 0],
  ],
  [
    'transports',
    '3.1.1.10',
    'parses',
    'a transport we have never heard of',
    ({ headers }) => headers.values('Via').map((value) => parseVia(value).protocol),
    ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP'],
  ],
  [
    'mpart01',
    '3.1.1.11',
    'parses',
    'a body of bytes, NULs among them',
    ({ body, contentType }) => [body.length, contentType],
    [553, 'multipart/mixed'],
  ],
  [
    'unreason',
    '3.1.1.12',
    'parses',
    'UTF-8 in the reason phrase',
    (message) => message.kind === 'response' && message.reason,
    '= 2**3 * 5**2 но сто девяносто девять - простое',
  ],
  [
    'noreason',
    '3.1.1.13',
    'parses',
    'an empty reason phrase',
    (message) => message.kind === 'response' && [message.status, message.reason],
    [100, ''],
  ],
];

const invalid: Row[] = [
  ['badinv01', '3.1.2.1', 400, 'stray separators in Via and Contact'],
  ['clerr', '3.1.2.2', 400, 'the body is shorter than announced'],
  ['ncl', '3.1.2.3', 400, 'a negative Content-Length'],
  ['scalar02', '3.1.2.4', 400, 'a CSeq beyond 2^31'],
  ['scalarlg', '3.1.2.5', 'dropped', 'the same in a response'],
  ['quotbal', '3.1.2.6', 400, 'an unclosed quote in To'],
  ['ltgtruri', '3.1.2.7', 400, '<> around the Request-URI'],
  ['lwsruri', '3.1.2.8', 400, 'a blank within the Request-URI'],
  ['lwsstart', '3.1.2.9', 400, 'two blanks in the request line'],
  ['trws', '3.1.2.10', 400, 'blanks after the request line'],
  ['escruri', '3.1.2.11', 400, 'headers in the Request-URI'],
  ['baddate', '3.1.2.12', 'parses', 'a Date in EST: a header we do not use may be malformed'],
  [
    'regbadct',
    '3.1.2.13',
    'parses',
    'but its Contact, with ? and no <>, cannot be read',
    (message) => statusOf(() => message.contact),
    400,
  ],
  ['badaspec', '3.1.2.14', 400, 'blanks between < and >'],
  ['baddn', '3.1.2.15', 400, 'as distributed it lacks the empty line that ends its headers'],
  ['badvers', '3.1.2.16', 505, 'SIP/7.0'],
  ['mismatch01', '3.1.2.17', 400, 'CSeq names another method'],
  ['mismatch02', '3.1.2.18', 400, 'the same, the method being unknown'],
  ['bigcode', '3.1.2.19', 'dropped', 'a status of ten digits'],
];

const later: Row[] = [
  [
    'badbranch',
    '3.2.1',
    'parses',
    'a branch of the cookie alone: matched as RFC 2543 does',
    ({ topVia }) => topVia.branch,
    'z9hG4bK',
  ],
  ['insuf', '3.3.1', 400, 'no From, To or Call-ID'],
  [
    'unkscm',
    '3.3.2',
    'parses',
    'an unknown scheme, which the user agent answers 416',
    schemeStatus,
    416,
  ],
  ['novelsc', '3.3.3', 'parses', 'a scheme with a dot in it, likewise', schemeStatus, 416],
  [
    'unksm2',
    '3.3.4',
    'parses',
    'other schemes in To, From and Contact',
    ({ to, from, contact }) => [to.uri, from.uri, contact?.uri],
    ['isbn:2983792873', 'http://www.example.com', 'name:John_Smith'],
  ],
  [
    'bext01',
    '3.3.5',
    'parses',
    'unknown extensions, which the user agent answers 420',
    ({ headers }) => headers.values('Require'),
    ['nothingSupportsThis', 'nothingSupportsThisEither'],
  ],
  [
    'invut',
    '3.3.6',
    'parses',
    'an unknown body, which the user agent answers 415',
    ({ contentType }) => contentType,
    'application/unknownformat',
  ],
  [
    'regaut01',
    '3.3.7',
    'parses',
    'an unknown scheme of authorization',
    ({ headers }) => headers.get('Authorization'),
    'NoOneKnowsThisScheme opaque-data=here',
  ],
  ['multi01', '3.3.8', 400, 'two of each header that may come once'],
  ['mcl01', '3.3.9', 400, 'two different Content-Lengths'],
  [
    'bcast',
    '3.3.10',
    'parses',
    'a response with two Via: the transport drops it, it is not ours alone',
    ({ headers }) => headers.values('Via').length,
    2,
  ],
  [
    'zeromf',
    '3.3.11',
    'parses',
    'Max-Forwards 0 is no matter for who is not a proxy',
    ({ maxForwards }) => maxForwards,
    0,
  ],
  [
    'cparam01',
    '3.3.12',
    'parses',
    "without <> the parameter is the header's",
    ({ contact }) => [contact?.uri, contact?.params.get('unknownparam')],
    ['sip:+19725552222@gw1.example.net', true],
  ],
  [
    'cparam02',
    '3.3.13',
    'parses',
    "within <> it is the URI's",
    ({ contact }) => [parseUri(contact!.uri).params.get('unknownparam'), contact?.params.size],
    [true, 0],
  ],
  [
    'regescrt',
    '3.3.14',
    'parses',
    'headers within the URI of a Contact',
    ({ contact }) => parseUri(contact!.uri).headers,
    'Route=%3Csip:sip.example.com%3E',
  ],
  [
    'sdp01',
    '3.3.15',
    'parses',
    'Accept without SDP, which the user agent answers 406',
    ({ headers }) => headers.get('Accept'),
    'text/nobodyKnowsThis',
  ],
  [
    'inv2543',
    '3.4.1',
    'parses',
    'no branch, no tag, no Content-Length: RFC 2543',
    ({ topVia, from, body }) => [topVia.branch, from.tag, body.length],
    [undefined, undefined, 105],
  ],
];

function schemeStatus(message: SipMessage): unknown {
  return statusOf(() => parseUri(message.kind === 'request' ? message.requestUri : ''));
}

function statusOf(work: () => unknown): number | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof SipParseError) return error.status;
    throw error;
  }
  return undefined;
}

describe('RFC 4475', () => {
  for (const [file, section, outcome, why, sees, is] of [...valid, ...invalid, ...later]) {
    test(`${section} ${file}: ${outcome}, ${why}`, () => {
      const bytes = read(`${file}.dat`);
      if (outcome === 'parses') {
        const message = parseMessage(bytes);
        if (sees !== undefined) assert.deepEqual(sees(message), is);
        assertSurvivesSending(message);
        return;
      }
      const error = errorOf(bytes);
      assert.equal(error.status, outcome === 'dropped' ? undefined : outcome);
      assert.equal(error.request === undefined, outcome === 'dropped');
      if (error.request !== undefined) serializeMessage(createResponse(error.request, 400));
    });
  }

  test('every file of the corpus has a row', () => {
    const files = readdirSync(corpus).filter((file) => file.endsWith('.dat'));
    const rows = [...valid, ...invalid, ...later].map(([file]) => `${file}.dat`);
    assert.deepEqual(rows.sort(), files.sort());
  });

  test('3.1.2.15 with its empty line: an unquoted name with a comma is read, there is no doubt about it', () => {
    const message = parseMessage(Buffer.concat([read('baddn.dat'), Buffer.from('\r\n')]));
    assert.equal(message.from.displayName, 'Bell, Alexander');
    assert.equal(message.from.tag, '43');
    assert.equal(parseNameAddr(message.headers.get('To')!).uri, 'sip:t.watson@example.org');
  });
});

function errorOf(bytes: Uint8Array): SipParseError {
  try {
    parseMessage(bytes);
  } catch (error) {
    if (error instanceof SipParseError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'it was accepted' });
}

/** Written and read again it is the same message. */
function assertSurvivesSending(message: SipMessage): void {
  const again = parseMessage(serializeMessage(message));
  const headers = (of: SipMessage) =>
    [...of.headers].filter(([name]) => !/^(?:content-length|l)$/i.test(name));
  assert.deepEqual(headers(again), headers(message));
  assert.deepEqual([...again.body], [...message.body]);
}
