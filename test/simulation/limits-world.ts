// A whole server above the telephone lines, on a virtual clock, and a bill kept apart from what it believes.
import assert from 'node:assert/strict';
import { createHttpApi, type HttpApi } from '../../src/api/http-server.ts';
import { hashToken } from '../../src/api/tokens.ts';
import { nextMidnight } from '../../src/api/zone-time.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { pick, type Random, randomInt } from '../../src/base/random.ts';
import type { VirtualClock } from '../../src/base/virtual-clock.ts';
import { LocalEventBus } from '../../src/bus/local-event-bus.ts';
import { defaultCallLimits } from '../../src/calls/call-limits.ts';
import { CallRegistry } from '../../src/calls/call-registry.ts';
import { Routing } from '../../src/calls/routing.ts';
import type { CallEvent } from '../../src/model/call-event.ts';
import { type CallingLimits, defaultSecurityRules } from '../../src/model/security-rules.ts';
import { NumberRules } from '../../src/numbers/number-rules.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type Behaviour, FakeLines } from '../traces/fake-lines.ts';
import { testTrunk } from '../traces/simulate-call.ts';

export const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const log = silentLogger;

export type BilledAccount = {
  readonly id: number;
  readonly token: string;
  readonly number: string;
  readonly limits: CallingLimits;
};

type Answer = {
  readonly result?: { readonly data: { readonly call_session_id: number } };
  readonly error?: { readonly data: { mnemonic: string; params: { limit_type?: string } } };
};

export type WorldOptions = {
  readonly clock: VirtualClock;
  readonly random: Random;
  /** Of the database; default: in memory. */
  readonly path?: string;
  /** What the party of a number does; default: whatever chance has it, and so do speech and files. */
  readonly behaviour?: (number: string) => Behaviour;
};

/** The server's own method, registry, number rules and store; lines, speech and sound files as chance has it. */
export class LimitsWorld {
  readonly clock: VirtualClock;
  readonly bus = new LocalEventBus(log);
  readonly bill: Bill;
  readonly numbers: NumberRules;
  readonly registry: CallRegistry;
  readonly #api: HttpApi;
  readonly #store: Store;
  readonly #random: Random;

  private constructor(
    store: Store,
    accounts: readonly BilledAccount[],
    { clock, random, behaviour }: WorldOptions,
  ) {
    const { bus } = this;
    this.clock = clock;
    this.#store = store;
    this.#random = random;
    this.bill = new Bill(clock, accounts);
    const endCall = (accountId: number, id: number): void => registry.endAtLimit(accountId, id);
    this.numbers = new NumberRules({ store, clock, random, log, nextMidnight, endCall });
    bus.subscribe((event) => this.numbers.take(event));
    bus.subscribe((event) => this.bill.take(event));
    const registry = new CallRegistry({
      clock,
      limits: { ...defaultCallLimits, longestCallMs: 40 * minuteMs },
      dialer: new FakeLines(clock, behaviour ?? (() => this.#behaviour()), () => {}),
      routing: new Routing([testTrunk], { clock, random }),
      media: {
        prepare: () =>
          behaviour
            ? Promise.resolve({ durationMs: 1 })
            : this.#perhaps({ durationMs: 1 }, 'a sound file is broken'),
      },
      store: store.calls,
      bus,
      log,
    });
    this.registry = registry;
    this.#api = createHttpApi({
      store,
      calls: registry,
      bus,
      clock,
      random,
      log,
      numbers: this.numbers,
      address: { host: '127.0.0.1', port: 0 },
      speech: {
        speak: () => this.#perhaps({ id: 0, name: 'speech-900', path: '/s.wav' }, 'nobody spoke'),
      },
    });
  }

  static async open(
    limits: readonly Partial<CallingLimits>[],
    options: WorldOptions,
  ): Promise<[LimitsWorld, readonly BilledAccount[]]> {
    const { clock, path = ':memory:' } = options;
    const store = await openSqliteStore({ path, log, clock });
    const file = { accountId: null, contentHash: '', durationMs: 1 };
    for (const name of ['dialing_music', 'ringback'])
      if ((await store.media.system(name)) === undefined)
        await store.media.put({ ...file, name, path: `/${name}.wav` });
    const accounts = await Promise.all(limits.map((own, index) => addAccount(store, own, index)));
    const world = new LimitsWorld(store, accounts, options);
    await world.numbers.restore();
    return [world, accounts];
  }

  async call(method: string, params: object): Promise<Answer> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const request = new Request('http://test/v4.0', { method: 'POST', body });
    return (await (await this.#api.fetch(request)).json()) as Answer;
  }

  addNumber(number: string): Promise<void> {
    return this.#store.numbers.put({ accountId: 1, number, active: true, label: '' });
  }

  async close(): Promise<void> {
    await this.#api.close();
    await this.numbers.close();
    await this.#store.close();
  }

  /** After a while that chance decides, or never well. */
  #perhaps<T>(value: T, failure: string): Promise<T> {
    const random = this.#random;
    if (random.next() < 0.7) return Promise.resolve(value);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const ends = random.next() < 0.7 ? () => resolve(value) : () => reject(new Error(failure));
    this.clock.setTimer(randomInt(random, 0, 70_000), ends);
    return promise;
  }

  #behaviour(): Behaviour {
    const random = this.#random;
    const soon = (most: number): number => randomInt(random, 0, most);
    const after = soon(20_000);
    return pick<Behaviour>(random, [
      {},
      { rings: 100 },
      { fails: { after, cause: { type: 'busy', status: 486 } } },
      { fails: { after: 0, cause: { type: 'numberProblem', status: 404 } } },
      { answers: 0 },
      { answers: after },
      { answers: after, hangsUp: soon(600_000) },
      { answers: soon(2_000), hangsUp: soon(60_000) },
      { answers: after, byeWithAnswer: true },
      { answers: after, fallsSilent: soon(60_000) },
    ]);
  }
}

