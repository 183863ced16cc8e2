import type { Logger } from '../base/logger.ts';
import type { Trunk } from '../model/trunk.ts';
import type { Registration, RegistrationEvent } from '../sip/registration.ts';
import type { UserAgent } from '../sip/user-agent.ts';
import { hopsByAddress, type TrunkHops } from './trunk-hops.ts';

export type TrunkRegistrationsParts = {
  readonly userAgent: Pick<UserAgent, 'register'>;
  readonly trunks: readonly Trunk[];
  /** Where a trunk's servers are; default: trunks are known by IP addresses. */
  readonly hops?: TrunkHops;
  readonly log: Logger;
};

type Kept = { readonly registration: Registration; serviceRoute: readonly string[]; told: boolean };

/** Our registrations with the trunks that want one. */
export class TrunkRegistrations {
  readonly #log: Logger;
  readonly #kept = new Map<Trunk, Kept>();

  constructor({ userAgent, trunks, hops = hopsByAddress, log }: TrunkRegistrationsParts) {
    this.#log = log;
    for (const trunk of trunks) {
      const { credentials, registerSeconds, domain } = trunk;
      if (credentials === undefined || registerSeconds === undefined) continue;
      const { username: user } = credentials;
      const target = {
        registrar: `sip:${domain}`,
        addressOfRecord: { user, uri: `sip:${user}@${domain}` },
        hops: () => hops(trunk),
        credentials,
        expires: registerSeconds,
      };
      const registration = userAgent.register(target, (event) => this.#receive(trunk, event));
      this.#kept.set(trunk, { registration, serviceRoute: [], told: false });
    }
  }

  /** False: the trunk wants a registration and there is none. */
  isReady(trunk: Trunk): boolean {
    return this.#kept.get(trunk)?.registration.isRegistered !== false;
  }

  /** What an INVITE to the trunk carries as Route: RFC 3608 section 6.1. */
  serviceRoute(trunk: Trunk): readonly string[] {
    return this.#kept.get(trunk)?.serviceRoute ?? [];
  }

  /** The trunk was away and may have lost what it knew of us. */
  renew(trunk: Trunk): void {
    this.#kept.get(trunk)?.registration.renew();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept.values()].map(({ registration }) => registration.close()));
  }

  #receive(trunk: Trunk, event: RegistrationEvent): void {
    const kept = this.#kept.get(trunk)!;
    const { name } = trunk;
    if (event.type === 'registered') {
      kept.serviceRoute = event.serviceRoute;
      const { expires } = event;
      if (!kept.told) this.#log.info({ trunk: name, expires }, 'registered with a trunk');
      kept.told = true;
      return;
    }
    kept.told = false;
    const { status, retryMs } = event;
    const retrySeconds = Math.round(retryMs / 1000);
    this.#log.warn({ trunk: name, status, retrySeconds, fix: fixOf(status) }, 'not registered');
  }
}

function fixOf(status: number): string {
  if (status === 401 || status === 403 || status === 407)
    return 'check trunks[].username, password and realm';
  if (status === 404) return 'check trunks[].username and domain';
  if (status === 408 || status === 503) return 'check trunks[].host and port, and the network';
  return 'ask the carrier what this status means for a REGISTER';
}
