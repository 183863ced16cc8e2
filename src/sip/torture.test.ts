import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createRig, type Rig } from '../../test/simulation/scripted-peer.ts';
import { parseSessionDescription } from '../sdp/session-description-text.ts';
import { textOf } from './dialog/message-body.ts';
import { parseMessage } from './message/parser.ts';
import { serializeMessage } from './message/serializer.ts';
import type { SipMessage } from './message/sip-message.ts';
import { parseUri } from './message/uri.ts';
import { parseVia } from './message/via.ts';

const read = (folder: string, file: string): Buffer =>
  readFileSync(new URL(`../../test/corpus/${folder}/${file}.dat`, import.meta.url));

/** What the whole user agent does: the status it responds with, `rings`, or `silent`. */
type Outcome = number | 'rings' | 'silent';
type Row = readonly [file: string, section: string, outcome: Outcome, asks: string];

/**
 * What each section of RFC 4475 asks of a user agent that is no registrar and no proxy, and has not asked for
 * what the responses among them answer. How much of each message the parser reads: rfc4475.test.ts.
 */
// biome-ignore format: a table
const rfc4475: readonly Row[] = [
  ['wsinv',      '3.1.1.1',  481,      'well-formed: it names a dialog, which we do not have'],
  ['intmeth',    '3.1.1.2',  405,      'well-formed: a method nobody knows'],
  ['esc01',      '3.1.1.3',  'rings',  'well-formed'],
  ['escnull',    '3.1.1.4',  405,      'well-formed: REGISTER at no registrar'],
  ['esc02',      '3.1.1.5',  405,      'the method is RE%47IST%45R, not REGISTER'],
  ['lwsdisp',    '3.1.1.6',  200,      'well-formed'],
  ['longreq',    '3.1.1.7',  'rings',  'well-formed'],
  ['dblreq',     '3.1.1.8',  405,      'one request; the second in the datagram is ignored'],
  ['semiuri',    '3.1.1.9',  200,      'well-formed'],
  ['transports', '3.1.1.10', 200,      'well-formed'],
  ['mpart01',    '3.1.1.11', 405,      'well-formed: MESSAGE'],
  ['unreason',   '3.1.1.12', 'silent', 'a response to nothing'],
  ['noreason',   '3.1.1.13', 'silent', 'a response to nothing'],
  ['badinv01',   '3.1.2.1',  400,      '400'],
  ['clerr',      '3.1.2.2',  400,      '400'],
  ['ncl',        '3.1.2.3',  400,      '400'],
  ['scalar02',   '3.1.2.4',  400,      '400'],
  ['scalarlg',   '3.1.2.5',  'silent', 'a response is dropped'],
  ['quotbal',    '3.1.2.6',  400,      '400'],
  ['ltgtruri',   '3.1.2.7',  400,      '400'],
  ['lwsruri',    '3.1.2.8',  400,      '400'],
  ['lwsstart',   '3.1.2.9',  400,      '400'],
  ['trws',       '3.1.2.10', 400,      '400 or leniency'],
  ['escruri',    '3.1.2.11', 400,      '400 or leniency'],
  ['baddate',    '3.1.2.12', 'rings',  'may be accepted: the Date is not needed'],
  ['regbadct',   '3.1.2.13', 405,      'a registrar refuses it; this is none'],
  ['badaspec',   '3.1.2.14', 400,      '400'],
  ['baddn',      '3.1.2.15', 400,      '400 or leniency'],
  ['badvers',    '3.1.2.16', 505,      '505'],
  ['mismatch01', '3.1.2.17', 400,      '400'],
  ['mismatch02', '3.1.2.18', 400,      '400 or 501'],
  ['bigcode',    '3.1.2.19', 'silent', 'a response is dropped'],
  ['badbranch',  '3.2.1',    200,      'handled as one of RFC 2543'],
  ['insuf',      '3.3.1',    400,      '400'],
  ['unkscm',     '3.3.2',    416,      '416'],
  ['novelsc',    '3.3.3',    416,      '416'],
  ['unksm2',     '3.3.4',    405,      'REGISTER at no registrar'],
  ['bext01',     '3.3.5',    420,      '420 that lists both extensions'],
  ['invut',      '3.3.6',    415,      '415 with Accept'],
  ['regaut01',   '3.3.7',    405,      'REGISTER at no registrar'],
  ['multi01',    '3.3.8',    400,      '400'],
  ['mcl01',      '3.3.9',    400,      '400'],
  ['bcast',      '3.3.10',   'silent', 'a response with a foreign Via is dropped'],
  ['zeromf',     '3.3.11',   200,      'is for us: Max-Forwards is no matter'],
  ['cparam01',   '3.3.12',   405,      'REGISTER at no registrar'],
  ['cparam02',   '3.3.13',   405,      'REGISTER at no registrar'],
  ['regescrt',   '3.3.14',   405,      'REGISTER at no registrar'],
  ['sdp01',      '3.3.15',   406,      '406: the sender reads no SDP'],
  ['inv2543',    '3.4.1',    'rings',  'handled as one of RFC 2543'],
];

