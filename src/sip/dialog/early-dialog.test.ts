import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  audio,
  createRig,
  leftovers,
  nothing,
  type Rig,
  type Sent,
} from '../../../test/simulation/scripted-peer.ts';
import { watchRows } from '../../../test/simulation/table-coverage.ts';
import { parseSessionDescription } from '../../sdp/session-description-text.ts';
import type { InviteSession, InviteSessionEvent } from '../user-agent.ts';
import { reliableResponsesTable } from './early-dialog.ts';
import { textOf } from './message-body.ts';

const untaken = watchRows(reliableResponsesTable);

type Offered = Extract<InviteSessionEvent, { type: 'offered' }>;
type Act = (rig: Rig, session: InviteSession) => void;
type Step = [ms: number, act: Act];

/** A provisional response with this RSeq. */
const reliably = (rseq: number, status: number, sent: Sent = {}): Act => {
  const headers = [...(sent.headers ?? []), ['Require', '100rel'], ['RSeq', `${rseq}`]] as const;
  return ({ peer }) =>
    peer.respond(peer.received.find((m) => m.kind === 'request')! as never, status, {
      ...sent,
      headers: headers as NonNullable<Sent['headers']>,
    });
};
const respond =
  (status: number, sent: Sent = {}): Act =>
  ({ peer }) =>
    peer.respond(peer.last('INVITE'), status, sent);
const prackAnswered: Act = ({ peer }) => peer.respond(peer.last('PRACK'), 200);
const update =
  (sent: Sent): Act =>
  ({ peer }) =>
    void peer.request('UPDATE', sent);
const accept =
  (port: number): Act =>
  ({ events }) =>
    (events.findLast(({ type }) => type === 'offered') as Offered).accept(audio(port));
const reject: Act = ({ events }) =>
  (events.findLast(({ type }) => type === 'offered') as Offered).reject(488);
const hangUp: Act = (_, session) => session.terminate({ type: 'normal' });
const bye: Act = ({ peer }) => void peer.request('BYE');
const sdp = (port: number): Sent => ({ sdp: audio(port) });

