import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { TokenBucket } from '../base/token-bucket.ts';
import { isSipLine } from '../model/sip-line-number.ts';
import type { Trunk } from '../model/trunk.ts';
import type { Hop } from '../sip/transport/hop.ts';
import type { InviteTarget } from '../sip/user-agent.ts';
import { type CallNumbers, inviteTarget } from './caller-id.ts';
import type { SipLines } from './sip-lines.ts';
import { hopsByAddress, type TrunkHops } from './trunk-hops.ts';

/** The way one leg goes, and a channel taken on it until `release`. */
export type Route = {
  readonly trunk: Trunk;
  readonly target: InviteTarget;
  /** Other phones of the same SIP line; they ring at the same time. */
  readonly others?: readonly InviteTarget[];
  /** How long a SIP line may ring; undefined: as long as any party of its role. */
  readonly ringMs?: number;
  /** Gives the channel back; idempotent. */
  release(): void;
};

/** `offline`: a SIP line that no phone is registered for; `busy`: all its channels are taken. */
export type NoRoute = { readonly refused: 'noRoute' | 'channelsBusy' | 'offline' | 'busy' };

/** Which trunks are in trouble: calls/trunk-health.ts. */
export interface TrunkStates {
  isDown(trunk: Trunk): boolean;
  /** It failed a call; `retryAfterMs`: when it asked to be left alone for so long. */
  failed(trunk: Trunk, retryAfterMs?: number): void;
  /** It brought a call to a party. */
  worked(trunk: Trunk): void;
}

/** What a leg needs of the routing. */
export type Ways = Pick<Routing, 'choose' | 'hasOther' | 'failed' | 'worked'>;

export type RoutingParts = {
  readonly clock: Clock;
  readonly random: Random;
  /** Default: every trunk is well. */
  readonly states?: TrunkStates;
  /** Where a trunk's servers are; default: trunks are known by IP addresses. */
  readonly hops?: TrunkHops;
  /** What an INVITE carries as Route (RFC 3608); default: nothing. */
  readonly serviceRoute?: (trunk: Trunk) => readonly string[];
  /** The lines of employees; default: none is registered. */
  readonly lines?: Pick<SipLines, 'reach' | 'trunk'>;
};

/**
 * Chooses the trunk of a leg: one that is well before one that is not, then the longest prefix, then the
 * lowest priority, then by chance according to the weights. Counts channels and calls a second.
 */
export class Routing {
  readonly #trunks: readonly Trunk[];
  readonly #parts: RoutingParts;
  /** By trunk, and by number of a SIP line. */
  readonly #inUse = new Map<Trunk | string, number>();
  readonly #rates = new Map<Trunk, TokenBucket>();

  constructor(trunks: readonly Trunk[], parts: RoutingParts) {
    this.#trunks = trunks;
    this.#parts = parts;
    for (const trunk of trunks)
      if (trunk.maxCallsPerSecond !== undefined)
        this.#rates.set(trunk, new TokenBucket(parts.clock, trunk.maxCallsPerSecond));
  }

  /** Channels taken on all trunks: zero when every call is over. */
  get channelsInUse(): number {
    let sum = 0;
    for (const count of this.#inUse.values()) sum += count;
    return sum;
  }

  /** `tried`: trunks that this leg has been on already. */
  choose(numbers: CallNumbers, tried: ReadonlySet<Trunk> = new Set()): Route | NoRoute {
    if (isSipLine(numbers.called)) return this.#chooseLine(numbers, tried);
    const { hops = hopsByAddress, serviceRoute } = this.#parts;
    const candidates = this.candidates(numbers.called)
      .filter((trunk) => !tried.has(trunk))
      .map((trunk) => ({ trunk, hops: hops(trunk) }))
      .filter((candidate) => candidate.hops.length > 0);
    if (candidates.length === 0) return { refused: 'noRoute' };
    const free = candidates.find(({ trunk }) => this.#hasRoom(trunk));
    if (free === undefined) return { refused: 'channelsBusy' };
    const { trunk } = free;
    const [nextHop, ...otherHops] = free.hops as [Hop, ...Hop[]];
    const target = withRoute(
      { ...inviteTarget(trunk, numbers), nextHop, otherHops },
      serviceRoute?.(trunk) ?? [],
    );
    return { trunk, target, release: this.#take(trunk) };
  }

  #chooseLine(numbers: CallNumbers, tried: ReadonlySet<Trunk>): Route | NoRoute {
    const { lines } = this.#parts;
    const found = lines?.reach(numbers);
    if (lines === undefined || found === undefined || tried.has(lines.trunk))
      return { refused: 'offline' };
    const { targets, channels, ringMs } = found;
    if (this.#used(numbers.called) >= channels) return { refused: 'busy' };
    const [target, ...others] = targets;
    const release = this.#take(numbers.called);
    return { trunk: lines.trunk, target, others, ringMs, release };
  }

  /** Whether a leg that leaves its trunk has another one to go to, full as that may be. */
  hasOther(called: string, tried: ReadonlySet<Trunk>): boolean {
    if (isSipLine(called)) return false;
    return this.#trunks.some((trunk) => !tried.has(trunk) && longestPrefix(trunk, called) >= 0);
  }

  /** The trunks that serve a number, in the order in which a leg tries them. */
  candidates(called: string): readonly Trunk[] {
    const { random, states } = this.#parts;
    return this.#trunks
      .map((trunk) => ({
        trunk,
        length: longestPrefix(trunk, called),
        down: states?.isDown(trunk) === true ? 1 : 0,
        draw: drawOf(random, trunk.weight ?? 1),
      }))
      .filter(({ length }) => length >= 0)
      .sort(
        (a, b) =>
          a.down - b.down ||
          b.length - a.length ||
          (a.trunk.priority ?? 0) - (b.trunk.priority ?? 0) ||
          b.draw - a.draw,
      )
      .map(({ trunk }) => trunk);
  }

  failed(trunk: Trunk, retryAfterMs?: number): void {
    this.#parts.states?.failed(trunk, retryAfterMs);
  }

  worked(trunk: Trunk): void {
    this.#parts.states?.worked(trunk);
  }

  #hasRoom(trunk: Trunk): boolean {
    if (this.#used(trunk) >= (trunk.maxChannels ?? Infinity)) return false;
    return this.#rates.get(trunk)?.take() ?? true;
  }

  /** Takes a channel; the function gives it back, once. */
  #take(of: Trunk | string): () => void {
    this.#inUse.set(of, this.#used(of) + 1);
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      const left = this.#used(of) - 1;
      if (left === 0) this.#inUse.delete(of);
      else this.#inUse.set(of, left);
    };
  }

  #used(of: Trunk | string): number {
    return this.#inUse.get(of) ?? 0;
  }
}

function withRoute(target: InviteTarget, route: readonly string[]): InviteTarget {
  if (route.length === 0) return target;
  const headers = route.map((value) => ['Route', value] as const);
  return { ...target, headers: [...headers, ...(target.headers ?? [])] };
}

/**
 * The largest of such draws belongs to each trunk as often as its weight is of the sum (Efraimidis and
 * Spirakis, weighted random sampling, 2006). Weight 0 comes last, as RFC 2782 has it.
 */
function drawOf(random: Random, weight: number): number {
  return weight === 0 ? -1 : random.next() ** (1 / weight);
}

function longestPrefix(trunk: Trunk, number: string): number {
  let longest = -1;
  for (const prefix of trunk.prefixes) {
    if (number.startsWith(prefix) && prefix.length > longest) longest = prefix.length;
  }
  return longest;
}