type Sight = readonly [sees: (message: SipMessage) => unknown, is: unknown];
const uriOf = (message: SipMessage) =>
  parseUri(message.kind === 'request' ? message.requestUri : '');

/** RFC 5118: what is made of each message, and what the user agent does with it. */
// biome-ignore format: a table
const rfc5118: readonly (readonly [...Row, sight?: Sight])[] = [
  ['ipv6-good',                     '4.1',  405,      'well-formed', [(m) => [uriOf(m).host, parseUri(m.contact!.uri).host, m.topVia.host], ['2001:db8::10', '2001:db8::1', '2001:db8::9:1']]],
  ['ipv6-bad',                      '4.2',  400,      '400: the address needs its brackets'],
  ['port-ambiguous',                '4.3',  405,      'the last group is no port', [(m) => [uriOf(m).host, uriOf(m).port], ['2001:db8::10:5070', undefined]]],
  ['port-unambiguous',              '4.4',  405,      'the port stands behind the brackets', [(m) => [uriOf(m).host, uriOf(m).port], ['2001:db8::10', 5070]]],
  ['via-received-param-with-delim', '4.5',  481,      'received with brackets is understood', [(m) => m.topVia.received, '2001:db8::9:255']],
  ['via-received-param-no-delim',   '4.5',  200,      'received without brackets is understood', [(m) => m.topVia.received, '2001:db8::9:255']],
  ['ipv6-in-sdp',                   '4.6',  'rings',  'addresses in SDP have no brackets', [(m) => addressesIn(m), ['2001:db8::20', '2001:db8::20']]],
  ['mult-ip-in-header',             '4.7',  481,      'both families in one Via list', [(m) => m.headers.values('Via').map((via) => parseVia(via).host), ['2001:db8::9:1', '192.0.2.1', '2001:db8::9:255']]],
  ['mult-ip-in-sdp',                '4.8',  'rings',  'both families in one description', [(m) => addressesIn(m), ['192.0.2.1', '2001:db8::1']]],
  ['ipv4-mapped-ipv6',              '4.9',  'rings',  'IPv4 in IPv6', [(m) => [m.topVia.host, m.topVia.port, ...addressesIn(m)], ['::ffff:192.0.2.10', 19823, '::ffff:192.0.2.2', '::ffff:192.0.2.2']]],
  ['ipv6-bug-abnf-3-colons',        '4.10', 200,      'must be tolerated'],
  ['ipv6-correct-abnf-2-colons',    '4.10', 200,      'well-formed', [(m) => uriOf(m).host, '2001:db8::192.0.2.1']],
];

function addressesIn(message: SipMessage): string[] {
  return parseSessionDescription(textOf(message)).media.map(({ address }) => address);
}

/** Everything the user agent sent, as bytes: the scripted peer could not read some of it back. */
function sentBy({ network }: Rig): string[] {
  return network.trace
    .filter(({ from }) => from.host === '10.0.0.1')
    .map(({ bytes }) => Buffer.from(bytes).toString());
}

