import { assert } from '../base/assert.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Sink } from '../base/sink.ts';
import type { CallEvent } from '../model/call-event.ts';
import type { Prompt, Role } from '../model/party.ts';
import type { CallInput } from './call-input.ts';
import { CallLeg } from './call-leg.ts';
import type { CallLimits } from './call-limits.ts';
import {
  type CallEnd,
  internalError,
  limitReached,
  mediaLost,
  minutesUsedUp,
  notReached,
  released,
} from './ends.ts';
import type { LineDialer } from './line.ts';
import type { Ways } from './routing.ts';

/** Whom a leg rings, and how. */
export type Party = {
  readonly role: Role;
  readonly number: string;
  /** The number shown to the party. */
  readonly callerId: string;
  /** The account's own number of this session, for trunks that show no other. */
  readonly virtualNumber: string;
  /** The key that the party must press, or `any`. */
  readonly confirmation?: string | undefined;
  /** Keys sent from the moment it answers, as post-dial digits of its number. */
  readonly postDial?: string | undefined;
};

/** Decides what happens in a call until it ends. Returns or throws: either way the call is over. */
export type CallScript<Params> = (call: Call, params: Params) => Promise<void>;

/** What every operation of an ended call throws; a script lets it pass. */
export class CallEnded extends Error {
  override readonly name = 'CallEnded';
  readonly end: CallEnd;
  constructor(end: CallEnd) {
    super(`the call ended: ${end.finishReason}`);
    this.end = end;
  }
}

/** What `dial` throws for a party that did not answer; a script may catch it and try another. */
export class NotAnswered extends Error {
  override readonly name = 'NotAnswered';
  readonly end: CallEnd;
  constructor(end: CallEnd) {
    super(`not answered: ${end.legFinishReason}`);
    this.end = end;
  }
}

export type CallParts = {
  readonly callSessionId: number;
  readonly accountId: number;
  readonly clock: Clock;
  readonly limits: CallLimits;
  readonly dialer: LineDialer;
  readonly routing: Ways;
  readonly nextLegId: () => number;
  readonly publish: Sink<CallEvent>;
  readonly journal: Sink<CallInput>;
  readonly log: Logger;
};

type EventBody = CallEvent extends infer Event
  ? Event extends CallEvent
    ? Omit<Event, 'callSessionId' | 'accountId' | 'at'>
    : never
  : never;

/** One call session: its legs, every wait of its script, its one end, and the only publisher of its events. */
export class Call {
  readonly legs: CallLeg[] = [];
  readonly parts: CallParts;
  readonly #waiters = new Set<(ended: CallEnded) => void>();
  readonly #longest: Timer;
  #quiet: Timer | undefined;
  #ended: CallEnded | undefined;

  constructor(parts: CallParts) {
    this.parts = parts;
    const { clock, limits } = parts;
    this.#longest = clock.setTimer(limits.longestCallMs, () => this.end(limitReached));
  }

  get isOver(): boolean {
    return this.#ended !== undefined;
  }

  /** Runs a script to its end; never rejects. A defect in it ends the call as `internal_error`. */
  async run<Params>(script: CallScript<Params>, params: Params): Promise<void> {
    try {
      await script(this, params);
      this.end(released);
    } catch (error) {
      if (error instanceof CallEnded) return;
      if (error instanceof NotAnswered) return this.end(error.end);
      this.parts.log.error({ error }, 'a call script failed');
      this.end(internalError);
    }
  }

  /** An input from outside: journalled first, then acted upon. */
  receive(input: CallInput): void {
    if (this.#ended) return;
    this.parts.journal(input);
    switch (input.kind) {
      case 'leg': {
        const leg = this.legs.find(({ legId }) => legId === input.legId);
        return leg?.receive(input.event);
      }
      case 'command':
        return this.end(input.command.type === 'release' ? released : minutesUsedUp);
    }
  }

  /**
   * Rings `party`; resolves once it answers, throws NotAnswered if it does not. `heardBy` hears its
   * line meanwhile: `ringback` while it rings, its early media from the first packet of it.
   */
  async dial(party: Party, early: { heardBy?: CallLeg; ringback?: Prompt } = {}): Promise<CallLeg> {
    this.assertAlive();
    const leg = new CallLeg(this, party, this.parts.nextLegId());
    this.legs.push(leg);
    if (early.heardBy && early.ringback) leg.letHearLine(early.heardBy, early.ringback);
    leg.ring();
    await this.until(leg.answered);
    return leg;
  }

  /** From now on the two hear each other and nothing else. */
  bridge(a: CallLeg, b: CallLeg): void {
    this.assertAlive();
    a.talkTo(b);
    b.talkTo(a);
    this.publish({ type: 'talkStarted', legIds: [a.legId, b.legId] });
  }

  /** Until a party hangs up or the call is released. */
  talk(): Promise<never> {
    return this.until(new Promise<never>(() => {}));
  }

  /**
   * Waits for `event`, but no longer than the call lives, nor than the limit, which runs from `after`.
   * Not Promise.race: racing one long-lived promise keeps every value ever raced (nodejs/node#17469).
   */
  async until<T>(
    event: Promise<T>,
    limit?: { readonly ms: number; readonly after: Promise<void>; readonly otherwise: CallEnd },
  ): Promise<T> {
    this.assertAlive();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let timer: Timer | undefined;
    let waiting = true;
    void limit?.after.then(() => {
      if (!waiting) return;
      timer = this.parts.clock.setTimer(limit.ms, () => this.end(limit.otherwise));
    });
    this.#waiters.add(reject);
    event.then(resolve, reject);
    try {
      const value = await promise;
      this.assertAlive(); // The end may have come in the same turn as the event.
      return value;
    } finally {
      waiting = false;
      timer?.cancel();
      this.#waiters.delete(reject);
    }
  }

  /** Ends the call once: every leg is hung up, and CallEnded is thrown into whatever waits. */
  end(end: CallEnd): void {
    if (this.#ended) return;
    this.#ended = new CallEnded(end);
    this.#longest.cancel();
    this.#quiet?.cancel();
    for (const leg of this.legs) leg.hangUp(end);
    this.publish({ type: 'callEnded', cause: end.cause, finishReason: end.finishReason });
    this.parts.journal({ kind: 'end' });
    for (const reject of this.#waiters) reject(this.#ended);
  }

  /** A leg that was not answered is over: whoever dials it hears of it, the call may go on. */
  notReached(role: Role, cause: CallEnd['cause']): NotAnswered {
    return new NotAnswered(notReached(role, cause));
  }

  /**
   * Ends a talk in which nothing is heard of anybody: both peers vanished without a BYE. One quiet
   * party is no reason (it may be muted, and send nothing), nor is one on hold.
   */
  watchSilence(): void {
    const talking = this.legs.filter((leg) => leg.state === 'talking');
    const lost = talking.length > 0 && talking.every((leg) => leg.isSilent);
    const { clock, limits } = this.parts;
    if (!lost || limits.silenceMs === undefined) {
      this.#quiet?.cancel();
      this.#quiet = undefined;
      return;
    }
    this.#quiet ??= clock.setTimer(limits.silenceMs, () => this.end(mediaLost));
  }

  publish(body: EventBody): void {
    const { callSessionId, accountId, clock, publish } = this.parts;
    publish({ callSessionId, accountId, at: clock.wallTime(), ...body } as CallEvent);
  }

  assertAlive(): void {
    if (this.#ended) throw this.#ended;
    assert(this.legs.length < 100, 'a script dials without end');
  }
}
