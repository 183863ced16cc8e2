import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SessionDescription } from './session-description.ts';
import {
  formatSessionDescription,
  parseSessionDescription,
  SdpError,
} from './session-description-text.ts';

const lines = (...all: readonly string[]): string => `${all.join('\r\n')}\r\n`;

const pbx = lines(
  'v=0',
  'o=root 1821 1822 IN IP4 192.0.2.10',
  's=Asterisk',
  'c=IN IP4 192.0.2.10',
  't=0 0',
  'm=audio 17004 RTP/AVP 8 0 101',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=ptime:20',
  'a=maxptime:150',
  'a=sendrecv',
);

const pbxDescription: SessionDescription = {
  origin: { username: 'root', sessionId: '1821', sessionVersion: 1822, address: '192.0.2.10' },
  media: [
    {
      kind: 'audio',
      port: 17004,
      protocol: 'RTP/AVP',
      address: '192.0.2.10',
      direction: 'sendrecv',
      codecs: [
        { payloadType: 8, name: 'PCMA', clockRate: 8000 },
        { payloadType: 0, name: 'PCMU', clockRate: 8000 },
        { payloadType: 101, name: 'telephone-event', clockRate: 8000, fmtp: '0-16' },
      ],
      ptime: 20,
      maxptime: 150,
    },
  ],
};

test('a description of a PBX', () => {
  assert.deepEqual(parseSessionDescription(pbx), pbxDescription);
});

test('written with the address at the medium, one attribute a line', () => {
  assert.equal(
    formatSessionDescription(pbxDescription),
    lines(
      'v=0',
      'o=root 1821 1822 IN IP4 192.0.2.10',
      's=-',
      't=0 0',
      'm=audio 17004 RTP/AVP 8 0 101',
      'c=IN IP4 192.0.2.10',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      'a=ptime:20',
      'a=maxptime:150',
      'a=sendrecv',
    ),
  );
});

const session = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'];