async function addAccount(
  store: Store,
  own: Partial<CallingLimits>,
  index: number,
): Promise<BilledAccount> {
  const token = `key-${index}`;
  const number = `7499372069${index}`;
  const limits = { ...defaultSecurityRules.limits, ...own };
  const known = await store.accounts.byName(token);
  if (known !== undefined) return { id: known.id, token, number, limits };
  const { id } = await store.accounts.put({
    name: token,
    active: true,
    timeZone: ['Europe/Moscow', 'UTC', 'Asia/Tokyo'][index % 3]!,
    minuteLimit: 1_000_000,
    dayLimit: 1_000_000,
    ttsMaxLength: 1000,
    disabledComponents: [],
  });
  const user = { accountId: id, login: token, passwordHash: '', callApi: true };
  const { id: userId } = await store.users.put(user);
  const key = { accountId: id, userId, kind: 'permanent' as const, label: '', blocked: false };
  await store.keys.add({ ...key, tokenHash: hashToken(token), expiresAt: null });
  await store.numbers.put({ accountId: id, number, active: true, label: '' });
  await store.blacklist.add(id, '79990000001');
  await store.security.put(id, { ...defaultSecurityRules, limits });
  return { id, token, number, limits };
}

type Begun = { readonly at: number; readonly contact: string; readonly operator: string };
type Talk = { readonly accountId: number; readonly from: number; to: number };

/** What really happened by the events of the calls; complains as soon as it is more than allowed. */
class Bill {
  readonly #clock: VirtualClock;
  readonly #accounts: ReadonlyMap<number, BilledAccount>;
  readonly #alive = new Map<number, number>();
  readonly #begun = new Map<number, Begun[]>();
  readonly #talks = new Map<number, Talk>();
  #past: Talk[] = [];
  /** Subscribers are shielded from one another, so that what is wrong waits here. */
  readonly complaints: string[] = [];
  calls = 0;
  readonly mostAlive = new Map<number, number>();

  constructor(clock: VirtualClock, accounts: readonly BilledAccount[]) {
    this.#clock = clock;
    this.#accounts = new Map(accounts.map((it) => [it.id, it]));
  }

  take(event: CallEvent): void {
    const { accountId, callSessionId } = event;
    switch (event.type) {
      case 'callStarted':
        this.#alive.set(callSessionId, accountId);
        return this.#begins(accountId, event);
      case 'callEnded':
        this.#alive.delete(callSessionId);
        return;
      case 'legAnswered':
        this.#talks.set(event.legId, { accountId, from: this.#clock.now(), to: Infinity });
        return;
      case 'legEnded': {
        const talk = this.#talks.get(event.legId);
        this.#talks.delete(event.legId);
        if (talk !== undefined) this.#past.push({ ...talk, to: this.#clock.now() });
        return;
      }
    }
  }

  /** The minutes of every account, at this instant. */
  check(): void {
    for (const { id, limits } of this.#accounts.values()) {
      if (limits.minutesPerDay === null) continue;
      const most = limits.minutesPerDay * minuteMs;
      const used = this.usedMs(id);
      if (used > most) this.complaints.push(`account ${id} talked ${used} ms of ${most}`);
    }
    assert.deepEqual(this.complaints, []);
  }

  usedMs(accountId: number): number {
    const now = this.#clock.now();
    const { token } = this.#accounts.get(accountId)!;
    const zone = ['Europe/Moscow', 'UTC', 'Asia/Tokyo'][Number(token.slice(4)) % 3]!;
    const wall = this.#clock.wallTime();
    const midnight = nextMidnight(zone, wall) - dayMs - (wall - now);
    this.#past = this.#past.filter(({ to }) => to > now - 2 * dayMs);
    return [...this.#past, ...this.#talks.values()]
      .filter((talk) => talk.accountId === accountId)
      .reduce(
        (sum, { from, to }) => sum + Math.max(0, Math.min(to, now) - Math.max(from, midnight)),
        0,
      );
  }

  #begins(accountId: number, { contact, operator }: Omit<Begun, 'at'>): void {
    this.calls++;
    const now = this.#clock.now();
    const recent = (this.#begun.get(accountId) ?? []).filter(({ at }) => at > now - minuteMs);
    recent.push({ at: now, contact, operator });
    this.#begun.set(accountId, recent);
    const { limits } = this.#accounts.get(accountId)!;
    const alive = [...this.#alive.values()].filter((id) => id === accountId).length;
    this.mostAlive.set(accountId, Math.max(alive, this.mostAlive.get(accountId) ?? 0));
    const within = (test: (call: Begun) => boolean): number => recent.filter(test).length;
    const prefixes = [contact, operator].map((it) => it.slice(0, limits.prefixLength));
    const rows: readonly (readonly [string, number, number | null])[] = [
      ['simultaneous', alive, limits.simultaneousCalls],
      ['contact', within((it) => it.contact === contact), limits.callsPerMinutePerContact],
      ['operator', within((it) => it.operator === operator), limits.callsPerMinutePerOperator],
      ...prefixes.map(
        (prefix) =>
          [
            `prefix ${prefix}`,
            within((it) => it.contact.startsWith(prefix) || it.operator.startsWith(prefix)),
            limits.callsPerMinutePerPrefix,
          ] as const,
      ),
    ];
    for (const [what, count, most] of rows)
      if (count > (most ?? Infinity))
        this.complaints.push(`account ${accountId}, ${what}: ${count} calls of ${most}`);
  }
}
