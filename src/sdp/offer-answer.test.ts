import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AudioCodecName } from './audio-codecs.ts';
import { applyAnswer, type LocalAudio, makeAnswer, makeOffer } from './offer-answer.ts';
import { formatSessionDescription, parseSessionDescription } from './session-description-text.ts';

const event = ['a=rtpmap:101 telephone-event/8000'];

const local: LocalAudio = {
  sessionId: '77',
  version: 5,
  address: '192.0.2.1',
  port: 30_000,
  codecs: ['PCMA', 'PCMU'],
};

/** A peer's description: everything but the media lines is always the same. */
function peer(...media: readonly string[]): ReturnType<typeof parseSessionDescription> {
  const head = ['v=0', 'o=peer 9 9 IN IP4 203.0.113.5', 's=-', 'c=IN IP4 203.0.113.5', 't=0 0'];
  return parseSessionDescription([...head, ...media].join('\r\n'));
}

/** The media lines of what we send, as a peer sees them. */
function mediaLines(description: ReturnType<typeof makeOffer>): string[] {
  return formatSessionDescription(description).trimEnd().split('\r\n').slice(4);
}

test('our offer', () => {
  assert.equal(
    formatSessionDescription(makeOffer(local)),
    [
      'v=0',
      'o=- 77 5 IN IP4 192.0.2.1',
      's=-',
      't=0 0',
      'm=audio 30000 RTP/AVP 8 0 101',
      'c=IN IP4 192.0.2.1',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      'a=ptime:20',
      'a=sendrecv',
      'a=rtcp-mux',
      '',
    ].join('\r\n'),
  );
});

test('our offer of wide-band codecs: events at each clock rate, and at 8000 Hz always', () => {
  const lines = (codecs: readonly AudioCodecName[]): string[] =>
    mediaLines(makeOffer({ ...local, codecs })).filter((line) => /^m=|rtpmap|fmtp/.test(line));
  assert.deepEqual(lines(['opus', 'G722', 'PCMA']), [
    'm=audio 30000 RTP/AVP 111 9 8 110 101',
    'a=rtpmap:111 opus/48000/2',
    'a=rtpmap:9 G722/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:110 telephone-event/48000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:111 maxplaybackrate=16000;sprop-maxcapturerate=16000;useinbandfec=1',
    'a=fmtp:110 0-16',
    'a=fmtp:101 0-16',
  ]);
  assert.equal(lines(['opus'])[0], 'm=audio 30000 RTP/AVP 111 110 101');
  assert.equal(lines(['G722'])[0], 'm=audio 30000 RTP/AVP 9 101');
});

const opusEvents = {
  both: ['a=rtpmap:98 telephone-event/48000', 'a=rtpmap:99 telephone-event/8000'],
  slow: ['a=rtpmap:99 telephone-event/8000'],
};
for (const [name, types, events, sent, answered] of [
  ['both clocks', '96 98 99', opusEvents.both, { telephoneEventPayloadType: 98 }, '96 98'],
  ['8000 Hz only', '96 99', opusEvents.slow, { slowTelephoneEventPayloadType: 99 }, '96 99'],
] as const) {
  test(`Opus with events at ${name}`, () => {
    const media = [`m=audio 4000 RTP/AVP ${types}`, 'a=rtpmap:96 opus/48000/2', ...events];
    const ours = { ...local, codecs: ['opus'] as const };
    const agreed = applyAnswer(makeOffer(ours), peer(...media));
    assert.ok('codec' in agreed);
    assert.partialDeepStrictEqual(agreed, {
      codec: 'opus',
      payloadType: 96,
      receivePayloadType: 111,
      receiveTelephoneEventPayloadType: 110,
      receiveSlowTelephoneEventPayloadType: 101,
      ...sent,
    });
    assert.equal('telephoneEventPayloadType' in agreed, 'telephoneEventPayloadType' in sent);
    const result = makeAnswer(peer(...media), ours);
    assert.ok('answer' in result);
    const [line, , rtpmap] = mediaLines(result.answer);
    assert.deepEqual(
      [line, rtpmap],
      [`m=audio 30000 RTP/AVP ${answered}`, 'a=rtpmap:96 opus/48000/2'],
    );
  });
}

