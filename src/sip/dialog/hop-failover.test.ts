import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  audio,
  createRig,
  leftovers,
  nothing,
  peerAddress,
  ScriptedPeer,
} from '../../../test/simulation/scripted-peer.ts';

const secondAddress = { host: '10.0.0.3', port: 5060 };
const credentials = { username: 'u', password: 'p' };

/** A call with two hops; the second answers at once. */
function twoHops() {
  const rig = createRig({ trusted: [peerAddress.host, secondAddress.host] });
  const second = new ScriptedPeer(rig.network, rig.clock, [], secondAddress);
  second.onMessage = (message) => {
    if (message.kind === 'request' && message.method === 'INVITE') {
      second.respond(message, 200, { sdp: audio(4000) });
    } else if (message.kind === 'request' && message.method !== 'ACK') {
      second.respond(message, 200);
    }
  };
  const call = () => rig.call({ otherHops: [secondAddress], credentials });
  return { ...rig, second, start: call };
}

const linesTo = (lines: string[], host: string): string[] =>
  lines.filter((line) => line.includes(`> ${host}`)).map((line) => line.split(' 10.')[0]!);

test('a hop that cannot be reached: the next one is tried at once', async () => {
  const rig = twoHops();
  rig.network.fateOf = ({ to }) => (to.host === peerAddress.host ? 'refused' : undefined);
  const session = rig.start();
  await rig.clock.advance(10);
  assert.deepEqual(linesTo(rig.network.lines(), secondAddress.host), ['0 INVITE', '0 ACK']);
  assert.deepEqual(
    rig.events.map(({ type }) => type),
    ['answered'],
  );
  session.terminate({ type: 'normal' });
  assert.deepEqual(await leftovers(rig), nothing);
});

test('a hop that says nothing is given up after 5*T1, and its INVITE is sent no more', async () => {
  const rig = twoHops();
  const session = rig.start();
  await rig.clock.advance(40_000);
  const lines = rig.network.lines();
  assert.deepEqual(linesTo(lines, peerAddress.host), ['0 INVITE', '500 INVITE', '1500 INVITE']);
  assert.deepEqual(linesTo(lines, secondAddress.host), ['2500 INVITE', '2500 ACK']);
  session.terminate({ type: 'normal' });
  assert.deepEqual(await leftovers(rig), nothing);
});

test('a phone that rings late behind a hop given up is cancelled; one that answers is hung up', async () => {
  for (const late of [[180], [180, 200], [200]]) {
    const rig = twoHops();
    const session = rig.start();
    await rig.clock.advance(5_000);
    rig.peer.onMessage = (message) => {
      if (message.kind === 'request' && (message.method === 'CANCEL' || message.method === 'BYE')) {
        rig.peer.respond(message, 200);
      }
    };
    for (const status of late) {
      const sdp = status === 200 ? { sdp: audio(4002) } : {};
      rig.peer.respond(rig.peer.last('INVITE'), status, sdp);
      await rig.clock.advance(1);
    }
    const counts = ['CANCEL', 'ACK', 'BYE'].map((name) => rig.peer.count(name));
    const isAnswered = late.includes(200) ? 1 : 0;
    assert.deepEqual(counts, [late.includes(180) ? 1 : 0, isAnswered, isAnswered], `${late}`);
    assert.equal(session.state, 'established', 'the call through the second hop goes on');
    session.terminate({ type: 'normal' });
    assert.deepEqual(await leftovers(rig), nothing, `${late}`);
  }
});

test('503 leads to the next hop, another refusal stands', async () => {
  for (const [status, hops] of [
    [503, 1],
    [486, 0],
    [480, 0],
    [603, 0],
  ] as const) {
    const rig = twoHops();
    rig.peer.onMessage = (message) => {
      if (message.kind === 'request' && message.method === 'INVITE')
        rig.peer.respond(message, status);
    };
    const session = rig.start();
    await rig.clock.advance(10);
    assert.equal(rig.second.count('INVITE'), hops, `${status}`);
    session.terminate({ type: 'normal' });
    assert.deepEqual(await leftovers(rig), nothing, `${status}`);
  }
});

test('once a phone has rung, no other hop is tried: it would ring twice', async () => {
  const rig = twoHops();
  rig.start();
  await rig.clock.advance(10);
  const invite = rig.peer.last('INVITE');
  rig.peer.respond(invite, 180);
  await rig.clock.advance(10_000);
  rig.peer.respond(invite, 503);
  await rig.clock.advance(10);
  assert.equal(rig.second.count('INVITE'), 0);
  assert.deepEqual(rig.events.at(-1), {
    type: 'terminated',
    by: 'remote',
    status: 503,
    cause: { type: 'failed', status: 503 },
  });
  assert.deepEqual(await leftovers(rig), nothing);
});

test('hung up while the first hop is silent: no other one is tried', async () => {
  const rig = twoHops();
  const session = rig.start();
  await rig.clock.advance(2_000);
  session.terminate({ type: 'normal' });
  assert.deepEqual(await leftovers(rig), nothing);
  assert.equal(rig.second.count('INVITE'), 0);
});

test('what belongs to an early dialog goes where its INVITE went', async () => {
  const rig = twoHops();
  rig.network.fateOf = ({ to }) => (to.host === peerAddress.host ? 'refused' : undefined);
  const answer = rig.second.onMessage!;
  rig.second.onMessage = (message) => {
    if (message.kind !== 'request' || message.method !== 'INVITE') return answer(message);
    rig.second.respond(message, 183, {
      sdp: audio(4000),
      contact: '<sip:phone@proxy.example>',
      headers: [
        ['Require', '100rel'],
        ['RSeq', '1'],
      ],
    });
  };
  const session = rig.start();
  await rig.clock.advance(10);
  assert.equal(rig.second.count('PRACK'), 1);
  session.terminate({ type: 'normal' });
  await rig.clock.advance(10);
  rig.second.respond(rig.second.last('INVITE'), 487);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('each hop is answered with credentials when it challenges, for what was sent to it', async () => {
  const rig = twoHops();
  rig.network.fateOf = ({ to }) => (to.host === peerAddress.host ? 'refused' : undefined);
  let challenged = false;
  const answer = rig.second.onMessage!;
  rig.second.onMessage = (message) => {
    if (message.kind !== 'request' || message.method !== 'INVITE' || challenged)
      return answer(message);
    challenged = true;
    rig.second.respond(message, 407, {
      headers: [['Proxy-Authenticate', 'Digest realm="r", nonce="n"']],
    });
  };
  const session = rig.start();
  await rig.clock.advance(10);
  assert.ok(rig.second.last('INVITE').headers.has('Proxy-Authorization'));
  assert.equal(session.state, 'established');
  session.terminate({ type: 'normal' });
  assert.deepEqual(await leftovers(rig), nothing);
});
