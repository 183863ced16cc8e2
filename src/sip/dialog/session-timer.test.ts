import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Call,
  callerRequest,
  createCalled,
  inDialog,
} from '../../../test/simulation/scripted-caller.ts';
import {
  audio,
  createRig,
  leftovers,
  nothing,
  portIn,
  type Rig,
  type Sent,
} from '../../../test/simulation/scripted-peer.ts';
import { watchRows } from '../../../test/simulation/table-coverage.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { sessionTimerTable } from './session-timer.ts';

const untaken = watchRows(sessionTimerTable);

const allows = ['Allow', 'INVITE, ACK, BYE, UPDATE'] as const;
const expires = (value: string, ...more: (readonly [string, string])[]): Sent => ({
  headers: [['Session-Expires', value], ...more],
});

type Act = (rig: Rig) => void;
type Step = [ms: number, act: Act];
const respond =
  (method: string, status: number, sent: Sent = {}): Act =>
  ({ peer }) =>
    peer.respond(peer.last(method), status, sent);
const request =
  (method: string, sent: Sent = {}): Act =>
  ({ peer }) =>
    void peer.request(method, sent);
const answer = (value: string, ...more: (readonly [string, string])[]): Sent => ({
  sdp: audio(4000),
  ...expires(value, ...more),
});

