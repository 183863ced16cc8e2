import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  audio,
  createRig,
  leftovers,
  nothing,
  portIn,
  type Rig,
  ScriptedPeer,
  type Sent,
} from '../../../test/simulation/scripted-peer.ts';
import { parseMessage } from '../message/parser.ts';
import { type InviteSession, type InviteSessionEvent, SipRefused } from '../user-agent.ts';

type Offered = Extract<InviteSessionEvent, { type: 'offered' }>;
type Call = { rig: Rig; session: InviteSession; offered: () => Offered };

/** A call that the peer has answered at 0 ms; the log starts after it. */
async function answered(sent: Sent = {}): Promise<Call> {
  const rig = createRig();
  const session = rig.call();
  await rig.clock.advance(0);
  rig.peer.respond(rig.peer.last('INVITE'), 200, { sdp: audio(4000), ...sent });
  await rig.clock.advance(0);
  rig.log.length = 0;
  const offered = (): Offered => {
    const event = rig.events.findLast(({ type }) => type === 'offered');
    assert.ok(event?.type === 'offered', 'nothing was offered');
    return event;
  };
  return { rig, session, offered };
}

type Step = [ms: number, act: (call: Call) => void];
const send =
  (method: string, sent: Sent = {}) =>
  ({ rig }: Call): void =>
    void rig.peer.request(method, sent);
const acceptWith =
  (port: number) =>
  ({ offered }: Call): void =>
    offered().accept(audio(port));
const reject = ({ offered }: Call): void => offered().reject(488);
const respond =
  (method: string, status: number, sent: Sent = {}) =>
  ({ rig }: Call): void =>
    rig.peer.respond(rig.peer.last(method), status, sent);
const reinvite = ({ rig, session }: Call): void => {
  session.reinvite(audio(3002)).then(
    ({ media }) => rig.log.push(`${rig.clock.now()} reinvited ${media[0]!.port}`),
    (error: unknown) => {
      assert.ok(error instanceof SipRefused);
      rig.log.push(`${rig.clock.now()} refused ${error.status}`);
    },
  );
};
const hangUp = ({ session }: Call): void => session.terminate({ type: 'normal' });
const hold: Sent = { sdp: audio(4000, 'sendonly', 2) };
const info = (type: string, body: string): Step[1] =>
  send('INFO', { headers: [['Content-Type', type]], body });

