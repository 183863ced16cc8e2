import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { pick, type Random, randomInt, seededRandom } from '../../src/base/random.ts';
import { parseAuthorization, parseChallenge } from '../../src/sip/auth/digest.ts';
import { parseNameAddr } from '../../src/sip/message/name-addr.ts';
import { limits, parseMessage } from '../../src/sip/message/parser.ts';
import { serializeMessage } from '../../src/sip/message/serializer.ts';
import {
  createResponse,
  type SipMessage,
  SipParseError,
  SipRequest,
} from '../../src/sip/message/sip-message.ts';
import { parseUri } from '../../src/sip/message/uri.ts';
import { parseVia } from '../../src/sip/message/via.ts';

const mutations = 100_000;
const seed = 20_261_123;
const stallMs = 50;

const typical = [
  `INVITE sip:79260000000@198.51.100.7:5060;transport=udp SIP/2.0
Via: SIP/2.0/UDP 198.51.100.24:5060;branch=z9hG4bK-524287-1---a3f6f1a4d3c2b1e0;rport
Max-Forwards: 69
Record-Route: <sip:198.51.100.24;lr;ftag=1918181833n>, <sip:[2001:db8::1]:5060;lr>
Contact: "Trunk" <sip:74993720692@198.51.100.24:5060;transport=udp>;q=0.5
To: <sip:79260000000@trunk.example>
From: "Ivanov \\"I\\"" <sip:74993720692@trunk.example>;tag=1918181833n
Call-ID: 84ZmI3NTAxYTU0MzRiNmY3OGQ1ZTQ5OWQ0@198.51.100.24
CSeq: 314159 INVITE
Proxy-Authorization: Digest username="alice", realm="trunk.example", nonce="c60f3082ee1212b402a21831ae",
 response="245f23415f11432b3434341c022", uri="sip:79260000000@trunk.example", qop=auth, nc=00000001, cnonce="0a4f113b"
Content-Type: application/sdp
Content-Length: 48

v=0
o=- 1 1 IN IP4 198.51.100.24
s=-
t=0 0
`,
  `SIP/2.0 407 Proxy Authentication Required
Via: SIP/2.0/UDP 198.51.100.7:5060;rport=5060;received=198.51.100.7;branch=z9hG4bK776asdhds
v: SIP / 2.0 / TCP [2001:db8::9]:5061;branch=z9hG4bK1
f: "Иванов" <sip:74993720692@trunk.example>;tag=1928301774
t: <sip:79260000000@trunk.example>;tag=a6c85cf
i: a84b4c76e66710
CSeq: 314159 INVITE
Proxy-Authenticate: Digest realm="trunk.example", nonce="f84f1cec41e6cbe5aea9c8e88d359", algorithm=SHA-256, qop="auth,auth-int", stale=FALSE
l: 0

`,
  `BYE sip:74993720692@198.51.100.24:5060 SIP/2.0
Via: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bKnashds8
Max-Forwards: 70
Route: <sip:198.51.100.24;lr>
From: sip:79260000000@trunk.example;tag=a6c85cf
To: sip:74993720692@trunk.example;tag=1928301774
Call-ID: a84b4c76e66710
CSeq: 231 BYE
Reason: Q.850;cause=16;text="Normal call clearing"
Content-Length: 0

`,
].map((text) => Buffer.from(text.replaceAll('\n', '\r\n')));

const corpus = new URL('../corpus/rfc4475/', import.meta.url);
const torture = readdirSync(corpus)
  .filter((file) => file.endsWith('.dat'))
  .map((file) => readFileSync(new URL(file, corpus)));

/** Bytes that mean something to a SIP parser. */
// biome-ignore format: a list to be looked over
const meaningful = [
  '\r\n', '\r', '\n', '\0', '\t', ' ', ':', ';', ',', '"', '\\', '<', '>', '@', '?', '=', '%', '[', ']',
  '\x7f', '\r\n ', '\r\n\r\n', '%0d%0a', '\\\r', 'SIP/2.0', '99999999999', '-1', '\xff',
].map((text) => Buffer.from(text, 'latin1'));

type Mutation = (bytes: Buffer, random: Random) => Buffer;

const at = (bytes: Buffer, random: Random): number => randomInt(random, 0, bytes.length);

function splice(bytes: Buffer, from: number, to: number, ...inserted: Buffer[]): Buffer {
  return Buffer.concat([bytes.subarray(0, from), ...inserted, bytes.subarray(to)]);
}

