import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Call,
  callerRequest,
  createCalled,
  inDialog,
} from '../../../test/simulation/scripted-caller.ts';
import { audio, leftovers, nothing, type Sent } from '../../../test/simulation/scripted-peer.ts';
import { watchRows } from '../../../test/simulation/table-coverage.ts';
import type { InviteSessionEvent } from '../user-agent.ts';
import { textOf } from './message-body.ts';
import { reliableProgressTable } from './reliable-progress.ts';

const untaken = watchRows(reliableProgressTable);

type Offered = Extract<InviteSessionEvent, { type: 'offered' }>;
type Act = (call: Call) => void;
type Step = [ms: number, act: Act];

const offered = new WeakMap<Call, Offered>();
const invite =
  (how: 'Supported' | 'Require', sent: Sent = { sdp: audio(4000) }): Act =>
  (call) => {
    callerRequest(call.rig, 'INVITE', { ...sent, headers: [[how, '100rel']] });
    call.rig.clock.setTimer(0, () =>
      call.invite().onOffered((event) => {
        call.rig.log.push(`${call.rig.clock.now()} offered ${event.offer.media[0]!.port}`);
        offered.set(call, event);
      }),
    );
  };
const supporting: Step = [0, invite('Supported')];
const ring: Act = ({ invite }) => invite().progress(180);
const ringWithMedia: Act = ({ invite }) => invite().progress(183, audio(3000));
const pickUp: Act = (c) => c.setSession(c.invite().accept(audio(3000), c.rig.sink));
const hangUp: Act = ({ session }) => session().terminate({ type: 'normal' });
const acceptBye: Act = ({ rig }) => rig.peer.respond(rig.peer.last('BYE'), 200);
const reject: Act = ({ invite }) => invite().reject(486);
let sequence = 1;
const prack =
  (sent: Sent = {}): Act =>
  (c) =>
    inDialog(c, 'PRACK', { sequence: ++sequence, ...c.rig.peer.rack(), ...sent });
const stranger =
  (rack: string): Act =>
  (c) =>
    inDialog(c, 'PRACK', { sequence: ++sequence, headers: [['RAck', rack]] });
const update =
  (sent: Sent): Act =>
  (c) =>
    inDialog(c, 'UPDATE', { sequence: ++sequence, ...sent });
const takeOffer =
  (port: number): Act =>
  (c) =>
    offered.get(c)!.accept(audio(port));
const ack: Act = (c) => inDialog(c, 'ACK');
const ackRefusal: Act = (c) => inDialog(c, 'ACK', { sameBranch: true });
const cancel: Act = ({ rig }) => callerRequest(rig, 'CANCEL', { sameBranch: true });
const bye: Act = (c) => inDialog(c, 'BYE', { sequence: ++sequence });

