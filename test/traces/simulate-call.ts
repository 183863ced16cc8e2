import assert from 'node:assert/strict';
import { silentLogger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { LocalEventBus } from '../../src/bus/local-event-bus.ts';
import { type CallLimits, defaultCallLimits } from '../../src/calls/call-limits.ts';
import { CallRegistry } from '../../src/calls/call-registry.ts';
import { Routing } from '../../src/calls/routing.ts';
import type { CallEvent } from '../../src/model/call-event.ts';
import type { Cdr } from '../../src/model/cdr.ts';
import type { Prompt, Role } from '../../src/model/party.ts';
import type { SimpleCallOrder } from '../../src/model/simple-call-order.ts';
import type { Trunk } from '../../src/model/trunk.ts';
import type { CallStore, JournalEntry } from '../../src/store/store.ts';
import { type Behaviour, FakeLines } from './fake-lines.ts';

export const operatorNumber = '79262444491';
export const contactNumber = '79260000000';

export const prompt = (name: string): Prompt => ({ id: 1, name, path: `/prompts/${name}.wav` });

export const baseOrder: SimpleCallOrder = {
  accountId: 1,
  firstCall: 'operator',
  switchAtOnce: false,
  earlySwitching: false,
  music: prompt('dialing_music'),
  ringback: prompt('ringback'),
  virtualNumber: '74993720692',
  showVirtualNumber: true,
  contact: contactNumber,
  operator: operatorNumber,
  direction: 'in',
};

export const testTrunk: Trunk = {
  name: 'carrier',
  address: { host: '192.0.2.1', port: 5060 },
  domain: 'carrier.example',
  transport: 'udp',
  codecs: ['PCMA', 'PCMU'],
  callerId: { header: 'From', form: 'digits' },
  prefixes: [''],
};

export type Simulated = {
  readonly events: readonly CallEvent[];
  readonly journal: readonly JournalEntry[];
  readonly records: readonly Cdr[];
  /** Events and DTMF commands as lines `   ms what`. */
  readonly trace: string;
};

export type Simulation = {
  readonly order?: Partial<SimpleCallOrder>;
  /** Several: one for each trunk that the leg is dialled on, in turn. */
  readonly operator?: Behaviour | readonly Behaviour[];
  readonly contact?: Behaviour | readonly Behaviour[];
  readonly releaseAt?: number;
  /** When the account's minutes are used up. */
  readonly minutesEndAt?: number;
  readonly limits?: Partial<CallLimits>;
  readonly trunks?: readonly Trunk[];
};

/** Runs one call over fake lines until nothing is left to happen, and checks what must always hold. */
export async function simulateCall(simulation: Simulation): Promise<Simulated> {
  const clock = new VirtualClock();
  const events: CallEvent[] = [];
  const trace: string[] = [];
  const note = (text: string): void => {
    trace.push(`${String(clock.now()).padStart(8)} ${text}`);
  };
  const store = new MemoryCallStore();
  const bus = new LocalEventBus(silentLogger);
  const roles = new Map<number, Role>();
  bus.subscribe((event) => {
    events.push(event);
    if (event.type === 'legDialing') roles.set(event.legId, event.role);
    note(describe(event, roles));
  });
  const given = [simulation.operator, simulation.contact].map((it = []) => [it].flat());
  const lines = new FakeLines(
    clock,
    (number) => given[number === operatorNumber ? 0 : 1]!.shift() ?? {},
    note,
  );
  const routing = new Routing(simulation.trunks ?? [testTrunk], { clock, random: seededRandom(1) });
  const registry = new CallRegistry({
    clock,
    limits: { ...defaultCallLimits, ...simulation.limits },
    dialer: lines,
    routing,
    media: { prepare: async () => ({ durationMs: 1 }) },
    store,
    bus,
    log: silentLogger,
  });
  const callSessionId = await registry.start({ ...baseOrder, ...simulation.order });
  if (simulation.releaseAt !== undefined) {
    clock.setTimer(simulation.releaseAt, () => registry.release(1, callSessionId));
  }
  if (simulation.minutesEndAt !== undefined) {
    clock.setTimer(simulation.minutesEndAt, () => registry.endAtLimit(1, callSessionId));
  }
  await clock.runOut(24 * 3_600_000);

  assert.equal(registry.size, 0, 'the call ended');
  assert.equal(clock.pendingTimers, 0, 'no timer is left');
  assert.equal(routing.channelsInUse, 0, 'no channel is left');
  assert.ok(
    lines.lines.every(({ isOver }) => isOver),
    'no line is left',
  );
  assert.equal(events.at(-1)?.type, 'callEnded');
  assert.equal(events.filter(({ type }) => type === 'callEnded').length, 1);
  for (const legId of roles.keys()) {
    const ends = events.filter((event) => event.type === 'legEnded' && event.legId === legId);
    assert.equal(ends.length, 1, 'each leg ends once');
  }
  assert.equal(store.saved.length, 1, 'one record');
  assert.equal(store.entries.at(-1)?.kind, 'end', 'the journal is closed');
  return { events, journal: store.entries, records: store.saved, trace: trace.join('\n') };
}

function describe(event: CallEvent, roles: ReadonlyMap<number, Role>): string {
  const role = (legId: number): string => roles.get(legId)!;
  switch (event.type) {
    case 'callStarted':
      return 'call started';
    case 'legDialing':
      return `dial ${event.role} ${event.calledNumber} as ${event.callingNumber}`;
    case 'hearing': {
      const { what } = event;
      if (what === 'nothing') return `${role(event.legId)} hears nothing`;
      if ('legs' in what) return `${role(event.legId)} hears ${what.legs.map(role).join(' ')}`;
      return `${role(event.legId)} hears ${what.prompt}${what.loop ? ' (loop)' : ''}`;
    }
    case 'dtmfReceived':
    case 'dtmfSent':
      return `${role(event.legId)} ${event.type} ${event.keys}`;
    case 'legRerouted':
      return `${role(event.legId)} goes on by ${event.trunk}: ${event.cause.type} ${event.cause.status}`;
    case 'legEnded':
      return `${role(event.legId)} ended by ${event.by}: ${event.cause.type}, ${event.finishReason}`;
    case 'talkStarted':
      return `talk ${event.legIds.map(role).join(' ')}`;
    case 'callEnded':
      return `call ended: ${event.cause.type}, ${event.finishReason}`;
    default:
      return `${role(event.legId)} ${event.type.slice(3).toLowerCase()}`;
  }
}

/** Keeps journal and records as the store does, in memory. */
export class MemoryCallStore implements CallStore {
  readonly entries: JournalEntry[] = [];
  readonly cdrs: Cdr[] = [];
  isFailing = false;
  #next = { call: 1, leg: 1 };

  nextId(kind: 'call' | 'leg'): number {
    return this.#next[kind]++;
  }
  appendJournal(entry: JournalEntry): void {
    this.entries.push(entry);
  }
  async flushed(): Promise<void> {}
  async journal(callSessionId: number): Promise<readonly JournalEntry[]> {
    return this.entries.filter((entry) => entry.callSessionId === callSessionId);
  }
  async unfinished(): Promise<readonly number[]> {
    const ended = new Set(
      this.entries.filter(({ kind }) => kind === 'end').map((e) => e.callSessionId),
    );
    const all = new Set(this.entries.map((entry) => entry.callSessionId));
    return [...all].filter((id) => !ended.has(id));
  }
  saveRecord(cdr: Cdr): void {
    this.cdrs.push(cdr);
  }
  get saved(): readonly Cdr[] {
    return this.cdrs;
  }
  async record(callSessionId: number): Promise<Cdr | undefined> {
    return this.cdrs.find((cdr) => cdr.callSessionId === callSessionId);
  }
  async records(): Promise<readonly Cdr[]> {
    return this.cdrs;
  }
}