/** Each row: what happens after the answer, and the log of it; 6 s after the last step it is compared. */
// biome-ignore format: a table
const cases: { name: string; steps: Step[]; log: string[] }[] = [
  {
    name: 'the peer holds, our side answers',
    steps: [[10, send('INVITE', hold)], [20, acceptWith(3000)], [30, send('ACK', { sequence: 101 })]],
    log: ['10 < INVITE', '10 offered 4000 sendonly', '20 > 200 INVITE', '30 < ACK'],
  },
  {
    name: 'an answer that takes its time is announced by a 100',
    steps: [[10, send('INVITE', hold)], [1000, acceptWith(3000)], [1010, send('ACK', { sequence: 101 })]],
    log: ['10 < INVITE', '10 offered 4000 sendonly', '210 > 100 INVITE', '1000 > 200 INVITE', '1010 < ACK'],
  },
  {
    name: 'the 200 of a re-INVITE is repeated until the ACK',
    steps: [[10, send('INVITE', hold)], [20, acceptWith(3000)], [2000, send('ACK', { sequence: 101 })]],
    log: ['10 < INVITE', '10 offered 4000 sendonly', '20 > 200 INVITE', '520 > 200 INVITE', '1520 > 200 INVITE', '2000 < ACK'],
  },
  {
    name: 'a refused re-INVITE leaves the call as it was',
    steps: [[10, send('INVITE', hold)], [20, reject], [30, send('ACK', { sequence: 101, sameBranch: true })], [40, send('BYE')]],
    log: ['10 < INVITE', '10 offered 4000 sendonly', '20 > 488 INVITE', '30 < ACK', '40 < BYE',
      '40 terminated remote 0 normal', '40 > 200 BYE'],
  },
  {
    name: 'the same description again refreshes the session and disturbs nobody',
    steps: [[10, send('INVITE', { sdp: audio(4000) })], [20, send('ACK', { sequence: 101 })]],
    log: ['10 < INVITE', '10 > 200 INVITE', '20 < ACK'],
  },
  {
    name: 'UPDATE: with an offer, without a body, refused',
    steps: [[10, send('UPDATE', hold)], [20, acceptWith(3000)], [30, send('UPDATE')],
      [40, send('UPDATE', { sdp: audio(4004) })], [50, reject]],
    log: ['10 < UPDATE', '10 offered 4000 sendonly', '20 > 200 UPDATE', '30 < UPDATE', '30 > 200 UPDATE', '40 < UPDATE',
      '40 offered 4004', '50 > 488 UPDATE'],
  },
  {
    name: 'a second offer before the first is answered: 500',
    steps: [[10, send('UPDATE', hold)], [20, send('INVITE', { sdp: audio(4004) })],
      [25, send('ACK', { sequence: 102, sameBranch: true })], [30, acceptWith(3000)]],
    log: ['10 < UPDATE', '10 offered 4000 sendonly', '20 < INVITE', '20 > 500 INVITE', '25 < ACK', '30 > 200 UPDATE'],
  },
  {
    name: 'a re-INVITE that is cancelled',
    steps: [[10, send('INVITE', hold)], [20, ({ rig }) => {
      const cancel = structuredCancel(rig);
      rig.peer.send(cancel);
    }], [30, acceptWith(3000)]],
    log: ['10 < INVITE', '10 offered 4000 sendonly', '20 < CANCEL', '20 > 200 CANCEL', '20 > 487 INVITE', '520 > 487 INVITE',
      '1520 > 487 INVITE', '3520 > 487 INVITE'],
  },
  {
    name: 'BYE while a re-INVITE waits for its answer: 487',
    steps: [[10, send('INVITE', hold)], [20, send('BYE')], [25, send('ACK', { sequence: 101 })], [30, acceptWith(3000)]],
    log: ['10 < INVITE', '10 offered 4000 sendonly', '20 < BYE', '20 terminated remote 0 normal', '20 > 200 BYE', '20 > 487 INVITE',
      '25 < ACK', '520 > 487 INVITE', '1520 > 487 INVITE', '3520 > 487 INVITE'],
  },
  {
    name: 'our re-INVITE is answered; its 200 comes twice',
    steps: [[10, reinvite], [20, respond('INVITE', 200, { sdp: audio(4002) })], [520, respond('INVITE', 200, { sdp: audio(4002) })]],
    log: ['10 > INVITE', '20 < 200 INVITE', '20 reinvited 4002', '20 > ACK', '520 < 200 INVITE', '520 > ACK'],
  },
  {
    name: 'our re-INVITE is refused, the call goes on',
    steps: [[10, reinvite], [20, respond('INVITE', 488)], [30, send('BYE')]],
    log: ['10 > INVITE', '20 < 488 INVITE', '20 refused 488', '20 > ACK', '30 < BYE', '30 terminated remote 0 normal', '30 > 200 BYE'],
  },
  {
    name: 'our re-INVITE is answered without a description',
    steps: [[10, reinvite], [20, respond('INVITE', 200)]],
    log: ['10 > INVITE', '20 < 200 INVITE', '20 refused 488', '20 > ACK'],
  },
  {
    name: 'our re-INVITE finds that the peer has lost the session',
    steps: [[10, reinvite], [20, respond('INVITE', 481)], [30, respond('BYE', 481)]],
    log: ['10 > INVITE', '20 < 481 INVITE', '20 terminated remote 0 failed 481', '20 refused 481', '20 > ACK', '20 > BYE',
      '30 < 481 BYE'],
  },
  {
    name: 'the peer offers while our offer is on its way: 491',
    steps: [[10, reinvite], [20, send('INVITE', hold)], [30, send('UPDATE', hold)], [40, respond('INVITE', 200, { sdp: audio(4002) })],
      [50, send('UPDATE', hold)], [60, acceptWith(3002)]],
    log: ['10 > INVITE', '20 < INVITE', '20 > 491 INVITE', '30 < UPDATE', '30 > 491 UPDATE', '40 < 200 INVITE', '40 reinvited 4002',
      '40 > ACK', '50 < UPDATE', '50 offered 4000 sendonly', '60 > 200 UPDATE', '520 > 491 INVITE', '1520 > 491 INVITE',
      '3520 > 491 INVITE'],
  },
  {
    name: 'hung up while our re-INVITE is on its way',
    steps: [[10, reinvite], [20, hangUp], [30, respond('BYE', 200)], [40, respond('INVITE', 200, { sdp: audio(4002) })]],
    log: ['10 > INVITE', '20 terminated local 0 normal', '20 refused 487', '20 > BYE', '30 < 200 BYE', '40 < 200 INVITE', '40 > ACK'],
  },
  {
    name: 'both hang up at once',
    steps: [[10, hangUp], [10, send('BYE')], [20, respond('BYE', 200)]],
    log: ['10 terminated local 0 normal', '10 < BYE', '10 > BYE', '10 > 481 BYE', '20 < 200 BYE'],
  },
  {
    name: 'the BYE is repeated until its response',
    steps: [[10, hangUp], [1600, respond('BYE', 200)]],
    log: ['10 terminated local 0 normal', '10 > BYE', '510 > BYE', '1510 > BYE', '1600 < 200 BYE'],
  },
  {
    name: 'keys by INFO, both kinds, and what is no key',
    steps: [[10, info('application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n')], [20, info('application/dtmf-relay', 'Signal= *\r\n')],
      [30, info('application/dtmf', '11')], [40, info('application/dtmf-relay', 'Signal=99')], [50, info('text/plain', '5')],
      [60, send('INFO')]],
    log: ['10 < INFO', '10 infoDtmf 5', '10 > 200 INFO', '20 < INFO', '20 infoDtmf *', '20 > 200 INFO', '30 < INFO', '30 infoDtmf #',
      '30 > 200 INFO', '40 < INFO', '40 > 415 INFO', '50 < INFO', '50 > 415 INFO', '60 < INFO', '60 > 200 INFO'],
  },
  {
    name: 'OPTIONS, unknown methods, unknown extensions, foreign bodies',
    steps: [[10, send('OPTIONS')], [20, send('REFER')], [30, send('UPDATE', { headers: [['Require', 'precondition']] })],
      [40, send('UPDATE', { headers: [['Content-Type', 'text/plain']], body: 'hello' })], [50, send('UPDATE', { sdp: 'v=0\r\nm=x' })]],
    log: ['10 < OPTIONS', '10 > 200 OPTIONS', '20 < REFER', '20 > 405 REFER', '30 < UPDATE', '30 > 420 UPDATE', '40 < UPDATE',
      '40 > 415 UPDATE', '50 < UPDATE', '50 > 488 UPDATE'],
  },
  {
    name: 'a request of an unknown branch, one older than the last, a BYE older than the last',
    steps: [[10, send('INFO', { tag: 'other' })], [20, send('INFO', { sequence: 200 })], [30, send('INFO', { sequence: 150 })],
      [40, send('BYE', { sequence: 120 })]],
    log: ['10 < INFO', '10 > 481 INFO', '20 < INFO', '20 > 200 INFO', '30 < INFO', '30 > 500 INFO', '40 < BYE',
      '40 terminated remote 0 normal', '40 > 200 BYE'],
  },
  {
    name: 'a BYE that says why',
    steps: [[10, send('BYE', { headers: [['Reason', 'SIP;cause=200, Q.850 ;cause=31;text="x"']] })]],
    log: ['10 < BYE', '10 terminated remote 0 normal q850=31', '10 > 200 BYE'],
  },
];

