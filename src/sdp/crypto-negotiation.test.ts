import assert from 'node:assert/strict';
import { test } from 'node:test';
import { masterKeyLengths, parseCryptoAttribute, srtpSuites } from './crypto-attribute.ts';
import type { LocalSrtp } from './crypto-negotiation.ts';
import { applyAnswer, type LocalAudio, makeAnswer, makeOffer } from './offer-answer.ts';
import { formatSessionDescription, parseSessionDescription } from './session-description-text.ts';

/** A key of 30 bytes whose letters all are `letter`, as a peer's line has it. */
const inline = (letter: string, length = 40): string => `inline:${letter.repeat(length)}`;

const lines: readonly [name: string, line: string, readable: boolean][] = [
  ['RFC 4568 section 9.1, a lifetime', `1 AES_CM_128_HMAC_SHA1_80 ${inline('P')}|2^20`, true],
  ['a decimal lifetime', `1 AES_CM_128_HMAC_SHA1_80 ${inline('P')}|1048576`, true],
  ['32 bits', `999999999 AES_CM_128_HMAC_SHA1_32 ${inline('P')}`, true],
  ['GCM', `2 AEAD_AES_128_GCM inline:${Buffer.alloc(28).toString('base64')}`, true],
  ['letters of another case', `1 aes_cm_128_hmac_sha1_80 INLINE:${'P'.repeat(40)}`, true],
  ['a master key identifier', `1 AES_CM_128_HMAC_SHA1_80 ${inline('P')}|2^20|1:4`, false],
  ['an identifier alone', `1 AES_CM_128_HMAC_SHA1_80 ${inline('P')}|1:4`, false],
  ['two keys', `1 AES_CM_128_HMAC_SHA1_80 ${inline('P')}|1:1;${inline('Q')}|2:1`, false],
  ['a session parameter', `1 AES_CM_128_HMAC_SHA1_80 ${inline('P')} UNENCRYPTED_SRTP`, false],
  ['a key too short', `1 AES_CM_128_HMAC_SHA1_80 ${inline('P', 36)}`, false],
  ['a key too long', `1 AES_CM_128_HMAC_SHA1_80 ${inline('P', 44)}`, false],
  ['a suite of others', `1 F8_128_HMAC_SHA1_80 ${inline('P')}`, false],
  ['no tag', `AES_CM_128_HMAC_SHA1_80 ${inline('P')}`, false],
  ['a tag too long', `1234567890 AES_CM_128_HMAC_SHA1_80 ${inline('P')}`, false],
  ['no key', '1 AES_CM_128_HMAC_SHA1_80', false],
  ['nothing', '', false],
];
for (const [name, line, readable] of lines) {
  test(`a=crypto with ${name} is ${readable ? 'read' : 'passed over'}`, () => {
    assert.equal(parseCryptoAttribute(line) !== undefined, readable);
  });
}

/** A key for each suite, all of bytes from `first` on. */
function keysFrom(first: number): LocalSrtp['keys'] {
  const entries = srtpSuites.map((suite, i) => {
    const { key, salt } = masterKeyLengths[suite];
    return [suite, Buffer.alloc(key + salt, first + i).toString('base64')];
  });
  return Object.fromEntries(entries);
}
const keys = keysFrom(1);
const local: LocalAudio = {
  sessionId: '77',
  version: 5,
  address: '192.0.2.1',
  port: 30_000,
  codecs: ['PCMA'],
};
const modes = {
  off: local,
  optional: { ...local, srtp: { required: false, keys } },
  required: { ...local, srtp: { required: true, keys } },
} satisfies Record<string, LocalAudio>;

function peer(...media: readonly string[]): ReturnType<typeof parseSessionDescription> {
  const head = ['v=0', 'o=peer 9 9 IN IP4 203.0.113.5', 's=-', 'c=IN IP4 203.0.113.5', 't=0 0'];
  return parseSessionDescription([...head, ...media].join('\r\n'));
}
const plain = 'm=audio 4000 RTP/AVP 8';
const secure = 'm=audio 4000 RTP/SAVP 8';
/** Our third line, answered. */
const sha80 = `a=crypto:3 AES_CM_128_HMAC_SHA1_80 ${inline('P')}`;
const agreed80 = {
  send: { suite: 'AES_CM_128_HMAC_SHA1_80', key: keys.AES_CM_128_HMAC_SHA1_80 },
  receive: { suite: 'AES_CM_128_HMAC_SHA1_80', key: 'P'.repeat(40) },
};

test('offers: what goes on the wire', () => {
  const written = (mode: keyof typeof modes): string[] =>
    formatSessionDescription(makeOffer(modes[mode]))
      .split('\r\n')
      .filter((line) => /^m=|crypto/.test(line))
      .map((line) => line.replace(/inline:.*/, (key) => `inline:(${key.length - 7})`));
  const crypto = [
    'a=crypto:1 AEAD_AES_256_GCM inline:(60)',
    'a=crypto:2 AEAD_AES_128_GCM inline:(40)',
    'a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:(40)',
  ];
  assert.deepEqual(written('off'), ['m=audio 30000 RTP/AVP 8 101']);
  assert.deepEqual(written('optional'), ['m=audio 30000 RTP/AVP 8 101', ...crypto]);
  assert.deepEqual(written('required'), ['m=audio 30000 RTP/SAVP 8 101', ...crypto]);
});