/** What is read of the first medium. */
const readings: readonly {
  name: string;
  text: string;
  media: Partial<SessionDescription['media'][number]>;
}[] = [
  {
    name: 'payload types without rtpmap have their static meaning',
    text: lines(...session, 'm=audio 4000 RTP/AVP 0 8 18 9'),
    media: {
      codecs: [
        { payloadType: 0, name: 'PCMU', clockRate: 8000 },
        { payloadType: 8, name: 'PCMA', clockRate: 8000 },
        { payloadType: 18, name: 'G729', clockRate: 8000 },
        { payloadType: 9, name: 'G722', clockRate: 8000 },
      ],
    },
  },
  {
    name: 'a dynamic payload type without rtpmap is nothing; one above 127 is none',
    text: lines(...session, 'm=audio 4000 RTP/AVP 97 8 200'),
    media: { codecs: [{ payloadType: 8, name: 'PCMA', clockRate: 8000 }] },
  },
  {
    name: 'rtpmap of a payload type that the m= line does not name counts nothing',
    text: lines(...session, 'm=audio 4000 RTP/AVP 8', 'a=rtpmap:0 PCMU/8000'),
    media: { codecs: [{ payloadType: 8, name: 'PCMA', clockRate: 8000 }] },
  },
  {
    name: 'channels and parameters of Opus',
    text: lines(
      ...session,
      'm=audio 4000 RTP/AVP 111',
      'a=rtpmap:111 opus/48000/2',
      'a=fmtp:111 minptime=10;useinbandfec=1',
    ),
    media: {
      codecs: [
        {
          payloadType: 111,
          name: 'opus',
          clockRate: 48_000,
          channels: 2,
          fmtp: 'minptime=10;useinbandfec=1',
        },
      ],
    },
  },
  {
    name: "the medium's own address stands before the session's",
    text: lines(...session, 'm=audio 4000 RTP/AVP 8', 'c=IN IP4 198.51.100.7'),
    media: { address: '198.51.100.7' },
  },
  {
    name: 'the hold of RFC 2543 is kept as it is',
    text: lines(...session, 'm=audio 4000 RTP/AVP 8', 'c=IN IP4 0.0.0.0'),
    media: { address: '0.0.0.0', direction: 'sendrecv' },
  },
  {
    name: 'a time to live after the address is cut',
    text: lines(...session, 'm=audio 4000 RTP/AVP 8', 'c=IN IP4 224.2.1.1/127'),
    media: { address: '224.2.1.1' },
  },
  {
    name: 'IPv6',
    text: lines(...session, 'm=audio 4000 RTP/AVP 8', 'c=IN IP6 2001:db8::1'),
    media: { address: '2001:db8::1' },
  },
  {
    name: "the session's direction holds for a medium without one",
    text: lines(...session, 'a=sendonly', 'm=audio 4000 RTP/AVP 8'),
    media: { direction: 'sendonly' },
  },
  {
    name: "the medium's direction stands before the session's",
    text: lines(...session, 'a=sendonly', 'm=audio 4000 RTP/AVP 8', 'a=inactive'),
    media: { direction: 'inactive' },
  },
  {
    name: 'a refused medium needs no address',
    text: lines('v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 't=0 0', 'm=audio 0 RTP/AVP 8'),
    media: { port: 0, address: '' },
  },
  {
    name: 'a number of ports after the port',
    text: lines(...session, 'm=audio 4000/2 RTP/AVP 8'),
    media: { port: 4000, protocol: 'RTP/AVP' },
  },
  {
    name: 'video is kept by kind',
    text: lines(...session, 'm=video 5000 RTP/SAVPF 96', 'a=rtpmap:96 VP8/90000'),
    media: { kind: 'video', port: 5000, protocol: 'RTP/SAVPF' },
  },
  {
    name: 'fax is kept by kind, its format is no payload type',
    text: lines(...session, 'm=image 5000 udptl t38'),
    media: { kind: 'image', protocol: 'udptl', codecs: [] },
  },
  {
    name: 'another RTCP port',
    text: lines(...session, 'm=audio 4000 RTP/AVP 8', 'a=rtcp:4009 IN IP4 192.0.2.1'),
    media: { rtcpPort: 4009 },
  },
  {
    name: 'line ends of one character, blanks at the end, unknown lines',
    text: `${session.join('\n')}\nb=AS:84\nk=prompt\nm=audio 4000 RTP/AVP 8 \na=x-nonsense\na=recvonly `,
    media: { port: 4000, direction: 'recvonly' },
  },
  {
    name: 'without o=, s= and t=',
    text: lines('v=0', 'c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/AVP 8'),
    media: { address: '192.0.2.1' },
  },
  {
    name: 'a senseless ptime is none',
    text: lines(...session, 'm=audio 4000 RTP/AVP 8', 'a=ptime:0'),
    media: { port: 4000 },
  },
];

for (const { name, text, media } of readings) {
  test(`reads: ${name}`, () => {
    const first = parseSessionDescription(text).media[0]!;
    const picked = Object.keys(media).map((key) => [key, first[key as keyof typeof first]]);
    assert.deepEqual(Object.fromEntries(picked), media);
    assert.equal('ptime' in first, false);
  });
}

const refusals: readonly (readonly [name: string, text: string, says: RegExp])[] = [
  ['nothing', '', /first line is not v=0/],
  ['HTML', '<html></html>', /first line is not v=0/],
  [
    'audio without an address',
    lines('v=0', 's=-', 'm=audio 4000 RTP/AVP 8'),
    /m= line 1 has no c=/,
  ],
  [
    'a port out of range',
    lines(...session, 'm=audio 70000 RTP/AVP 8'),
    /port 70000 is out of range/,
  ],
  ['a word for a port', lines(...session, 'm=audio x RTP/AVP 8'), /m= line 1 is malformed/],
  ['a NUL', lines(...session, 'm=audio 4000 RTP/AVP 8\0'), /control character 0x00/],
  ['a megabyte', `v=0\r\n${'a=x\r\n'.repeat(200_000)}`, /at most 32768/],
  ['too many lines', `v=0\r\n${'a=x\r\n'.repeat(2_000)}`, /more than 1000 lines/],
  ['too many media', lines(...session, ...Array(40).fill('m=audio 1 RTP/AVP 8')), /32 m= lines/],
];

for (const [name, text, says] of refusals) {
  test(`refuses: ${name}`, () => {
    assert.throws(() => parseSessionDescription(text), { name: 'SdpError', message: says });
  });
}

test('any text is read or refused with SdpError', () => {
  const line = fc.oneof(
    fc.constantFrom(
      ...pbx.split('\r\n'),
      'a=rtpmap:8',
      'm=audio',
      'c=IN',
      'a=fmtp:8',
      'o=',
      'm=  ',
    ),
    fc.string({ maxLength: 40 }),
    fc
      .tuple(fc.constantFrom('m', 'a', 'c', 'o', 'b', '__proto__'), fc.string({ maxLength: 30 }))
      .map(([type, rest]) => `${type}=${rest}`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (body) => {
      try {
        parseSessionDescription(lines('v=0', ...body));
      } catch (error) {
        assert.ok(error instanceof SdpError, String(error));
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('what is written is read as it was', () => {
  // Plain objects, as the reader makes them.
  const plain = { noNullPrototype: true };
  const codecName = fc.constantFrom('PCMA', 'pcmu', 'telephone-event', 'G722', 'x.y-9');
  const word = fc.constantFrom('-', 'root', '007', '1e3', 'user@host');
  const number = fc.integer({ min: 1, max: 65_535 });
  const address = fc.constantFrom('192.0.2.1', '2001:db8::1', '0.0.0.0');
  const codec = (payloadType: number): fc.Arbitrary<SessionDescription['media'][0]['codecs'][0]> =>
    fc.record(
      {
        payloadType: fc.constant(payloadType),
        name: codecName,
        clockRate: fc.constantFrom(8000, 16_000, 48_000),
      },
      plain,
    );
  const medium = fc.record(
    {
      kind: fc.constantFrom('audio', 'video'),
      port: fc.integer({ min: 0, max: 65_535 }),
      protocol: fc.constantFrom('RTP/AVP', 'RTP/SAVP'),
      address,
      direction: fc.constantFrom('sendrecv', 'sendonly', 'recvonly', 'inactive'),
      codecs: fc
        .uniqueArray(fc.integer({ min: 0, max: 127 }), { minLength: 1, maxLength: 5 })
        .chain((types) => fc.tuple(...types.map(codec))),
      ptime: fc.constantFrom(10, 20, 30),
    },
    plain,
  );
  const description = fc.record(
    {
      origin: fc.record(
        {
          username: word,
          sessionId: number.map(String),
          sessionVersion: number,
          address,
        },
        plain,
      ),
      media: fc.array(medium, { minLength: 1, maxLength: 3 }),
    },
    plain,
  );
  fc.assert(
    fc.property(description, (sent) => {
      assert.deepEqual(
        parseSessionDescription(formatSessionDescription(sent as SessionDescription)),
        sent,
      );
    }),
    { seed: 1, numRuns: 300 },
  );
});

const audio = pbxDescription.media[0]!;
const injections: readonly (readonly [name: string, description: SessionDescription])[] = [
  [
    'a line end in the user name',
    { ...pbxDescription, origin: { ...pbxDescription.origin, username: 'x\r\na=evil' } },
  ],
  ['a blank in the address', { ...pbxDescription, media: [{ ...audio, address: '1.2.3.4 x' }] }],
  [
    'a line end in fmtp',
    {
      ...pbxDescription,
      media: [{ ...audio, codecs: [{ ...audio.codecs[0]!, fmtp: '0\nm=video 1 RTP/AVP 1' }] }],
    },
  ],
  [
    'a control character in a codec name',
    { ...pbxDescription, media: [{ ...audio, codecs: [{ ...audio.codecs[0]!, name: 'PC\x00' }] }] },
  ],
  [
    'a version beyond 53 bits',
    { ...pbxDescription, origin: { ...pbxDescription.origin, sessionVersion: 2 ** 53 } },
  ],
  ['a port out of range', { ...pbxDescription, media: [{ ...audio, port: 65_536 }] }],
];

for (const [name, description] of injections) {
  test(`does not write: ${name}`, () => {
    assert.throws(() => formatSessionDescription(description), SdpError);
  });
}
