import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { CallEvent } from '../model/call-event.ts';
import type { CallingLimits } from '../model/security-rules.ts';
import { CallLimiter, type LimitReached, type Reservation } from './call-limiter.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
const nextMidnight = (_: string, at: number): number => Math.floor(at / dayMs) * dayMs + dayMs;

const none: CallingLimits = {
  simultaneousCalls: null,
  callsPerMinutePerContact: null,
  callsPerMinutePerOperator: null,
  callsPerMinutePerPrefix: null,
  prefixLength: 4,
  minutesPerDay: null,
};

type Order = { readonly contact: string; readonly operator: string };
type Leg = { readonly id: number; readonly from: number; to: number };
type RunningCall = Order & { readonly id: number; legs: Leg[]; over: boolean };
/** `at`: when it began; until then it counts at every moment. */
type Begun = Order & { at: number };
type Pending = Order & {
  readonly begun: Begun;
  readonly reservation: Reservation;
  call?: RunningCall;
};

/** Telephones and a bill: what really happened, kept apart from what the limiter believes. */
class World {
  readonly clock = new VirtualClock({ wallStart: Date.UTC(2026, 0, 1, 23) });
  readonly limits: CallingLimits;
  readonly limiter: CallLimiter;
  begun: Begun[] = [];
  readonly legs: Leg[] = [];
  pending: Pending[] = [];
  running: RunningCall[] = [];
  refusals: LimitReached[] = [];
  #ids = 0;

  constructor(limits: Partial<CallingLimits>) {
    this.limits = { ...none, ...limits };
    const { clock } = this;
    this.limiter = new CallLimiter({
      clock,
      nextMidnight,
      endCall: (_, id) => this.end(this.running.find((call) => call.id === id)!),
    });
  }

  order({ contact, operator }: Order): LimitReached | undefined {
    const { limits } = this;
    const call = { accountId: 1, timeZone: 'UTC', contact, operator, limits };
    const expected = this.#expected({ contact, operator });
    const taken = this.limiter.reserve(call);
    assert.equal('limit' in taken, expected, 'refused exactly when a limit is reached');
    if ('limit' in taken) {
      this.refusals.push(taken);
      return taken;
    }
    const begun = { contact, operator, at: Infinity };
    this.begun.push(begun);
    this.pending.push({ contact, operator, begun, reservation: taken });
    return undefined;
  }

  /** The call begins; the answer to its order comes later, at `started`. */
  dial(index: number): void {
    const pending = this.pending[index % this.pending.length];
    if (pending === undefined || pending.call !== undefined) return;
    const { contact, operator } = pending;
    pending.call = { contact, operator, id: ++this.#ids, legs: [], over: false };
    this.running.push(pending.call);
  }

  started(index: number): void {
    const pending = this.pending[index % this.pending.length];
    if (pending?.call === undefined) return;
    this.pending = this.pending.filter((it) => it !== pending);
    pending.begun.at = this.clock.now();
    pending.reservation.started(pending.call.id);
  }

  failed(index: number): void {
    const pending = this.pending[index % this.pending.length];
    if (pending === undefined || pending.call !== undefined) return;
    this.pending = this.pending.filter((it) => it !== pending);
    this.begun = this.begun.filter((it) => it !== pending.begun);
    pending.reservation.failed();
    pending.reservation.failed();
  }

  answer(index: number): void {
    const call = this.running[index % this.running.length];
    if (call === undefined || call.legs.length === 2) return;
    const leg = { id: ++this.#ids, from: this.clock.now(), to: Infinity };
    call.legs.push(leg);
    this.legs.push(leg);
    this.#tell(call, { type: 'legAnswered', legId: leg.id });
  }

  end(call: RunningCall | undefined): void {
    if (call === undefined) return;
    call.over = true;
    this.running = this.running.filter((it) => it !== call);
    for (const leg of call.legs) {
      leg.to = this.clock.now();
      const cause = { type: 'normal' } as const;
      const finishReason = 'operator_disconnects';
      this.#tell(call, { type: 'legEnded', legId: leg.id, by: 'local', cause, finishReason });
    }
    const cause = { type: 'normal' } as const;
    this.#tell(call, { type: 'callEnded', cause, finishReason: 'operator_disconnects' });
  }

  check(): void {
    const { limits } = this;
    assert.ok(this.#alive <= (limits.simultaneousCalls ?? Infinity), 'simultaneous calls');
    assert.ok(this.#talkedMs <= (limits.minutesPerDay ?? Infinity) * minuteMs, 'minutes');
    for (const call of this.begun.slice(-1)) {
      const within = this.#lastMinute(call);
      assert.ok(within.contact <= (limits.callsPerMinutePerContact ?? Infinity), 'contact');
      assert.ok(within.operator <= (limits.callsPerMinutePerOperator ?? Infinity), 'operator');
      assert.ok(Math.max(...within.prefixes) <= (limits.callsPerMinutePerPrefix ?? Infinity));
    }
  }

  get #alive(): number {
    return (
      this.pending.length +
      this.running.filter((call) => !this.#isPending(call)).length -
      this.pending.filter(({ call }) => call?.over).length
    );
  }

  #isPending(call: RunningCall): boolean {
    return this.pending.some((it) => it.call === call);
  }

  get #talkedMs(): number {
    const now = this.clock.now();
    const midnight =
      nextMidnight('', this.clock.wallTime()) - dayMs - (this.clock.wallTime() - now);
    return this.legs.reduce(
      (sum, { from, to }) => sum + Math.max(0, Math.min(to, now) - Math.max(from, midnight)),
      0,
    );
  }

  #lastMinute({ contact, operator }: Order) {
    const recent = this.begun.filter(({ at }) => at > this.clock.now() - minuteMs);
    const has = (prefix: string): number =>
      recent.filter((it) => it.contact.startsWith(prefix) || it.operator.startsWith(prefix)).length;
    return {
      contact: recent.filter((it) => it.contact === contact).length,
      operator: recent.filter((it) => it.operator === operator).length,
      prefixes: [has(contact.slice(0, 4)), has(operator.slice(0, 4))],
    };
  }

  #expected(order: Order): boolean {
    const { limits } = this;
    const within = this.#lastMinute(order);
    // A call that ended before its order was answered still holds its place until it is.
    const held = this.pending.length + this.running.filter((it) => !this.#isPending(it)).length;
    return (
      held >= (limits.simultaneousCalls ?? Infinity) ||
      within.contact >= (limits.callsPerMinutePerContact ?? Infinity) ||
      within.operator >= (limits.callsPerMinutePerOperator ?? Infinity) ||
      Math.max(...within.prefixes) >= (limits.callsPerMinutePerPrefix ?? Infinity) ||
      this.#talkedMs >= (limits.minutesPerDay ?? Infinity) * minuteMs
    );
  }

  #tell(call: RunningCall, body: object): void {
    const at = this.clock.wallTime();
    this.limiter.take({ callSessionId: call.id, accountId: 1, at, ...body } as CallEvent);
  }
}

