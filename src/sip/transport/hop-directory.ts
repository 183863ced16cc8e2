import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Dns } from './dns.ts';
import type { Hop } from './hop.ts';
import { type HopPlan, type HopTarget, orderHops, resolveHops, type Spoken } from './resolver.ts';

/** How long a server that the DNS no longer names may still speak to us: calls through it go on. */
const formerMs = 3_600_000;
/** Of one target; a DNS that names others every minute must not fill the memory. */
const mostFormer = 64;
const retryMs = 15_000;

type Entry = {
  readonly name: string;
  readonly target: HopTarget;
  plan: HopPlan | undefined;
  /** By address, until when (monotonic ms). */
  readonly former: Map<string, number>;
  timer: Timer | undefined;
  /** Nothing was found last time, which was told. */
  isLost: boolean;
};

export type HopDirectoryOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly dns: Dns;
  readonly spoken: Spoken;
};

/**
 * The servers of our trunks, kept as fresh as the DNS wants: a call never waits for a name server, and what
 * was found last goes on while none answers.
 */
export class HopDirectory {
  readonly #options: HopDirectoryOptions;
  readonly #entries = new Map<string, Entry>();
  #closed = false;

  constructor(options: HopDirectoryOptions) {
    this.#options = options;
  }

  /** Resolves when the target was looked up for the first time, found or not. `name`: of the trunk. */
  async add(name: string, target: HopTarget): Promise<void> {
    const former = new Map<string, number>();
    const entry: Entry = { name, target, plan: undefined, former, timer: undefined, isLost: false };
    this.#entries.set(name, entry);
    await this.#refresh(entry);
  }

  /** Where a call of this moment is sent, in the order of trying; empty when nothing is known. */
  hops(name: string): readonly Hop[] {
    const plan = this.#entries.get(name)?.plan;
    return plan === undefined ? [] : orderHops(plan, this.#options.random);
  }

  /** Is it a server of one of the targets, or was it one within the last hour? */
  knows(host: string): boolean {
    const now = this.#options.clock.now();
    for (const { plan, former } of this.#entries.values()) {
      if (plan !== undefined && addressesOf(plan).has(host)) return true;
      if ((former.get(host) ?? 0) > now) return true;
    }
    return false;
  }

  close(): void {
    this.#closed = true;
    this.#options.dns.close?.();
    for (const { timer } of this.#entries.values()) timer?.cancel();
  }

  async #refresh(entry: Entry): Promise<void> {
    const { dns, spoken } = this.#options;
    try {
      const plan = await resolveHops(entry.target, dns, spoken);
      if (plan.choices.length > 0) this.#found(entry, plan);
      else this.#lost(entry, 'there is no such name, or it has no address that can be reached');
    } catch (error) {
      this.#lost(entry, error instanceof Error ? error.message : String(error));
    }
  }

  #found(entry: Entry, plan: HopPlan): void {
    const { clock, log } = this.#options;
    const { name: trunk, target, former } = entry;
    const until = clock.now() + formerMs;
    const addresses = addressesOf(plan);
    const before = entry.plan === undefined ? [] : [...addressesOf(entry.plan)];
    for (const host of before) if (!addresses.has(host)) former.set(host, until);
    for (const [host, end] of former) if (end <= clock.now()) former.delete(host);
    while (former.size > mostFormer) former.delete(former.keys().next().value!);
    if (entry.isLost) log.info({ trunk, host: target.host }, 'the name of a trunk resolves again');
    entry.isLost = false;
    entry.plan = plan;
    if (plan.ttlMs !== Infinity) this.#later(entry, plan.ttlMs);
  }

  #lost(entry: Entry, error: string): void {
    const { name: trunk, target, plan } = entry;
    if (!entry.isLost) {
      const fix = 'check trunks[].host and the DNS';
      const text = plan
        ? 'the name of a trunk does not resolve: its last addresses are used'
        : 'the name of a trunk does not resolve: no call can go there';
      this.#options.log.warn({ trunk, host: target.host, error, fix }, text);
    }
    entry.isLost = true;
    this.#later(entry, retryMs);
  }

  #later(entry: Entry, delayMs: number): void {
    if (this.#closed) return;
    entry.timer = this.#options.clock.setTimer(delayMs, () => void this.#refresh(entry));
  }
}

function addressesOf({ choices }: HopPlan): Set<string> {
  return new Set(choices.flatMap(({ hops }) => hops.map(({ host }) => host)));
}