test('comfort noise that a peer offers is answered', () => {
  const result = makeAnswer(peer('m=audio 4000 RTP/AVP 9 13 101', ...event), {
    ...local,
    codecs: ['G722'],
  });
  assert.ok('answer' in result);
  assert.equal(mediaLines(result.answer)[0], 'm=audio 30000 RTP/AVP 9 101 13');
  assert.equal(result.chosen.comfortNoisePayloadType, 13);
  assert.equal(result.chosen.receiveComfortNoisePayloadType, 13);
});

test('offered again unchanged, the version stays; changed, it grows by one', () => {
  const first = makeOffer(local);
  assert.deepEqual(makeOffer({ ...local, previous: first }), first);
  const moved = makeOffer({ ...local, port: 30_002, previous: first });
  assert.equal(moved.origin.sessionVersion, 6);
  assert.equal(moved.media[0]!.port, 30_002);
});

test('a stream the peer once offered stays in its place in our next offer, refused', () => {
  const result = makeAnswer(peer('m=video 5000 RTP/AVP 31', 'm=audio 4000 RTP/AVP 8'), local);
  assert.ok('answer' in result);
  const next = makeOffer({ ...local, previous: result.answer });
  assert.deepEqual(
    next.media.map((media) => [media.kind, media.port]),
    [
      ['video', 0],
      ['audio', 30_000],
    ],
  );
});

const pcma = {
  codec: 'PCMA',
  payloadType: 8,
  receivePayloadType: 8,
  receiveTelephoneEventPayloadType: 101,
  remote: { host: '203.0.113.5', port: 4000 },
  direction: 'sendrecv',
  ptime: 20,
  rtcpMux: false,
  remoteRtcpPort: 4001,
} as const;

