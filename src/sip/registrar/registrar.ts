import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { type DigestAlgorithm, digestAlgorithms } from '../../model/registration.ts';
import {
  formatChallenge,
  isDigest,
  parseAuthorization,
  verifyAuthorization,
} from '../auth/digest.ts';
import { userOf } from '../dialog/session-host.ts';
import { type NameAddr, parseNameAddr } from '../message/name-addr.ts';
import type { SipRequest } from '../message/sip-message.ts';
import { parseUri } from '../message/uri.ts';
import type { Hop } from '../transport/hop.ts';
import { type Binding, Bindings } from './bindings.ts';
import { Guessers } from './guessers.ts';
import { Nonces } from './nonces.ts';

/** H(user:realm:password) of a line, by algorithm: what a registrar keeps in place of the password. */
export type LineDigests = Readonly<Record<DigestAlgorithm, string>>;

export type RegistrarOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly realm: string;
  /** undefined: there is no such line, or it may not register. */
  readonly digestsOf: (user: string) => Promise<LineDigests | undefined>;
  /** Asked for and believed, the preferred one first; undefined: all of them. Never empty. */
  readonly algorithms?: readonly DigestAlgorithm[];
  /** How long a phone may register for; outside of it 423, or less than it asked. Seconds. */
  readonly expires: { readonly least: number; readonly usual: number; readonly most: number };
};

export type RegisterAnswer = readonly [
  status: number,
  ...headers: (readonly [name: string, value: string])[],
];

const mostContacts = 10;

/** The registrar of SIP lines: RFC 3261 section 10.3. Every REGISTER must be authenticated. */
export class Registrar {
  readonly bindings: Bindings;
  readonly #options: RegistrarOptions;
  readonly #algorithms: readonly DigestAlgorithm[];
  readonly #nonces: Nonces;
  readonly #guessers: Guessers;

  constructor(options: RegistrarOptions) {
    this.#options = options;
    this.#algorithms = options.algorithms ?? digestAlgorithms;
    this.bindings = new Bindings(options.clock);
    this.#nonces = new Nonces(options.clock, options.random);
    this.#guessers = new Guessers(options.clock);
  }

  /**
   * What to answer; the bindings are changed already when it resolves. undefined: nothing, to an address
   * that has guessed passwords too often.
   */
  receive(request: SipRequest, source: Hop): Promise<RegisterAnswer> | undefined {
    return this.#guessers.isOne(source.host) ? undefined : this.#answer(request, source);
  }