/** The CANCEL of the peer's last INVITE. */
function structuredCancel(rig: Rig): Parameters<Rig['peer']['send']>[0] {
  const sent = rig.network.trace.findLast(({ bytes }) =>
    Buffer.from(bytes).toString().startsWith('INVITE'),
  )!;
  const text = Buffer.from(sent.bytes).toString().split('\r\n\r\n')[0]!;
  const cancel = text
    .replaceAll('INVITE', 'CANCEL')
    .replace(/Content-\S+: .*\r?\n?/g, '')
    .trimEnd();
  return parseMessage(Buffer.from(`${cancel}\r\n\r\n`));
}

for (const { name, steps, log } of cases) {
  test(`session: ${name}`, async () => {
    const call = await answered();
    for (const [ms, act] of steps) call.rig.clock.setTimer(ms, () => act(call));
    await call.rig.clock.advance(steps.at(-1)![0] + 6000);
    assert.deepEqual(call.rig.log, log);
    call.session.terminate({ type: 'released' });
    await call.rig.clock.advance(0);
    if (call.rig.peer.count('BYE') > 0) respond('BYE', 200)(call);
    assert.deepEqual(await leftovers(call.rig), nothing);
  });
}

test('session: our descriptions count their versions', async () => {
  const call = await answered();
  const { rig, session, offered } = call;
  assert.equal(portIn(rig.peer.last('INVITE')), '3000 sendrecv v1');
  rig.peer.request('INVITE', hold);
  await rig.clock.advance(0);
  offered().accept(audio(3000, 'recvonly', 55));
  await rig.clock.advance(0);
  assert.equal(portIn(rig.peer.lastResponse('INVITE')), '3000 recvonly v2');
  rig.peer.request('ACK', { sequence: 101 });
  await rig.clock.advance(0);
  // The same hold again is a refresh: the same answer, the same version.
  rig.peer.request('UPDATE', hold);
  await rig.clock.advance(0);
  assert.equal(portIn(rig.peer.lastResponse('UPDATE')), '3000 recvonly v2');
  void session.reinvite(audio(3004)).catch(() => {});
  await rig.clock.advance(0);
  assert.equal(portIn(rig.peer.last('INVITE')), '3004 sendrecv v3');
});