const answers: readonly {
  name: string;
  answer: readonly string[];
  agreed?: object;
  problem?: string;
}[] = [
  {
    name: 'one codec and events',
    answer: ['m=audio 4000 RTP/AVP 8 101', ...event],
    agreed: { ...pcma, telephoneEventPayloadType: 101 },
  },
  { name: 'no events', answer: ['m=audio 4000 RTP/AVP 8'], agreed: pcma },
  {
    name: 'the first codec of the answer, not of the offer',
    answer: ['m=audio 4000 RTP/AVP 0 8'],
    agreed: { ...pcma, codec: 'PCMU', payloadType: 0, receivePayloadType: 0 },
  },
  {
    name: 'codecs that were not offered are passed over',
    answer: ['m=audio 4000 RTP/AVP 18 9 8'],
    agreed: pcma,
  },
  {
    name: 'the peer numbers events in its own way: it is sent what it said',
    answer: ['m=audio 4000 RTP/AVP 8 97', 'a=rtpmap:97 TELEPHONE-EVENT/8000', 'a=fmtp:97 0-15'],
    agreed: { ...pcma, telephoneEventPayloadType: 97 },
  },
  {
    name: 'a codec under a dynamic number and another case',
    answer: ['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 pcma/8000/1'],
    agreed: { ...pcma, payloadType: 96 },
  },
  {
    name: 'another ptime than the greatest one allowed',
    answer: ['m=audio 4000 RTP/AVP 8', 'a=ptime:60', 'a=maxptime:40'],
    agreed: { ...pcma, ptime: 40, maxptime: 40 },
  },
  {
    name: 'comfort noise that was not offered is sent to a peer that names it',
    answer: ['m=audio 4000 RTP/AVP 8 13'],
    agreed: { ...pcma, comfortNoisePayloadType: 13 },
  },
  {
    name: 'events at another clock rate only are none',
    answer: ['m=audio 4000 RTP/AVP 8 101', 'a=rtpmap:101 telephone-event/48000'],
    agreed: pcma,
  },
  {
    name: 'another ptime',
    answer: ['m=audio 4000 RTP/AVP 8', 'a=ptime:30'],
    agreed: { ...pcma, ptime: 30 },
  },
  ...(
    [
      ['sendonly', 'recvonly'],
      ['recvonly', 'sendonly'],
      ['inactive', 'inactive'],
    ] as const
  ).map(([theirs, ours]) => ({
    name: `${theirs} there is ${ours} here`,
    answer: ['m=audio 4000 RTP/AVP 8', `a=${theirs}`],
    agreed: { ...pcma, direction: ours },
  })),
  {
    name: 'the hold of RFC 2543: we only hear',
    answer: ['m=audio 4000 RTP/AVP 8', 'c=IN IP4 0.0.0.0'],
    agreed: { ...pcma, remote: { host: '0.0.0.0', port: 4000 }, direction: 'recvonly' },
  },
  {
    name: 'IPv6',
    answer: ['m=audio 4000 RTP/AVP 8', 'c=IN IP6 2001:db8::5'],
    agreed: { ...pcma, remote: { host: '2001:db8::5', port: 4000 } },
  },
  {
    name: 'a refused video before the audio, which was not offered',
    answer: ['m=video 0 RTP/AVP 31', 'm=audio 4000 RTP/AVP 8'],
    agreed: pcma,
  },
  {
    name: 'RTCP on the port of RTP',
    answer: ['m=audio 4000 RTP/AVP 8', 'a=rtcp-mux'],
    agreed: { ...pcma, rtcpMux: true, remoteRtcpPort: 4000 },
  },
  {
    name: 'RTCP on a port of its own: RFC 3605',
    answer: ['m=audio 4000 RTP/AVP 8', 'a=rtcp:53020'],
    agreed: { ...pcma, remoteRtcpPort: 53_020 },
  },
  {
    name: 'audio refused',
    answer: ['m=audio 0 RTP/AVP 8'],
    problem: 'the audio stream is refused (port 0)',
  },
  { name: 'no audio', answer: [], problem: 'the description holds no audio' },
  {
    name: 'nothing in common',
    answer: ['m=audio 4000 RTP/AVP 18 101', ...event],
    problem: 'no common codec: theirs G729, telephone-event; ours PCMA, PCMU, telephone-event',
  },
  {
    name: 'SRTP',
    answer: ['m=audio 4000 RTP/SAVP 8'],
    problem: 'RTP/SAVP was answered, RTP/AVP was offered (srtp is off)',
  },
  ...['255.255.255.255', '224.0.1.1', '0.1.2.3', 'media.example'].map((host) => ({
    name: `RTP is not sent to ${host}`,
    answer: ['m=audio 4000 RTP/AVP 8', `c=IN IP4 ${host}`],
    problem: `audio cannot be sent to the address "${host}"`,
  })),
];

for (const { name, answer, agreed, problem } of answers) {
  test(`the answer to our offer: ${name}`, () => {
    const expected = agreed ?? { problem };
    assert.deepEqual(applyAnswer(makeOffer(local), peer(...answer)), expected);
  });
}