const kinds: Record<string, Mutation> = {
  flip: (bytes, random) => {
    const copy = Buffer.from(bytes);
    for (let count = randomInt(random, 1, 8); count > 0 && copy.length > 0; count--) {
      const index = randomInt(random, 0, copy.length - 1);
      copy[index] = copy[index]! ^ (1 << randomInt(random, 0, 7));
    }
    return copy;
  },
  truncate: (bytes, random) => bytes.subarray(0, at(bytes, random)),
  insert: (bytes, random) => {
    const index = at(bytes, random);
    return splice(bytes, index, index, pick(random, meaningful));
  },
  overwrite: (bytes, random) => {
    const index = at(bytes, random);
    const piece = pick(random, meaningful);
    return splice(bytes, index, Math.min(bytes.length, index + piece.length), piece);
  },
  remove: (bytes, random) => {
    const index = at(bytes, random);
    return splice(bytes, index, Math.min(bytes.length, index + randomInt(random, 1, 20)));
  },
  duplicate: (bytes, random) => {
    const from = at(bytes, random);
    const piece = bytes.subarray(from, from + randomInt(random, 1, 200));
    return splice(
      bytes,
      from,
      from,
      ...Array.from({ length: randomInt(random, 1, 4) }, () => piece),
    );
  },
  blowUp: (bytes, random) => {
    const index = at(bytes, random);
    const piece = pick(random, meaningful);
    return splice(bytes, index, index, Buffer.alloc(randomInt(random, 1, 9_000), piece));
  },
  shuffleLines: (bytes, random) => {
    const lines = bytes.toString('latin1').split('\r\n');
    for (let count = randomInt(random, 1, 4); count > 0; count--) {
      const from = randomInt(random, 0, lines.length - 1);
      const to = randomInt(random, 0, lines.length - 1);
      [lines[from], lines[to]] = [lines[to]!, lines[from]!];
    }
    return Buffer.from(lines.join('\r\n'), 'latin1');
  },
};

// biome-ignore format: a list to be looked over
const getters = [
  'topVia', 'from', 'to', 'sipCallId', 'cseq', 'contact', 'routes', 'recordRoutes', 'maxForwards', 'contentType',
] as const;

/** Does all that somebody will do with such a message; only SipParseError may come of it. */
function useUp(message: SipMessage): void {
  for (const name of getters) onlyParseErrors(() => message[name]);
  for (const value of message.headers.values('Via')) onlyParseErrors(() => parseVia(value));
  for (const name of ['From', 'To', 'Contact']) {
    for (const value of message.headers.values(name)) {
      onlyParseErrors(() => parseUri(parseNameAddr(value).uri));
    }
  }
  for (const name of ['Proxy-Authenticate', 'Proxy-Authorization']) {
    const value = message.headers.get(name) ?? '';
    onlyParseErrors(() => parseChallenge(value));
    onlyParseErrors(() => parseAuthorization(value));
  }
}

function onlyParseErrors<T>(work: () => T): T | SipParseError {
  try {
    return work();
  } catch (error) {
    if (error instanceof SipParseError) return error;
    throw error;
  }
}

/** Whatever was accepted can be sent again, and can be answered; so can what is answered by an error. */
function answer(outcome: SipMessage | SipParseError): void {
  if (outcome instanceof SipParseError) {
    assert.equal(outcome.status === undefined, outcome.request === undefined);
    if (outcome.request === undefined) return;
    serializeMessage(createResponse(outcome.request, outcome.status!, { toTag: 'x' }));
    return;
  }
  // A packet full of single-letter names is longer when each gets its blank.
  if (outcome.headers.length < 200) serializeMessage(outcome);
  if (outcome instanceof SipRequest) serializeMessage(createResponse(outcome, 200, { toTag: 'x' }));
}

type Reading = { readonly outcome: SipMessage | SipParseError; readonly tookMs: number };

/** Reads the packet to the last getter. What took long only because the machine was busy does so once. */
function readTimed(packet: Buffer): Reading {
  let fastest: Reading | undefined;
  for (let attempt = 0; attempt < 3; attempt++) {
    const start = performance.now();
    const outcome = onlyParseErrors(() => parseMessage(packet));
    if (!(outcome instanceof SipParseError)) useUp(outcome);
    const tookMs = performance.now() - start;
    if (fastest === undefined || tookMs < fastest.tookMs) fastest = { outcome, tookMs };
    if (tookMs < stallMs / 5) break;
  }
  return fastest!;
}