test('session: after a refused offer of ours the description before it holds again', async () => {
  const call = await answered();
  const { rig } = call;
  reinvite(call);
  await rig.clock.advance(0);
  assert.equal(portIn(rig.peer.last('INVITE')), '3002 sendrecv v2');
  respond('INVITE', 488)(call);
  await rig.clock.advance(0);
  rig.peer.request('UPDATE', { sdp: audio(4000) });
  await rig.clock.advance(0);
  assert.equal(portIn(rig.peer.lastResponse('UPDATE')), '3000 sendrecv v1');
  rig.peer.request('UPDATE', hold);
  await rig.clock.advance(0);
  call.offered().accept(audio(3000, 'recvonly'));
  await rig.clock.advance(0);
  assert.equal(portIn(rig.peer.lastResponse('UPDATE')), '3000 recvonly v3');
});

test('session: a re-INVITE without an offer gets ours, able to send again; the ACK brings the answer', async () => {
  const { rig, offered } = await answered();
  rig.peer.request('INVITE', hold);
  await rig.clock.advance(0);
  offered().accept(audio(3000, 'recvonly'));
  rig.peer.request('ACK', { sequence: 101 });
  await rig.clock.advance(0);
  rig.log.length = 0;
  rig.peer.request('INVITE', {});
  await rig.clock.advance(0);
  assert.equal(portIn(rig.peer.lastResponse('INVITE')), '3000 sendrecv v3');
  rig.peer.request('UPDATE', { sdp: audio(4010) });
  await rig.clock.advance(0);
  rig.peer.request('ACK', { sequence: 102, sdp: audio(4006) });
  await rig.clock.advance(0);
  assert.deepEqual(rig.log, [
    '0 < INVITE',
    '0 > 200 INVITE',
    '0 < UPDATE',
    '0 > 491 UPDATE',
    '0 < ACK',
    '0 offered 4006',
  ]);
  offered().accept(audio(9999)); // The exchange is complete: nothing is sent.
  await rig.clock.advance(100);
  assert.equal(rig.log.length, 6);
});

