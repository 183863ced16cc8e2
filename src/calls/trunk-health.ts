import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Trunk } from '../model/trunk.ts';
import type { TrunkStates } from './routing.ts';

export type TrunkHealthParts = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly trunks: readonly Trunk[];
  /** Asks by OPTIONS (RFC 3261 section 11) whether a trunk is there; never rejects. */
  readonly ping: (trunk: Trunk) => Promise<boolean>;
  /** What registers with trunks: calls/trunk-registrations.ts. Default: nothing does. */
  readonly registrations?: {
    isReady(trunk: Trunk): boolean;
    renew(trunk: Trunk): void;
  };
};

/** How long a trunk that failed a call is tried last, when it names no time of its own. */
const avoidedMs = 30_000;
/** What a trunk may ask for by Retry-After is bounded: a typing error must not cost a day. */
const longestAvoidedMs = 300_000;
/** So many unanswered OPTIONS in a row, from a trunk that has answered before, and it is down. */
const missesUntilDown = 2;

type State = {
  /** Monotonic ms. */
  avoidedUntil: number;
  hasAnswered: boolean;
  misses: number;
  timer: Timer | undefined;
};

/**
 * Which trunks are in trouble, by what calls met and by OPTIONS. It decides the order only: when no trunk
 * is well, the others are tried all the same.
 */
export class TrunkHealth implements TrunkStates {
  readonly #parts: TrunkHealthParts;
  readonly #states = new Map<Trunk, State>();
  #closed = false;

  constructor(parts: TrunkHealthParts) {
    this.#parts = parts;
    for (const trunk of parts.trunks) {
      this.#states.set(trunk, {
        avoidedUntil: 0,
        hasAnswered: false,
        misses: 0,
        timer: undefined,
      });
      if (trunk.pingMs !== undefined) this.#pingAfter(trunk, 0);
    }
  }

  isDown(trunk: Trunk): boolean {
    const state = this.#states.get(trunk);
    if (state === undefined) return false;
    const { clock, registrations } = this.#parts;
    const isReady = registrations?.isReady(trunk) ?? true;
    return !isReady || clock.now() < state.avoidedUntil || isMissing(state);
  }

  failed(trunk: Trunk, retryAfterMs = avoidedMs): void {
    const state = this.#states.get(trunk);
    if (state === undefined) return;
    const { clock, log } = this.#parts;
    if (clock.now() >= state.avoidedUntil)
      log.warn(
        { trunk: trunk.name },
        'a trunk failed a call: others are tried before it for a while',
      );
    state.avoidedUntil = clock.now() + Math.min(retryAfterMs, longestAvoidedMs);
  }

  worked(trunk: Trunk): void {
    const state = this.#states.get(trunk);
    if (state !== undefined) state.avoidedUntil = 0;
  }

  close(): void {
    this.#closed = true;
    for (const state of this.#states.values()) state.timer?.cancel();
  }

  #pingAfter(trunk: Trunk, ms: number): void {
    const state = this.#states.get(trunk)!;
    state.timer = this.#parts.clock.setTimer(ms, () => void this.#ping(trunk, state));
  }

  async #ping(trunk: Trunk, state: State): Promise<void> {
    const { ping, log, registrations } = this.#parts;
    const answered = await ping(trunk);
    if (this.#closed) return;
    const wasMissing = isMissing(state);
    state.hasAnswered ||= answered;
    state.misses = answered ? 0 : state.misses + 1;
    const fields = { trunk: trunk.name };
    if (!wasMissing && isMissing(state)) log.warn(fields, 'a trunk stopped answering OPTIONS');
    if (wasMissing && answered) {
      log.info(fields, 'a trunk answers OPTIONS again');
      registrations?.renew(trunk);
    }
    this.#pingAfter(trunk, trunk.pingMs!);
  }
}

/** Trunks that never answer OPTIONS are not missing: some carriers drop them. */
function isMissing({ hasAnswered, misses }: State): boolean {
  return hasAnswered && misses >= missesUntilDown;
}

/** Whoever answers is there, if only to refuse OPTIONS; 503 is for another time, 408 nobody. */
export function isAlive(status: number): boolean {
  return status !== 408 && status !== 503;
}