/** Each row: a call that we make and that is answered at 0; then what the peer does. */
// biome-ignore format: a table
const calls: { name: string; answer: Sent; steps: Step[]; untilMs: number; log: string[] }[] = [
  {
    name: 'we refresh at half the interval, by UPDATE when the peer allows it; each 2xx begins a new one',
    answer: answer('600;refresher=uac', ['Require', 'timer'], allows),
    steps: [[300_010, respond('UPDATE', 200, expires('600;refresher=uac'))], [600_020, respond('UPDATE', 200, expires('200;refresher=uac'))],
      [700_030, respond('UPDATE', 200)], [5_000_000, request('BYE')]],
    untilMs: 5_000_000,
    log: ['300000 > UPDATE', '300010 < 200 UPDATE', '600010 > UPDATE', '600020 < 200 UPDATE', '700020 > UPDATE', '700030 < 200 UPDATE',
      '5000000 < BYE', '5000000 terminated remote 0 normal', '5000000 > 200 BYE'],
  },
  {
    name: 'we refresh by re-INVITE when the peer does not name UPDATE',
    answer: answer('600;refresher=uac'),
    steps: [[300_010, respond('INVITE', 200, answer('600;refresher=uac'))], [400_000, request('BYE')]],
    untilMs: 400_000,
    log: ['300000 > INVITE', '300010 < 200 INVITE', '300010 > ACK', '400000 < BYE', '400000 terminated remote 0 normal',
      '400000 > 200 BYE'],
  },
  {
    name: 'a peer that names UPDATE and does not know it gets a re-INVITE',
    answer: answer('600', allows),
    steps: [[300_010, respond('UPDATE', 405)], [300_020, respond('INVITE', 200, answer('600'))], [600_030, respond('INVITE', 200, answer('600'))],
      [700_000, request('BYE')]],
    untilMs: 700_000,
    log: ['300000 > UPDATE', '300010 < 405 UPDATE', '300010 > INVITE', '300020 < 200 INVITE', '300020 > ACK', '600020 > INVITE',
      '600030 < 200 INVITE', '600030 > ACK', '700000 < BYE', '700000 terminated remote 0 normal', '700000 > 200 BYE'],
  },
  {
    name: 'no answer to our refresh: the session is gone',
    answer: answer('600', allows),
    steps: [[332_100, respond('BYE', 200)]],
    untilMs: 332_100,
    log: ['300000 > UPDATE', '300500 > UPDATE', '301500 > UPDATE', '303500 > UPDATE', '307500 > UPDATE', '311500 > UPDATE',
      '315500 > UPDATE', '319500 > UPDATE', '323500 > UPDATE', '327500 > UPDATE', '331500 > UPDATE',
      '332000 terminated remote 0 failed 408', '332000 > BYE', '332100 < 200 BYE'],
  },
  {
    name: 'our refresh finds no session any more',
    answer: answer('600', allows),
    steps: [[300_010, respond('UPDATE', 481)], [300_020, respond('BYE', 481)]],
    untilMs: 300_020,
    log: ['300000 > UPDATE', '300010 < 481 UPDATE', '300010 terminated remote 0 failed 481', '300010 > BYE', '300020 < 481 BYE'],
  },
  {
    name: 'a refresh that is too brief is asked for again with the Min-SE',
    answer: answer('600', allows),
    steps: [[300_010, respond('UPDATE', 422, { headers: [['Min-SE', '1000']] })], [300_020, respond('UPDATE', 200, expires('1000;refresher=uac'))],
      [400_000, request('BYE')]],
    untilMs: 400_000,
    log: ['300000 > UPDATE', '300010 < 422 UPDATE', '300010 > UPDATE', '300020 < 200 UPDATE', '400000 < BYE',
      '400000 terminated remote 0 normal', '400000 > 200 BYE'],
  },
  {
    name: 'a refresh refused for another reason is tried again half-way to the end, until 2 s before it',
    answer: answer('90', allows),
    steps: [[45_010, respond('UPDATE', 500)], [52_515, respond('UPDATE', 503)], [56_267, respond('UPDATE', 500)],
      [60_100, respond('BYE', 200)]],
    untilMs: 60_100,
    log: ['45000 > UPDATE', '45010 < 500 UPDATE', '52505 > UPDATE', '52515 < 503 UPDATE', '56257 > UPDATE', '56267 < 500 UPDATE',
      '60000 terminated remote 0 sessionExpired', '60000 > BYE', '60100 < 200 BYE'],
  },
  {
    name: 'the peer refreshes, by UPDATE, by the same INVITE; then no more: BYE 32 s before the end',
    answer: answer('600;refresher=uas'),
    steps: [[300_000, request('UPDATE', expires('600;refresher=uac', ['Supported', 'timer']))],
      [600_000, request('INVITE', { sdp: audio(4000), headers: [['Session-Expires', '600;refresher=uac'], ['Supported', 'timer']] })],
      [600_010, request('ACK', { sequence: 102 })], [1_168_100, respond('BYE', 200)]],
    untilMs: 1_168_100,
    log: ['300000 < UPDATE', '300000 > 200 UPDATE', '600000 < INVITE', '600000 > 200 INVITE', '600010 < ACK',
      '1168000 terminated remote 0 sessionExpired', '1168000 > BYE', '1168100 < 200 BYE'],
  },
  {
    name: 'a short session ends a third before its end',
    answer: answer('90;refresher=uas'),
    steps: [[60_010, respond('BYE', 200)]],
    untilMs: 60_010,
    log: ['60000 terminated remote 0 sessionExpired', '60000 > BYE', '60010 < 200 BYE'],
  },
  {
    name: 'the peer asks for less than it may: 422, and the old interval goes on',
    answer: answer('600;refresher=uas'),
    steps: [[100_000, request('UPDATE', expires('60;refresher=uac', ['Supported', 'timer']))], [568_010, respond('BYE', 200)]],
    untilMs: 568_010,
    log: ['100000 < UPDATE', '100000 > 422 UPDATE', '568000 terminated remote 0 sessionExpired', '568000 > BYE', '568010 < 200 BYE'],
  },
  {
    name: 'a refusal of ours is no refresh',
    answer: answer('600;refresher=uas'),
    steps: [[300_000, request('UPDATE', { sdp: 'v=0\r\nm=x', headers: [['Session-Expires', '600'], ['Supported', 'timer']] })],
      [568_010, respond('BYE', 200)]],
    untilMs: 568_010,
    log: ['300000 < UPDATE', '300000 > 488 UPDATE', '568000 terminated remote 0 sessionExpired', '568000 > BYE', '568010 < 200 BYE'],
  },
  {
    name: 'a peer that stops to speak of it: the session does not expire any more',
    answer: answer('600;refresher=uas'),
    steps: [[300_000, request('UPDATE')], [3_000_000, request('BYE')]],
    untilMs: 3_000_000,
    log: ['300000 < UPDATE', '300000 > 200 UPDATE', '3000000 < BYE', '3000000 terminated remote 0 normal', '3000000 > 200 BYE'],
  },
  {
    name: 'a peer that does not know it',
    answer: { sdp: audio(4000) },
    steps: [[5_000_000, request('BYE')]],
    untilMs: 5_000_000,
    log: ['5000000 < BYE', '5000000 terminated remote 0 normal', '5000000 > 200 BYE'],
  },
  {
    name: 'the peer refreshes although it is our turn: first leaving it to us, then taking it over; then it hangs up',
    answer: answer('600;refresher=uac', allows),
    steps: [[100_000, request('UPDATE', expires('600;refresher=uas', ['Supported', 'timer']))],
      [400_010, respond('UPDATE', 200, expires('600;refresher=uac'))],
      [500_000, request('UPDATE', expires('600;refresher=uac', ['Supported', 'timer']))], [1_000_000, request('BYE')]],
    untilMs: 1_000_000,
    log: ['100000 < UPDATE', '100000 > 200 UPDATE', '400000 > UPDATE', '400010 < 200 UPDATE', '500000 < UPDATE', '500000 > 200 UPDATE',
      '1000000 < BYE', '1000000 terminated remote 0 normal', '1000000 > 200 BYE'],
  },
  {
    name: 'our turn, and the peer wants no expiry any more',
    answer: answer('600;refresher=uac', allows),
    steps: [[100_000, request('UPDATE')], [3_000_000, request('BYE')]],
    untilMs: 3_000_000,
    log: ['100000 < UPDATE', '100000 > 200 UPDATE', '3000000 < BYE', '3000000 terminated remote 0 normal', '3000000 > 200 BYE'],
  },
  {
    name: 'the answer to our refresh takes the next one over; the peer gives it back',
    answer: answer('600;refresher=uac', allows),
    steps: [[300_010, respond('UPDATE', 200, expires('600;refresher=uas'))],
      [500_000, request('UPDATE', expires('600;refresher=uas', ['Supported', 'timer']))],
      [800_010, respond('UPDATE', 200, expires('600;refresher=uac'))], [900_000, request('BYE')]],
    untilMs: 900_000,
    log: ['300000 > UPDATE', '300010 < 200 UPDATE', '500000 < UPDATE', '500000 > 200 UPDATE', '800000 > UPDATE', '800010 < 200 UPDATE',
      '900000 < BYE', '900000 terminated remote 0 normal', '900000 > 200 BYE'],
  },
  {
    name: 'a refresh still without an answer when the session runs out',
    answer: answer('90', allows),
    steps: [[60_010, respond('BYE', 200)], [60_020, respond('UPDATE', 481)]],
    untilMs: 60_020,
    log: ['45000 > UPDATE', '45500 > UPDATE', '46500 > UPDATE', '48500 > UPDATE', '52500 > UPDATE', '56500 > UPDATE',
      '60000 terminated remote 0 sessionExpired', '60000 > BYE', '60010 < 200 BYE', '60020 < 481 UPDATE'],
  },
  {
    name: 'hung up while a refresh is on its way',
    answer: answer('600', allows),
    steps: [[300_010, request('BYE')], [300_020, respond('UPDATE', 481)]],
    untilMs: 301_000,
    log: ['300000 > UPDATE', '300010 < BYE', '300010 terminated remote 0 normal', '300010 > 200 BYE', '300020 < 481 UPDATE'],
  },
];

