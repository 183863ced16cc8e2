import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { EventBus } from '../bus/event-bus.ts';
import type { MediaEngine } from '../media/media-engine.ts';
import type { CallEvent } from '../model/call-event.ts';
import type { SimpleCallOrder } from '../model/simple-call-order.ts';
import type { CallStore } from '../store/store.ts';
import { Call } from './call.ts';
import { activeCall } from './call-history.ts';
import type { CallInput } from './call-input.ts';
import type { CallLimits } from './call-limits.ts';
import { type ActiveCall, type CallService, ServiceStopping } from './call-service.ts';
import { callStarted } from './call-started.ts';
import { buildCdr } from './cdr-builder.ts';
import { released } from './ends.ts';
import type { LineDialer } from './line.ts';
import type { Routing } from './routing.ts';
import { simpleCall } from './scripts/simple-call.ts';

export type CallRegistryParts = {
  readonly clock: Clock;
  readonly limits: CallLimits;
  readonly dialer: LineDialer;
  readonly routing: Routing;
  readonly media: Pick<MediaEngine, 'prepare'>;
  readonly store: CallStore;
  readonly bus: EventBus;
  readonly log: Logger;
};

/** What the last rows are given to be stored in when the server stops. */
const flushLimitMs = 2_000;
/** By so much too early, at most, a call ends in its record when the process is killed. */
const pulseMs = 10_000;

type LiveCall = {
  readonly call: Call;
  readonly accountId: number;
  readonly events: CallEvent[];
  readonly journal: (input: CallInput) => void;
};

/** Every call of this process: starts them, keeps what was published of them, writes their records. */
export class CallRegistry implements CallService {
  readonly #parts: CallRegistryParts;
  readonly #live = new Map<number, LiveCall>();
  #stopping = false;
  #pulse: Timer | undefined;
  /** Resolves when the last call has ended, once the service is stopping. */
  readonly #emptied = Promise.withResolvers<void>();

  constructor(parts: CallRegistryParts) {
    this.#parts = parts;
  }

  /** Calls that have not ended. */
  get size(): number {
    return this.#live.size;
  }

  async start(order: SimpleCallOrder): Promise<number> {
    this.#assertTaking();
    // A file that cannot be played is found before anybody is dialled.
    const prompts = [order.music, order.operatorMessage, order.contactMessage];
    if (order.earlySwitching) prompts.push(order.ringback);
    await Promise.all(prompts.map((prompt) => prompt && this.#parts.media.prepare(prompt)));
    this.#assertTaking(); // Reading a file takes a while.

    const { store } = this.#parts;
    const callSessionId = store.nextId('call');
    const live = this.#open(callSessionId, order);
    live.call.receive({ kind: 'order', order });
    live.call.publish(callStarted(order));
    void live.call.run(simpleCall, order);
    await store.flushed(); // The id is given out only for an order that is stored.
    return callSessionId;
  }

  active(accountId: number): readonly ActiveCall[] {
    const own = [...this.#live.values()].filter((live) => live.accountId === accountId);
    return own.map(({ events }) => activeCall(events));
  }

  release(accountId: number, callSessionId: number): boolean {
    const live = this.#own(accountId, callSessionId);
    live?.call.receive({ kind: 'command', command: { type: 'release' } });
    return live !== undefined;
  }

  /** Ends a call of an account that has used up its limit of minutes. */
  endAtLimit(accountId: number, callSessionId: number): void {
    const live = this.#own(accountId, callSessionId);
    live?.call.receive({ kind: 'command', command: { type: 'limitUsedUp' } });
  }

  events(accountId: number, callSessionId: number): readonly CallEvent[] | undefined {
    return this.#own(accountId, callSessionId)?.events;
  }

  /** Takes no new call, lets the running ones end within `limitMs`, then hangs them up. May be called again. */
  async stop(limitMs: number): Promise<void> {
    this.#stopping = true;
    const limit = this.#parts.clock.setTimer(limitMs, () => {
      for (const { call } of this.#live.values()) call.end(released);
    });
    if (this.#live.size > 0) await this.#emptied.promise;
    limit.cancel();
    await this.#flushedInTime();
  }

  #assertTaking(): void {
    if (this.#stopping) throw new ServiceStopping('no new calls: the server is shutting down');
    // Dialled all the same, it would ring phones for a client that is told of an error, and tries again.
    if (this.#parts.store.isFailing)
      throw new Error(
        'no new calls: they cannot be stored; look after the disk of the data folder',
      );
  }

  /** A disk that is full must not keep the server from stopping: the store says what is lost. */
  async #flushedInTime(): Promise<void> {
    const { clock, store } = this.#parts;
    const { promise, resolve } = Promise.withResolvers<void>();
    const limit = clock.setTimer(flushLimitMs, resolve);
    void store.flushed().then(resolve);
    await promise;
    limit.cancel();
  }

  #own(accountId: number, callSessionId: number): LiveCall | undefined {
    const live = this.#live.get(callSessionId);
    return live?.accountId === accountId ? live : undefined;
  }

  #open(callSessionId: number, order: SimpleCallOrder): LiveCall {
    const { clock, limits, dialer, routing, store, log } = this.#parts;
    const { accountId } = order;
    const events: CallEvent[] = [];
    const journal = this.#journalOf(callSessionId);
    const call = new Call({
      callSessionId,
      accountId,
      clock,
      limits,
      dialer,
      routing,
      nextLegId: () => store.nextId('leg'),
      publish: (event) => this.#publish(event, events),
      journal,
      log: log.child({ callSessionId }),
    });
    const live: LiveCall = { call, accountId, events, journal };
    this.#live.set(callSessionId, live);
    this.#pulse ??= clock.setTimer(pulseMs, () => this.#noteAlive());
    return live;
  }

  /** A talk may go on for hours without an input: when it was cut off must be known all the same. */
  #noteAlive(): void {
    for (const { journal } of this.#live.values()) journal({ kind: 'alive' });
    this.#pulse = this.#parts.clock.setTimer(pulseMs, () => this.#noteAlive());
  }

  #journalOf(callSessionId: number): (input: CallInput) => void {
    const { store, clock } = this.#parts;
    let sequence = 0;
    return ({ kind, ...data }) => {
      const at = clock.wallTime();
      const text = JSON.stringify(data);
      store.appendJournal({ callSessionId, sequence: sequence++, at, kind, data: text });
    };
  }

  #publish(event: CallEvent, events: CallEvent[]): void {
    events.push(event);
    if (event.type === 'callEnded') {
      this.#live.delete(event.callSessionId);
      this.#parts.store.saveRecord(buildCdr(events));
    }
    if (this.#live.size === 0) {
      this.#pulse?.cancel();
      this.#pulse = undefined;
    }
    this.#parts.bus.publish(event);
    if (this.#stopping && this.#live.size === 0) this.#emptied.resolve();
  }
}
