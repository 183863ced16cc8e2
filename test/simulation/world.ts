// One seeded world: the whole server but its media and disk, real SIP on both ends, a bad network between.
import assert from 'node:assert/strict';
import type { SocketAddress } from '../../src/base/address.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { pick, type Random, randomInt, seededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { LocalEventBus } from '../../src/bus/local-event-bus.ts';
import { CallRegistry } from '../../src/calls/call-registry.ts';
import { createLineDialer } from '../../src/calls/line.ts';
import { Routing } from '../../src/calls/routing.ts';
import type { CallEvent } from '../../src/model/call-event.ts';
import type { SimpleCallOrder } from '../../src/model/simple-call-order.ts';
import { SipUserAgent } from '../../src/sip/sip-user-agent.ts';
import { baseOrder, MemoryCallStore, prompt, testTrunk } from '../traces/simulate-call.ts';
import { SimMedia } from './sim-media.ts';
import { SimNetwork } from './sim-network.ts';
import { SimParty } from './sim-party.ts';

const serverAddress: SocketAddress = { host: '192.0.2.1', port: 5060 };
const trunkAddress: SocketAddress = { host: '192.0.2.9', port: 5060 };

const limits = {
  operatorRingMs: 60_000,
  contactRingMs: 30_000,
  confirmationMs: 30_000,
  longestCallMs: 300_000,
  silenceMs: 30_000,
};
/** RFC 3261 section 17: a request without an answer is given up after 64*T1. */
const transactionMs = 32_000;

export type WorldResult = {
  readonly calls: number;
  readonly talks: number;
  readonly reasons: string[];
  /** Everything that was published, in order: the same for the same seed. */
  readonly events: readonly CallEvent[];
};

/**
 * - `anything`: parties, the machine and the API do whatever they can do
 * - `willing`: both parties of every call want to talk, and only the network is bad
 */
export type WorldKind = 'anything' | 'willing';

/** Runs `calls` random calls that overlap in one world and checks every invariant of design.md. */
export async function runWorld(
  seed: number,
  calls: number,
  kind: WorldKind = 'anything',
): Promise<WorldResult> {
  const random = seededRandom(seed);
  const isWilling = kind === 'willing';
  const clock = new VirtualClock();
  const network = new SimNetwork({
    clock,
    random,
    conditions: badNetwork(random),
    keepsTrace: false,
  });
  const media = new SimMedia(clock, {
    portFails: () => !isWilling && random.next() < 0.01,
    delayMs: () => randomInt(random, 0, 20),
  });
  const parties: SimParty[] = [];
  const trunk = new SipUserAgent({
    clock,
    random,
    log: silentLogger,
    accepts: () => true,
    openTransport: network.opener(trunkAddress),
    onInvite: (invite) => parties.push(new SimParty(invite, clock, random, isWilling)),
  });
  const userAgent = new SipUserAgent({
    clock,
    random,
    log: silentLogger,
    accepts: ({ host }) => host === trunkAddress.host,
    openTransport: network.opener(serverAddress),
  });
  const store = new MemoryCallStore();
  const bus = new LocalEventBus(silentLogger);
  const events: CallEvent[] = [];
  bus.subscribe((event) => events.push(event));
  const trunks = [
    { ...testTrunk, address: trunkAddress, maxChannels: 2 * calls - (isWilling ? 0 : 2) },
  ];
  const routing = new Routing(trunks, { clock, random });
  const registry = new CallRegistry({
    clock,
    limits,
    dialer: createLineDialer({ userAgent, media, log: silentLogger }),
    routing,
    media,
    store,
    bus,
    log: silentLogger,
  });

  let refused = 0;
  for (let index = 0; index < calls; index++) {
    clock.setTimer(randomInt(random, 0, 20_000), () => {
      const order = randomOrder(random);
      const { operatorConfirmation: _, ...withoutKey } = order;
      if (isWilling) void registry.start(withoutKey);
      else startCall(registry, order, clock, random).catch(() => refused++);
    });
  }
  if (!isWilling) pressKeys(clock, random, media);
  if (!isWilling && random.next() < 0.1) {
    // The server is told to stop in the middle of it all.
    clock.setTimer(
      randomInt(random, 0, 60_000),
      () => void registry.stop(randomInt(random, 0, 20_000)),
    );
  }
  const lastStart = 20_000;
  const bound = lastStart + limits.longestCallMs + 3 * transactionMs;
  await clock.runOut(bound + 3_600_000);

  assert.equal(registry.size, 0, 'every call ended');
  assert.equal(clock.pendingTimers, 0, 'no timer is left');
  assert.equal(media.openPorts, 0, 'no RTP port is left');
  assert.equal(routing.channelsInUse, 0, 'no trunk channel is left');
  const nothing = { sessions: 0, dialogs: 0, transactions: 0, unanswered: 0 };
  assert.deepEqual(userAgent.counts, nothing, 'nothing of SIP is left here');
  assert.deepEqual(trunk.counts, nothing, 'nothing of SIP is left at the parties');
  for (const party of parties) assert.ok(party.isOver, 'nobody is left ringing or talking alone');
  assert.ok(clock.now() <= bound, `everything was over after ${clock.now()} ms`);
  checkEvents(events, store, calls - refused);
  if (isWilling) checkTalks(events, new Set(parties.map(({ number }) => number)));
  return {
    calls: calls - refused,
    talks: events.filter(({ type }) => type === 'talkStarted').length,
    reasons: events.flatMap((event) => (event.type === 'callEnded' ? [event.finishReason] : [])),
    events,
  };
}

