import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SrtpKey } from '../../sdp/crypto-attribute.ts';
import { audioPayload, CoreTestWorld, homeOf, rtp } from './core-test-world.ts';
import { PacketSecurity } from './packet-security.ts';
import { writeRtcp } from './rtcp.ts';
import { SrtpReceiver, SrtpSender } from './srtp-session.ts';

const suite = 'AES_CM_128_HMAC_SHA1_80';
const keyOf = (octet: number): SrtpKey => ({
  suite,
  key: Buffer.alloc(30, octet).toString('base64'),
});
const ours = keyOf(1);
const theirs = keyOf(2);
const voice = (sequence: number): Buffer =>
  rtp({ sequence, timestamp: sequence * 160, payload: audioPayload(7) });

test('a port without keys: packets pass as they are', () => {
  const security = new PacketSecurity();
  security.settle(2, { send: ours, receive: theirs });
  const packet = voice(1);
  assert.equal(security.incoming(1, packet), packet);
  assert.equal(security.outgoing(1, packet), packet);
  security.settle(2, undefined);
  assert.equal(security.incoming(2, packet), packet);
});

test('with keys: RTP and RTCP are encrypted both ways, and plain packets are dropped', () => {
  const security = new PacketSecurity();
  security.settle(1, { send: ours, receive: theirs });
  const report = writeRtcp({ ssrc: 0xabc, cname: 'them' });
  const [party, ear] = [new SrtpSender(theirs), new SrtpReceiver(ours)];
  assert.deepEqual(security.incoming(1, party.protectRtp(voice(1))!), voice(1));
  assert.deepEqual(security.incoming(1, party.protectRtcp(report)), report);
  assert.deepEqual(ear.unprotectRtp(security.outgoing(1, voice(1))!), voice(1));
  assert.deepEqual(ear.unprotectRtcp(security.outgoing(1, report)!), report);
  assert.equal(security.incoming(1, voice(2)), undefined);
  assert.equal(security.incoming(1, Buffer.from(report)), undefined);
  assert.equal(security.incoming(1, Buffer.alloc(0)), undefined);
  assert.equal(security.incoming(1, Buffer.alloc(300, 0x80)), undefined);
});

test('settled again with the same keys it counts on; with a new key of theirs ours counts on', () => {
  const security = new PacketSecurity();
  security.settle(1, { send: ours, receive: theirs });
  const [party, ear] = [new SrtpSender(theirs), new SrtpReceiver(ours)];
  const first = party.protectRtp(voice(65_535))!;
  const replayed = Buffer.from(first);
  security.incoming(1, first);
  ear.unprotectRtp(security.outgoing(1, voice(65_535))!);

  security.settle(1, { send: ours, receive: theirs });
  assert.equal(security.incoming(1, replayed), undefined, 'what was heard stays heard');
  assert.deepEqual(security.incoming(1, party.protectRtp(voice(0))!), voice(0));

  const rekeyed = keyOf(3);
  security.settle(1, { send: ours, receive: rekeyed });
  assert.deepEqual(security.incoming(1, new SrtpSender(rekeyed).protectRtp(voice(1))!), voice(1));
  assert.equal(security.incoming(1, party.protectRtp(voice(2))!), undefined);
  // Over the wrap: a receiver that goes on understands it.
  assert.deepEqual(ear.unprotectRtp(security.outgoing(1, voice(0))!), voice(0));
  assert.equal(security.outgoing(1, voice(0)), undefined, 'one index is sent once');
});

test('ES2021-09: forged packets from the right address end nothing, lock nothing, change nothing', () => {
  const world = new CoreTestWorld();
  const security = new PacketSecurity();
  world.talkingPort(1);
  world.talkingPort(2);
  world.hear(2, { kind: 'port', portId: 1 });
  security.settle(1, { send: ours, receive: theirs });
  const arrive = (packet: Uint8Array): void => {
    const plain = security.incoming(1, packet);
    if (plain !== undefined) world.receive(1, plain, homeOf(1));
  };
  for (let i = 0; i < 1000; i++) arrive(voice((i * 61) & 0xffff));
  assert.deepEqual(world.taken(), []);
  const party = new SrtpSender(theirs);
  arrive(party.protectRtp(voice(9))!);
  for (let i = 0; i < 1000; i++) arrive(voice((i * 61) & 0xffff));
  arrive(party.protectRtp(voice(10))!);
  assert.deepEqual(world.taken(), [
    '0 #1 locked 192.0.2.1:5000',
    '0 #1 flowing',
    '0 #2 8M +0 +0 7x160',
    '0 #2 8 +1 +160 7x160',
  ]);
});