// biome-ignore format: a table
const cases: { name: string; steps: Step[]; log: string[] }[] = [
  {
    name: 'a reliable 180 is acknowledged, the answer comes in the 200',
    steps: [[100, reliably(7, 180)], [150, prackAnswered], [1000, respond(200, sdp(4000))], [1100, bye]],
    log: ['0 > INVITE', '100 < 180 INVITE #1', '100 progress 180', '100 > PRACK #1', '150 < 200 PRACK', '1000 < 200 INVITE',
      '1000 answered 4000', '1000 > ACK', '1100 < BYE', '1100 terminated remote 0 normal', '1100 > 200 BYE'],
  },
  {
    name: 'the answer comes in a reliable 183; a description in the 200 is ignored (section 13.2.1)',
    steps: [[100, reliably(7, 183, sdp(4000))], [150, prackAnswered], [1000, respond(200, sdp(4666))], [1100, bye]],
    log: ['0 > INVITE', '100 < 183 INVITE #1', '100 progress 183 early 4000', '100 > PRACK #1', '150 < 200 PRACK',
      '1000 < 200 INVITE', '1000 answered 4000', '1000 > ACK', '1100 < BYE', '1100 terminated remote 0 normal', '1100 > 200 BYE'],
  },
  {
    name: 'the answer comes in a reliable 183, the 200 is empty',
    steps: [[100, reliably(7, 183, sdp(4000))], [150, prackAnswered], [1000, respond(200)], [1100, bye]],
    log: ['0 > INVITE', '100 < 183 INVITE #1', '100 progress 183 early 4000', '100 > PRACK #1', '150 < 200 PRACK',
      '1000 < 200 INVITE', '1000 answered 4000', '1000 > ACK', '1100 < BYE', '1100 terminated remote 0 normal', '1100 > 200 BYE'],
  },
  {
    name: 'one after the other, each acknowledged by its number',
    steps: [[100, reliably(7, 183, sdp(4000))], [150, prackAnswered], [200, reliably(8, 180)], [250, prackAnswered], [300, respond(486)]],
    log: ['0 > INVITE', '100 < 183 INVITE #1', '100 progress 183 early 4000', '100 > PRACK #1', '150 < 200 PRACK',
      '200 < 180 INVITE #2', '200 progress 180', '200 > PRACK #2', '250 < 200 PRACK', '300 < 486 INVITE',
      '300 terminated remote 486 busy 486', '300 > ACK'],
  },
  {
    name: 'one that comes again is not acknowledged again; the PRACK repeats itself',
    steps: [[100, reliably(7, 180)], [300, reliably(7, 180)], [650, prackAnswered], [700, reliably(7, 180)], [800, respond(486)]],
    log: ['0 > INVITE', '100 < 180 INVITE #1', '100 progress 180', '100 > PRACK #1', '300 < 180 INVITE #1', '600 > PRACK #1',
      '650 < 200 PRACK', '700 < 180 INVITE #1', '800 < 486 INVITE', '800 terminated remote 486 busy 486', '800 > ACK'],
  },
  {
    name: 'one that overtook another is neither acknowledged nor believed until it comes again',
    steps: [[100, reliably(7, 180)], [110, prackAnswered], [200, reliably(9, 183, sdp(4009))], [300, reliably(8, 183, sdp(4000))],
      [310, prackAnswered], [400, reliably(9, 182)], [410, prackAnswered], [500, respond(486)]],
    log: ['0 > INVITE', '100 < 180 INVITE #1', '100 progress 180', '100 > PRACK #1', '110 < 200 PRACK', '200 < 183 INVITE #3',
      '300 < 183 INVITE #2', '300 progress 183 early 4000', '300 > PRACK #2', '310 < 200 PRACK', '400 < 182 INVITE #3',
      '400 progress 182', '400 > PRACK #3', '410 < 200 PRACK', '500 < 486 INVITE', '500 terminated remote 486 busy 486',
      '500 > ACK'],
  },
  {
    name: 'an ordinary one after a reliable one is believed, but not its description',
    steps: [[100, reliably(7, 183, sdp(4000))], [110, prackAnswered], [200, respond(180, sdp(4666))], [300, respond(486)]],
    log: ['0 > INVITE', '100 < 183 INVITE #1', '100 progress 183 early 4000', '100 > PRACK #1', '110 < 200 PRACK',
      '200 < 180 INVITE', '200 progress 180', '300 < 486 INVITE', '300 terminated remote 486 busy 486', '300 > ACK'],
  },
  {
    name: 'each branch of a fork counts for itself',
    steps: [[100, reliably(7, 183, { tag: 'a', ...sdp(4001) })], [110, prackAnswered], [200, reliably(20, 183, { tag: 'b', ...sdp(4002) })],
      [210, prackAnswered], [300, reliably(8, 180, { tag: 'a' })], [310, prackAnswered], [400, respond(200, { tag: 'a' })],
      [500, ({ peer }) => void peer.request('BYE', { tag: 'a' })]],
    log: ['0 > INVITE', '100 < 183 INVITE #1', '100 progress 183 early 4001', '100 > PRACK #1', '110 < 200 PRACK',
      '200 < 183 INVITE #14', '200 progress 183 early 4002', '200 > PRACK #14', '210 < 200 PRACK', '300 < 180 INVITE #2',
      '300 progress 180', '300 > PRACK #2', '310 < 200 PRACK', '400 < 200 INVITE', '400 answered 4001', '400 > ACK', '500 < BYE',
      '500 terminated remote 0 normal', '500 > 200 BYE'],
  },
  {
    name: 'RSeq 0, none, or one beyond 31 bits is no number: the response counts as an ordinary one',
    steps: [[100, reliably(0, 180)], [200, respond(183, { headers: [['Require', '100rel']] })],
      [300, reliably(2 ** 31, 182)], [400, respond(486)]],
    log: ['0 > INVITE', '100 < 180 INVITE #1', '100 progress 180', '200 < 183 INVITE', '200 progress 183',
      `300 < 182 INVITE #${2 ** 31 + 1}`, '300 progress 182', '400 < 486 INVITE', '400 terminated remote 486 busy 486', '400 > ACK'],
  },
  {
    name: 'after the answer in a reliable 183 the peer changes the media by UPDATE; what it said last holds',
    steps: [[100, reliably(7, 183, sdp(4000))], [110, prackAnswered], [200, update(sdp(4004))], [210, accept(3002)],
      [300, respond(200)], [400, bye]],
    log: ['0 > INVITE', '100 < 183 INVITE #1', '100 progress 183 early 4000', '100 > PRACK #1', '110 < 200 PRACK', '200 < UPDATE',
      '200 offered 4004', '210 > 200 UPDATE', '300 < 200 INVITE', '300 answered 4004', '300 > ACK', '400 < BYE',
      '400 terminated remote 0 normal', '400 > 200 BYE'],
  },
  {
    name: 'an UPDATE that is refused leaves what was agreed',
    steps: [[100, reliably(7, 183, sdp(4000))], [110, prackAnswered], [200, update(sdp(4004))], [210, reject], [300, respond(200)], [400, bye]],
    log: ['0 > INVITE', '100 < 183 INVITE #1', '100 progress 183 early 4000', '100 > PRACK #1', '110 < 200 PRACK', '200 < UPDATE',
      '200 offered 4004', '210 > 488 UPDATE', '300 < 200 INVITE', '300 answered 4000', '300 > ACK', '400 < BYE',
      '400 terminated remote 0 normal', '400 > 200 BYE'],
  },
  {
    name: 'UPDATE before our offer has its answer: 491; one while another waits: 500; one nobody can read: 488; without a body: 200',
    steps: [[100, respond(183, sdp(4000))], [200, update(sdp(4004))], [300, reliably(7, 183, sdp(4000))], [310, prackAnswered],
      [400, update(sdp(4005))], [410, update(sdp(4006))], [420, accept(3002)], [500, update({ sdp: 'v=0\r\nm=x' })], [600, update({})],
      [650, update({ headers: [['Content-Type', 'text/plain']], body: 'hello' })], [700, respond(486)]],
    log: ['0 > INVITE', '100 < 183 INVITE', '100 progress 183 early 4000', '200 < UPDATE', '200 > 491 UPDATE', '300 < 183 INVITE #1',
      '300 > PRACK #1', '310 < 200 PRACK', '400 < UPDATE', '400 offered 4005', '410 < UPDATE', '410 > 500 UPDATE',
      '420 > 200 UPDATE', '500 < UPDATE', '500 > 488 UPDATE', '600 < UPDATE', '600 > 200 UPDATE', '650 < UPDATE', '650 > 415 UPDATE',
      '700 < 486 INVITE', '700 terminated remote 486 busy 486', '700 > ACK'],
  },
  {
    name: 'an offer that waits when the 200 comes is answered in the session',
    steps: [[100, reliably(7, 183, sdp(4000))], [110, prackAnswered], [200, update(sdp(4004))], [210, respond(200)], [220, accept(3002)],
      [300, bye]],
    log: ['0 > INVITE', '100 < 183 INVITE #1', '100 progress 183 early 4000', '100 > PRACK #1', '110 < 200 PRACK', '200 < UPDATE',
      '200 offered 4004', '210 < 200 INVITE', '210 answered 4000', '210 > ACK', '220 > 200 UPDATE', '300 < BYE',
      '300 terminated remote 0 normal', '300 > 200 BYE'],
  },
  {
    name: 'hung up while an UPDATE waits: 487, and reliable responses are not acknowledged any more',
    steps: [[100, reliably(7, 183, sdp(4000))], [110, prackAnswered], [200, update(sdp(4004))], [210, hangUp], [215, reliably(8, 180)],
      [220, ({ peer }) => peer.respond(peer.last('CANCEL'), 200)], [225, respond(487)]],
    log: ['0 > INVITE', '100 < 183 INVITE #1', '100 progress 183 early 4000', '100 > PRACK #1', '110 < 200 PRACK', '200 < UPDATE',
      '200 offered 4004', '210 terminated local 0 normal', '210 > CANCEL', '210 > 487 UPDATE', '215 < 180 INVITE #2',
      '220 < 200 CANCEL', '225 < 487 INVITE', '225 > ACK'],
  },
  {
    name: 'a PRACK to us acknowledges nothing: 481',
    steps: [[100, reliably(7, 183, sdp(4000))], [110, prackAnswered], [200, ({ peer }) => void peer.request('PRACK', { headers: [['RAck', '1 1 INVITE']] })],
      [300, respond(486)]],
    log: ['0 > INVITE', '100 < 183 INVITE #1', '100 progress 183 early 4000', '100 > PRACK #1', '110 < 200 PRACK', '200 < PRACK #-5',
      '200 > 481 PRACK', '300 < 486 INVITE', '300 terminated remote 486 busy 486', '300 > ACK'],
  },
];

