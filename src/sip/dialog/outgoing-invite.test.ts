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
import type { InviteSession } from '../user-agent.ts';
import { outgoingInviteTable } from './outgoing-invite.ts';

const untaken = watchRows(outgoingInviteTable);

type Step =
  | [ms: number, status: number, sent?: Sent]
  | [ms: number, act: (rig: Rig, session: InviteSession) => void];

const hangUp = (_: Rig, session: InviteSession): void => session.terminate({ type: 'normal' });
const bye = ({ peer }: Rig): void => void peer.request('BYE');
const accept = ({ peer }: Rig): void => peer.respond(peer.last('BYE'), 200);
const cancelled = ({ peer }: Rig): void => {
  peer.respond(peer.last('CANCEL'), 200);
  peer.respond(peer.last('INVITE'), 487);
};

/**
 * Each row: what the peer and our user do when, and everything that happens until 6 s later.
 * `>` is what we send, `<` what the peer sends, the rest are the session's events.
 */
// biome-ignore format: a table
const cases: { name: string; steps: Step[]; untilMs?: number; log: string[] }[] = [
  {
    name: 'a call that is answered and hung up by the called party',
    steps: [[100, 100], [200, 180], [3000, 200, { sdp: audio(4000) }], [9000, bye]],
    log: ['0 > INVITE', '100 < 100 INVITE', '200 < 180 INVITE', '200 progress 180', '3000 < 200 INVITE', '3000 answered 4000',
      '3000 > ACK', '9000 < BYE', '9000 terminated remote 0 normal', '9000 > 200 BYE'],
  },
  {
    name: 'a call that we hang up',
    steps: [[100, 200, { sdp: audio(4000) }], [500, hangUp], [600, accept]],
    log: ['0 > INVITE', '100 < 200 INVITE', '100 answered 4000', '100 > ACK', '500 terminated local 0 normal', '500 > BYE',
      '600 < 200 BYE'],
  },
  {
    name: 'BYE before anything else: the call is over, its INVITE is cancelled when it can be',
    steps: [[100, bye], [200, 180], [210, cancelled]],
    log: ['0 > INVITE', '100 < BYE', '100 terminated remote 0 noAnswer', '100 > 200 BYE', '200 < 180 INVITE', '200 > CANCEL',
      '210 < 200 CANCEL', '210 < 487 INVITE', '210 > ACK'],
  },
  {
    name: 'a redirect after ringing is followed',
    steps: [[100, 180], [200, 302, { contact: '<sip:3@x.example>' }], [300, 486]],
    log: ['0 > INVITE', '100 < 180 INVITE', '100 progress 180', '200 < 302 INVITE', '200 > ACK', '200 > INVITE', '300 < 486 INVITE',
      '300 terminated remote 486 busy 486', '300 > ACK'],
  },
  {
    name: 'two branches answer after the CANCEL: both are hung up',
    steps: [[100, 180], [200, hangUp], [300, 200, { tag: 'a', sdp: audio(4001) }], [310, accept], [400, 200, { tag: 'b', sdp: audio(4002) }],
      [410, accept], [420, ({ peer }) => peer.respond(peer.last('CANCEL'), 200)]],
    log: ['0 > INVITE', '100 < 180 INVITE', '100 progress 180', '200 terminated local 0 normal', '200 > CANCEL', '300 < 200 INVITE',
      '300 > ACK', '300 > BYE', '310 < 200 BYE', '400 < 200 INVITE', '400 > ACK', '400 > BYE', '410 < 200 BYE', '420 < 200 CANCEL'],
  },
  {
    name: 'busy',
    steps: [[100, 486]],
    log: ['0 > INVITE', '100 < 486 INVITE', '100 terminated remote 486 busy 486', '100 > ACK'],
  },
  {
    name: 'a vague status with a Q.850 cause',
    steps: [[100, 503, { headers: [['Reason', 'Q.850;cause=17;text="User busy"']] }]],
    log: ['0 > INVITE', '100 < 503 INVITE', '100 terminated remote 503 busy 503 q850=17', '100 > ACK'],
  },
  {
    name: 'a 183 with an announcement says why; the final response does not, or says it better',
    steps: [[100, 183, { sdp: audio(4001), headers: [['Reason', 'Q.850;cause=1']] }], [5000, 480]],
    log: ['0 > INVITE', '100 < 183 INVITE', '100 progress 183 early 4001', '5000 < 480 INVITE',
      '5000 terminated remote 480 numberProblem 480 q850=1', '5000 > ACK'],
  },
  {
    name: 'the final response says why better than the 183 did',
    steps: [[100, 183, { headers: [['Reason', 'Q.850;cause=1']] }], [5000, 480, { headers: [['Reason', 'Q.850;cause=20']] }]],
    log: ['0 > INVITE', '100 < 183 INVITE', '100 progress 183', '5000 < 480 INVITE',
      '5000 terminated remote 480 offline 480 q850=20', '5000 > ACK'],
  },
  {
    name: 'early answers, one per branch; the 200 of another branch counts',
    steps: [[100, 183, { tag: 'a', sdp: audio(4001) }], [200, 183, { tag: 'b', sdp: audio(4002) }],
      [300, 200, { tag: 'b', sdp: audio(4002) }], [400, (rig) => void rig.peer.request('BYE', { tag: 'b' })]],
    log: ['0 > INVITE', '100 < 183 INVITE', '100 progress 183 early 4001', '200 < 183 INVITE', '200 progress 183 early 4002',
      '300 < 200 INVITE', '300 answered 4002', '300 > ACK', '400 < BYE', '400 terminated remote 0 normal', '400 > 200 BYE'],
  },
  {
    name: 'an 18x that comes again says nothing new; one with another status or description does',
    steps: [[100, 180], [200, 180], [300, 183, { sdp: audio(4001) }], [400, 183, { sdp: audio(4001) }], [500, 180],
      [600, 183, { sdp: audio(4003) }], [700, 486]],
    log: ['0 > INVITE', '100 < 180 INVITE', '100 progress 180', '200 < 180 INVITE', '300 < 183 INVITE', '300 progress 183 early 4001',
      '400 < 183 INVITE', '500 < 180 INVITE', '500 progress 180', '600 < 183 INVITE', '600 progress 183 early 4003',
      '700 < 486 INVITE', '700 terminated remote 486 busy 486', '700 > ACK'],
  },
  {
    name: 'a 200 without a description: the early answer of its branch holds',
    steps: [[100, 183, { sdp: audio(4001) }], [200, 200], [300, bye]],
    log: ['0 > INVITE', '100 < 183 INVITE', '100 progress 183 early 4001', '200 < 200 INVITE', '200 answered 4001', '200 > ACK',
      '300 < BYE', '300 terminated remote 0 normal', '300 > 200 BYE'],
  },
  {
    name: 'a 200 without any description: ACK, BYE, failed',
    steps: [[100, 200], [150, accept]],
    log: ['0 > INVITE', '100 < 200 INVITE', '100 terminated local 200 failed 200', '100 > ACK', '100 > BYE', '150 < 200 BYE'],
  },
  {
    name: 'a 200 with a description nobody can read: ACK, BYE, failed',
    steps: [[100, 200, { sdp: 'v=0\r\nm=nonsense\r\n' }], [150, accept]],
    log: ['0 > INVITE', '100 < 200 INVITE', '100 terminated local 200 failed 200', '100 > ACK', '100 > BYE', '150 < 200 BYE'],
  },
  {
    name: 'a 200 that comes again gets the ACK again, and nothing else happens',
    steps: [[100, 200, { sdp: audio(4000) }], [600, 200, { sdp: audio(4000) }], [1600, 200, { sdp: audio(4000) }], [2000, bye],
      [3600, 200, { sdp: audio(4000) }]],
    log: ['0 > INVITE', '100 < 200 INVITE', '100 answered 4000', '100 > ACK', '600 < 200 INVITE', '600 > ACK', '1600 < 200 INVITE',
      '1600 > ACK', '2000 < BYE', '2000 terminated remote 0 normal', '2000 > 200 BYE', '3600 < 200 INVITE', '3600 > ACK'],
  },
  {
    name: 'a second branch answers, too: it gets ACK and one BYE, the call goes on',
    steps: [[100, 200, { tag: 'a', sdp: audio(4001) }], [150, 200, { tag: 'b', sdp: audio(4002) }], [160, accept],
      [650, 200, { tag: 'b', sdp: audio(4002) }], [1000, (rig) => void rig.peer.request('BYE', { tag: 'a' })]],
    log: ['0 > INVITE', '100 < 200 INVITE', '100 answered 4001', '100 > ACK', '150 < 200 INVITE', '150 > ACK', '150 > BYE',
      '160 < 200 BYE', '650 < 200 INVITE', '650 > ACK', '1000 < BYE', '1000 terminated remote 0 normal', '1000 > 200 BYE'],
  },
  {
    name: 'an 18x after the 200 is not heard',
    steps: [[100, 200, { sdp: audio(4000) }], [101, 183, { sdp: audio(4005) }], [102, 180, { tag: 'other' }], [200, bye]],
    log: ['0 > INVITE', '100 < 200 INVITE', '100 answered 4000', '100 > ACK', '101 < 183 INVITE', '102 < 180 INVITE', '200 < BYE',
      '200 terminated remote 0 normal', '200 > 200 BYE'],
  },
  {
    name: 'a BYE in the same turn as the 200',
    steps: [[100, 200, { sdp: audio(4000) }], [100, bye]],
    log: ['0 > INVITE', '100 < 200 INVITE', '100 < BYE', '100 answered 4000', '100 terminated remote 0 normal', '100 > ACK',
      '100 > 200 BYE'],
  },
  {
    name: 'a BYE that overtakes its 200: the late 200 finds nobody',
    steps: [[50, 180], [100, bye], [101, 200, { sdp: audio(4000) }], [102, accept]],
    log: ['0 > INVITE', '50 < 180 INVITE', '50 progress 180', '100 < BYE', '100 terminated remote 0 noAnswer', '100 > 200 BYE',
      '100 > CANCEL', '101 < 200 INVITE', '101 > ACK', '101 > BYE', '102 < 200 BYE', '600 > CANCEL', '1600 > CANCEL', '3600 > CANCEL'],
    untilMs: 4000,
  },
  {
    name: 'hung up while it rings: CANCEL',
    steps: [[100, 180], [3000, hangUp], [3010, cancelled]],
    log: ['0 > INVITE', '100 < 180 INVITE', '100 progress 180', '3000 terminated local 0 normal', '3000 > CANCEL',
      '3010 < 200 CANCEL', '3010 < 487 INVITE', '3010 > ACK'],
  },
  {
    name: 'hung up before any response: the CANCEL waits for one',
    steps: [[200, hangUp], [700, 100], [710, cancelled]],
    log: ['0 > INVITE', '200 terminated local 0 normal', '500 > INVITE', '700 < 100 INVITE', '700 > CANCEL', '710 < 200 CANCEL',
      '710 < 487 INVITE', '710 > ACK'],
  },
  {
    name: 'hung up before any response, and then there is only a refusal: no CANCEL',
    steps: [[200, hangUp], [300, 486]],
    log: ['0 > INVITE', '200 terminated local 0 normal', '300 < 486 INVITE', '300 > ACK'],
  },
  {
    name: 'hung up before any response, and then there is an answer: ACK and BYE',
    steps: [[200, hangUp], [300, 200, { sdp: audio(4000) }], [310, accept]],
    log: ['0 > INVITE', '200 terminated local 0 normal', '300 < 200 INVITE', '300 > ACK', '300 > BYE', '310 < 200 BYE'],
  },
  {
    name: 'the 200 crosses the CANCEL: ACK and BYE',
    steps: [[100, 180], [1000, hangUp], [1000, 200, { sdp: audio(4000) }], [1010, (rig) => rig.peer.respond(rig.peer.last('CANCEL'), 200)],
      [1020, accept]],
    log: ['0 > INVITE', '100 < 180 INVITE', '100 progress 180', '1000 terminated local 0 normal', '1000 < 200 INVITE', '1000 > CANCEL',
      '1000 > ACK', '1000 > BYE', '1010 < 200 CANCEL', '1020 < 200 BYE'],
  },
  {
    name: 'no response to the CANCEL and none to the INVITE: given up; an answer even later gets ACK and BYE',
    steps: [[100, 180], [1000, hangUp], [40_000, 200, { sdp: audio(4000) }], [40_010, accept]],
    log: ['0 > INVITE', '100 < 180 INVITE', '100 progress 180', '1000 terminated local 0 normal', '1000 > CANCEL', '1500 > CANCEL',
      '2500 > CANCEL', '4500 > CANCEL', '8500 > CANCEL', '12500 > CANCEL', '16500 > CANCEL', '20500 > CANCEL', '24500 > CANCEL',
      '28500 > CANCEL', '32500 > CANCEL', '40000 < 200 INVITE', '40000 > ACK', '40000 > BYE', '40010 < 200 BYE'],
    untilMs: 50_000,
  },
  {
    name: 'no response at all: failed after 64*T1; an answer after that gets ACK and BYE',
    steps: [[33_000, 200, { sdp: audio(4000) }], [33_010, accept]],
    log: ['0 > INVITE', '500 > INVITE', '1500 > INVITE', '3500 > INVITE', '7500 > INVITE', '15500 > INVITE', '31500 > INVITE',
      '32000 terminated remote 0 failed 408', '33000 < 200 INVITE', '33000 > ACK', '33000 > BYE', '33010 < 200 BYE'],
    untilMs: 40_000,
  },
  {
    name: 'a branch that ends by 199 no longer counts as ringing',
    steps: [[100, 180, { tag: 'a' }], [200, 199, { tag: 'a' }], [300, 404]],
    log: ['0 > INVITE', '100 < 180 INVITE', '100 progress 180', '200 < 199 INVITE', '300 < 404 INVITE',
      '300 terminated remote 404 numberProblem 404', '300 > ACK'],
  },
  {
    name: 'a redirect is followed through the same trunk, best q first',
    steps: [[100, 302, { contact: null, headers: [['Contact', '<sip:3@x.example>;q=0.1, <sip:2@x.example>;q=0.7']] }],
      [200, 404], [300, 486]],
    log: ['0 > INVITE', '100 < 302 INVITE', '100 > ACK', '100 > INVITE', '200 < 404 INVITE', '200 > ACK', '200 > INVITE',
      '300 < 486 INVITE', '300 terminated remote 486 busy 486', '300 > ACK'],
  },
  {
    name: 'a redirect back to where it came from goes nowhere',
    steps: [[100, 302, { contact: '<sip:79260000000@trunk.example>' }]],
    log: ['0 > INVITE', '100 < 302 INVITE', '100 terminated remote 302 rejected 302', '100 > ACK'],
  },
  {
    name: 'hung up during a redirect: it is not followed',
    steps: [[100, 180], [200, hangUp], [200, 302, { contact: '<sip:2@x.example>' }]],
    log: ['0 > INVITE', '100 < 180 INVITE', '100 progress 180', '200 terminated local 0 normal', '200 < 302 INVITE', '200 > CANCEL',
      '200 > ACK', '700 > CANCEL', '1700 > CANCEL', '3700 > CANCEL', '7700 > CANCEL'],
    untilMs: 8000,
  },
  {
    name: 'requests to an early dialog: UPDATE with an offer has to wait, INFO is taken, REFER is not known',
    steps: [[100, 183], [200, (rig) => void rig.peer.request('UPDATE', { sdp: audio(4009) })],
      [300, (rig) => void rig.peer.request('UPDATE')], [400, (rig) => void rig.peer.request('INFO')],
      [500, (rig) => void rig.peer.request('REFER')], [600, (rig) => void rig.peer.request('INFO', { tag: 'who' })], [700, 480]],
    log: ['0 > INVITE', '100 < 183 INVITE', '100 progress 183', '200 < UPDATE', '200 > 491 UPDATE', '300 < UPDATE',
      '300 > 200 UPDATE', '400 < INFO', '400 > 200 INFO', '500 < REFER', '500 > 405 REFER', '600 < INFO', '600 > 481 INFO',
      '700 < 480 INVITE', '700 terminated remote 480 noAnswer 480', '700 > ACK'],
  },
];

