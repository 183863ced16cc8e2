import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Call,
  callerRequest,
  createCalled,
  inDialog,
} from '../../../test/simulation/scripted-caller.ts';
import { audio, createRig, leftovers, nothing } from '../../../test/simulation/scripted-peer.ts';
import type { SipRequest } from '../message/sip-message.ts';
import { allow } from './session-host.ts';

type Step = [ms: number, act: (call: Call) => void];
const call: Step = [0, ({ rig }) => callerRequest(rig, 'INVITE', { sdp: audio(4000) })];
const callAgain = ({ rig }: Call): void =>
  callerRequest(rig, 'INVITE', { sdp: audio(4000), sameBranch: true });
const ring = ({ invite }: Call): void => invite().progress(180);
const ringWithMedia = ({ invite }: Call): void => invite().progress(183, audio(3000));
const pickUp = (c: Call): void => c.setSession(c.invite().accept(audio(3000), c.rig.sink));
const hangUp = ({ session }: Call): void => session().terminate({ type: 'normal' });
const ack = (c: Call): void => inDialog(c, 'ACK');
const ackRefusal = (c: Call): void => inDialog(c, 'ACK', { sameBranch: true });
const cancel = ({ rig }: Call): void => callerRequest(rig, 'CANCEL', { sameBranch: true });
const bye = (c: Call): void => inDialog(c, 'BYE', { sequence: 2 });
const acceptBye = ({ rig }: Call): void => rig.peer.respond(rig.peer.last('BYE'), 200);
const reject =
  (status: number) =>
  ({ invite }: Call): void =>
    invite().reject(status);

