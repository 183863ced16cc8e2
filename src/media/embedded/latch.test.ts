import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audioPayload, CoreTestWorld, homeOf, rtp } from './core-test-world.ts';
import { Latch, type LatchOptions } from './latch.ts';

const announced = { address: '198.51.100.1', port: 4000 };
const samePhone = { address: '198.51.100.1', port: 61_000 };
const stranger = { address: '203.0.113.9', port: 4000 };
const another = { address: '203.0.113.66', port: 4000 };
/** In the /24 of the signalling. */
const near = { address: '192.0.2.77', port: 5000 };
const signalledBy = '192.0.2.5';

type Arrival = [
  atMs: number,
  from: { address: string; port: number },
  sequence: number,
  ssrc?: number,
];

/** Consecutive packets of one source, 20 ms apart. */
const stream = (from: Arrival[1], count: number, at = 0, ssrc = 1, first = 65_534): Arrival[] =>
  Array.from({ length: count }, (_, i) => [at + i * 20, from, first + i, ssrc]);
/** Two sources at once. */
const together = (a: Arrival[], b: Arrival[]): Arrival[] =>
  [...a, ...b].sort(([at], [bt]) => at - bt);

const strict: LatchOptions = { learns: false, signalledBy };
const learning: LatchOptions = { learns: true };
const knowing: LatchOptions = { learns: true, signalledBy };

const cases: { name: string; options: LatchOptions; arrives: Arrival[]; verdicts: string }[] = [
  {
    name: 'strict: the announced address is believed at once',
    options: strict,
    arrives: stream(announced, 2),
    verdicts: 'La',
  },
  {
    name: 'strict: no other address ever is, before and after the party spoke',
    options: strict,
    arrives: [
      ...stream(stranger, 300),
      ...stream(near, 300, 6000),
      ...stream(samePhone, 10, 12_000),
      ...stream(announced, 1, 13_000),
      ...stream(stranger, 300, 13_020),
    ],
    verdicts: `${'-'.repeat(610)}L${'-'.repeat(300)}`,
  },
  {
    name: 'learning: the announced address is believed at once',
    options: learning,
    arrives: stream(announced, 2),
    verdicts: 'La',
  },
  {
    name: 'learning: NAT that changed the port only: the third packet',
    options: learning,
    arrives: stream(samePhone, 4),
    verdicts: '--La',
  },
  {
    name: 'learning: another host: the fifth packet',
    options: learning,
    arrives: stream(stranger, 6),
    verdicts: '----La',
  },
  {
    name: 'learning: near the signalling: the third packet',
    options: knowing,
    arrives: stream(near, 4),
    verdicts: '--La',
  },
  {
    name: 'learning: while a nearer one may come, another host waits a second',
    options: knowing,
    arrives: stream(stranger, 52),
    verdicts: `${'-'.repeat(50)}La`,
  },
  {
    name: 'learning: a stranger who came first loses to the one near the signalling',
    options: knowing,
    arrives: together(stream(stranger, 12), stream(near, 4, 105, 2)),
    verdicts: '----------L-a---',
  },
  {
    name: 'learning: the announced address wins over four packets of a stranger',
    options: learning,
    arrives: [...stream(stranger, 4), ...stream(announced, 1, 80), ...stream(stranger, 6, 100)],
    verdicts: '----L------',
  },
  {
    name: 'learning: of two that contend neither is believed, until one is alone',
    options: learning,
    arrives: [
      ...together(stream(stranger, 50), stream(another, 50, 5, 2)),
      ...stream(stranger, 12, 1000, 1, 65_584),
    ],
    verdicts: `${'-'.repeat(110)}La`,
  },
  {
    name: 'learning: a crowd of sources keeps the near one from nothing',
    options: knowing,
    arrives: [
      ...Array.from({ length: 40 }, (_, i): Arrival => [i, { ...stranger, port: 7000 + i }, i]),
      ...stream(near, 3, 50),
    ],
    verdicts: `${'-'.repeat(42)}L`,
  },
  {
    name: 'learning: guesses with jumping numbers or changing SSRC are never believed',
    options: learning,
    arrives: [
      ...Array.from({ length: 20 }, (_, i): Arrival => [i, stranger, i * 1000]),
      ...Array.from({ length: 20 }, (_, i): Arrival => [20 + i, stranger, i, i]),
    ],
    verdicts: '-'.repeat(40),
  },
  {
    name: 'learning: a source port of 0 is never believed',
    options: learning,
    arrives: stream({ address: announced.address, port: 0 }, 4),
    verdicts: '----',
  },
  {
    name: 'learning: after the window nobody else is believed, the announced address always',
    options: learning,
    arrives: [...stream(stranger, 10, 5001), ...stream(announced, 1, 60_000)],
    verdicts: '----------L',
  },
  {
    name: 'learning: after the lock the announced address itself is a stranger',
    options: learning,
    arrives: [...stream(samePhone, 3), ...stream(announced, 2, 60)],
    verdicts: '--L--',
  },
  {
    name: 'another SSRC from the right address is not heard while the party speaks',
    options: strict,
    arrives: together(stream(announced, 20), stream(announced, 20, 5, 2, 9000)),
    verdicts: `L-${'a-'.repeat(19)}`,
  },
  {
    name: 'numbers that leap are not heard while the party speaks',
    options: strict,
    arrives: together(stream(announced, 20), stream(announced, 20, 5, 1, 9000)),
    verdicts: `L-${'a-'.repeat(19)}`,
  },
  {
    name: 'a switched stream is heard from its second packet, 100 ms after the old one',
    options: strict,
    arrives: [...stream(announced, 3), ...stream(announced, 7, 60, 2, 9000)],
    verdicts: 'Laa----aaa',
  },
  {
    name: 'after silence a new stream is heard from its second packet',
    options: strict,
    arrives: [...stream(announced, 3), ...stream(announced, 3, 2000, 2, 9000)],
    verdicts: 'Laa-aa',
  },
  {
    name: 'reordered and doubled packets are of the stream',
    options: strict,
    arrives: [5, 6, 9, 8, 8, 7, 10].map((sequence, i): Arrival => [i * 20, announced, sequence]),
    verdicts: 'Laaaaaa',
  },
];

