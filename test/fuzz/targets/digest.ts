import assert from 'node:assert/strict';
import {
  authorize,
  chooseChallenge,
  type DigestChallenge,
  formatChallenge,
  parseAuthorization,
  parseChallenge,
  verifyAuthorization,
} from '../../../src/sip/auth/digest.ts';
import { SipParseError } from '../../../src/sip/message/parser.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { byteMutations, damaged, pieces, replaceWord } from '../mutations.ts';

// biome-ignore format: a list to be looked over
const samples = pieces(
  'Digest realm="trunk.example", nonce="f84f1cec41e6cbe5aea9c8e88d359", algorithm=SHA-256, qop="auth,auth-int", stale=FALSE, opaque="x"',
  'Digest realm="a\\"b", nonce="", qop=auth, algorithm=MD5-sess',
  'digest  nonce = "n" , realm = "r"',
  'Digest username="alice", realm="trunk.example", nonce="n1", uri="sip:b@c", response="245f23415f11432b3434341c022a57ab", qop=auth, nc=00000001, cnonce="0a4f113b", algorithm=MD5',
  'Digest username="alice", realm="trunk.example", nonce="n1", uri="sip:b@c", response="245f23415f11432b3434341c022a57ab"',
  'Basic QWxhZGRpbg==',
);

// biome-ignore format: a list to be looked over
const parts = pieces(
  '"', '\\', '\\"', ',', '=', ' ', ',,', '="', '\r\n', '\0', 'realm', 'nonce', 'algorithm', 'qop', 'nc', 'stale=true', 'auth-int',
  'MD5', 'SHA-512-256', 'MD5-sess', '__proto__', 'ffffffff', '0', '\xff',
);

/** Challenges and answers of digest authentication, from either side. */
export const digest: FuzzTarget = {
  name: 'digest',
  input: (random) =>
    damaged(random, samples, [...Object.values(byteMutations), replaceWord], parts),
  run: (input) => {
    const text = input.toString('utf8');
    // The reader of messages lets no such header value through.
    if (/[\x00-\x1f\x7f]/.test(text)) return 'refused';
    verifyAuthorization(text, {
      method: 'INVITE',
      realm: 'trunk.example',
      passwordOf: (name) => (name === 'alice' ? 'secret' : undefined),
      nonceState: (nonce) => (nonce === 'n1' ? 'valid' : 'unknown'),
    });
    const challenge = orRefused(() => parseChallenge(text));
    const answer = orRefused(() => parseAuthorization(text));
    if (challenge !== undefined) answerIt(challenge);
    if (answer !== undefined) return 'answer';
    return challenge === undefined ? 'refused' : 'challenge';
  },
  reaches: ['answer', 'challenge', 'refused'],
};

/** A challenge that we could answer is answered by something that can be read, and that verifies. */
function answerIt(challenge: DigestChallenge): void {
  assert.deepEqual(parseChallenge(formatChallenge(challenge)), challenge);
  const chosen = chooseChallenge([challenge]);
  if (chosen === undefined) return;
  const value = authorize(chosen, {
    username: 'alice',
    password: 'secret',
    method: 'INVITE',
    uri: 'sip:b@c',
    cnonce: 'c',
    nonceCount: 1,
    body: new Uint8Array(0),
  });
  const verdict = verifyAuthorization(value, {
    method: 'INVITE',
    uri: 'sip:b@c',
    realm: chosen.realm,
    algorithms: [chosen.algorithm],
    body: new Uint8Array(0),
    passwordOf: () => 'secret',
    nonceState: () => 'valid',
  });
  assert.equal(verdict.type, 'accepted', value);
}

function orRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}