test('session: no ACK to the 200 of a re-INVITE for 64*T1 ends the session', async () => {
  const { rig, offered } = await answered();
  rig.peer.request('INVITE', hold);
  await rig.clock.advance(0);
  offered().accept(audio(3000));
  await rig.clock.advance(32_000);
  assert.equal(rig.peer.count('200 INVITE'), 11);
  assert.ok(rig.log.includes('32000 terminated remote 0 failed 408'));
  rig.peer.respond(rig.peer.last('BYE'), 200);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('session: after a glare our re-INVITE comes again 2.1 to 4 s later', async () => {
  const call = await answered();
  const { rig } = call;
  reinvite(call);
  await rig.clock.advance(0);
  respond('INVITE', 491)(call);
  await rig.clock.advance(2_000);
  assert.equal(rig.peer.count('INVITE'), 2);
  // Our offer has not been made, as far as the peer's refresh is concerned.
  rig.peer.request('UPDATE', { sdp: audio(4000) });
  await rig.clock.advance(0);
  assert.equal(portIn(rig.peer.lastResponse('UPDATE')), '3000 sendrecv v1');
  // Meanwhile the peer's own offer gets through: RFC 3261 section 14.1.
  rig.peer.request('UPDATE', hold);
  await rig.clock.advance(0);
  call.offered().accept(audio(3000));
  await rig.clock.advance(2_000);
  const at = Number(
    rig.log.find((line, index) => index > 4 && line.endsWith('> INVITE'))!.split(' ')[0],
  );
  assert.ok(at >= 2_100 && at <= 4_000 && at % 10 === 0, `${at} ms`);
  respond('INVITE', 200, { sdp: audio(4002) })(call);
  await rig.clock.advance(0);
  assert.ok(rig.log.at(-1)!.endsWith('> ACK'));
  assert.ok(rig.log.some((line) => line.endsWith('reinvited 4002')));
});

test('session: glares without end end', async () => {
  const call = await answered();
  const { rig } = call;
  rig.peer.onMessage = (message) => {
    if (message.kind === 'request' && message.method === 'INVITE') rig.peer.respond(message, 491);
  };
  reinvite(call);
  await rig.clock.advance(60_000);
  assert.equal(rig.log.filter((line) => line.endsWith('refused 491')).length, 1);
  assert.equal(rig.peer.count('INVITE'), 9);
});

test('session: two re-INVITEs of ours follow each other', async () => {
  const call = await answered();
  const { rig, session } = call;
  reinvite(call);
  const second = session.reinvite(audio(3006));
  await rig.clock.advance(0);
  assert.equal(rig.peer.count('INVITE'), 2);
  respond('INVITE', 200, { sdp: audio(4002) })(call);
  await rig.clock.advance(0);
  assert.equal(portIn(rig.peer.last('INVITE')), '3006 sendrecv v3');
  respond('INVITE', 200, { sdp: audio(4008) })(call);
  assert.equal((await Promise.all([second, rig.clock.advance(0)]))[0].media[0]!.port, 4008);
});

test('session: a re-INVITE of ours that rings without end is cancelled', async () => {
  const call = await answered();
  const { rig } = call;
  reinvite(call);
  await rig.clock.advance(0);
  respond('INVITE', 180)(call);
  await rig.clock.advance(32_000);
  assert.ok(rig.log.includes('32000 refused 408'));
  assert.equal(rig.peer.count('CANCEL'), 1);
  hangUp(call);
  await rig.clock.advance(0);
  respond('BYE', 200)(call);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('session: a fault in whoever hears of the end does not keep the peer on the line', async () => {
  for (const status of [180, 200]) {
    const rig = createRig();
    const fail = (event: InviteSessionEvent): void => {
      if (event.type === 'terminated') throw new Error('planted');
    };
    const target = { requestUri: 'sip:1@x', nextHop: rig.peer.address, from: { uri: 'sip:2@x' } };
    const session = rig.userAgent.invite(target, audio(3000), fail);
    await rig.clock.advance(0);
    rig.peer.respond(rig.peer.last('INVITE'), status, { sdp: audio(4000) });
    await rig.clock.advance(0);
    assert.throws(() => session.terminate({ type: 'normal' }), /planted/);
    await rig.clock.advance(0);
    assert.equal(rig.peer.count(status === 180 ? 'CANCEL' : 'BYE'), 1);
    assert.deepEqual(await leftovers(rig), nothing);
  }
});

test('session: our INFO goes out; a peer that has lost the session ends it', async () => {
  const call = await answered();
  const { rig, session } = call;
  session.info?.('application/dtmf-relay', 'Signal=5\r\nDuration=100\r\n');
  await rig.clock.advance(0);
  const request = rig.peer.last('INFO');
  assert.equal(request.contentType, 'application/dtmf-relay');
  assert.equal(Buffer.from(request.body).toString(), 'Signal=5\r\nDuration=100\r\n');
  respond('INFO', 481)(call);
  await rig.clock.advance(0);
  assert.deepEqual(rig.log.slice(1), [
    '0 < 481 INFO',
    '0 terminated remote 0 failed 481',
    '0 > BYE',
  ]);
});

test("dialog: requests take the recorded way, in the caller's order, to the last Contact", async () => {
  const headers = [
    ['Record-Route', '<sip:10.0.0.4;lr>, <sip:10.0.0.3;lr>'],
    ['Record-Route', '<sip:10.0.0.2;lr;x=1>'],
  ] as const;
  const { rig, session } = await answered({ headers, contact: '<sip:phone@10.0.0.5:5070>' });
  assert.equal(rig.peer.last('ACK').requestUri, 'sip:phone@10.0.0.5:5070');
  rig.peer.request('UPDATE', { contact: '<sip:phone@10.0.0.6:5080>' });
  await rig.clock.advance(0);
  session.terminate({ type: 'normal' });
  await rig.clock.advance(0);
  const bye = rig.peer.last('BYE');
  assert.equal(bye.requestUri, 'sip:phone@10.0.0.6:5080');
  assert.deepEqual(bye.headers.all('Route'), [
    '<sip:10.0.0.2;lr;x=1>',
    '<sip:10.0.0.3;lr>',
    '<sip:10.0.0.4;lr>',
  ]);
  assert.equal(bye.headers.get('CSeq'), '2 BYE');
  assert.equal(bye.to.tag, 'peer');
});

test('dialog: a strict router stands in the Request-URI, the target last in the routes', async () => {
  const headers = [['Record-Route', '<sip:10.0.0.3;lr>, <sip:10.0.0.2>']] as const;
  const { rig } = await answered({ headers, contact: '<sip:phone@10.0.0.5:5070>' });
  const ack = rig.peer.last('ACK');
  assert.equal(ack.requestUri, 'sip:10.0.0.2');
  assert.deepEqual(ack.headers.all('Route'), ['<sip:10.0.0.3;lr>', '<sip:phone@10.0.0.5:5070>']);
});

test('dialog: where requests go when the Contact is no address, private behind NAT, or missing', async () => {
  for (const [contact, expected] of [
    ['<sip:phone@pbx.example>', '10.0.0.2'],
    ['<sip:phone@10.0.0.7:5099>', '10.0.0.7'],
    [null, '10.0.0.2'],
    ['not a uri', '10.0.0.2'],
  ] as const) {
    const { rig } = await answered({ contact });
    const ack = rig.network.trace.find(({ bytes }) =>
      Buffer.from(bytes).toString().startsWith('ACK'),
    )!;
    assert.equal(ack.to.host, expected, `${contact}`);
  }
});

test('dialog: a peer that is no longer among the accepted sources is heard in its dialog', async () => {
  const { rig } = await answered();
  const elsewhere = new ScriptedPeer(rig.network, rig.clock, rig.log, {
    host: '203.0.113.9',
    port: 5060,
  });
  elsewhere.received.push(rig.peer.last('INVITE'));
  elsewhere.request('BYE');
  await rig.clock.advance(0);
  assert.deepEqual(rig.log, ['0 < BYE', '0 terminated remote 0 normal', '0 > 200 BYE']);
});