type Step = (world: World) => unknown;
const index = fc.nat(5);
const number = fc.constantFrom('79261', '79262', '78121', '4420');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ contact: number, operator: number }).map(
      (order): Step =>
        (it) =>
          it.order(order),
    ),
  },
  {
    weight: 5,
    arbitrary: index.map(
      (at): Step =>
        (it) =>
          it.dial(at),
    ),
  },
  {
    weight: 5,
    arbitrary: index.map(
      (at): Step =>
        (it) =>
          it.started(at),
    ),
  },
  {
    weight: 2,
    arbitrary: index.map(
      (at): Step =>
        (it) =>
          it.failed(at),
    ),
  },
  {
    weight: 4,
    arbitrary: index.map(
      (at): Step =>
        (it) =>
          it.answer(at),
    ),
  },
  {
    weight: 3,
    arbitrary: index.map(
      (at): Step =>
        (it) =>
          it.end(it.running[at % it.running.length]),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 1, max: 90_000 }).map(
      (ms): Step =>
        (it) =>
          it.clock.advance(ms),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: dayMs }).map(
      (ms): Step =>
        (it) =>
          it.clock.advance(ms),
    ),
  },
);

const limit = (max: number) => fc.option(fc.integer({ min: 1, max }), { nil: null });
const limits = fc.record({
  simultaneousCalls: limit(4),
  callsPerMinutePerContact: limit(3),
  callsPerMinutePerOperator: limit(3),
  callsPerMinutePerPrefix: limit(4),
  minutesPerDay: limit(8),
});

test('no order of requests, answers, ends and failures exceeds a limit, or refuses without one', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      limits,
      fc.array(step, { minLength: 20, maxLength: 80 }),
      async (its, steps) => {
        const world = new World(its);
        for (const work of steps) {
          await work(world);
          world.check();
        }
        for (const { limit } of world.refusals) seen.add(limit);
        while (world.pending.length > 0) {
          world.dial(0);
          world.started(0);
        }
        while (world.running.length > 0) world.end(world.running[0]);
        assert.equal(world.limiter.held, 0, 'everything is given back');
        assert.equal(world.clock.pendingTimers, 0, 'no timer is left');
      },
    ),
    { seed: 20260101, numRuns: 300 },
  );
  assert.equal(seen.size, 5, 'every limit was reached by some order');
});

test('each limit by name, with whose number it was', async () => {
  const order = { contact: '79261111111', operator: '78121111111' };
  // biome-ignore format: a table
  const table: readonly (readonly [Partial<CallingLimits>, ...LimitReached[]])[] = [
    [{ simultaneousCalls: 1 }, { limit: 'simultaneous_calls', most: 1 }],
    [{ callsPerMinutePerContact: 1 }, { limit: 'calls_per_minute_per_contact', most: 1, field: 'contact' }],
    [{ callsPerMinutePerOperator: 1 }, { limit: 'calls_per_minute_per_operator', most: 1, field: 'operator' }],
    [{ callsPerMinutePerPrefix: 1, prefixLength: 4 }, { limit: 'calls_per_minute_per_prefix', most: 1, field: 'contact' }],
    [{ minutesPerDay: 0 }, { limit: 'minutes_per_day', most: 0 }],
  ];
  for (const [its, expected] of table) {
    const world = new World(its);
    if (its.minutesPerDay === undefined) assert.equal(world.order(order), undefined);
    assert.deepEqual(world.order(order), expected);
  }
});

test('the minutes run out in the middle of two talks: both are ended, and midnight gives new ones', async () => {
  const world = new World({ minutesPerDay: 4 });
  const order = { contact: '79261111111', operator: '78121111111' };
  for (const at of [0, 1]) {
    world.order(order);
    world.dial(0);
    world.started(0);
    world.answer(at);
    world.answer(at);
  }
  assert.equal(world.running.flatMap(({ legs }) => legs).length, 4);
  await world.clock.advance(59_999);
  assert.equal(world.running.length, 2);
  await world.clock.advance(1);
  assert.equal(world.running.length, 0, 'four legs of a minute each');
  assert.equal(world.order(order)?.limit, 'minutes_per_day');
  await world.clock.advance(3_600_000 - minuteMs);
  assert.equal(world.order(order), undefined, 'a new day');
});