const letters = { accept: 'a', lock: 'L', drop: '-' };
for (const { name, options, arrives, verdicts } of cases) {
  test(name, () => {
    const latch = new Latch(announced, options, 0);
    const seen = arrives.map(([at, from, sequence, ssrc = 1]) => {
      return letters[latch.judge(from, ssrc, sequence & 0xffff, at)];
    });
    assert.equal(seen.join(''), verdicts);
  });
}

test('after another answer (the 200 after a 183) a new stream is heard at once', () => {
  const latch = new Latch(announced, strict, 0);
  assert.equal(latch.judge(announced, 1, 5, 0), 'lock');
  latch.reopen(20);
  assert.equal(latch.judge(announced, 2, 900, 20), 'accept');
});

const voice = (sequence: number, octet = 1, ssrc = 0xabc): Buffer =>
  rtp({ sequence, timestamp: sequence * 160, ssrc, payload: audioPayload(octet) });

/** Two parties talk; what port 1 and port 2 send is counted by where it goes. */
function talk(peer: Parameters<CoreTestWorld['settle']>[1]) {
  const world = new CoreTestWorld();
  for (const id of [1, 2]) world.core.open(id, { ssrc: 0x1000 + id, sequence: 0, timestamp: 0 });
  world.hear(1, { kind: 'port', portId: 2 });
  world.hear(2, { kind: 'port', portId: 1 });
  const settle = (): void => {
    world.settle(1, peer);
    world.settle(2);
  };
  return { world, settle };
}
const sentTo = (lines: readonly string[], { address }: { address: string }): number =>
  lines.filter((line) => line.includes(` to ${address}`)).length;
/** What strangers send is all 6s. */
const forwarded = (lines: readonly string[]): number =>
  lines.filter((line) => line.includes('66x160')).length;

