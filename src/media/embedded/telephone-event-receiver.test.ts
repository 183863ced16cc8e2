import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audioPayload, CoreTestWorld, eventPayload, rtp } from './core-test-world.ts';
import { TelephoneEventReceiver } from './telephone-event-receiver.ts';

/** `[at, key code, timestamp, duration, flags]`; flags: `M` marker, `E` end. */
type Arrival = [atMs: number, code: number, timestamp: number, duration: number, flags?: string];

/** A key as a telephone sends it, in the order it was sent. */
const press = (at: number, code: number, timestamp: number): Arrival[] => [
  [at, code, timestamp, 160, 'M'],
  [at + 20, code, timestamp, 320],
  [at + 40, code, timestamp, 480, 'E'],
  [at + 60, code, timestamp, 480, 'E'],
  [at + 80, code, timestamp, 480, 'E'],
];

const cases: { name: string; arrives: Arrival[]; reports: string[] }[] = [
  { name: 'a key, once, at its first end', arrives: press(0, 5, 1000), reports: ['40 5 60'] },
  {
    name: 'without the marker bit',
    arrives: press(0, 5, 1000).slice(1),
    reports: ['40 5 60'],
  },
  {
    name: 'only the last end came',
    arrives: press(0, 10, 1000).slice(-1),
    reports: ['80 * 60'],
  },
  {
    name: 'all ends lost: 200 ms after the last update',
    arrives: press(0, 11, 1000).slice(0, 2),
    reports: ['220 # 40'],
  },
  {
    name: 'all ends lost: when the next key begins',
    arrives: [...press(0, 1, 1000).slice(0, 2), ...press(100, 2, 1800)],
    reports: ['100 1 40', '140 2 60'],
  },
  {
    name: 'the same key twice is two keys',
    arrives: [...press(0, 1, 1000), ...press(160, 1, 2280)],
    reports: ['40 1 60', '200 1 60'],
  },
  {
    name: 'the same key twice, both without marker and ends',
    arrives: [...press(0, 1, 1000).slice(1, 2), ...press(160, 1, 2280).slice(1, 2)],
    reports: ['180 1 40', '380 1 40'],
  },
  {
    name: 'every packet twice',
    arrives: press(0, 9, 0xffff_ffff).flatMap((one) => [one, one]),
    reports: ['40 9 60'],
  },
  {
    name: 'ends of the first key come after the second began',
    arrives: [
      ...press(0, 1, 1000).slice(0, 2),
      [100, 2, 1800, 160, 'M'],
      [101, 1, 1000, 480, 'E'],
      [102, 1, 1000, 480, 'E'],
      [140, 2, 1800, 480, 'E'],
      [141, 1, 1000, 480, 'E'],
    ],
    reports: ['100 1 40', '140 2 60'],
  },
  {
    name: 'the whole first key comes after the second began',
    arrives: [
      [100, 2, 1800, 160, 'M'],
      [101, 1, 1000, 480, 'E'],
      [140, 2, 1800, 480, 'E'],
    ],
    reports: ['101 1 60', '140 2 60'],
  },
  {
    name: 'the end overtook the updates',
    arrives: [
      [0, 4, 1000, 480, 'E'],
      [1, 4, 1000, 160, 'M'],
      [2, 4, 1000, 320],
    ],
    reports: ['0 4 60'],
  },
  {
    name: 'a gateway that moves the timestamp with every update',
    arrives: [
      [0, 7, 1000, 160, 'M'],
      [20, 7, 1160, 320],
      [40, 7, 1320, 480],
      [60, 7, 1480, 640, 'E'],
    ],
    reports: ['60 7 80'],
  },
  {
    name: 'held for longer than one segment can tell',
    arrives: [
      ...Array.from({ length: 163 }, (_, i): Arrival => [i * 50, 3, 1000, i * 400]),
      [8191, 3, 1000, 0xffff],
      [8241, 3, 1000 + 0xffff, 400],
      [8291, 3, 1000 + 0xffff, 800, 'E'],
    ],
    reports: ['8291 3 8292'],
  },
  {
    name: 'a poor sender whose timestamp stands still between keys',
    arrives: [...press(0, 1, 1000), ...press(800, 1, 1000)],
    reports: ['40 1 60', '840 1 60'],
  },
  { name: 'flash and fax tones are no keys', arrives: press(0, 16, 1000), reports: [] },
];

for (const { name, arrives, reports } of cases) {
  test(name, () => {
    const seen: string[] = [];
    let now = 0;
    const receiver = new TelephoneEventReceiver((key, durationMs) =>
      seen.push(`${now} ${key} ${durationMs}`),
    );
    const left = [...arrives];
    const last = left.at(-1)![0] + 400;
    for (now = 0; now <= last; now++) {
      while (left[0]?.[0] === now) {
        const [, code, timestamp, duration, flags = ''] = left.shift()!;
        const marker = flags.includes('M');
        const end = flags.includes('E');
        receiver.receive({ timestamp: timestamp >>> 0, marker, code, end, duration }, now);
      }
      if (now % 20 === 0) receiver.tick(now);
    }
    assert.deepEqual(seen, reports);
    assert.equal(receiver.pending, false);
  });
}

test('a key pressed in a talk is told and goes to the other side under its number', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2, {
    telephoneEventType: 96,
    receives: { PCMA: 8, PCMU: 0, telephoneEvent: 96 },
  });
  world.hear(2, { kind: 'port', portId: 1 });
  const payload = eventPayload(5, 160);
  const at = { type: 101, timestamp: 1160 };
  world.receive(1, rtp({ sequence: 1, timestamp: 1000, payload: audioPayload(1) }));
  world.receive(1, rtp({ ...at, sequence: 2, marker: true, payload }));
  world.receive(1, rtp({ ...at, sequence: 3, payload: eventPayload(5, 320, true) }));
  world.receive(1, rtp({ ...at, sequence: 4, payload: eventPayload(5, 320, true) }));
  assert.deepEqual(world.taken().slice(2), [
    '0 #2 8M +0 +0 1x160',
    '0 #2 96M +1 +160 key 5 160',
    '0 #1 dtmf 5 40',
    '0 #2 96 +2 +160 key 5 320 end',
    '0 #2 96 +3 +160 key 5 320 end',
  ]);
});

test('a key pressed while the party hears a prompt is told, and that is all', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.receive(1, rtp({ type: 101, sequence: 1, timestamp: 9, payload: eventPayload(1, 400) }));
  world.runTo(220);
  assert.deepEqual(
    world.taken().filter((line) => !line.includes('x160')),
    ['0 #1 locked 192.0.2.1:5000', '0 #1 flowing', '200 #1 dtmf 1 50'],
  );
});

test('a key pressed in a talk reaches a party without telephone-event as tones', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2, { telephoneEventType: undefined });
  world.hear(2, { kind: 'port', portId: 1 });
  const payload = eventPayload(1, 800, true);
  for (const sequence of [1, 2]) {
    world.receive(1, rtp({ type: 101, sequence, timestamp: 9, payload }));
  }
  world.runTo(200);
  const heard = world.taken().filter((line) => line.includes('#2'));
  assert.deepEqual(
    heard.map((line) => line.split(' ').at(-1)),
    Array.from({ length: 5 }, () => 'soundx160'),
  );
});
