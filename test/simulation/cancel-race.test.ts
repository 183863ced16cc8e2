import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SocketAddress } from '../../src/base/address.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { SipUserAgent } from '../../src/sip/sip-user-agent.ts';
import type { InviteSessionEvent } from '../../src/sip/user-agent.ts';
import { audio } from './scripted-peer.ts';
import { SimNetwork, summaryOf } from './sim-network.ts';

const callerAddress = { host: '10.0.0.1', port: 5060 };
const phoneAddress = { host: '10.0.0.2', port: 5060 };
const delayMs = 20;
const hangUpAtMs = 2_000;

type Race = {
  readonly transport: 'udp' | 'tcp';
  /** When the phone is picked up, counted from the moment the CANCEL reaches it. */
  readonly offsetMs: number;
  /** The first so many 200s to the INVITE are lost, so that the answer arrives as a retransmission. */
  readonly lostAnswers: number;
  /** Of all packets. */
  readonly loss: number;
  readonly seed: number;
};

type Outcome = {
  readonly caller: string[];
  /** What the phone's owner saw: `ringing`, then `cancelled`, or `answered` and `ended`. */
  readonly phone: string[];
  readonly wire: string[];
  readonly left: object;
};

/** One race of the real stack against itself, until nothing can happen any more. */
async function race({ transport, offsetMs, lostAnswers, loss, seed }: Race): Promise<Outcome> {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const network = new SimNetwork({
    clock,
    random,
    conditions: { delayMs: [delayMs, delayMs], loss },
  });
  let toLose = lostAnswers;
  network.fateOf = ({ bytes }) =>
    toLose > 0 && summaryOf(bytes) === '200 INVITE' && toLose-- > 0 ? 'lost' : undefined;
  const parts = { clock, random, log: silentLogger, accepts: () => true };
  const opener = (address: SocketAddress) =>
    transport === 'tcp' ? network.tcpOpener(address) : network.opener(address);
  const phone: string[] = [];
  const called = new SipUserAgent({
    ...parts,
    openTransport: opener(phoneAddress),
    onInvite: (invite) => {
      phone.push('ringing');
      invite.progress(180);
      let ringing = true;
      const pickUpAtMs = hangUpAtMs + delayMs + offsetMs;
      clock.setTimer(pickUpAtMs - clock.now(), () => {
        if (!ringing) return;
        phone.push('answered');
        invite.accept(audio(4000), ({ type }) => {
          if (type === 'terminated') phone.push('ended');
        });
      });
      invite.onCancelled(() => {
        ringing = false;
        phone.push('cancelled');
      });
    },
  });
  const calling = new SipUserAgent({ ...parts, openTransport: opener(callerAddress) });
  const caller: string[] = [];
  const session = calling.invite(
    {
      requestUri: 'sip:79260000000@trunk.example',
      nextHop: { ...phoneAddress, transport },
      from: { uri: 'sip:74990000000@trunk.example' },
    },
    audio(3000),
    ({ type }: InviteSessionEvent) => {
      if (type !== 'trying') caller.push(type);
    },
  );
  clock.setTimer(hangUpAtMs, () => session.terminate({ type: 'normal' }));
  await clock.advance(300_000);
  return {
    caller,
    phone,
    wire: network.lines(),
    left: { caller: calling.counts, phone: called.counts, timers: clock.pendingTimers },
  };
}

const zero = { sessions: 0, dialogs: 0, transactions: 0, unanswered: 0 };
const nothingLeft = { caller: zero, phone: zero, timers: 0 };
const steps = Array.from({ length: 401 }, (_, index) => index - 200);

function assertNobodyAlone({ caller, phone, left }: Outcome, what: string): void {
  assert.equal(caller.filter((type) => type === 'terminated').length, 1, `${what}: one end`);
  assert.equal(caller.at(-1), 'terminated', `${what}: the end is last`);
  const stopped = phone.at(-1) === 'cancelled' || phone.at(-1) === 'ended';
  assert.ok(stopped, `${what}: the phone was left ${phone.at(-1)}`);
  assert.deepEqual(left, nothingLeft, `${what}: nothing is left`);
}

for (const transport of ['udp', 'tcp'] as const) {
  test(`CANCEL and 200 from 200 ms before to 200 ms after each other over ${transport}: nobody rings or talks alone`, async () => {
    for (const offsetMs of steps) await meets(transport, offsetMs);
  });
}

async function meets(transport: Race['transport'], offsetMs: number): Promise<void> {
  const outcome = await race({ transport, offsetMs, lostAnswers: 0, loss: 0, seed: 1 });
  assertNobodyAlone(outcome, `at ${offsetMs} ms`);
  // Before the CANCEL comes the phone is answered; from then on it stops ringing.
  const wasAnswered = offsetMs < 0 || outcome.phone.includes('answered');
  assert.deepEqual(
    outcome.phone,
    wasAnswered ? ['ringing', 'answered', 'ended'] : ['ringing', 'cancelled'],
  );
  assert.equal(wasAnswered, offsetMs <= 0, `at ${offsetMs} ms`);
  // The answer is on its way when the caller hangs up, or reaches it just before.
  const sawAnswer =
    offsetMs < -2 * delayMs || (offsetMs === -2 * delayMs && outcome.caller.includes('answered'));
  assert.deepEqual(
    outcome.caller,
    sawAnswer ? ['progress', 'answered', 'terminated'] : ['progress', 'terminated'],
  );
  const count = (name: string): number =>
    outcome.wire.filter((line) => line.split(' ')[1] === name).length;
  assert.deepEqual(
    [count('ACK'), count('BYE')],
    wasAnswered ? [1, 1] : [1, 0],
    `at ${offsetMs} ms: ACK for whatever came, BYE for an answer`,
  );
}

test('the same with the first 200s lost', async () => {
  for (const lostAnswers of [1, 2, 4]) {
    for (const offsetMs of steps) {
      const outcome = await race({ transport: 'udp', offsetMs, lostAnswers, loss: 0, seed: 1 });
      assertNobodyAlone(outcome, `${lostAnswers} lost, at ${offsetMs} ms`);
      assert.equal(outcome.phone.includes('answered'), offsetMs <= 0);
    }
  }
});

test('the same around a first 200 that is lost, so that its retransmission meets the CANCEL', async () => {
  for (let offsetMs = -550; offsetMs <= -450; offsetMs++) {
    const outcome = await race({ transport: 'udp', offsetMs, lostAnswers: 1, loss: 0, seed: 1 });
    assertNobodyAlone(outcome, `at ${offsetMs} ms`);
    assert.deepEqual(outcome.phone, ['ringing', 'answered', 'ended']);
  }
});

test('the same on a network that loses a third of all packets', async () => {
  for (const offsetMs of steps) {
    const seed = offsetMs + 1000;
    const outcome = await race({ transport: 'udp', offsetMs, lostAnswers: 0, loss: 0.33, seed });
    const what = `seed ${seed}, at ${offsetMs} ms`;
    assert.equal(outcome.caller.at(-1), 'terminated', what);
    // With so much loss the phone may never have heard of the call; if it has, it has heard of the end.
    if (outcome.phone.length > 0) assertNobodyAlone(outcome, what);
    assert.deepEqual(outcome.left, nothingLeft, what);
  }
});
