import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { Random } from '../../../src/base/random.ts';
import { parseAuthorization, parseChallenge } from '../../../src/sip/auth/digest.ts';
import { parseNameAddr } from '../../../src/sip/message/name-addr.ts';
import { parseMessage } from '../../../src/sip/message/parser.ts';
import { serializeMessage } from '../../../src/sip/message/serializer.ts';
import {
  createResponse,
  type SipMessage,
  SipParseError,
  SipRequest,
} from '../../../src/sip/message/sip-message.ts';
import { parseUri } from '../../../src/sip/message/uri.ts';
import { parseVia } from '../../../src/sip/message/via.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { byteMutations, damaged, lineMutations, pieces } from '../mutations.ts';

export const typical = [
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

const corpus = new URL('../../corpus/', import.meta.url);
const torture = ['rfc4475', 'rfc5118'].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, corpus))
    .filter((file) => file.endsWith('.dat'))
    .map((file) => readFileSync(new URL(`${folder}/${file}`, corpus))),
);
const samples = [...typical, ...typical, ...typical, ...typical, ...torture];

/** Bytes that mean something to a SIP parser. */
// biome-ignore format: a list to be looked over
const parts = pieces(
  '\r\n', '\r', '\n', '\0', '\t', ' ', ':', ';', ',', '"', '\\', '<', '>', '@', '?', '=', '%', '[', ']',
  '\x7f', '\r\n ', '\r\n\r\n', '%0d%0a', '\\\r', 'SIP/2.0', '99999999999', '-1', '\xff',
);

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

/** One datagram, read to its last header, and answered as far as it can be. */
export const sipMessage: FuzzTarget = {
  name: 'sip-message',
  input: (random: Random) =>
    damaged(
      random,
      samples,
      [...Object.values(byteMutations), ...Object.values(lineMutations)],
      parts,
    ),
  run: (input) => {
    const outcome = readPacket(input);
    answer(outcome);
    if (!(outcome instanceof SipParseError)) return 'accepted';
    return outcome.status === undefined ? 'dropped' : 'answered';
  },
  reaches: ['accepted', 'answered', 'dropped'],
};

/** Reads a packet to the last getter. */
export function readPacket(packet: Buffer): SipMessage | SipParseError {
  const outcome = onlyParseErrors(() => parseMessage(packet));
  if (!(outcome instanceof SipParseError)) useUp(outcome);
  return outcome;
}