// biome-ignore format: a table
const cases: { name: string; steps: Step[]; untilMs?: number; log: string[] }[] = [
  {
    name: 'who does not know them gets ordinary ones',
    steps: [[0, ({ rig }) => callerRequest(rig, 'INVITE', { sdp: audio(4000), headers: [['Supported', 'timer']] })],
      [100, ringWithMedia], [200, reject], [210, ackRefusal]],
    log: ['0 < INVITE', '0 invited', '100 > 183 INVITE', '200 > 486 INVITE', '210 < ACK'],
  },
  {
    name: 'repeated at T1, doubling, until the PRACK',
    steps: [supporting, [100, ringWithMedia], [4000, prack()], [9000, pickUp], [9010, ack], [9100, bye]],
    log: ['0 < INVITE', '0 invited', '100 > 183 INVITE #1', '600 > 183 INVITE #1', '1600 > 183 INVITE #1', '3600 > 183 INVITE #1',
      '4000 < PRACK #1', '4000 > 200 PRACK', '9000 > 200 INVITE', '9010 < ACK', '9100 < BYE', '9100 terminated remote 0 normal',
      '9100 > 200 BYE'],
  },
  {
    name: 'no PRACK in 64*T1: the INVITE is refused with 504',
    steps: [supporting, [100, ring]], untilMs: 32_100,
    log: ['0 < INVITE', '0 invited', '100 > 180 INVITE #1', '600 > 180 INVITE #1', '1600 > 180 INVITE #1', '3600 > 180 INVITE #1',
      '7600 > 180 INVITE #1', '15600 > 180 INVITE #1', '31600 > 180 INVITE #1', '32100 cancelled', '32100 > 504 INVITE'],
  },
  {
    name: 'the second waits for the PRACK of the first',
    steps: [supporting, [100, ring], [200, ringWithMedia], [300, prack()], [400, prack()], [500, reject], [510, ackRefusal]],
    log: ['0 < INVITE', '0 invited', '100 > 180 INVITE #1', '300 < PRACK #1', '300 > 200 PRACK', '300 > 183 INVITE #2',
      '400 < PRACK #2', '400 > 200 PRACK', '500 > 486 INVITE', '510 < ACK'],
  },
  {
    name: 'several wait their turn, whatever they say',
    steps: [supporting, [100, ring], [110, ({ invite }) => invite().progress(182)], [200, prack()], [210, prack()], [220, ringWithMedia],
      [230, ring], [240, prack()], [250, prack()], [300, reject], [310, ackRefusal]],
    log: ['0 < INVITE', '0 invited', '100 > 180 INVITE #1', '200 < PRACK #1', '200 > 200 PRACK', '200 > 182 INVITE #2',
      '210 < PRACK #2', '210 > 200 PRACK', '220 > 183 INVITE #3', '240 < PRACK #3', '240 > 200 PRACK', '240 > 180 INVITE #4',
      '250 < PRACK #4', '250 > 200 PRACK', '300 > 486 INVITE', '310 < ACK'],
  },
  {
    name: 'a description without PRACK in 64*T1, while it still rings: 504',
    steps: [supporting, [100, ringWithMedia]], untilMs: 32_100,
    log: ['0 < INVITE', '0 invited', '100 > 183 INVITE #1', '600 > 183 INVITE #1', '1600 > 183 INVITE #1', '3600 > 183 INVITE #1',
      '7600 > 183 INVITE #1', '15600 > 183 INVITE #1', '31600 > 183 INVITE #1', '32100 cancelled', '32100 > 504 INVITE'],
  },
  {
    name: 'PRACK: of another number, of another request, twice, none at all',
    steps: [supporting, [100, ring], [110, stranger('1 1 INVITE')], [120, (c) => stranger(`${c.rig.peer.lastResponse('INVITE').headers.get('RSeq')} 2 INVITE`)(c)],
      [130, (c) => inDialog(c, 'PRACK', { sequence: 90 })], [140, prack()], [150, prack()], [200, reject], [210, ackRefusal]],
    log: ['0 < INVITE', '0 invited', '100 > 180 INVITE #1', '110 < PRACK #N', '110 > 481 PRACK', '120 < PRACK #1', '120 > 481 PRACK',
      '130 < PRACK', '130 > 481 PRACK', '140 < PRACK #1', '140 > 200 PRACK', '150 < PRACK #1', '150 > 481 PRACK', '200 > 486 INVITE',
      '210 < ACK'],
  },
  {
    name: 'the 200 after an unacknowledged 180 is not held back; its late PRACK gets 200',
    steps: [supporting, [100, ring], [200, pickUp], [210, ack], [300, prack()], [400, bye]],
    log: ['0 < INVITE', '0 invited', '100 > 180 INVITE #1', '200 > 200 INVITE', '210 < ACK', '300 < PRACK #1', '300 > 200 PRACK',
      '400 < BYE', '400 terminated remote 0 normal', '400 > 200 BYE'],
  },
  {
    name: 'the 200 waits while a description is not acknowledged',
    steps: [supporting, [100, ringWithMedia], [200, pickUp], [700, prack()], [710, ack], [800, bye]],
    log: ['0 < INVITE', '0 invited', '100 > 183 INVITE #1', '600 > 183 INVITE #1', '700 < PRACK #1', '700 > 200 PRACK',
      '700 > 200 INVITE', '710 < ACK', '800 < BYE', '800 terminated remote 0 normal', '800 > 200 BYE'],
  },
  {
    name: 'held back, and the PRACK never comes: 504',
    steps: [supporting, [100, ringWithMedia], [200, pickUp]], untilMs: 32_100,
    log: ['0 < INVITE', '0 invited', '100 > 183 INVITE #1', '600 > 183 INVITE #1', '1600 > 183 INVITE #1', '3600 > 183 INVITE #1',
      '7600 > 183 INVITE #1', '15600 > 183 INVITE #1', '31600 > 183 INVITE #1', '32100 terminated remote 0 failed 504',
      '32100 > 504 INVITE'],
  },
  {
    name: 'held back, and the caller cancels',
    steps: [supporting, [100, ringWithMedia], [200, pickUp], [300, cancel], [310, ackRefusal]],
    log: ['0 < INVITE', '0 invited', '100 > 183 INVITE #1', '300 < CANCEL', '300 terminated remote 0 normal', '300 > 200 CANCEL',
      '300 > 487 INVITE', '310 < ACK'],
  },
  {
    name: 'held back, and hung up before the PRACK',
    steps: [supporting, [100, ringWithMedia], [200, pickUp], [300, hangUp], [400, prack()], [410, ack], [420, acceptBye]],
    log: ['0 < INVITE', '0 invited', '100 > 183 INVITE #1', '300 terminated local 0 normal', '400 < PRACK #1', '400 > 200 PRACK',
      '400 > 200 INVITE', '410 < ACK', '410 > BYE', '420 < 200 BYE'],
  },
  {
    name: 'a refusal does not wait, and ends the repeating',
    steps: [supporting, [100, ringWithMedia], [200, reject], [210, ackRefusal], [300, prack()]], untilMs: 3000,
    log: ['0 < INVITE', '0 invited', '100 > 183 INVITE #1', '200 > 486 INVITE', '210 < ACK', '300 < PRACK #1', '300 > 200 PRACK'],
  },
  {
    name: 'required: 180 too is reliable; CANCEL ends it',
    steps: [[0, invite('Require')], [100, ring], [300, cancel], [310, ackRefusal], [400, prack()]], untilMs: 3000,
    log: ['0 < INVITE', '0 invited', '100 > 180 INVITE #1', '300 < CANCEL', '300 cancelled', '300 > 200 CANCEL', '300 > 487 INVITE',
      '310 < ACK', '400 < PRACK #1', '400 > 200 PRACK'],
  },
  {
    name: 'required, without an offer: what may not be said reliably is not said',
    steps: [[0, invite('Require', {})], [100, ring], [300, reject], [310, ackRefusal]],
    log: ['0 < INVITE', '0 invited', '200 > 100 INVITE', '300 > 486 INVITE', '310 < ACK'],
  },
  {
    name: 'without an offer: ours in the 183, the answer in the PRACK, the 200 empty',
    steps: [[0, invite('Supported', {})], [100, ringWithMedia], [200, prack({ sdp: audio(4000) })], [300, pickUp], [310, ack], [400, bye]],
    log: ['0 < INVITE', '0 invited', '100 > 183 INVITE #1', '200 < PRACK #1', '200 > 200 PRACK', '300 answered 4000',
      '300 > 200 INVITE', '310 < ACK', '400 < BYE', '400 terminated remote 0 normal', '400 > 200 BYE'],
  },
  {
    name: 'without an offer: ours in the 183, no answer in the PRACK',
    steps: [[0, invite('Supported', {})], [100, ringWithMedia], [200, prack()], [300, pickUp], [310, ack], [320, acceptBye]],
    log: ['0 < INVITE', '0 invited', '100 > 183 INVITE #1', '200 < PRACK #1', '200 > 200 PRACK', '300 terminated remote 0 failed 488',
      '300 > 200 INVITE', '300 > BYE', '310 < ACK', '320 < 200 BYE'],
  },
  {
    name: 'after the answer in the 183 the caller offers again: in the PRACK, by UPDATE',
    steps: [supporting, [100, ringWithMedia], [200, prack({ sdp: audio(4002) })], [210, takeOffer(3002)], [300, update({ sdp: audio(4004) })],
      [310, takeOffer(3004)], [400, pickUp], [410, ack], [500, bye]],
    log: ['0 < INVITE', '0 invited', '100 > 183 INVITE #1', '200 < PRACK #1', '200 offered 4002', '210 > 200 PRACK', '300 < UPDATE',
      '300 offered 4004', '310 > 200 UPDATE', '400 > 200 INVITE', '410 < ACK', '500 < BYE', '500 terminated remote 0 normal',
      '500 > 200 BYE'],
  },
  {
    name: 'UPDATE before the first answer: 500',
    steps: [supporting, [100, ring], [200, update({ sdp: audio(4004) })], [250, prack()], [300, reject], [310, ackRefusal]],
    log: ['0 < INVITE', '0 invited', '100 > 180 INVITE #1', '200 < UPDATE', '200 > 500 UPDATE', '250 < PRACK #1', '250 > 200 PRACK',
      '300 > 486 INVITE', '310 < ACK'],
  },
  {
    name: 'UPDATE that crosses our offer: 491',
    steps: [[0, invite('Supported', {})], [100, ringWithMedia], [200, update({ sdp: audio(4004) })], [250, prack({ sdp: audio(4000) })],
      [300, reject], [310, ackRefusal]],
    log: ['0 < INVITE', '0 invited', '100 > 183 INVITE #1', '200 < UPDATE', '200 > 491 UPDATE', '250 < PRACK #1', '250 > 200 PRACK',
      '300 > 486 INVITE', '310 < ACK'],
  },
];