async function outcomeOf(bytes: Uint8Array): Promise<{ outcome: Outcome; sent: string[] }> {
  let rings = false;
  const rig = createRig({
    onInvite: () => {
      rings = true;
    },
  });
  // Its own answers to broken requests are as broken as these, since they copy what they answer.
  rig.network.fateOf = ({ from }) => (from.host === '10.0.0.1' ? 'lost' : undefined);
  rig.peer.sendBytes(bytes);
  await rig.clock.advance(100);
  const sent = sentBy(rig);
  await rig.userAgent.close();
  if (rings) return { outcome: 'rings', sent };
  assert.ok(sent.length <= 1, sent.join('\n'));
  return { outcome: sent[0] === undefined ? 'silent' : Number(sent[0].slice(8, 11)), sent };
}

describe('RFC 4475, the whole user agent', () => {
  for (const [file, section, outcome, asks] of rfc4475) {
    test(`${section} ${file}: ${outcome} (${asks})`, async () => {
      assert.equal((await outcomeOf(read('rfc4475', file))).outcome, outcome);
    });
  }

  test('3.3.5 the 420 lists what was not understood, 3.3.6 the 415 and 3.3.15 the 406 what would be', async () => {
    const headerIn = async (file: string, name: string): Promise<string | undefined> =>
      new RegExp(`^${name}: (.*)\r$`, 'm').exec(
        (await outcomeOf(read('rfc4475', file))).sent[0]!,
      )?.[1];
    assert.equal(
      await headerIn('bext01', 'Unsupported'),
      'nothingSupportsThis, nothingSupportsThisEither',
    );
    assert.equal(await headerIn('invut', 'Accept'), 'application/sdp');
    assert.equal(await headerIn('sdp01', 'Accept'), 'application/sdp');
  });
});

describe('RFC 5118', () => {
  for (const [file, section, outcome, asks, sight] of rfc5118) {
    test(`${section} ${file}: ${outcome} (${asks})`, async () => {
      const bytes = read('rfc5118', file);
      assert.equal((await outcomeOf(bytes)).outcome, outcome);
      if (sight === undefined) return;
      const [sees, is] = sight;
      assert.deepEqual(sees(parseMessage(bytes)), is);
      assert.deepEqual(sees(parseMessage(serializeMessage(parseMessage(bytes)))), is);
    });
  }

  test('an agent at an IPv6 address is answered there', async () => {
    const v6 = { host: '2001:db8::9:1', port: 6050 };
    const rig = createRig({ trusted: [v6.host] });
    const log: string[] = [];
    const phone = rig.network.open(v6, ({ bytes }) => log.push(Buffer.from(bytes).toString()));
    await phone.send(
      Buffer.from(
        'OPTIONS sip:[2001:db8::10] SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3\r\n' +
          'From: <sip:a@[2001:db8::9:1]>;tag=1\r\nTo: <sip:b@[2001:db8::10]>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n',
      ),
      { host: '10.0.0.1', port: 5060 },
    );
    await rig.clock.advance(0);
    assert.match(
      log[0]!,
      /^SIP\/2\.0 200 .*\r\nVia: SIP\/2\.0\/UDP \[2001:db8::9:1\]:6050;branch=z9hG4bKas3\r\n/,
    );
  });
});

test('every torture message has a row', () => {
  for (const [folder, rows] of [
    ['rfc4475', rfc4475],
    ['rfc5118', rfc5118],
  ] as const) {
    const files = readdirSync(new URL(`../../test/corpus/${folder}/`, import.meta.url));
    const named = rows.map(([file]) => `${file}.dat`).sort();
    assert.deepEqual(named, files.filter((file) => file.endsWith('.dat')).sort());
  }
  assert.equal(rfc4475.length, 49);
});

test('docs/rfc-coverage.md shows these outcomes', () => {
  const page = readFileSync(new URL('../../docs/rfc-coverage.md', import.meta.url), 'utf8');
  for (const [file, section, outcome, asks] of [...rfc4475, ...rfc5118]) {
    assert.ok(page.includes(`| ${section} | ${file} | ${outcome} | ${asks} |`), file);
  }
});
