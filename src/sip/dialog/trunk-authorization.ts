import type { SocketAddress } from '../../base/address.ts';
import type { Random } from '../../base/random.ts';
import type { Credentials } from '../../model/trunk.ts';
import { authorize, chooseChallenge, parseChallenge } from '../auth/digest.ts';
import type { ClientHandle, ReceivedResponse } from '../transaction/transaction-layer.ts';

export type AuthorizationHeader = readonly [name: string, value: string];

/** What a request has been answered so far; a new one for each request, not for each transaction. */
export type AuthorizationTries = { count: number };

/**
 * Answers challenges (RFC 3261 section 22, RFC 8760) for one session, and only those of the trunk it was
 * sent to: the request went to that address, the challenge came from it and names its realm. Whoever
 * else challenges us is after a digest to crack (advisory ES2021-05).
 */
export class TrunkAuthorization {
  readonly #credentials: Credentials | undefined;
  readonly #nextHop: SocketAddress;
  readonly #random: Random;
  #realm: string | undefined;
  /** The status of the trunk's own challenge to the INVITE: 401 of a server, 407 of a proxy. */
  #status: number | undefined;
  #nonce = '';
  #nonceCount = 0;
  #cnonce = '';

  constructor(credentials: Credentials | undefined, nextHop: SocketAddress, random: Random) {
    this.#credentials = credentials;
    this.#nextHop = nextHop;
    this.#random = random;
    this.#realm = credentials?.realm;
  }

  /** The header to repeat the dialog-forming INVITE with; undefined: the refusal stands. */
  answerInvite(
    sent: ClientHandle,
    response: ReceivedResponse,
    tries: AuthorizationTries,
  ): AuthorizationHeader | undefined {
    const header = this.#answer(sent, response, tries);
    if (header !== undefined) this.#status = response.status;
    return header;
  }

  /**
   * The same for requests inside the dialog. Those may reach the called party, so they are answered only
   * when the trunk challenged the INVITE in the same way before.
   */
  answerInDialog(
    sent: ClientHandle,
    response: ReceivedResponse,
    tries: AuthorizationTries,
  ): AuthorizationHeader | undefined {
    return response.status === this.#status ? this.#answer(sent, response, tries) : undefined;
  }

  #answer(
    { request, to }: ClientHandle,
    { status, message, source }: ReceivedResponse,
    tries: AuthorizationTries,
  ): AuthorizationHeader | undefined {
    const credentials = this.#credentials;
    if (credentials === undefined || (status !== 401 && status !== 407)) return undefined;
    if (!isSame(to, this.#nextHop) || source.host !== this.#nextHop.host) return undefined;
    const challengeHeader = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    const challenges = message.headers.all(challengeHeader).flatMap(readChallenge);
    this.#realm ??= challenges[0]?.realm;
    const challenge = chooseChallenge(challenges.filter(({ realm }) => realm === this.#realm));
    if (challenge === undefined) return undefined;
    // A second try makes sense only when the nonce was too old; else the password is wrong.
    if (tries.count >= 2 || (tries.count === 1 && !challenge.stale)) return undefined;
    tries.count++;
    if (challenge.nonce !== this.#nonce) {
      this.#nonce = challenge.nonce;
      this.#nonceCount = 0;
      this.#cnonce = this.#random.hex(8); // Of a -sess algorithm part of the key, so it stays with the nonce.
    }
    const value = authorize(challenge, {
      username: credentials.username,
      password: credentials.password,
      method: request.method,
      uri: request.requestUri,
      cnonce: this.#cnonce,
      nonceCount: ++this.#nonceCount,
      body: request.body,
    });
    return [status === 401 ? 'Authorization' : 'Proxy-Authorization', value];
  }
}

function isSame(a: SocketAddress, b: SocketAddress): boolean {
  return a.host === b.host && a.port === b.port;
}

function readChallenge(value: string): ReturnType<typeof parseChallenge>[] {
  try {
    return [parseChallenge(value)];
  } catch {
    return [];
  }
}
