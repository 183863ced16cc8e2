import assert from 'node:assert/strict';
import { applyAnswer, makeAnswer, makeOffer } from '../../../src/sdp/offer-answer.ts';
import {
  formatSessionDescription,
  parseSessionDescription,
  SdpError,
} from '../../../src/sdp/session-description-text.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { byteMutations, damaged, lineMutations, pieces } from '../mutations.ts';

const texts = [
  `v=0
o=- 20518 0 IN IP4 203.0.113.1
s=-
c=IN IP4 203.0.113.1
t=0 0
a=sendonly
m=audio 54400 RTP/AVP 8 0 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
a=rtcp:54401
`,
  `v=0
o=bob 2808844564 2808844564 IN IP6 2001:db8::1
s=
t=0 0
m=audio 49174/2 RTP/AVPF 0 96
c=IN IP6 2001:db8::1
a=rtpmap:96 opus/48000/2
a=fmtp:96 useinbandfec=1;stereo=0
a=inactive
m=video 0 RTP/SAVPF 97
a=rtpmap:97 H264/90000
a=candidate:1 1 UDP 2130706431 203.0.113.1 8998 typ host
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz
m=application 9 DTLS/SCTP 5000
`,
  `v=0
o=x 1 1 IN IP4 0.0.0.0
s=x
c=IN IP4 0.0.0.0
t=0 0
m=audio 6000 RTP/AVP 18 3 9
`,
];
const samples = texts.map((text) => Buffer.from(text.replaceAll('\n', '\r\n')));

// biome-ignore format: a list to be looked over
const parts = pieces(
  'm=', 'a=', 'c=', 'v=0', '\r\n', '\n', '\r', ' ', '/', ':', '0', '-1', '65535', '65536', '1e9', '99999999999999999999',
  'IN IP4 224.0.0.1/127', 'IN IP4 host.example', 'rtpmap:', 'fmtp:', 'a=rtpmap:127 x/8000/9', 'sendrecv', 'RTP/AVP', '\0', '\xff',
  '__proto__', 'a=ssrc:1 cname:x', 'a=rtcp-fb:* nack', 'a=group:BUNDLE 0 1', 'a=extmap:1/recvonly urn:x', 'NaN',
);

const local = {
  sessionId: '1',
  version: 1,
  address: '192.0.2.1',
  port: 4000,
  codecs: ['PCMA', 'PCMU'],
} as const;

/** A description as offer and as answer: read, answered, applied, and what we say of it written. */
export const sdp: FuzzTarget = {
  name: 'sdp',
  input: (random) =>
    damaged(
      random,
      samples,
      [
        ...Object.values(byteMutations),
        ...Object.values(lineMutations),
        ...Object.values(lineMutations),
      ],
      parts,
    ),
  run: (input) => {
    const text = input.toString('utf8');
    let read: ReturnType<typeof parseSessionDescription>;
    try {
      read = parseSessionDescription(text);
    } catch (error) {
      if (error instanceof SdpError) return 'unreadable';
      throw error;
    }
    const made = makeAnswer(read, local);
    const applied = applyAnswer(makeOffer(local), read);
    if (!('problem' in applied)) assert.ok(applied.remote.port > 0 && applied.remote.port < 65_536);
    if ('problem' in made) return 'refused';
    // Whatever the offer held, our answer to it can be sent, and has a place for each of its streams.
    const again = parseSessionDescription(formatSessionDescription(made.answer));
    assert.equal(again.media.length, read.media.length);
    formatSessionDescription(makeOffer({ ...local, previous: made.answer }));
    return 'answered';
  },
  reaches: ['unreadable', 'refused', 'answered'],
};
