import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SocketAddress } from '../../src/base/address.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { pick, type Random, randomInt, seededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { SipUserAgent } from '../../src/sip/sip-user-agent.ts';
import type {
  IncomingInvite,
  InviteSession,
  InviteSessionEvent,
  UserAgent,
} from '../../src/sip/user-agent.ts';
import { audio } from './scripted-peer.ts';
import { SimNetwork } from './sim-network.ts';

const firstSeed = 20_000;
const calls = 600;

/** One side of one call: what it was told, checked against what a session may tell. */
class Side {
  ended = false;
  ends = 0;
  established = false;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  session: InviteSession | undefined;

  constructor(clock: VirtualClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  sink = (event: InviteSessionEvent): void => {
    assert.ok(!this.ended, `${event.type} after the end`);
    switch (event.type) {
      case 'answered':
        assert.ok(!this.established, 'answered twice');
        this.established = true;
        return;
      case 'offered':
        // At once, later, or never: then the peer's next step has to cope.
        return this.#later([0, 3_000], () => {
          if (this.#random.next() < 0.8) event.accept(audio(randomInt(this.#random, 3000, 3999)));
          else event.reject(488);
        });
      case 'terminated':
        this.ended = true;
        this.ends++;
        return;
      default:
        return;
    }
  };

  /** Does something to the session, again and again until it hangs up. */
  live(): void {
    this.#later([0, 20_000], () => {
      const { session } = this;
      if (session === undefined || session.state === 'terminated') return;
      const chance = this.#random.next();
      if (chance < 0.4) session.terminate({ type: 'normal' });
      else if (chance < 0.8 && session.state === 'established') {
        session.reinvite(audio(randomInt(this.#random, 3000, 3999))).catch(() => {});
        this.live();
      } else this.live();
    });
  }

  #later([least, most]: [number, number], act: () => void): void {
    this.#clock.setTimer(randomInt(this.#random, least, most), act);
  }
}

type Result = { readonly left: object; readonly caller: Side; readonly phone: Side | undefined };

async function simulate(seed: number, transport: 'udp' | 'tcp'): Promise<Result> {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const network = new SimNetwork({
    clock,
    random,
    keepsTrace: false,
    conditions: {
      delayMs: [0, pick(random, [0, 20, 400])],
      loss: pick(random, [0, 0.05, 0.3]),
      duplication: pick(random, [0, 0.2]),
      reordering: pick(random, [0, 0.2]),
      reorderingMs: pick(random, [5, 700]),
    },
  });
  // So short that sessions are refreshed within a call, and run out where packets are lost.
  const parts = { clock, random, log: silentLogger, accepts: () => true, sessionExpires: 90 };
  const trunk = { host: '10.0.0.2', port: 5060, transport };
  const opener = (address: SocketAddress) =>
    transport === 'tcp' ? network.tcpOpener(address) : network.opener(address);
  // A connection that holds as long as a call, or breaks in the middle of anything.
  const resets = transport === 'tcp' ? pick(random, [0, 1, 3, 10]) : 0;
  for (let count = resets; count > 0; count--) {
    clock.setTimer(randomInt(random, 0, 30_000), () => network.resetConnections());
  }
  let phone: Side | undefined;
  const called = new SipUserAgent({
    ...parts,
    openTransport: opener(trunk),
    onInvite: (invite) => {
      assert.equal(phone, undefined, 'one INVITE rings one phone once');
      phone = new Side(clock, random);
      answerSomehow(invite, phone, clock, random);
    },
  });
  const calling: UserAgent = new SipUserAgent({
    ...parts,
    openTransport: opener({ host: '10.0.0.1', port: 5060 }),
  });
  const caller = new Side(clock, random);
  const target = {
    requestUri: 'sip:1@10.0.0.2',
    nextHop: trunk,
    from: { uri: 'sip:2@10.0.0.1' },
  };
  caller.session = calling.invite(target, audio(3000), caller.sink);
  caller.live();
  // The call's own limit: whatever the other side does, it ends.
  clock.setTimer(120_000, () => caller.session?.terminate({ type: 'limitReached' }));
  await clock.advance(1_000_000);
  const left = { calling: calling.counts, called: called.counts, timers: clock.pendingTimers };
  return { left, caller, phone };
}

function answerSomehow(
  invite: IncomingInvite,
  phone: Side,
  clock: VirtualClock,
  random: Random,
): void {
  invite.onCancelled(() => {
    phone.ended = true;
    phone.ends++;
  });
  if (random.next() < 0.7) invite.progress(180);
  if (random.next() < 0.3) invite.progress(183, audio(4001));
  clock.setTimer(randomInt(random, 0, 15_000), () => {
    if (phone.ended) return;
    if (random.next() < 0.2) {
      invite.reject(pick(random, [486, 603, 480]));
      phone.ended = true;
      phone.ends++;
      return;
    }
    phone.session = invite.accept(audio(4000), phone.sink);
    phone.live();
  });
}

for (const transport of ['udp', 'tcp'] as const) {
  test(`${calls} random calls of two real stacks over ${transport}: one end each, and nothing is left of anything`, async () => {
    const zero = { sessions: 0, dialogs: 0, transactions: 0, unanswered: 0 };
    let answered = 0;
    for (let seed = firstSeed; seed < firstSeed + calls; seed++) {
      const { left, caller, phone } = await simulate(seed, transport).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error });
      });
      assert.deepEqual(left, { calling: zero, called: zero, timers: 0 }, `seed ${seed}`);
      assert.equal(caller.ends, 1, `seed ${seed}: the caller`);
      if (phone !== undefined) assert.equal(phone.ends, 1, `seed ${seed}: the phone`);
      if (caller.established) answered++;
    }
    assert.ok(answered > calls / 3, `only ${answered} were answered: the simulation shows little`);
  });
}
