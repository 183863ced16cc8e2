import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import {
  type DigestAlgorithm,
  registrationRealm,
  type SipLineStates,
  type Terminal,
} from '../model/registration.ts';
import type { Trunk } from '../model/trunk.ts';
import type { Binding } from '../sip/registrar/bindings.ts';
import { type LineDigests, Registrar, type RegistrarOptions } from '../sip/registrar/registrar.ts';
import type { InviteTarget } from '../sip/user-agent.ts';
import type { SipLineStore } from '../store/data-store.ts';
import type { CallNumbers } from './caller-id.ts';

export type SipLinesParts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly store: Pick<SipLineStore, 'byPhoneNumber'>;
  readonly expires: RegistrarOptions['expires'];
  readonly algorithms: readonly DigestAlgorithm[];
  /** The host part of the URIs that phones are shown. */
  readonly domain: string;
  /** Of the sound of all phones. */
  readonly sound: Pick<Trunk, 'codecs' | 'srtp' | 'rtpLatching'>;
};

/** The phones of a line, and what the line allows. */
export type LineTargets = {
  /** Never empty; all of them ring. */
  readonly targets: readonly [InviteTarget, ...InviteTarget[]];
  /** Calls at the same time. */
  readonly channels: number;
  readonly ringMs: number;
};

type Known = { readonly channels: number; readonly ringMs: number };

/**
 * The SIP lines of employees: which phones are registered for each, and how a call reaches them. What a
 * line allows is as of its latest registration.
 */
export class SipLines implements SipLineStates {
  readonly registrar: Registrar;
  /** What legs to lines are said to go through. */
  readonly trunk: Trunk;
  readonly #parts: SipLinesParts;
  readonly #known = new Map<string, Known>();

  constructor(parts: SipLinesParts) {
    const { clock, random, log, expires, algorithms, domain, sound } = parts;
    this.#parts = parts;
    this.registrar = new Registrar({
      clock,
      random,
      log,
      realm: registrationRealm,
      expires,
      algorithms,
      digestsOf: (user) => this.#digestsOf(user),
    });
    this.trunk = {
      name: 'sip-lines',
      address: { host: domain, port: 0 },
      domain,
      transport: 'udp',
      codecs: sound.codecs,
      ...(sound.srtp && { srtp: sound.srtp }),
      ...(sound.rtpLatching && { rtpLatching: sound.rtpLatching }),
      callerId: { header: 'From', form: 'digits' },
      prefixes: [],
    };
  }

  /** undefined: no phone is registered for the line. */
  reach({ called, shown }: CallNumbers): LineTargets | undefined {
    const [first, ...others] = this.registrar.bindings
      .of(called)
      .map((binding) => this.#targetOf(binding, called, shown));
    const known = this.#known.get(called);
    if (first === undefined || known === undefined) return undefined;
    return { targets: [first, ...others], ...known };
  }

  terminals(phoneNumber: string): readonly Terminal[] {
    return this.registrar.bindings
      .of(phoneNumber)
      .map(({ source, registeredAt }) => ({ ip: source.host, registeredAt }));
  }

  forget(phoneNumber: string): void {
    this.registrar.remove(phoneNumber);
    this.#known.delete(phoneNumber);
  }

  close(): void {
    this.registrar.close();
  }

  async #digestsOf(user: string): Promise<LineDigests | undefined> {
    const line = await this.#parts.store.byPhoneNumber(user);
    if (line?.billingState !== 'active') return undefined;
    this.#known.set(user, { channels: line.channelsCount, ringMs: line.dialTime * 1000 });
    return line.digests;
  }

  /** It is sent the way its REGISTER came, the only one that leads through a NAT: RFC 3581, RFC 5626. */
  #targetOf({ uri, source, path }: Binding, line: string, shown: string): InviteTarget {
    const { domain } = this.#parts;
    return {
      requestUri: uri,
      to: `sip:${line}@${domain}`,
      nextHop: source,
      from: { uri: `sip:${shown}@${domain}` },
      headers: path.map((route) => ['Route', route] as const), // RFC 3327 section 5.3
    };
  }
}