for (const { name, steps, untilMs, log } of cases) {
  test(`outgoing call: ${name}`, async () => {
    const rig = createRig();
    const session = rig.call();
    for (const step of steps) {
      const [ms, what] = step;
      rig.clock.setTimer(ms, () => {
        if (typeof what === 'function') what(rig, session);
        else rig.peer.respond(rig.peer.last('INVITE'), what, step[2] as Sent | undefined);
      });
    }
    await rig.clock.advance(untilMs ?? steps.at(-1)![0] + 6000);
    assert.deepEqual(rig.log, log);
    assert.equal(session.state, 'terminated');
    assert.deepEqual(await leftovers(rig), nothing);
  });
}

test('outgoing call: redirects without end stop after five', async () => {
  const rig = createRig();
  let count = 0;
  rig.peer.onMessage = (message) => {
    if (message.kind !== 'request' || message.method !== 'INVITE') return;
    rig.peer.respond(message, 302, { contact: `<sip:${++count}@x.example>` });
  };
  rig.call();
  await rig.clock.advance(1000);
  assert.equal(rig.peer.count('INVITE'), 6);
  assert.equal(rig.log.at(-2), '0 terminated remote 302 rejected 302');
  assert.deepEqual(await leftovers(rig), nothing);
});

test('outgoing call: the redirected INVITE asks for the new target at the same next hop', async () => {
  const rig = createRig();
  rig.call();
  await rig.clock.advance(10);
  const first = rig.peer.last('INVITE');
  const contact = '<sip:2@203.0.113.9:5080;method=REGISTER?Subject=x>';
  rig.peer.respond(first, 302, { contact });
  await rig.clock.advance(10);
  const second = rig.peer.last('INVITE');
  assert.equal(second.requestUri, 'sip:2@203.0.113.9:5080');
  assert.equal(second.headers.get('To'), first.headers.get('To'));
  assert.equal(second.sipCallId, first.sipCallId);
  assert.equal(second.cseq.sequence, first.cseq.sequence + 1);
  assert.notEqual(second.topVia.branch, first.topVia.branch);
});