for (const { name, answer: first, steps, untilMs, log } of calls) {
  test(`session timer of a caller: ${name}`, async () => {
    const rig = createRig();
    rig.call();
    await rig.clock.advance(0);
    rig.peer.respond(rig.peer.last('INVITE'), 200, first);
    await rig.clock.advance(0);
    rig.log.length = 0;
    for (const [ms, act] of steps) rig.clock.setTimer(ms, () => act(rig));
    await rig.clock.advance(untilMs);
    assert.deepEqual(rig.log, log);
    assert.deepEqual(await leftovers(rig), nothing);
  });
}

const header = (message: SipMessage, ...names: string[]): (string | undefined)[] =>
  names.map((name) => message.headers.get(name));

test('422 to the INVITE: asked again with the Min-SE, in the same call', async () => {
  const rig = createRig({ sessionExpires: 300 });
  rig.call();
  await rig.clock.advance(0);
  const first = rig.peer.last('INVITE');
  assert.deepEqual(header(first, 'Session-Expires', 'Min-SE'), ['300', '90']);
  rig.peer.respond(first, 422, { headers: [['Min-SE', '1200']] });
  await rig.clock.advance(0);
  const second = rig.peer.last('INVITE');
  assert.deepEqual(header(second, 'Session-Expires', 'Min-SE'), ['1200', '1200']);
  assert.equal(second.cseq.sequence, 2);
  assert.equal(second.sipCallId, first.sipCallId);
  rig.peer.respond(second, 422, { headers: [['Min-SE', '1200']] });
  await rig.clock.advance(0);
  assert.deepEqual(rig.log.slice(-2), ['0 terminated remote 422 failed 422', '0 > ACK']);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('what a refresh says: the roles stay, the description and its version too', async () => {
  for (const update of [true, false]) {
    const rig = createRig();
    rig.call();
    await rig.clock.advance(0);
    rig.peer.respond(
      rig.peer.last('INVITE'),
      200,
      answer('600;refresher=uac', ...(update ? [allows] : [])),
    );
    await rig.clock.advance(300_000);
    const refresh = rig.peer.last(update ? 'UPDATE' : 'INVITE');
    assert.deepEqual(header(refresh, 'Session-Expires', 'Min-SE', 'Supported', 'Contact'), [
      '600;refresher=uac',
      '90',
      '100rel, timer',
      '<sip:74990000000@10.0.0.1:5060>',
    ]);
    assert.equal(portIn(refresh), update ? 'none' : '3000 sendrecv v1');
    rig.peer.request('BYE');
    assert.deepEqual(await leftovers(rig), nothing);
  }
});

test('switched off: nothing is asked for, an interval in the answer means nothing, requiring it is 420', async () => {
  const called = createCalled({ sessionExpires: 0 });
  const { rig } = called;
  rig.call();
  await rig.clock.advance(0);
  const invite = rig.peer.last('INVITE');
  assert.deepEqual(header(invite, 'Session-Expires', 'Min-SE', 'Supported'), [
    undefined,
    undefined,
    '100rel',
  ]);
  rig.peer.respond(invite, 200, answer('90'));
  await rig.clock.advance(1_000_000);
  rig.peer.request('BYE');
  callerRequest(rig, 'INVITE', { sdp: audio(4000), headers: [['Require', 'timer']] });
  await rig.clock.advance(0);
  assert.deepEqual(rig.log.slice(-5), [
    '1000000 < BYE',
    '1000000 < INVITE',
    '1000000 terminated remote 0 normal',
    '1000000 > 200 BYE',
    '1000000 > 420 INVITE',
  ]);
  assert.deepEqual(await leftovers(rig), nothing);
});

const pickUp = (call: Call): void =>
  call.setSession(call.invite().accept(audio(3000), call.rig.sink));

/** Each row: a call to us, answered at 0 and acknowledged; what our 200 says, and what follows. */
// biome-ignore format: a table
const received: { name: string; headers: [string, string][]; says: (string | undefined)[]; steps: [number, (call: Call) => void][]; untilMs: number; log: string[] }[] = [
  {
    name: 'the caller refreshes; then it does not',
    headers: [['Session-Expires', '600;refresher=uac'], ['Supported', 'timer']],
    says: ['600;refresher=uac', 'timer'],
    steps: [[300_000, (c) => inDialog(c, 'UPDATE', { sequence: 2, headers: [['Session-Expires', '600;refresher=uac'], ['Supported', 'timer']] })],
      [868_010, ({ rig }) => rig.peer.respond(rig.peer.last('BYE'), 200)]],
    untilMs: 868_010,
    log: ['300000 < UPDATE', '300000 > 200 UPDATE', '868000 terminated remote 0 sessionExpired', '868000 > BYE', '868010 < 200 BYE'],
  },
  {
    name: 'the caller leaves it to us',
    headers: [['Session-Expires', '600;refresher=uas'], ['Supported', 'timer'], ['Allow', 'INVITE, UPDATE']],
    says: ['600;refresher=uas', undefined],
    steps: [[300_010, ({ rig }) => rig.peer.respond(rig.peer.last('UPDATE'), 200, { headers: [['Session-Expires', '600;refresher=uac']] })],
      [400_000, (c) => inDialog(c, 'BYE', { sequence: 2 })]],
    untilMs: 400_000,
    log: ['300000 > UPDATE', '300010 < 200 UPDATE', '400000 < BYE', '400000 terminated remote 0 normal', '400000 > 200 BYE'],
  },
  {
    name: 'a proxy asked for a caller that knows nothing: we refresh, by re-INVITE',
    headers: [['Session-Expires', '600']],
    says: ['600;refresher=uas', undefined],
    steps: [[300_010, ({ rig }) => rig.peer.respond(rig.peer.last('INVITE'), 200, { sdp: audio(4000) })],
      [900_000, (c) => inDialog(c, 'BYE', { sequence: 2 })]],
    untilMs: 900_000,
    log: ['300000 > INVITE', '300010 < 200 INVITE', '300010 > ACK', '900000 < BYE', '900000 terminated remote 0 normal',
      '900000 > 200 BYE'],
  },
  {
    name: 'nobody asked',
    headers: [],
    says: [undefined, undefined],
    steps: [[5_000_000, (c) => inDialog(c, 'BYE', { sequence: 2 })]],
    untilMs: 5_000_000,
    log: ['5000000 < BYE', '5000000 terminated remote 0 normal', '5000000 > 200 BYE'],
  },
];

for (const { name, headers, says, steps, untilMs, log } of received) {
  test(`session timer of a called party: ${name}`, async () => {
    const call = createCalled();
    const { rig } = call;
    callerRequest(rig, 'INVITE', { sdp: audio(4000), headers });
    await rig.clock.advance(0);
    pickUp(call);
    await rig.clock.advance(0);
    assert.deepEqual(header(rig.peer.lastResponse('INVITE'), 'Session-Expires', 'Require'), says);
    const toTag = rig.peer.lastResponse('INVITE').to.tag!;
    callerRequest(rig, 'ACK', { toTag });
    await rig.clock.advance(0);
    rig.log.length = 0;
    for (const [ms, act] of steps) rig.clock.setTimer(ms, () => act(call));
    await rig.clock.advance(untilMs);
    assert.deepEqual(rig.log, log);
    assert.deepEqual(await leftovers(rig), nothing);
  });
}

test('an INVITE that asks for less than 90 seconds gets 422 with our Min-SE', async () => {
  const { rig } = createCalled();
  callerRequest(rig, 'INVITE', {
    sdp: audio(4000),
    headers: [
      ['Session-Expires', '60'],
      ['Supported', 'timer'],
    ],
  });
  await rig.clock.advance(0);
  const response = rig.peer.lastResponse('INVITE');
  assert.equal(response.status, 422);
  assert.equal(response.headers.get('Min-SE'), '90');
  assert.deepEqual(await leftovers(rig), nothing);
});

test('the tests above take every row of sessionTimerTable', () => {
  assert.deepEqual(untaken(), []);
});
