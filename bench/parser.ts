import { pathToFileURL } from 'node:url';
import { parseMessage } from '../src/sip/message/parser.ts';
import { serializeMessage } from '../src/sip/message/serializer.ts';
import { createResponse, type SipRequest } from '../src/sip/message/sip-message.ts';

const sdp = `v=0
o=- 3914217101 3914217101 IN IP4 198.51.100.24
s=trunk
c=IN IP4 198.51.100.24
t=0 0
m=audio 40012 RTP/AVP 8 0 18 101
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:18 G729/8000
a=fmtp:18 annexb=no
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
a=maxptime:150
a=sendrecv
`.replaceAll('\n', '\r\n');

/** An INVITE as a trunk sends it: two Via, digest, session timer, identity; 1.3 kB with its offer. */
export const typicalInvite = Buffer.from(
  [
    'INVITE sip:79260000000@198.51.100.7:5060;transport=udp SIP/2.0',
    'Via: SIP/2.0/UDP 198.51.100.24:5060;branch=z9hG4bK-524287-1---a3f6f1a4d3c2b1e0;rport',
    'Via: SIP/2.0/UDP 10.20.30.40:5060;branch=z9hG4bK9ikj8f7a;received=198.51.100.25',
    'Max-Forwards: 69',
    'Record-Route: <sip:198.51.100.24;lr;ftag=1918181833n>',
    'Contact: <sip:74993720692@198.51.100.24:5060;transport=udp>',
    'To: <sip:79260000000@trunk.example>',
    'From: "Ivanov" <sip:74993720692@trunk.example>;tag=1918181833n',
    'Call-ID: 84ZmI3NTAxYTU0MzRiNmY3OGQ1ZTQ5OWQ0@198.51.100.24',
    'CSeq: 314159 INVITE',
    'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, INFO, UPDATE, PRACK',
    'Content-Type: application/sdp',
    'Supported: replaces, timer, 100rel',
    'Session-Expires: 1800;refresher=uac',
    'Min-SE: 90',
    'User-Agent: Trunk/3.2.1',
    'P-Asserted-Identity: <sip:+74993720692@trunk.example>',
    'Identity-Info: <https://trunk.example/certificates/2026.cer>;alg=rsa-sha1',
    'Accept: application/sdp, application/dtmf-relay',
    'Date: Mon, 23 Nov 2026 10:00:00 GMT',
    `Content-Length: ${sdp.length}`,
    '',
    sdp,
  ].join('\r\n'),
);

/** Microseconds of `work`: the best of several rounds, as the machine is seldom ours alone. */
function microseconds(work: () => unknown): number {
  const rounds = 30;
  const runs = 2_000;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    for (let run = 0; run < runs; run++) work();
    best = Math.min(best, ((performance.now() - start) * 1000) / runs);
  }
  return Math.round(best * 100) / 100;
}

/** What reading and writing SIP messages costs. */
export async function benchParser(): Promise<{ name: string; value: number; unit: string }[]> {
  const invite = parseMessage(typicalInvite) as SipRequest;
  const row = (name: string, work: () => unknown) => ({
    name,
    value: microseconds(work),
    unit: 'us',
  });
  return [
    row(
      `parse of a typical INVITE (${typicalInvite.length} bytes), Via, From, To, CSeq typed`,
      () => {
        const { topVia, from, to, cseq } = parseMessage(typicalInvite);
        return [topVia.branch, from.tag, to.tag, cseq.sequence];
      },
    ),
    row('the same, Contact and Record-Route typed as well', () => {
      const { topVia, contact, recordRoutes } = parseMessage(typicalInvite);
      return [topVia, contact, recordRoutes];
    }),
    row('serialising it', () => serializeMessage(invite)),
    row('making and serialising its 180', () =>
      serializeMessage(createResponse(invite, 180, { toTag: 'a6c85cf' })),
    ),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { name, value, unit } of await benchParser()) console.log(`${name}: ${value} ${unit}`);
}