function badNetwork(random: Random): Parameters<SimNetwork['setConditions']>[0] {
  if (random.next() < 0.2) return {};
  const least = randomInt(random, 0, 80);
  return {
    delayMs: [least, least + randomInt(random, 0, 120)],
    loss: pick(random, [0, 0.01, 0.05, 0.2]),
    duplication: pick(random, [0, 0.05, 0.2]),
    reordering: pick(random, [0, 0.1]),
    reorderingMs: randomInt(random, 1, 300),
  };
}

async function startCall(
  registry: CallRegistry,
  order: SimpleCallOrder,
  clock: VirtualClock,
  random: Random,
): Promise<void> {
  const callSessionId = await registry.start(order);
  if (random.next() < 0.2) {
    clock.setTimer(randomInt(random, 0, 40_000), () => {
      registry.release(order.accountId, callSessionId);
    });
  }
}

function randomOrder(random: Random): SimpleCallOrder {
  const maybe = (share = 0.5): boolean => random.next() < share;
  const firstCall = pick(random, ['operator', 'contact'] as const);
  const switchAtOnce = maybe();
  return {
    ...baseOrder,
    operator: `7926${randomInt(random, 1_000_000, 9_999_999)}`,
    contact: `7927${randomInt(random, 1_000_000, 9_999_999)}`,
    firstCall,
    switchAtOnce,
    earlySwitching: firstCall === 'operator' && switchAtOnce && maybe(),
    ...(maybe() && { operatorMessage: prompt('operator_message') }),
    ...(maybe() && { contactMessage: prompt('contact_message') }),
    ...(maybe(0.3) && { operatorConfirmation: pick(random, ['any', '1', '*']) }),
    ...(maybe(0.2) && { dtmfString: '.1.2' }),
  };
}

/** For the first minute keys come from random parties, so that some of the confirmations succeed. */
function pressKeys(clock: VirtualClock, random: Random, media: SimMedia): void {
  const press = (): void => {
    for (const port of media.ports) {
      if (random.next() > 0.05) continue;
      port.emit({ type: 'dtmf', key: pick(random, ['1', '2', '*', '#']), durationMs: 100 });
    }
    for (const port of media.ports) {
      if (random.next() < 0.002) port.emit({ type: 'failed', cause: new Error('the worker died') });
    }
    if (clock.now() < 60_000) clock.setTimer(500, press);
  };
  clock.setTimer(500, press);
}

function checkEvents(events: readonly CallEvent[], store: MemoryCallStore, calls: number): void {
  const byCall = Map.groupBy(events, ({ callSessionId }) => callSessionId);
  assert.equal(byCall.size, calls, 'every call accepted has events');
  assert.equal(store.saved.length, calls, 'and a record');
  const closed = store.entries.filter(({ kind }) => kind === 'end');
  assert.equal(closed.length, calls, 'and a closed journal');
  for (const own of byCall.values()) {
    assert.equal(own[0]!.type, 'callStarted');
    assert.equal(own.at(-1)!.type, 'callEnded');
    assert.equal(own.filter(({ type }) => type === 'callEnded').length, 1, 'one end of the call');
    const legs = own.filter((event) => event.type === 'legDialing');
    assert.ok(legs.length >= 1 && legs.length <= 2);
    for (const { legId } of legs) checkLeg(own, legId);
  }
}

/** Whoever could be reached was connected: an INVITE of which every copy is lost reaches nobody. */
function checkTalks(events: readonly CallEvent[], reached: ReadonlySet<string>): void {
  for (const own of Map.groupBy(events, ({ callSessionId }) => callSessionId).values()) {
    if (own.some(({ type }) => type === 'talkStarted')) continue;
    const legs = own.filter((event) => event.type === 'legDialing');
    const { callSessionId } = own[0]!;
    const missed = legs.filter(({ calledNumber }) => !reached.has(calledNumber.split('.')[0]!));
    assert.ok(missed.length > 0, `call ${callSessionId} was not set up: ${JSON.stringify(own)}`);
  }
}

function checkLeg(events: readonly CallEvent[], legId: number): void {
  const own = events.filter((event) => 'legId' in event && event.legId === legId);
  const count = (type: CallEvent['type']): number =>
    own.filter((event) => event.type === type).length;
  assert.equal(count('legEnded'), 1, 'one end of the leg');
  assert.equal(own.at(-1)!.type, 'legEnded', 'and nothing after it');
  assert.ok(count('legAnswered') <= 1 && count('legRinging') <= 1 && count('legConfirmed') <= 1);
}
