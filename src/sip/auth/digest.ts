import { createHash, timingSafeEqual } from 'node:crypto';
import { hasControlCharacter, isToken, malformed, quote } from '../message/grammar.ts';
import { parseAuthParameters } from './auth-parameters.ts';

/** What a 401 or 407 asks for: RFC 3261 section 22.4 with the algorithms of RFC 8760. */
export type DigestChallenge = {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  /** MD5, MD5-sess, SHA-256 or SHA-256-sess; as it came where it is none of them. */
  readonly algorithm: string;
  /** Lower case; empty: the older form of RFC 2069, without nonce count. */
  readonly qop: readonly string[];
  /** The name and password were right, only the nonce was old: try again with this one. */
  readonly stale: boolean;
};

/**
 * Strongest first; a session variant is as strong as its base.
 *
 * Deviation: SHA-512-256 of RFC 8760 is passed over: the example of RFC 7616 and FIPS 180-4 mean different
 * functions by it, and peers follow either.
 */
const hashes: readonly (readonly [algorithm: string, hash: string])[] = [
  ['SHA-256', 'sha256'],
  ['MD5', 'md5'],
];

/** 0 is the strongest; undefined: not one of ours. */
function strength(algorithm: string): number | undefined {
  const base = algorithm.toUpperCase().replace(/-SESS$/, '');
  const index = hashes.findIndex(([name]) => name === base);
  return index < 0 ? undefined : index;
}

/** Reads a WWW-Authenticate or Proxy-Authenticate value; throws SipParseError. */
export function parseChallenge(headerValue: string): DigestChallenge {
  const params = parseAuthParameters(headerValue, 'Digest');
  const realm = params.get('realm');
  const nonce = params.get('nonce');
  if (realm === undefined || nonce === undefined) throw malformed('challenge', 'no realm or nonce');
  const opaque = params.get('opaque');
  return {
    realm,
    nonce,
    ...(opaque !== undefined && { opaque }),
    algorithm: canonicalAlgorithm(params.get('algorithm') ?? 'MD5'),
    qop: listOf(params.get('qop')),
    stale: params.get('stale')?.toLowerCase() === 'true',
  };
}

/** `md5-SESS` is `MD5-sess`: names are compared without regard to case. */
function canonicalAlgorithm(text: string): string {
  if (strength(text) === undefined) return text;
  const upper = text.toUpperCase();
  return upper.endsWith('-SESS') ? `${upper.slice(0, -5)}-sess` : upper;
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== '');
}

/** The value of a WWW-Authenticate or Proxy-Authenticate header. */
export function formatChallenge(challenge: DigestChallenge): string {
  let text = `Digest realm=${quote(challenge.realm)}, nonce=${quote(challenge.nonce)}`;
  if (challenge.opaque !== undefined) text += `, opaque=${quote(challenge.opaque)}`;
  if (challenge.stale) text += ', stale=true';
  text += `, algorithm=${challenge.algorithm}`;
  if (challenge.qop.length > 0) text += `, qop=${quote(challenge.qop.join(','))}`;
  return withoutControlCharacters(text);
}

/**
 * The strongest challenge that can be answered, undefined when there is none.
 *
 * Deviation: RFC 8760 section 2.3 has the client take the first one it supports; the strongest does not let
 * whoever can reorder headers choose the weakest.
 */
export function chooseChallenge(
  challenges: readonly DigestChallenge[],
): DigestChallenge | undefined {
  let best: DigestChallenge | undefined;
  for (const challenge of challenges) {
    const rank = strength(challenge.algorithm);
    if (rank === undefined || chooseQop(challenge.qop) === undefined) continue;
    if (best === undefined || rank < strength(best.algorithm)!) best = challenge;
  }
  return best;
}

/** `auth` before `auth-int`; '' for the form without qop; undefined when only unknown ones are offered. */
function chooseQop(offered: readonly string[]): '' | 'auth' | 'auth-int' | undefined {
  if (offered.length === 0) return '';
  if (offered.includes('auth')) return 'auth';
  return offered.includes('auth-int') ? 'auth-int' : undefined;
}