// biome-ignore format: a table
const cases: { name: string; steps: Step[]; untilMs?: number; log: string[] }[] = [
  {
    name: 'rings, is picked up, the caller hangs up',
    steps: [call, [50, ring], [100, pickUp], [110, ack], [1000, bye]],
    log: ['0 < INVITE', '0 invited', '50 > 180 INVITE', '100 > 200 INVITE', '110 < ACK', '1000 < BYE',
      '1000 terminated remote 0 normal', '1000 > 200 BYE'],
  },
  {
    name: '100 when nothing is said within 200 ms; an INVITE that comes again gets the last response',
    steps: [call, [500, callAgain], [600, ringWithMedia], [1500, callAgain], [2000, reject(486)], [2010, ackRefusal]],
    log: ['0 < INVITE', '0 invited', '200 > 100 INVITE', '500 < INVITE', '500 > 100 INVITE', '600 > 183 INVITE', '1500 < INVITE',
      '1500 > 183 INVITE', '2000 > 486 INVITE', '2010 < ACK'],
  },
  {
    name: 'the 200 is repeated at T1, doubling to T2, until the ACK',
    steps: [call, [100, pickUp], [12_000, ack], [12_100, ack], [13_000, hangUp], [13_010, acceptBye]],
    log: ['0 < INVITE', '0 invited', '100 > 200 INVITE', '600 > 200 INVITE', '1600 > 200 INVITE', '3600 > 200 INVITE',
      '7600 > 200 INVITE', '11600 > 200 INVITE', '12000 < ACK', '12100 < ACK', '13000 terminated local 0 normal', '13000 > BYE',
      '13010 < 200 BYE'],
  },
  {
    name: 'hung up before the ACK: the BYE waits for it',
    steps: [call, [100, pickUp], [200, hangUp], [700, ack], [710, acceptBye]],
    log: ['0 < INVITE', '0 invited', '100 > 200 INVITE', '200 terminated local 0 normal', '600 > 200 INVITE', '700 < ACK',
      '700 > BYE', '710 < 200 BYE'],
  },
  {
    name: 'CANCEL while it rings',
    steps: [call, [50, ring], [100, cancel], [105, cancel], [110, ackRefusal], [120, pickUp]],
    log: ['0 < INVITE', '0 invited', '50 > 180 INVITE', '100 < CANCEL', '100 cancelled', '100 > 200 CANCEL', '100 > 487 INVITE',
      '105 < CANCEL', '105 > 200 CANCEL', '110 < ACK', '120 terminated remote 0 normal'],
  },
  {
    name: 'CANCEL after the answer changes nothing',
    steps: [call, [50, pickUp], [60, cancel], [70, ack], [80, bye]],
    log: ['0 < INVITE', '0 invited', '50 > 200 INVITE', '60 < CANCEL', '60 > 200 CANCEL', '70 < ACK', '80 < BYE',
      '80 terminated remote 0 normal', '80 > 200 BYE'],
  },
  {
    name: 'BYE while it rings is a CANCEL, too',
    steps: [call, [50, ring], [100, bye]],
    log: ['0 < INVITE', '0 invited', '50 > 180 INVITE', '100 < BYE', '100 cancelled', '100 > 200 BYE', '100 > 487 INVITE'],
    untilMs: 500,
  },
  {
    name: 'BYE before the ACK',
    steps: [call, [50, pickUp], [60, bye]],
    log: ['0 < INVITE', '0 invited', '50 > 200 INVITE', '60 < BYE', '60 terminated remote 0 normal', '60 > 200 BYE'],
  },
  {
    name: 'other requests while it rings',
    steps: [call, [50, ring], [60, (c) => inDialog(c, 'INFO', { sequence: 2 })], [70, (c) => inDialog(c, 'UPDATE', { sequence: 3 })],
      [80, (c) => inDialog(c, 'UPDATE', { sequence: 4, sdp: audio(4001) })], [90, (c) => inDialog(c, 'PRACK', { sequence: 5 })],
      [100, (c) => inDialog(c, 'INFO', { sequence: 6, tag: 'other' })], [110, reject(603)], [120, ackRefusal]],
    log: ['0 < INVITE', '0 invited', '50 > 180 INVITE', '60 < INFO', '60 > 200 INFO', '70 < UPDATE', '70 > 200 UPDATE', '80 < UPDATE',
      '80 > 500 UPDATE', '90 < PRACK', '90 > 481 PRACK', '100 < INFO', '100 > 481 INFO', '110 > 603 INVITE', '120 < ACK',
      '610 > 603 INVITE', '1610 > 603 INVITE', '3610 > 603 INVITE'], // The ACK has the branch of another request.
    untilMs: 5000,
  },
  {
    name: 'an INVITE without an offer gets ours; the ACK brings the answer',
    steps: [[0, ({ rig }) => callerRequest(rig, 'INVITE')], [50, pickUp], [60, (c) => inDialog(c, 'ACK', { sdp: audio(4000) })], [70, bye]],
    log: ['0 < INVITE', '0 invited', '50 > 200 INVITE', '60 < ACK', '60 answered 4000', '70 < BYE', '70 terminated remote 0 normal',
      '70 > 200 BYE'],
  },
  {
    name: 'an INVITE without an offer and an ACK without an answer: BYE',
    steps: [[0, ({ rig }) => callerRequest(rig, 'INVITE')], [50, pickUp], [60, ack], [70, acceptBye]],
    log: ['0 < INVITE', '0 invited', '50 > 200 INVITE', '60 < ACK', '60 terminated remote 0 failed 488', '60 > BYE', '70 < 200 BYE'],
  },
  {
    name: 'the same INVITE by another way is refused as merged',
    steps: [call, [10, ring], [20, ({ rig }) => callerRequest(rig, 'INVITE', { sdp: audio(4000) })], [30, reject(486)]],
    log: ['0 < INVITE', '0 invited', '10 > 180 INVITE', '20 < INVITE', '20 > 482 INVITE', '30 > 486 INVITE', '530 > 486 INVITE'],
    untilMs: 1000,
  },
];

