import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SipParseError } from '../message/sip-parse-error.ts';
import {
  authorize,
  chooseChallenge,
  type DigestChallenge,
  formatChallenge,
  isDigest,
  parseAuthorization,
  parseChallenge,
  type VerifyOptions,
  verifyAuthorization,
} from './digest.ts';

const challenge = (change: Partial<DigestChallenge> = {}): DigestChallenge => ({
  realm: 'trunk.example',
  nonce: 'f84f1cec41e6cbe5aea9c8e88d359',
  algorithm: 'MD5',
  qop: ['auth'],
  stale: false,
  ...change,
});

const options = {
  username: 'alice',
  password: 'secret',
  method: 'INVITE',
  uri: 'sip:79260000000@trunk.example',
  cnonce: '0a4f113b',
  nonceCount: 1,
};

const rfc2617 = {
  header:
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  options: {
    username: 'Mufasa',
    password: 'Circle Of Life',
    method: 'GET',
    uri: '/dir/index.html',
    cnonce: '0a4f113b',
    nonceCount: 1,
  },
};
const rfc7616 = {
  header:
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
  options: {
    ...rfc2617.options,
    password: 'Circle of Life',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  },
};

describe('the answers that the RFCs print', () => {
  const cases = [
    {
      name: 'RFC 2617 section 3.5: MD5',
      ...rfc2617,
      response: '6629fae49393a05397450978507c4ef1',
    },
    {
      name: 'RFC 7616 section 3.9.1: MD5',
      header: rfc7616.header.replace('SHA-256', 'MD5'),
      options: rfc7616.options,
      response: '8ca523f5e9506fed4657c9700eebdbec',
    },
    {
      name: 'RFC 7616 section 3.9.1: SHA-256',
      ...rfc7616,
      response: '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    },
    {
      name: 'RFC 2069 as corrected: no qop, no nonce count',
      header: 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
      options: { ...rfc2617.options, password: 'CircleOfLife' },
      response: '1949323746fe6a43ef61f9606e7febea',
    },
  ];
  for (const { name, header, options: given, response } of cases) {
    test(name, () => {
      const answer = parseAuthorization(authorize(parseChallenge(header), given));
      assert.equal(answer.response, response);
    });
  }
});

describe('challenges', () => {
  const cases: { name: string; header: string; is: DigestChallenge | 'malformed' }[] = [
    {
      name: 'all there is',
      header:
        'Digest realm="a \\"b\\"", domain="sip:x", nonce="n", opaque="", stale=TRUE, algorithm=sha-256-SESS, qop="auth,auth-int"',
      is: {
        realm: 'a "b"',
        nonce: 'n',
        opaque: '',
        stale: true,
        algorithm: 'SHA-256-sess',
        qop: ['auth', 'auth-int'],
      },
    },
    {
      name: 'blanks, a stray comma, tokens instead of quoted strings',
      header: ' digest  realm = r ,, nonce= n, stale="false",',
      is: { realm: 'r', nonce: 'n', stale: false, algorithm: 'MD5', qop: [] },
    },
    {
      name: 'an algorithm of the future is kept as it came',
      header: 'Digest realm="r", nonce="n", algorithm=Sha3-256',
      is: { realm: 'r', nonce: 'n', stale: false, algorithm: 'Sha3-256', qop: [] },
    },
    { name: 'no nonce', header: 'Digest realm="r"', is: 'malformed' },
    { name: 'two nonces', header: 'Digest realm="r", nonce="a", nonce="b"', is: 'malformed' },
    { name: 'an open quote', header: 'Digest realm="r", nonce="a', is: 'malformed' },
    { name: 'no comma', header: 'Digest realm="r" nonce="a"', is: 'malformed' },
    { name: 'another scheme', header: 'Basic realm="r"', is: 'malformed' },
    { name: 'nothing', header: '', is: 'malformed' },
  ];
  for (const { name, header, is } of cases) {
    test(name, () => {
      if (is === 'malformed') assert.throws(() => parseChallenge(header), SipParseError);
      else assert.deepEqual(parseChallenge(header), is);
    });
  }

  test('what is formatted is read back', () => {
    const given = challenge({ realm: 'a "quoted" \\ realm', opaque: 'o', stale: true });
    assert.deepEqual(parseChallenge(formatChallenge(given)), given);
  });

  test('the strongest that can be answered is chosen, wherever it stands', () => {
    const md5 = challenge();
    const sha = challenge({ algorithm: 'SHA-256' });
    const unknown = challenge({ algorithm: 'SHA-512-256' });
    const unknownQop = challenge({ algorithm: 'SHA-256', qop: ['token'] });
    assert.equal(chooseChallenge([md5, sha]), sha);
    assert.equal(chooseChallenge([sha, md5]), sha);
    assert.equal(chooseChallenge([unknown, unknownQop, md5]), md5);
    assert.equal(chooseChallenge([unknown, unknownQop]), undefined);
    assert.equal(chooseChallenge([]), undefined);
  });

  test('digest is told from other schemes', () => {
    assert.ok(isDigest('DIGEST realm=x'));
    assert.ok(!isDigest('NoOneKnowsThisScheme opaque-data=here'));
    assert.ok(!isDigest(''));
  });
});

test('the answer as a header shows it, exactly', () => {
  assert.equal(
    authorize(challenge({ opaque: 'xyz' }), { ...options, nonceCount: 26 }),
    'Digest username="alice", realm="trunk.example", nonce="f84f1cec41e6cbe5aea9c8e88d359", ' +
      'uri="sip:79260000000@trunk.example", response="e13efca24c4708fd1ea9d9a4b417d751", ' +
      'algorithm=MD5, cnonce="0a4f113b", qop=auth, nc=0000001a, opaque="xyz"',
  );
});

test('nobody breaks the line by a name, a realm or a URI', () => {
  for (const change of [{ username: 'a\r\nX: y' }, { uri: 'sip:a\n' }, { cnonce: '\x00' }]) {
    assert.throws(() => authorize(challenge(), { ...options, ...change }), TypeError);
  }
  assert.throws(() => formatChallenge(challenge({ realm: 'a\r\nb' })), TypeError);
});

describe('the server judges', () => {
  const server: VerifyOptions = {
    method: 'INVITE',
    realm: 'trunk.example',
    passwordOf: (username) => (username === 'alice' ? 'secret' : undefined),
    nonceState: (nonce) => (nonce === challenge().nonce ? 'valid' : 'unknown'),
  };
  const refused = (why: string) => ({ type: 'refused', why });
  const accepted = { type: 'accepted', username: 'alice', nonce: challenge().nonce, nonceCount: 1 };

  for (const algorithm of ['MD5', 'MD5-sess', 'SHA-256', 'SHA-256-sess']) {
    for (const qop of [['auth'], ['auth-int'], []]) {
      test(`accepts what the client answers: ${algorithm}, qop ${qop.join() || 'none'}`, () => {
        const body = Buffer.from('v=0\r\n');
        const header = authorize(challenge({ algorithm, qop }), { ...options, body });
        const judge = { ...server, body, algorithms: [algorithm] };
        const nonceCount = qop.length === 0 ? 0 : 1;
        assert.deepEqual(verifyAuthorization(header, judge), { ...accepted, nonceCount });
        assert.deepEqual(
          verifyAuthorization(header, { ...judge, method: 'BYE' }),
          refused('wrong name or password'),
        );
      });
    }
  }

  const right = authorize(challenge(), options);
  const cases: { name: string; header?: string; server?: Partial<VerifyOptions>; is: object }[] = [
    { name: 'the right answer', is: accepted },
    { name: 'hexadecimal digits in upper case', header: upperResponse(right), is: accepted },
    {
      name: 'a wrong password',
      header: authorize(challenge(), { ...options, password: 'Secret' }),
      is: refused('wrong name or password'),
    },
    {
      name: 'an unknown user, even one whose password is empty',
      header: authorize(challenge(), { ...options, username: 'bob', password: '' }),
      is: refused('wrong name or password'),
    },
    {
      name: 'an old nonce with the right password',
      server: { nonceState: () => 'stale' },
      is: { type: 'stale' },
    },
    {
      name: 'an old nonce with a wrong password is not called stale',
      header: authorize(challenge(), { ...options, password: 'x' }),
      server: { nonceState: () => 'stale' },
      is: refused('wrong name or password'),
    },
    {
      name: 'a nonce we never gave',
      header: authorize(challenge({ nonce: 'x' }), options),
      is: refused('unknown nonce'),
    },
    { name: 'the same count again', server: { lastNonceCount: () => 1 }, is: refused('replayed') },
    { name: 'another realm', server: { realm: 'other' }, is: refused('another realm') },
    { name: 'another URI', server: { uri: 'sip:x' }, is: refused('another URI') },
    {
      name: 'MD5 where SHA-256 was asked for',
      server: { algorithms: ['SHA-256'] },
      is: refused('an algorithm not asked for'),
    },
    {
      name: 'no qop where it was asked for',
      header: authorize(challenge({ qop: [] }), options),
      server: { requireQop: true },
      is: refused('no qop'),
    },
    {
      name: 'a nonce count that is none',
      header: right.replace('nc=00000001', 'nc=1'),
      is: refused('not a nonce count'),
    },
    {
      name: 'an unknown qop',
      header: right.replace('qop=auth', 'qop=x'),
      is: refused('unknown qop'),
    },
    { name: 'no cnonce', header: right.replace('cnonce', 'x'), is: refused('malformed') },
    { name: 'another scheme', header: 'Basic YWxpY2U6c2VjcmV0', is: refused('malformed') },
  ];
  for (const { name, header = right, server: change = {}, is } of cases) {
    test(name, () => assert.deepEqual(verifyAuthorization(header, { ...server, ...change }), is));
  }
});

function upperResponse(header: string): string {
  return header.replace(
    /response="\w+"/,
    (text) => `response="${text.slice(10, -1).toUpperCase()}"`,
  );
}