test(`${mutations} mutated packets: nothing but SipParseError, none takes ${stallMs} ms`, (context) => {
  const random = seededRandom(seed);
  const sources = [...typical, ...typical, ...typical, ...typical, ...torture];
  const mutators = Object.entries(kinds);
  const seen = { accepted: 0, answered: 0, dropped: 0, slowestMs: 0 };
  for (let count = 0; count < mutations; count++) {
    let packet: Buffer = pick(random, sources);
    const applied: string[] = [];
    for (let depth = randomInt(random, 1, 3); depth > 0; depth--) {
      const [name, mutate] = pick(random, mutators);
      applied.push(name);
      packet = mutate(packet, random);
    }
    try {
      const { outcome, tookMs } = readTimed(packet);
      seen.slowestMs = Math.max(seen.slowestMs, tookMs);
      answer(outcome);
      if (!(outcome instanceof SipParseError)) seen.accepted++;
      else if (outcome.status === undefined) seen.dropped++;
      else seen.answered++;
    } catch (cause) {
      const which = `seed ${seed}, packet ${count} (${applied}): ${JSON.stringify(packet.toString('latin1'))}`;
      throw new Error(which, { cause });
    }
  }
  context.diagnostic(JSON.stringify(seen));
  assert.ok(seen.slowestMs < stallMs, `${seen.slowestMs} ms`);
  // The mutations must not be so wild that only the first check is ever tried.
  for (const count of [seen.accepted, seen.answered, seen.dropped])
    assert.ok(count > mutations / 20);
});

describe('packets made to be slow are not', () => {
  const head = typical[0]!.toString('latin1').split('\r\n\r\n')[0]!;
  const room = limits.messageBytes - head.length - 40;
  const inHeader = (name: string, unit: string, length: number): string =>
    `${head}\r\n${name}: ${unit.repeat(Math.floor(length / unit.length))}\r\n\r\n`;
  const filled = (unit: string): string => head + unit.repeat(Math.floor(room / unit.length));
  // biome-ignore format: a list to be looked over
  const units = [
    ',', ';', '"', '<', '>', '\\', '\\"', ';a="', ';a=""', '""', '<"', ',<', ':', '@', ' ', '%', 'a:b,', '<a:b>,',
    'a=b,', ';a', '[', '"\\', ';"a', '\\\\', '\\\x01', '=', '?', '/ ', '\t',
  ];
  const names = ['Via', 'Contact', 'Route', 'Record-Route', 'Proxy-Authenticate', 'Max-Forwards'];

  test('one long header of anything', () => {
    for (const name of [...names, 'X']) {
      for (const unit of units) {
        for (const length of [limits.headerLength - 100, room]) {
          const packet = Buffer.from(inHeader(name, unit, length), 'latin1');
          const took = readTimed(packet).tookMs;
          assert.ok(took < stallMs, `${name}: ${JSON.stringify(unit)} * ${length}: ${took} ms`);
        }
      }
    }
  });

  const whole: Record<string, string> = {
    'very many headers': filled('\r\na:b'),
    'very many Route headers': filled(`\r\nRoute: ${'<a:b>,'.repeat(1_000)}`),
    'one header folded very often': filled('\r\n '),
    'very many lines without a colon': filled('\r\nabc'),
    'one colon at the very end': `${filled('\r\n')}:`,
    'nothing but line ends': '\r\n'.repeat(32_000),
    'nothing but blanks': ' '.repeat(65_000),
    'a request line of blanks': `INVITE${' '.repeat(65_000)}SIP/2.0\r\n\r\n`,
    'a Request-URI of escapes': `INVITE sip:${'%41'.repeat(20_000)}@a SIP/2.0\r\n\r\n`,
    'a Request-URI of parameters': `INVITE sip:a${';b'.repeat(30_000)} SIP/2.0\r\n\r\n`,
    'a start line without end': 'A'.repeat(65_535),
    'lone carriage returns': filled('\r'),
    'lone line feeds': filled('\n'),
    'a digit for every byte': inHeader('Max-Forwards', '9', 8_000),
  };
  for (const [name, text] of Object.entries(whole)) {
    test(name, () => {
      const took = readTimed(Buffer.from(text, 'latin1')).tookMs;
      assert.ok(took < stallMs, `${took} ms`);
    });
  }

  test('more than the longest datagram is refused unread', () => {
    assert.throws(() => parseMessage(Buffer.alloc(limits.messageBytes + 1, 'a')), SipParseError);
  });
});