for (const { name, steps, untilMs, log } of cases) {
  test(`incoming call: ${name}`, async () => {
    const called = createCalled();
    for (const [ms, act] of steps) called.rig.clock.setTimer(ms, () => act(called));
    await called.rig.clock.advance(untilMs ?? steps.at(-1)![0] + 6000);
    assert.deepEqual(called.rig.log, log);
    assert.deepEqual(await leftovers(called.rig), nothing);
  });
}

test('incoming call: no ACK for 64*T1 ends it with a BYE', async () => {
  const called = createCalled();
  const { rig } = called;
  call[1](called);
  await rig.clock.advance(0);
  pickUp(called);
  await rig.clock.advance(32_000);
  assert.equal(rig.peer.count('200 INVITE'), 11);
  assert.deepEqual(rig.log.slice(-3), [
    '31500 > 200 INVITE',
    '32000 terminated remote 0 failed 408',
    '32000 > BYE',
  ]);
  acceptBye(called);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('incoming call: what it shows, and what its responses carry', async () => {
  const called = createCalled();
  const { rig } = called;
  const headers = [
    ['Record-Route', '<sip:10.0.0.2;lr>'],
    ['X-Scenario', 'busy'],
  ] as const;
  callerRequest(rig, 'INVITE', { sdp: audio(4000), headers });
  await rig.clock.advance(0);
  const invite = called.invite();
  assert.equal(invite.fromUser, '7499#0');
  assert.equal(invite.toUser, '100');
  assert.equal(invite.requestUri, 'sip:100@10.0.0.1');
  assert.equal(invite.sipCallId, 'one');
  assert.deepEqual(invite.source, { host: '10.0.0.2', port: 5060 });
  assert.equal(invite.header('x-scenario'), 'busy');
  assert.equal(invite.offer?.media[0]?.port, 4000);
  ringWithMedia(called);
  await rig.clock.advance(0);
  const ringing = rig.peer.lastResponse('INVITE');
  pickUp(called);
  await rig.clock.advance(0);
  const ok = rig.peer.lastResponse('INVITE');
  for (const response of [ringing, ok]) {
    assert.equal(response.headers.get('Record-Route'), '<sip:10.0.0.2;lr>');
    assert.equal(response.headers.get('Contact'), '<sip:100@10.0.0.1:5060>');
    assert.equal(response.contentType, 'application/sdp');
    assert.equal(response.to.tag, ringing.to.tag);
    assert.ok(!response.headers.has('User-Agent') && !response.headers.has('Server'));
  }
});

test('incoming call: a redirect; a header that would break the message is refused to the program', async () => {
  const called = createCalled();
  call[1](called);
  await called.rig.clock.advance(0);
  assert.throws(
    () => called.invite().reject(302, [['Contact', '<sip:1@x>\r\nVia: evil']]),
    TypeError,
  );
  called.invite().reject(302, [['Contact', '<sip:101@10.0.0.1>']]);
  await called.rig.clock.advance(0);
  assert.equal(called.rig.peer.lastResponse('INVITE').contact?.uri, 'sip:101@10.0.0.1');
  assert.deepEqual(await leftovers(called.rig), nothing);
});

test('incoming call: ringing is refreshed each minute; one that nobody cares for ends', async () => {
  const called = createCalled();
  const { rig } = called;
  call[1](called);
  await rig.clock.advance(0);
  ring(called);
  await rig.clock.advance(600_000);
  assert.equal(rig.peer.count('180 INVITE'), 10);
  assert.equal(rig.peer.count('480 INVITE'), 1);
  assert.ok(rig.log.includes('600000 cancelled'));
  assert.deepEqual(await leftovers(rig), nothing);
});

// biome-ignore format: a table
const refusals: { name: string; method: string; sent: Parameters<typeof callerRequest>[2]; status: number; header?: [string, string] }[] = [
  { name: 'OPTIONS', method: 'OPTIONS', sent: {}, status: 200, header: ['Allow', allow] },
  { name: 'an unknown method', method: 'SUBSCRIBE', sent: {}, status: 405, header: ['Allow', allow] },
  { name: 'BYE outside a dialog', method: 'BYE', sent: {}, status: 481 },
  { name: 'BYE in a dialog that is not ours', method: 'BYE', sent: { toTag: 'gone' }, status: 481 },
  { name: 'INVITE in a dialog that is not ours', method: 'INVITE', sent: { toTag: 'gone' }, status: 481 },
  { name: 'CANCEL of nothing', method: 'CANCEL', sent: {}, status: 481 },
  { name: 'an extension we must know', method: 'INVITE', sent: { headers: [['Require', '100rel, x, replaces']] }, status: 420, header: ['Unsupported', 'x, replaces'] },
  { name: 'a foreign body', method: 'INVITE', sent: { headers: [['Content-Type', 'text/plain']], body: 'x' }, status: 415, header: ['Accept', 'application/sdp'] },
  { name: 'a foreign URI scheme', method: 'INVITE', sent: { requestUri: 'mailto:a@b.example' }, status: 416 },
  { name: 'a description nobody can read', method: 'INVITE', sent: { sdp: 'v=0\r\nm=x\r\n' }, status: 488 },
];

for (const { name, method, sent, status, header } of refusals) {
  test(`user agent: ${name} gets ${status}, and nothing is remembered of it`, async () => {
    const { rig } = createCalled();
    callerRequest(rig, method, sent);
    await rig.clock.advance(0);
    const response = rig.peer.lastResponse(method);
    assert.equal(response.status, status);
    if (header !== undefined) assert.equal(response.headers.get(header[0]), header[1]);
    assert.ok(response.to.tag !== undefined);
    assert.deepEqual({ ...rig.userAgent.counts, timers: rig.clock.pendingTimers }, nothing);
    // The same again: the same again, To tag included (RFC 3261 section 8.2.7).
    callerRequest(rig, method, { ...sent, sameBranch: true });
    await rig.clock.advance(0);
    assert.deepEqual(rig.peer.received.length, 2);
    assert.equal(rig.peer.lastResponse(method).to.tag, response.to.tag);
  });
}

test('user agent: a stray ACK and a response to nothing are dropped', async () => {
  const { rig } = createCalled();
  callerRequest(rig, 'ACK', { toTag: 'gone' });
  callerRequest(rig, 'ACK');
  rig.peer.sendBytes(
    Buffer.from(
      'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKforged\r\nFrom: <sip:a@b>;tag=1\r\n' +
        'To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContact: <sip:evil@10.0.0.66>\r\n\r\n',
    ),
  );
  await rig.clock.advance(10);
  assert.deepEqual(rig.peer.received, []);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('user agent: a source that is not accepted gets no answer to anything', async () => {
  const called = createCalled({ trusted: [] });
  const { rig } = called;
  for (const method of ['INVITE', 'OPTIONS', 'REGISTER', 'BYE', 'CANCEL', 'ACK', 'SUBSCRIBE']) {
    callerRequest(rig, method, { sdp: audio(4000) });
    callerRequest(rig, method, { toTag: 'x' });
  }
  rig.peer.sendBytes(Buffer.from('INVITE sip:x SIP/2.0\r\nVia: broken\r\n\r\n'));
  rig.peer.sendBytes(Buffer.from('\r\n\r\n'));
  await rig.clock.advance(1000);
  assert.deepEqual(rig.peer.received, []);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('user agent: a malformed request of an accepted source gets 400, junk gets nothing', async () => {
  const { rig } = createCalled();
  const bad = (text: string): void =>
    rig.peer.sendBytes(Buffer.from(text.replaceAll('\n', '\r\n')));
  const headers = 'From: <sip:a@b>;tag=1\nTo: <sip:c@d>\nCall-ID: x\n';
  const via = 'Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK1\n';
  bad(`INVITE sip:c@d SIP/2.0\n${via}${headers}CSeq: 1 INVITE\nContent-Length: 9\n\n`);
  bad(`INVITE sip:c@d SIP/7.0\n${via}${headers}CSeq: 1 INVITE\n\n`);
  bad(`ACK sip:c@d SIP/2.0\n${via}${headers}CSeq: nonsense\n\n`);
  bad(`INVITE sip:c@d SIP/2.0\n${headers}CSeq: 1 INVITE\n\n`);
  bad('GET / HTTP/1.1\n\n');
  bad('\n\n');
  bad('\n');
  rig.peer.sendBytes(new Uint8Array(0));
  rig.peer.sendBytes(new Uint8Array(4));
  await rig.clock.advance(0);
  assert.deepEqual(rig.log, ['0 > 400 INVITE', '0 > 505 INVITE']);
});

test('user agent: without onInvite it cannot be called', async () => {
  const rig = createRig();
  callerRequest(rig, 'INVITE', { sdp: audio(4000) });
  await rig.clock.advance(0);
  assert.equal(rig.peer.lastResponse('INVITE').status, 403);
});

test('user agent: a fault in the program that is called is a 500 to the caller', async () => {
  const rig = createRig({
    onInvite: () => {
      throw new Error('planted');
    },
  });
  callerRequest(rig, 'INVITE', { sdp: audio(4000) });
  await assert.rejects(rig.clock.advance(0), /planted/);
  await rig.clock.advance(0);
  assert.equal(rig.peer.lastResponse('INVITE').status, 500);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('user agent: above its limit new INVITEs get 503, calls in progress go on', async () => {
  const called = createCalled({ max: 1 });
  const { rig } = called;
  call[1](called);
  await rig.clock.advance(0);
  pickUp(called);
  await rig.clock.advance(0);
  callerRequest(rig, 'INVITE', { sdp: audio(4000), sequence: 77 });
  await rig.clock.advance(0);
  assert.equal(rig.peer.lastResponse('INVITE').status, 503);
  assert.equal(rig.peer.lastResponse('INVITE').headers.get('Retry-After'), '5');
  const toTag = rig.peer.received.findLast((m) => m.kind === 'response' && m.status === 200)!.to
    .tag!;
  callerRequest(rig, 'BYE', { sequence: 2, toTag });
  await rig.clock.advance(0);
  assert.equal(rig.peer.lastResponse('BYE').status, 200);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('user agent: close ends every call with one message and leaves nothing', async () => {
  const called = createCalled();
  const { rig } = called;
  const outgoing = rig.call();
  const ringing = rig.call({ requestUri: 'sip:2@trunk.example' });
  call[1](called);
  await rig.clock.advance(10);
  const invites = rig.peer.received.filter((m) => m.kind === 'request') as SipRequest[];
  rig.peer.respond(invites[0]!, 200, { sdp: audio(4000) });
  rig.peer.respond(invites[1]!, 180);
  await rig.clock.advance(10);
  void outgoing.reinvite(audio(3002)).catch(({ status }) => rig.log.push(`refused ${status}`));
  await rig.clock.advance(0);
  rig.peer.respond(rig.peer.last('INVITE'), 100);
  await rig.clock.advance(0);
  rig.log.length = 0;
  await rig.userAgent.close();
  await rig.userAgent.close();
  await rig.clock.advance(10);
  assert.deepEqual([outgoing.state, ringing.state], ['terminated', 'terminated']);
  assert.deepEqual(rig.log.slice().sort(), [
    '20 > 503 INVITE',
    '20 > BYE',
    '20 > CANCEL',
    '20 terminated local 0 released',
    '20 terminated local 0 released',
    'refused 487',
  ]);
  assert.deepEqual({ ...rig.userAgent.counts, timers: rig.clock.pendingTimers }, nothing);
  assert.throws(() => rig.call());
});