  async #answer(request: SipRequest, source: Hop): Promise<RegisterAnswer> {
    const user = userOf(request.to.uri);
    if (user === undefined) return [404];
    const refusal = await this.#authenticate(request, user);
    if (refusal?.[0] === 403) this.#guessers.failed(source.host);
    return refusal ?? this.#register(request, user, source);
  }

  /** The line may register no more: its phones are not rung from now on. */
  remove(user: string): void {
    this.bindings.put(user, []);
  }

  close(): void {
    this.bindings.close();
  }

  /** undefined: it is the line's own phone. */
  async #authenticate(request: SipRequest, user: string): Promise<RegisterAnswer | undefined> {
    const { realm, digestsOf } = this.#options;
    const algorithms = this.#algorithms;
    const given = request.headers
      .all('Authorization')
      .filter(isDigest)
      .find((value) => readAnswer(value)?.realm === realm);
    if (given === undefined) return this.#challenge(false);
    // Looked up also for names that fit nothing, so that both cost the same.
    const digests = await digestsOf(readAnswer(given)!.username);
    const verdict = verifyAuthorization(given, {
      method: 'REGISTER',
      realm,
      algorithms: [...algorithms, ...algorithms.map((name) => `${name}-sess`)],
      firstHashOf: (_, algorithm) => digests?.[algorithm.replace('-sess', '') as keyof LineDigests],
      nonceState: (nonce) => this.#nonces.state(nonce),
      lastNonceCount: (nonce) => this.#nonces.lastCount(nonce),
    });
    if (verdict.type === 'stale') return this.#challenge(true);
    if (verdict.type === 'refused') {
      const isOurs = !/nonce|replayed/.test(verdict.why);
      return isOurs ? [403] : this.#challenge(false);
    }
    this.#nonces.used(verdict.nonce, verdict.nonceCount);
    return verdict.username === user ? undefined : [403]; // Section 10.3, step 4.
  }

  /** One challenge an algorithm, the preferred one first: RFC 8760 section 2.4. */
  #challenge(stale: boolean): RegisterAnswer {
    const nonce = this.#nonces.make();
    const { realm } = this.#options;
    return [
      401,
      ...this.#algorithms.map((algorithm) => {
        const value = formatChallenge({ realm, nonce, algorithm, qop: ['auth'], stale });
        return ['WWW-Authenticate', value] as const;
      }),
    ];
  }

  #register(request: SipRequest, user: string, source: Hop): RegisterAnswer {
    const contacts = readContacts(request);
    if (contacts === undefined || contacts.length > mostContacts) return [400];
    const present = this.bindings.of(user);
    if (isOutdated(request, present)) return [500]; // Step 7: an older request came late.
    if (contacts.some(({ uri }) => uri === '*')) {
      if (contacts.length > 1 || request.headers.get('Expires')?.trim() !== '0') return [400];
      this.#replace(user, present, []);
      return this.#accepted(request, user);
    }
    const asked = contacts.map((contact) => ({
      contact,
      seconds: this.#seconds(contact, request),
    }));
    const { least } = this.#options.expires;
    if (asked.some(({ seconds }) => seconds > 0 && seconds < least))
      return [423, ['Min-Expires', `${least}`]];
    let next = present;
    for (const { contact, seconds } of asked) {
      const binding = this.#bindingOf(contact, { request, source, seconds });
      next = next.filter((other) => !Bindings.isSame(other, binding));
      if (seconds > 0) next = [...next, binding];
    }
    this.#replace(user, present, next);
    return this.#accepted(request, user);
  }

  #replace(user: string, present: readonly Binding[], next: readonly Binding[]): void {
    this.bindings.put(user, next);
    if (present.length === 0 && next.length > 0)
      this.#options.log.info({ line: user }, 'SIP line registered');
    if (present.length > 0 && next.length === 0)
      this.#options.log.info({ line: user }, 'SIP line unregistered');
  }

  #bindingOf(
    { uri, params }: NameAddr,
    from: {
      readonly request: SipRequest;
      readonly source: Hop;
      readonly seconds: number;
    },
  ): Binding {
    const { request, source, seconds } = from;
    const text = (name: string): string | undefined => {
      const value = params.get(name);
      return typeof value === 'string' ? value : undefined;
    };
    const instance = text('+sip.instance');
    const q = Number(text('q') ?? 1);
    return {
      uri,
      source,
      path: request.headers.values('Path'),
      instance: instance === undefined ? undefined : `${instance} ${text('reg-id') ?? ''}`,
      sipCallId: request.sipCallId,
      sequence: request.cseq.sequence,
      q: q >= 0 && q <= 1 ? q : 1,
      userAgent: request.headers.get('User-Agent'),
      registeredAt: this.#options.clock.wallTime(),
      until: this.#options.clock.now() + seconds * 1000,
    };
  }

  /** What the contact says, else the Expires header; malformed as absent (section 10.2.1.1). */
  #seconds(contact: NameAddr, request: SipRequest): number {
    const { usual, most } = this.#options.expires;
    const named = contact.params.get('expires') ?? request.headers.get('Expires');
    const seconds =
      typeof named === 'string' && /^\s*\d{1,10}\s*$/.test(named) ? Number(named) : usual;
    return Math.min(seconds, most);
  }

  /** Step 8: every binding there is. */
  #accepted(request: SipRequest, user: string): RegisterAnswer {
    const now = this.#options.clock.now();
    const contacts = this.bindings.of(user).map(({ uri, until }) => {
      return ['Contact', `<${uri}>;expires=${Math.ceil((until - now) / 1000)}`] as const;
    });
    const path = request.headers.all('Path').map((value) => ['Path', value] as const); // RFC 3327 section 5.3
    return [200, ...contacts, ...path];
  }
}

function readAnswer(value: string): { realm: string; username: string } | undefined {
  try {
    return parseAuthorization(value);
  } catch {
    return undefined;
  }
}

/** undefined: one of them is none that could be called. */
function readContacts(request: SipRequest): readonly NameAddr[] | undefined {
  try {
    return request.headers.values('Contact').map((value) => {
      const contact = parseNameAddr(value, 'Contact');
      if (contact.uri !== '*') parseUri(contact.uri);
      return contact;
    });
  } catch {
    return undefined;
  }
}

/** Of one Call-ID, requests must come in the order of their CSeq. */
function isOutdated({ sipCallId, cseq }: SipRequest, present: readonly Binding[]): boolean {
  return present.some((it) => it.sipCallId === sipCallId && it.sequence >= cseq.sequence);
}