test('outgoing call: what the INVITE says', async () => {
  const rig = createRig();
  const headers = [['P-Asserted-Identity', '<sip:74990000000@trunk.example>']] as const;
  const from = { uri: 'sip:74990000000@trunk.example', displayName: 'Ан"на' };
  rig.call({ from, headers });
  await rig.clock.advance(10);
  const lines = [...rig.peer.last('INVITE').headers.entries()].map(([name, value]) =>
    `${name}: ${value}`.replace(/[0-9a-f]{16,}/g, '…').replace(/tag=\w+/, 'tag=…'),
  );
  assert.deepEqual(lines, [
    'Via: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK…',
    'Max-Forwards: 70',
    'From: "Ан\\"на" <sip:74990000000@trunk.example>;tag=…',
    'To: <sip:79260000000@trunk.example>',
    'Call-ID: …@10.0.0.1',
    'CSeq: 1 INVITE',
    'Contact: <sip:74990000000@10.0.0.1:5060>',
    'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE',
    'Supported: 100rel, timer',
    'Session-Expires: 1800',
    'Min-SE: 90',
    'Accept: application/sdp',
    'P-Asserted-Identity: <sip:74990000000@trunk.example>',
    'Content-Type: application/sdp',
    `Content-Length: ${rig.peer.last('INVITE').body.length}`,
  ]);
});

