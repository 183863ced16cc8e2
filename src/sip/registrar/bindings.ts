import type { Clock, Timer } from '../../base/clock.ts';
import type { Hop } from '../transport/hop.ts';

/** Where an address-of-record can be reached: RFC 3261 section 10, RFC 3327, RFC 5626. */
export type Binding = {
  /** As the phone registered it. */
  readonly uri: string;
  /** Where its REGISTER came from: through a NAT the only way back. */
  readonly source: Hop;
  /** What requests to it carry as Route. */
  readonly path: readonly string[];
  /** `+sip.instance` and `reg-id`: another URI of the same phone takes its place. */
  readonly instance: string | undefined;
  readonly sipCallId: string;
  readonly sequence: number;
  /** 0 to 1: the higher, the sooner it is tried. */
  readonly q: number;
  readonly userAgent: string | undefined;
  /** Wall ms of its latest REGISTER. */
  readonly registeredAt: number;
  /** Monotonic ms. */
  readonly until: number;
};

/** A phone that changes its address at every start must not fill the table. */
const mostPerUser = 10;
const sweepMs = 60_000;

/** Who is registered from where. Bindings end by themselves; nothing is kept of them then. */
export class Bindings {
  readonly #clock: Clock;
  readonly #users = new Map<string, readonly Binding[]>();
  #sweep: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Those of a user that have not ended, the preferred one first. */
  of(user: string): readonly Binding[] {
    const now = this.#clock.now();
    return (this.#users.get(user) ?? []).filter(({ until }) => until > now);
  }

  /** Users with bindings; some may have ended within the last minute. */
  get size(): number {
    return this.#users.size;
  }

  /** Replaces all bindings of a user; of too many the ones that end first are dropped. */
  put(user: string, bindings: readonly Binding[]): void {
    const kept = bindings.toSorted((a, b) => b.until - a.until).slice(0, mostPerUser);
    if (kept.length === 0) this.#users.delete(user);
    else
      this.#users.set(
        user,
        kept.toSorted((a, b) => b.q - a.q),
      );
    this.#schedule();
  }

  /** The same phone: by instance and reg-id where both say so (RFC 5626 section 6), else by its URI. */
  static isSame(a: Binding, b: Pick<Binding, 'uri' | 'instance'>): boolean {
    if (a.instance !== undefined && b.instance !== undefined) return a.instance === b.instance;
    return a.uri === b.uri;
  }

  close(): void {
    this.#sweep?.cancel();
    this.#users.clear();
  }

  #schedule(): void {
    if (this.#sweep !== undefined || this.#users.size === 0) return;
    this.#sweep = this.#clock.setTimer(sweepMs, () => {
      this.#sweep = undefined;
      for (const user of this.#users.keys()) {
        const left = this.of(user);
        if (left.length === 0) this.#users.delete(user);
        else this.#users.set(user, left);
      }
      this.#schedule();
    });
  }
}