export type AuthorizeOptions = {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  /** The Request-URI, as it stands in the request. */
  readonly uri: string;
  /** Fresh and unguessable; for a `-sess` algorithm the same as long as the nonce is. */
  readonly cnonce: string;
  /** How many requests, this one included, have used the nonce: 1, 2, … */
  readonly nonceCount: number;
  /** Used for `auth-int` only. */
  readonly body?: Uint8Array;
};

/**
 * The value of Authorization (after 401) or Proxy-Authorization (after 407): RFC 7616 section 3.4. Whether
 * this peer and realm may have the answer at all is for the caller to decide.
 */
export function authorize(challenge: DigestChallenge, options: AuthorizeOptions): string {
  const { username, uri, cnonce } = options;
  const qop = chooseQop(challenge.qop);
  if (qop === undefined) throw new TypeError('digest: no qop that we know');
  const nc = options.nonceCount.toString(16).padStart(8, '0');
  const response = digestResponse({
    ...options,
    ...challenge,
    qop,
    nc,
    ha1: firstHash(challenge.algorithm, username, challenge.realm, options.password),
  });
  const { realm, nonce, algorithm, opaque } = challenge;
  let text = `Digest username=${quote(username)}, realm=${quote(realm)}, nonce=${quote(nonce)}`;
  text += `, uri=${quote(uri)}, response="${response}", algorithm=${algorithm}`;
  if (qop !== '') text += `, cnonce=${quote(cnonce)}, qop=${qop}, nc=${nc}`;
  else if (isSession(algorithm)) text += `, cnonce=${quote(cnonce)}`;
  if (opaque !== undefined) text += `, opaque=${quote(opaque)}`;
  return withoutControlCharacters(text);
}

/** Values come from a peer or from a configuration: none of them may break the line. */
function withoutControlCharacters(text: string): string {
  if (hasControlCharacter(text)) throw new TypeError('digest: a control character');
  return text;
}

function isSession(algorithm: string): boolean {
  return algorithm.toLowerCase().endsWith('-sess');
}

function hash(algorithm: string, ...parts: (string | Uint8Array)[]): string {
  const rank = strength(algorithm);
  if (rank === undefined) throw new TypeError('digest: an algorithm that is not ours');
  const hasher = createHash(hashes[rank]![1]);
  for (const part of parts) hasher.update(part);
  return hasher.digest('hex');
}

/** H(user:realm:password), what a server may keep instead of the password; UTF-8 (RFC 7616 section 4). */
export function firstHash(
  algorithm: string,
  username: string,
  realm: string,
  password: string,
): string {
  return hash(algorithm, `${username}:${realm}:${password}`);
}

function digestResponse(input: {
  readonly algorithm: string;
  readonly ha1: string;
  readonly nonce: string;
  readonly cnonce: string;
  readonly nc: string;
  readonly qop: string;
  readonly method: string;
  readonly uri: string;
  readonly body?: Uint8Array;
}): string {
  const { algorithm, nonce, cnonce, nc, qop } = input;
  const ha1 = isSession(algorithm) ? hash(algorithm, `${input.ha1}:${nonce}:${cnonce}`) : input.ha1;
  let a2 = `${input.method}:${input.uri}`;
  if (qop === 'auth-int') a2 += `:${hash(algorithm, input.body ?? '')}`;
  const middle = qop === '' ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;
  return hash(algorithm, `${ha1}:${middle}:${hash(algorithm, a2)}`);
}

/** What a client answered a challenge with: the parameters of Authorization. */
export type DigestAnswer = {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly algorithm: string;
  readonly cnonce: string;
  readonly qop: string;
  readonly nc: string;
  readonly opaque?: string;
};

/** Reads an Authorization or Proxy-Authorization value; throws SipParseError. */
export function parseAuthorization(headerValue: string): DigestAnswer {
  const params = parseAuthParameters(headerValue, 'Digest');
  const required = (name: string): string => {
    const value = params.get(name);
    if (value === undefined) throw malformed('authorization', `no ${name}`);
    return value;
  };
  const qop = params.get('qop')?.toLowerCase() ?? '';
  const opaque = params.get('opaque');
  return {
    username: required('username'),
    realm: required('realm'),
    nonce: required('nonce'),
    uri: required('uri'),
    response: required('response'),
    algorithm: canonicalAlgorithm(params.get('algorithm') ?? 'MD5'),
    cnonce: qop === '' ? (params.get('cnonce') ?? '') : required('cnonce'),
    qop,
    nc: qop === '' ? '' : required('nc'),
    ...(opaque !== undefined && { opaque }),
  };
}