const offers: readonly {
  name: string;
  offer: readonly string[];
  codecs?: readonly AudioCodecName[];
  /** Our media lines, without the c= line, which is always the same. */
  answer?: readonly string[];
  direction?: string;
  problem?: string;
}[] = [
  {
    name: 'the first codec in the order of the offer',
    offer: ['m=audio 4000 RTP/AVP 18 0 8 101', ...event],
    answer: [
      'm=audio 30000 RTP/AVP 0 101',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      'a=ptime:20',
      'a=sendrecv',
    ],
    direction: 'sendrecv',
  },
  {
    name: 'our codecs are fewer',
    offer: ['m=audio 4000 RTP/AVP 0 8'],
    codecs: ['PCMA'],
    answer: ['m=audio 30000 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000', 'a=ptime:20', 'a=sendrecv'],
    direction: 'sendrecv',
  },
  ...(
    [
      ['a=sendonly', 'recvonly'],
      ['a=recvonly', 'sendonly'],
      ['a=inactive', 'inactive'],
      ['c=IN IP4 0.0.0.0', 'recvonly'],
    ] as const
  ).map(([line, ours]) => ({
    name: `${line} is answered ${ours}`,
    offer: ['m=audio 4000 RTP/AVP 8', line],
    answer: ['m=audio 30000 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000', 'a=ptime:20', `a=${ours}`],
    direction: ours,
  })),
  {
    name: 'the numbers of the offer are kept',
    offer: [
      'm=audio 4000 RTP/AVP 96 97',
      'a=rtpmap:96 PCMU/8000',
      'a=rtpmap:97 telephone-event/8000',
    ],
    answer: [
      'm=audio 30000 RTP/AVP 96 97',
      'a=rtpmap:96 PCMU/8000',
      'a=rtpmap:97 telephone-event/8000',
      'a=fmtp:97 0-16',
      'a=ptime:20',
      'a=sendrecv',
    ],
    direction: 'sendrecv',
  },
  {
    name: 'video and a second audio are refused in their places',
    offer: ['m=video 5000 RTP/AVP 31', 'm=audio 4000 RTP/AVP 8', 'm=audio 4002 RTP/AVP 8'],
    answer: [
      'm=video 0 RTP/AVP 31',
      'a=rtpmap:31 H261/90000',
      'a=inactive',
      'm=audio 30000 RTP/AVP 8',
      'a=rtpmap:8 PCMA/8000',
      'a=ptime:20',
      'a=sendrecv',
      'm=audio 0 RTP/AVP 8',
      'a=rtpmap:8 PCMA/8000',
      'a=inactive',
    ],
    direction: 'sendrecv',
  },
  {
    name: 'encrypted audio beside plain audio is refused',
    offer: ['m=audio 4000 RTP/SAVP 8', 'm=audio 4002 RTP/AVP 8'],
    answer: [
      'm=audio 0 RTP/SAVP 8',
      'a=rtpmap:8 PCMA/8000',
      'a=inactive',
      'm=audio 30000 RTP/AVP 8',
      'a=rtpmap:8 PCMA/8000',
      'a=ptime:20',
      'a=sendrecv',
    ],
    direction: 'sendrecv',
  },
  {
    name: 'nothing in common',
    offer: ['m=audio 4000 RTP/AVP 18'],
    problem: 'no common codec: theirs G729; ours PCMA, PCMU, telephone-event',
  },
  {
    name: 'the audio ended',
    offer: ['m=audio 0 RTP/AVP 8'],
    problem: 'the audio stream is refused (port 0)',
  },
  {
    name: 'fax only',
    offer: ['m=image 4000 udptl t38'],
    problem: 'the description holds no audio',
  },
];

for (const { name, offer, codecs, answer, direction, problem } of offers) {
  test(`our answer to an offer: ${name}`, () => {
    const result = makeAnswer(peer(...offer), { ...local, codecs: codecs ?? local.codecs });
    if (!('answer' in result)) return assert.deepEqual(result, { problem });
    const written = mediaLines(result.answer);
    assert.deepEqual(
      written.filter((line) => line !== 'c=IN IP4 192.0.2.1'),
      answer,
    );
    assert.equal(result.chosen.direction, direction);
  });
}

test('hold and unhold: the version of our answers grows with each change, and only then', () => {
  const versions: number[] = [];
  let previous: ReturnType<typeof makeOffer> | undefined = makeOffer(local);
  for (const direction of ['sendrecv', 'sendonly', 'sendonly', 'sendrecv']) {
    const offer = peer('m=audio 4000 RTP/AVP 8', `a=${direction}`);
    const result = makeAnswer(offer, { ...local, previous });
    assert.ok('answer' in result);
    previous = result.answer;
    versions.push(previous.origin.sessionVersion);
  }
  assert.deepEqual(versions, [6, 7, 7, 8]);
});

test('both ends agree: what one answers, the other reads as the mirror of it', () => {
  for (const direction of ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const) {
    const audio = makeOffer({ ...local, address: '203.0.113.5', port: 4000 });
    const offer = { ...audio, media: [{ ...audio.media[0]!, direction }] };
    const result = makeAnswer(offer, local);
    assert.ok('answer' in result);
    const theirs = applyAnswer(offer, result.answer);
    assert.ok('codec' in theirs);
    assert.equal(theirs.direction, direction);
    assert.deepEqual(theirs.remote, { host: '192.0.2.1', port: 30_000 });
    assert.deepEqual(result.chosen.remote, { host: '203.0.113.5', port: 4000 });
  }
});