test('outgoing call: CANCEL and BYE say why, by Q.850', async () => {
  for (const [type, reason] of [
    ['ringTimeout', 'Q.850;cause=19'],
    ['released', 'Q.850;cause=16'],
    ['limitReached', 'Q.850;cause=16'],
  ] as const) {
    const rig = createRig();
    const session = rig.call();
    await rig.clock.advance(10);
    rig.peer.respond(rig.peer.last('INVITE'), 180);
    await rig.clock.advance(10);
    session.terminate({ type });
    await rig.clock.advance(10);
    const cancel = rig.peer.last('CANCEL');
    assert.equal(cancel.headers.get('Reason'), reason);
    rig.peer.respond(rig.peer.last('INVITE'), 200, { sdp: audio(4000) });
    await rig.clock.advance(10);
    assert.equal(rig.peer.last('BYE').headers.get('Reason'), reason);
    assert.equal(cancel.topVia.branch, rig.peer.last('INVITE').topVia.branch);
    assert.equal(cancel.headers.get('CSeq'), '1 CANCEL');
    assert.equal(cancel.to.tag, undefined);
  }
});

test('outgoing call: a control character in a header of the target sends nothing and leaves nothing', () => {
  const rig = createRig();
  assert.throws(
    () => rig.call({ headers: [['P-Asserted-Identity', 'x\r\nVia: evil']] }),
    TypeError,
  );
  assert.throws(() => rig.call({ requestUri: 'sip:1@x\r\nVia: evil' }), TypeError);
  assert.throws(() => rig.call({ from: { uri: 'sip:1@x\r\n' } }), TypeError);
  assert.deepEqual({ ...rig.userAgent.counts, timers: rig.clock.pendingTimers }, nothing);
  assert.deepEqual(rig.log, []);
});

test('outgoing call: the machine has no way to the trunk', async () => {
  const rig = createRig();
  rig.network.fateOf = () => 'refused';
  rig.call();
  await rig.clock.advance(10);
  assert.deepEqual(rig.log, ['0 terminated remote 0 failed 503']);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('outgoing call: terminate twice ends it once', async () => {
  const rig = createRig();
  const session = rig.call();
  session.terminate({ type: 'released' });
  session.terminate({ type: 'normal' });
  assert.deepEqual(rig.log, ['0 terminated local 0 released']);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('outgoing call: terminate says so at once, and the signalling is still counted', async () => {
  const rig = createRig();
  const session = rig.call();
  assert.equal(session.state, 'inviting');
  await rig.clock.advance(10);
  rig.peer.respond(rig.peer.last('INVITE'), 180);
  await rig.clock.advance(10);
  assert.equal(session.state, 'early');
  session.terminate({ type: 'released' });
  assert.equal(session.state, 'terminated');
  assert.deepEqual(rig.events.at(-1)?.type, 'terminated');
  assert.equal(rig.userAgent.counts.sessions, 1);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('the tests above take every row of outgoingInviteTable', () => {
  assert.deepEqual(untaken(), []);
});
