import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audioPayload, CoreTestWorld, homeOf, rtp } from './core-test-world.ts';
import { Latch } from './latch.ts';

const announced = { address: '198.51.100.1', port: 4000 };
const sameHost = { address: '198.51.100.1', port: 61_000 };
const elsewhere = { address: '203.0.113.9', port: 4000 };
const another = { address: '203.0.113.66', port: 4000 };

type Arrival = [
  atMs: number,
  from: { address: string; port: number },
  sequence: number,
  ssrc?: number,
];

/** Consecutive packets of one source, 20 ms apart. */
const stream = (from: Arrival[1], count: number, at = 0, ssrc = 1): Arrival[] =>
  Array.from({ length: count }, (_, i) => [at + i * 20, from, 65_534 + i, ssrc]);

const cases: { name: string; unroutable?: boolean; arrives: Arrival[]; verdicts: string }[] = [
  {
    name: 'the announced address is believed at once',
    arrives: stream(announced, 2),
    verdicts: 'La',
  },
  {
    name: 'NAT that changed the port: the second packet',
    arrives: stream(sameHost, 3),
    verdicts: '-La',
  },
  { name: 'another host: the fifth packet', arrives: stream(elsewhere, 6), verdicts: '----La' },
  {
    name: 'a private address was announced: the third packet',
    unroutable: true,
    arrives: stream(elsewhere, 4),
    verdicts: '--La',
  },
  {
    name: 'the announced address wins over four packets of a stranger',
    arrives: [...stream(elsewhere, 4), ...stream(announced, 1, 80), ...stream(elsewhere, 6, 100)],
    verdicts: '----L------',
  },
  {
    name: 'a second stranger neither helps nor hurts the first',
    arrives: stream(elsewhere, 5).flatMap((one): Arrival[] => [one, [one[0], another, one[2]]]),
    verdicts: '--------L-',
  },
  {
    name: 'the announced host on another port pushes a stranger out',
    arrives: [...stream(elsewhere, 4), ...stream(sameHost, 2, 80), ...stream(elsewhere, 2, 120)],
    verdicts: '-----L--',
  },
  {
    name: 'guesses with jumping numbers or changing SSRC are never believed',
    arrives: [
      ...Array.from({ length: 20 }, (_, i): Arrival => [i, elsewhere, i * 1000]),
      ...Array.from({ length: 20 }, (_, i): Arrival => [20 + i, elsewhere, i, i]),
    ],
    verdicts: '-'.repeat(40),
  },
  {
    name: 'a source port of 0 is never believed',
    arrives: stream({ address: announced.address, port: 0 }, 4),
    verdicts: '----',
  },
  {
    name: 'after the window nobody else is believed, the announced address always',
    arrives: [...stream(elsewhere, 10, 4990), ...stream(announced, 1, 60_000)],
    verdicts: '----------L',
  },
  {
    name: 'after the lock the announced address itself is a stranger',
    arrives: [...stream(sameHost, 2), ...stream(announced, 2, 40)],
    verdicts: '-L--',
  },
];

const letters = { accept: 'a', lock: 'L', drop: '-' };
for (const { name, unroutable = false, arrives, verdicts } of cases) {
  test(name, () => {
    const latch = new Latch(announced, { unroutable }, 0);
    const seen = arrives.map(([at, from, sequence, ssrc = 1]) => {
      return letters[latch.judge(from, ssrc, sequence & 0xffff, at)];
    });
    assert.equal(seen.join(''), verdicts);
  });
}

test('RTP bleed (ES2017-04): a stranger hears nothing and is not heard, before and after the lock', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2);
  world.hear(1, { kind: 'port', portId: 2 });
  world.hear(2, { kind: 'port', portId: 1 });
  const voice = (sequence: number) =>
    rtp({ sequence, timestamp: sequence * 160, payload: audioPayload(1) });
  for (let i = 0; i < 4; i++) world.receive(1, voice(i), elsewhere);
  world.receive(1, voice(100));
  world.taken();
  for (let i = 4; i < 200; i++) {
    world.receive(1, voice(i), elsewhere);
    world.receive(1, voice(i), { address: homeOf(1).address, port: 1 });
  }
  world.receive(2, voice(1));
  assert.deepEqual(world.taken(), [
    '0 #2 locked 192.0.2.2:5000',
    '0 #2 flowing',
    '0 #1 8M +0 +0 1x160',
  ]);
});

test('payload types that were not agreed, RTCP and garbage neither lock nor pass', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2);
  world.hear(2, { kind: 'port', portId: 1 });
  world.receive(1, rtp({ type: 13, sequence: 1, timestamp: 1, payload: audioPayload(1, 1) }));
  const senderReport = Buffer.from('80c80006'.padEnd(56, '0'), 'hex');
  const cut = Buffer.from('9008000100000001000000010000ffff', 'hex');
  for (const packet of [senderReport, cut, Buffer.alloc(0), Buffer.from('OPTIONS sip:x SIP/2.0')]) {
    world.receive(1, packet);
  }
  assert.deepEqual(world.taken(), []);
});

test('a party behind NAT is sent to where it sends from; a new address in a re-INVITE starts over', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1, { unroutable: true });
  for (let i = 0; i < 3; i++) {
    world.receive(1, rtp({ sequence: i, timestamp: i, payload: audioPayload(1) }), elsewhere);
  }
  world.runTo(20);
  world.settle(1, { address: '198.51.100.1', port: 4000 });
  world.runTo(40);
  // The same again changes nothing.
  world.receive(1, rtp({ sequence: 9, timestamp: 9, payload: audioPayload(1) }), announced);
  world.settle(1, { address: '198.51.100.1', port: 4000 });
  assert.deepEqual(world.taken(), [
    '0 #1 locked 203.0.113.9:4000',
    '0 #1 flowing',
    '20 #1 8M +0 +0 d5x160 to 203.0.113.9:4000',
    '20 #1 unlocked',
    '40 #1 8M +1 +160 d5x160 to 198.51.100.1:4000',
    '40 #1 locked 198.51.100.1:4000',
    '40 #1 flowing',
  ]);
});