for (const { name, steps, log } of cases) {
  test(`reliable responses to a caller: ${name}`, async () => {
    const rig = createRig();
    const session = rig.call();
    for (const [ms, act] of steps) rig.clock.setTimer(ms, () => act(rig, session));
    await rig.clock.advance(steps.at(-1)![0] + 100);
    assert.deepEqual(rig.log, log);
    assert.deepEqual(await leftovers(rig), nothing);
  });
}

test('what a PRACK says, and that its numbers are those of the dialog the 200 confirms', async () => {
  const rig = createRig();
  const session = rig.call();
  const route = ['Record-Route', '<sip:10.0.0.2:5060;lr>'] as const;
  rig.clock.setTimer(100, () =>
    reliably(4711, 183, { ...sdp(4000), headers: [route] })(rig, session),
  );
  rig.clock.setTimer(200, () => prackAnswered(rig, session));
  rig.clock.setTimer(300, () => respond(200, { headers: [route] })(rig, session));
  rig.clock.setTimer(400, () => hangUp(rig, session));
  await rig.clock.advance(500);
  const { peer } = rig;
  const prack = peer.last('PRACK');
  assert.equal(prack.headers.get('RAck'), '4711 1 INVITE');
  assert.equal(prack.requestUri, 'sip:phone@10.0.0.2:5060');
  assert.equal(prack.headers.get('Route'), '<sip:10.0.0.2:5060;lr>');
  assert.equal(prack.to.tag, 'peer');
  assert.equal(prack.cseq.sequence, 2);
  assert.equal(prack.body.length, 0);
  assert.equal(peer.last('ACK').cseq.sequence, 1);
  assert.equal(peer.last('BYE').cseq.sequence, 3);
  peer.respond(peer.last('BYE'), 200);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('the answer to an early UPDATE keeps our session and counts its version on', async () => {
  const rig = createRig();
  rig.call();
  await rig.clock.advance(10);
  reliably(1, 183, sdp(4000))(rig, undefined as never);
  await rig.clock.advance(10);
  prackAnswered(rig, undefined as never);
  update(sdp(4004))(rig, undefined as never);
  await rig.clock.advance(10);
  accept(3002)(rig, undefined as never);
  await rig.clock.advance(10);
  const { origin } = parseSessionDescription(textOf(rig.peer.lastResponse('UPDATE')));
  assert.equal(origin.sessionVersion, 2);
  rig.peer.respond(rig.peer.last('INVITE'), 486);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('the tests above take every row of reliableResponsesTable', () => {
  assert.deepEqual(untaken(), []);
});
