import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFrame } from '../audio/g711.ts';
import { MediaError } from '../media-engine.ts';
import { audioPayload, CoreTestWorld, rtp } from './core-test-world.ts';
import { assertDigits } from './telephone-event-sender.ts';

const keyLines = (world: CoreTestWorld): string[] =>
  world.taken().filter((line) => /key|dtmfSent/.test(line));

test('one key: marker once, one timestamp, growing duration, three ends, sound goes on after', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.runTo(20);
  world.core.sendDtmf(1, '#', world.now);
  world.runTo(180);
  assert.deepEqual(world.taken(), [
    '20 #1 8M +0 +0 d5x160',
    '40 #1 101M +1 +160 key 11 160',
    '60 #1 101 +2 +160 key 11 320',
    '80 #1 101 +3 +160 key 11 480',
    '100 #1 101 +4 +160 key 11 640',
    '120 #1 101 +5 +160 key 11 800 end',
    '140 #1 101 +6 +160 key 11 800 end',
    '160 #1 101 +7 +160 key 11 800 end',
    '160 #1 dtmfSent #',
    '180 #1 8M +8 +1280 d5x160',
  ]);
});

const starts: [digits: string, expected: string[]][] = [
  ['12', ['20 key 1', '180 key 2', '300 sent']],
  ['1.2', ['20 key 1', '1020 key 2', '1140 sent']],
  ['..5', ['2000 key 5', '2120 sent']],
  ['1..aD', ['20 key 1', '2020 key 12', '2180 key 15', '2300 sent']],
  ['7.', ['20 key 7', '140 sent']],
];
for (const [digits, expected] of starts) {
  test(`"${digits}": every key at its time`, () => {
    const world = new CoreTestWorld();
    world.talkingPort(1);
    world.core.sendDtmf(1, digits, world.now);
    world.runTo(4000);
    const seen = keyLines(world).flatMap((line) => {
      const [at, , what, , , , code] = line.split(' ');
      if (what === 'dtmfSent') return `${at} sent`;
      return what === '101M' ? `${at} key ${code}` : [];
    });
    assert.deepEqual(seen, expected);
  });
}

test('keys wait for the answer, and a hold, and for the keys before', () => {
  const world = new CoreTestWorld();
  world.core.open(1, { ssrc: 0x1001, sequence: 0xfffe, timestamp: 0xffff_ff00 });
  world.core.sendDtmf(1, '.1', world.now);
  world.runTo(5000);
  world.settle(1, { maySend: false });
  world.runTo(6000);
  assert.deepEqual(keyLines(world), []);
  world.settle(1);
  world.core.sendDtmf(1, '2', 6000);
  world.runTo(9000);
  const starts = keyLines(world).filter((line) => line.includes('101M'));
  assert.deepEqual(
    starts.map((line) => line.split(' ')[0]),
    // A second after the stream was ready; the next command back to back.
    ['7020', '7180'],
  );
});

test('while a key is on, the relayed sound is left out, and comes back in step', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2);
  world.hear(2, { kind: 'port', portId: 1 });
  world.core.sendDtmf(2, '5', world.now);
  for (let i = 0; i < 12; i++) {
    world.runTo(i * 20 + 5);
    world.receive(1, rtp({ sequence: i, timestamp: i * 160, payload: audioPayload(i) }));
  }
  const lines = world.taken().filter((line) => line.includes('#2'));
  assert.deepEqual(lines.slice(0, 2), ['5 #2 8M +0 +0 0x160', '20 #2 101M +1 +160 key 5 160']);
  assert.deepEqual(lines.slice(-5), [
    '145 #2 8M +8 +1120 7x160',
    '165 #2 8 +9 +1280 8x160',
    '185 #2 8 +10 +1440 9x160',
    '205 #2 8 +11 +1600 ax160',
    '225 #2 8 +12 +1760 bx160',
  ]);
});

test('a peer without telephone-event gets 100 ms of both tones', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1, { telephoneEventType: undefined });
  world.core.sendDtmf(1, '1', world.now);
  world.runTo(160);
  assert.deepEqual(world.taken(), [
    '20 #1 8M +0 +0 soundx160',
    '40 #1 8 +1 +160 soundx160',
    '60 #1 8 +2 +320 soundx160',
    '80 #1 8 +3 +480 soundx160',
    '100 #1 8 +4 +640 soundx160',
    '120 #1 8 +5 +800 d5x160',
    '140 #1 dtmfSent 1',
    '140 #1 8 +6 +960 d5x160',
    '160 #1 8 +7 +1120 d5x160',
  ]);
  const samples = decoded(world.payloads.get(1)!.slice(0, 5));
  const present = [697, 770, 852, 941, 1209, 1336, 1477, 1633].filter(
    (frequency) => power(samples, frequency) > 0.1,
  );
  assert.deepEqual(present, [697, 1209]);
});

test('what is no key is refused by name', () => {
  assert.throws(
    () => assertDigits('12x'),
    new MediaError('"x" is no key: send 0-9, *, #, A-D and "." for a pause of 1 s'),
  );
  assertDigits('0123456789*#.abcdABCD');
});

function decoded(payloads: readonly Uint8Array[]): number[] {
  const out = new Int16Array(160);
  return payloads.flatMap((payload) => {
    decodeFrame('PCMA', payload, out);
    return [...out];
  });
}

/** Share of the energy at one frequency (Goertzel): about 0.4 for one of two tones. */
function power(samples: readonly number[], frequency: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / 8000);
  let s1 = 0;
  let s2 = 0;
  let energy = 0;
  for (const sample of samples) {
    [s1, s2] = [sample + coefficient * s1 - s2, s1];
    energy += sample * sample;
  }
  const magnitude = s1 * s1 + s2 * s2 - coefficient * s1 * s2;
  return (2 * magnitude) / (samples.length * energy);
}