test('RTP bleed (ES2017-04) by a flood over the whole call: nothing is sent to it, nothing forwarded', () => {
  const { world, settle } = talk({});
  // The attacker knows no more than the port: it is there before the answer and stays.
  for (let sequence = 0; sequence < 600; sequence++) {
    world.runTo(sequence * 10);
    if (sequence === 100) settle();
    world.receive(1, voice(sequence, 0x66, 7), stranger);
    world.receive(1, voice(sequence, 0x66, 7), { ...homeOf(1), port: 9 });
    if (sequence < 150 || sequence % 2 === 1) continue;
    world.receive(1, voice(sequence / 2, 0x11));
    world.receive(2, voice(sequence / 2, 0x22));
  }
  const lines = world.taken();
  assert.equal(sentTo(lines, stranger), 0);
  assert.equal(sentTo(lines, { address: `${homeOf(1).address}:9` }), 0);
  assert.equal(forwarded(lines), 0);
  assert.equal(lines.filter((line) => line.includes('11x160')).length, 225);
  assert.equal(lines.filter((line) => line.includes('22x160')).length, 225);
});

test('RTP inject (ES2025-01): a forged source address is not heard while the party speaks', () => {
  const { world, settle } = talk({});
  settle();
  for (let sequence = 0; sequence < 500; sequence++) {
    world.runTo(sequence * 20);
    world.receive(1, voice(sequence, 0x11));
    for (let i = 0; i < 5; i++) world.receive(1, voice(5 * sequence + i, 0x66, 7));
  }
  const lines = world.taken();
  assert.equal(forwarded(lines), 0);
  assert.equal(lines.filter((line) => line.includes('11x160')).length, 500);
});

for (const [name, from] of [
  ['near the signalling', near],
  ['on the announced host, another port', { address: '10.0.0.5', port: 33_333 }],
] as const) {
  test(`RTP bleed (ES2025-01) on a party behind NAT, ${name}: a flood from the answer on gets nothing`, () => {
    const peer = { address: '10.0.0.5', port: 4000, learns: true, signalledBy };
    const { world, settle } = talk(peer);
    settle();
    for (let sequence = 0; sequence < 500; sequence++) {
      world.runTo(sequence * 10);
      world.receive(1, voice(sequence, 0x66, 7), stranger);
      if (sequence < 20 || sequence % 2 === 1) continue;
      world.receive(1, voice(sequence / 2, 0x11), from);
      world.receive(2, voice(sequence / 2, 0x22));
    }
    const lines = world.taken();
    assert.equal(sentTo(lines, stranger), 0);
    assert.equal(forwarded(lines), 0);
    // The first three packets of the party are spent on being believed.
    assert.equal(lines.filter((line) => line.includes('11x160')).length, 238);
    const heard = lines.filter((line) => line.endsWith(` 22x160 to ${from.address}:${from.port}`));
    assert.equal(heard.length, 238);
  });
}

test('RTP bleed (ES2025-01) on a party behind NAT whose place nobody knows: fewer than five packets', () => {
  const { world, settle } = talk({ address: '10.0.0.5', port: 4000, learns: true });
  settle();
  for (let sequence = 0; sequence < 200; sequence++) {
    world.runTo(sequence * 10);
    world.receive(1, voice(sequence, 0x66, 7), stranger);
    if (sequence % 2 === 0) world.receive(1, voice(sequence / 2, 0x11), another);
    if (sequence % 2 === 0) world.receive(2, voice(sequence / 2, 0x22));
  }
  const lines = world.taken();
  assert.equal(sentTo(lines, stranger) + forwarded(lines), 0);
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
  world.talkingPort(1, { learns: true });
  for (let i = 0; i < 5; i++) world.receive(1, voice(i), stranger);
  world.runTo(20);
  world.settle(1, announced);
  world.runTo(40);
  // The same again changes nothing.
  world.receive(1, voice(9), announced);
  world.settle(1, announced);
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