const answers: readonly [
  name: string,
  mode: keyof typeof modes,
  answer: readonly string[],
  outcome: object | 'plain' | RegExp,
][] = [
  ['our third suite', 'required', [secure, sha80], agreed80],
  ['with feedback', 'required', [secure.replace('SAVP', 'SAVPF'), sha80], agreed80],
  ['keys beside RTP/AVP: RFC 8643', 'optional', [plain, sha80], agreed80],
  ['RTP/SAVP to an offer of either', 'optional', [secure, sha80], agreed80],
  ['no key to an offer of either', 'optional', [plain], 'plain'],
  ['no key where one must be', 'required', [plain], /SRTP was required, and RTP\/AVP was answered/],
  ['a tag we did not offer', 'required', [secure, sha80.replace(':3', ':4')], /without the key/],
  ['a suite under the tag of another', 'required', [secure, sha80.replace(':3', ':2')], /without/],
  ['a suite we did not offer', 'optional', [secure, sha80.replace('_80', '_32')], /without/],
  ['RTP/SAVP without a key', 'optional', [secure], /without the key/],
  ['a key nobody asked for', 'off', [plain, sha80], 'plain'],
];
for (const [name, mode, answer, outcome] of answers) {
  test(`an answer with ${name}, srtp ${mode}`, () => {
    const result = applyAnswer(makeOffer(modes[mode]), peer(...answer));
    if (outcome instanceof RegExp) assert.match('problem' in result ? result.problem : '', outcome);
    else if ('problem' in result) assert.fail(result.problem);
    else assert.deepEqual(result.crypto, outcome === 'plain' ? undefined : outcome);
  });
}

const sha32 = `a=crypto:7 AES_CM_128_HMAC_SHA1_32 ${inline('Q')}`;
const f8 = `a=crypto:1 F8_128_HMAC_SHA1_80 ${inline('P')}`;
const answer32 = `a=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:${keys.AES_CM_128_HMAC_SHA1_32}`;
const answer80 = `a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:${keys.AES_CM_128_HMAC_SHA1_80}`;
const answeredPlain = 'm=audio 30000 RTP/AVP 8';
const answeredSecure = 'm=audio 30000 RTP/SAVP 8';

const offers: readonly [
  name: string,
  mode: keyof typeof modes,
  offer: readonly string[],
  answer: readonly string[] | RegExp,
][] = [
  ['the first suite we speak', 'optional', [secure, f8, sha32, sha80], [answeredSecure, answer32]],
  ['keys beside RTP/AVP', 'optional', [plain, sha80], [answeredPlain, answer80]],
  ['keys beside RTP/AVP', 'required', [plain, sha80], [answeredPlain, answer80]],
  ['keys beside RTP/AVP', 'off', [plain, sha80], [answeredPlain]],
  ['plain RTP', 'optional', [plain], [answeredPlain]],
  ['plain RTP', 'required', [plain], /SRTP is required, and RTP\/AVP was offered without a key/],
  ['RTP/SAVP', 'off', [secure, sha80], /RTP\/AVP is served \(srtp is off\)/],
  ['no suite we speak', 'optional', [secure, f8], /RTP\/SAVP was offered without a key we can use/],
  [
    'the same in plain and secure: the secure one',
    'optional',
    [plain, 'm=audio 4002 RTP/SAVP 8', sha80],
    ['m=audio 0 RTP/AVP 8', answeredSecure, answer80],
  ],
  [
    'the same in secure and plain: the plain one',
    'off',
    [secure, sha80, 'm=audio 4002 RTP/AVP 8'],
    ['m=audio 0 RTP/SAVP 8', answeredPlain],
  ],
];
for (const [name, mode, offer, expected] of offers) {
  test(`an offer of ${name}, srtp ${mode}`, () => {
    const result = makeAnswer(peer(...offer), modes[mode]);
    if (expected instanceof RegExp) {
      assert.match('problem' in result ? result.problem : '', expected);
    } else if ('problem' in result) assert.fail(result.problem);
    else {
      const written = formatSessionDescription(result.answer).split('\r\n');
      assert.deepEqual(
        written.filter((line) => /^m=|crypto/.test(line)),
        expected,
      );
    }
  });
}

test('offered again, a secure stream stays secure, with the same keys', () => {
  const made = makeAnswer(peer(secure, sha80), modes.optional);
  assert.ok('answer' in made);
  const again = makeOffer({ ...modes.optional, previous: made.answer });
  assert.equal(again.media[0]!.protocol, 'RTP/SAVP');
  assert.equal(again.media[0]!.crypto![2]!.key, keys.AES_CM_128_HMAC_SHA1_80);
});

test('both ends agree: what one sends with, the other receives with', () => {
  const theirs = { ...modes.required, srtp: { required: true, keys: keysFrom(100) } };
  const offer = parseSessionDescription(formatSessionDescription(makeOffer(modes.required)));
  const made = makeAnswer(offer, theirs);
  assert.ok('answer' in made);
  const answer = parseSessionDescription(formatSessionDescription(made.answer));
  const applied = applyAnswer(makeOffer(modes.required), answer);
  assert.ok('codec' in applied);
  assert.equal(made.chosen.crypto!.send.suite, 'AEAD_AES_256_GCM');
  assert.notEqual(made.chosen.crypto!.send.key, made.chosen.crypto!.receive.key);
  assert.deepEqual(applied.crypto, {
    send: made.chosen.crypto!.receive,
    receive: made.chosen.crypto!.send,
  });
});