for (const { name, steps, untilMs, log } of cases) {
  test(`reliable responses of the called party: ${name}`, async () => {
    sequence = 1;
    const called = createCalled();
    for (const [ms, act] of steps) called.rig.clock.setTimer(ms, () => act(called));
    await called.rig.clock.advance(untilMs ?? steps.at(-1)![0] + 100);
    // A stranger's number is far from ours, whatever ours are.
    assert.deepEqual(
      called.rig.log.map((line) => line.replace(/#-\d+$/, '#N')),
      log,
    );
    assert.deepEqual(await leftovers(called.rig), nothing);
  });
}

test('the 183 is dressed for RFC 3262; after its answer the 200 carries none', async () => {
  const called = createCalled();
  const { rig } = called;
  invite('Supported')(called);
  await rig.clock.advance(10);
  ringWithMedia(called);
  await rig.clock.advance(0);
  const ringing = rig.peer.lastResponse('INVITE');
  assert.equal(ringing.headers.get('Require'), '100rel');
  assert.match(ringing.headers.get('RSeq')!, /^[1-9]\d*$/);
  assert.equal(ringing.contact?.uri, 'sip:100@10.0.0.1:5060');
  assert.match(textOf(ringing), /m=audio 3000 /);
  prack()(called);
  pickUp(called);
  await rig.clock.advance(0);
  const ok = rig.peer.lastResponse('INVITE');
  assert.equal(ok.status, 200);
  assert.equal(ok.body.length, 0);
  ack(called);
  await rig.clock.advance(0);
  bye(called);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('ringing for minutes is told again with a number of its own', async () => {
  const called = createCalled();
  const { rig } = called;
  invite('Supported')(called);
  await rig.clock.advance(0);
  ring(called);
  rig.peer.onMessage = (message) => {
    if (message.kind === 'response' && message.status === 180) prack()(called);
  };
  await rig.clock.advance(130_000);
  const rung = rig.log.filter((line) => line.includes('180 INVITE'));
  assert.deepEqual(rung, ['0 > 180 INVITE #1', '60000 > 180 INVITE #2', '120000 > 180 INVITE #3']);
  rig.peer.onMessage = undefined;
  reject(called);
  await rig.clock.advance(0);
  ackRefusal(called);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('the tests above take every row of reliableProgressTable', () => {
  assert.deepEqual(untaken(), []);
});