export type VerifyOptions = {
  readonly method: string;
  /** The Request-URI; left out: the `uri` of the answer is believed. */
  readonly uri?: string;
  readonly body?: Uint8Array;
  readonly realm: string;
  /** What the challenge asked for; an answer by another algorithm or qop is a downgrade and refused. */
  readonly algorithms?: readonly string[];
  readonly requireQop?: boolean;
  passwordOf?(username: string): string | undefined;
  /** Asked instead where `firstHash` of the password is kept, in place of the password. */
  firstHashOf?(username: string, algorithm: string): string | undefined;
  /** Is the nonce one that we gave out, and still good? */
  nonceState(nonce: string): 'valid' | 'stale' | 'unknown';
  /** The highest nonce count seen with it: a count that does not rise is a replay. */
  lastNonceCount?(nonce: string): number;
};

/** `stale`: everything fits but the nonce is old; challenge again with `stale: true`. */
export type DigestVerdict =
  | {
      readonly type: 'accepted';
      readonly username: string;
      readonly nonce: string;
      readonly nonceCount: number;
    }
  | { readonly type: 'stale' }
  | { readonly type: 'refused'; readonly why: string };

/** The server's side (RFC 7616 section 3.4.6): who sent this, and may it be believed? Never throws. */
export function verifyAuthorization(headerValue: string, options: VerifyOptions): DigestVerdict {
  let answer: DigestAnswer;
  try {
    answer = parseAuthorization(headerValue);
  } catch {
    return { type: 'refused', why: 'malformed' };
  }
  const why = unfit(answer, options);
  if (why !== undefined) return { type: 'refused', why };
  const state = options.nonceState(answer.nonce);
  if (state === 'unknown') return { type: 'refused', why: 'unknown nonce' };
  const known = knownHash(answer, options);
  // A user that does not exist takes the time of one that does.
  const ha1 = known ?? firstHash(answer.algorithm, answer.username, answer.realm, '');
  const expected = digestResponse({
    ...answer,
    ha1,
    method: options.method,
    ...(options.body !== undefined && { body: options.body }),
  });
  const right = equal(expected, answer.response.toLowerCase());
  if (!right || known === undefined) return { type: 'refused', why: 'wrong name or password' };
  if (state === 'stale') return { type: 'stale' };
  const nonceCount = answer.qop === '' ? 0 : Number.parseInt(answer.nc, 16);
  const last = options.lastNonceCount?.(answer.nonce) ?? 0;
  if (answer.qop !== '' && nonceCount <= last) return { type: 'refused', why: 'replayed' };
  return { type: 'accepted', username: answer.username, nonce: answer.nonce, nonceCount };
}

function knownHash(
  { username, algorithm, realm }: DigestAnswer,
  options: VerifyOptions,
): string | undefined {
  const { firstHashOf, passwordOf } = options;
  if (firstHashOf !== undefined) return firstHashOf(username, algorithm);
  const password = passwordOf?.(username);
  return password === undefined ? undefined : firstHash(algorithm, username, realm, password);
}

/** What keeps an answer from being looked at. */
function unfit(answer: DigestAnswer, options: VerifyOptions): string | undefined {
  const algorithms = options.algorithms ?? ['MD5', 'SHA-256'];
  if (answer.realm !== options.realm) return 'another realm';
  if (options.uri !== undefined && answer.uri !== options.uri) return 'another URI';
  if (strength(answer.algorithm) === undefined || !algorithms.includes(answer.algorithm)) {
    return 'an algorithm not asked for';
  }
  if (!['', 'auth', 'auth-int'].includes(answer.qop)) return 'unknown qop';
  if (answer.qop === '' && options.requireQop === true) return 'no qop';
  if (answer.qop !== '' && !/^[0-9a-fA-F]{8}$/.test(answer.nc)) return 'not a nonce count';
  return undefined;
}

/** Takes the same time wherever they differ. */
function equal(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Is the value a challenge or answer of this scheme? Others are passed over (section 22.4). */
export function isDigest(headerValue: string): boolean {
  const scheme = headerValue.trimStart().split(/\s/, 1)[0] ?? '';
  return isToken(scheme) && scheme.toLowerCase() === 'digest';
}
