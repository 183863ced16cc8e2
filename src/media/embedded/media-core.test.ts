import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomInt, seededRandom } from '../../base/random.ts';
import { decodeFrame, encodeFrame, pcmaToPcmu, pcmuToPcma } from '../audio/g711.ts';
import { audioPayload, CoreTestWorld, rtp } from './core-test-world.ts';
import type { CoreSource } from './media-protocol.ts';

/** `frames` frames of a constant sound; A-law of 1000 is 0xfa, of 0 0xd5. */
function prompt(frames: number, options: { loop?: boolean; playId?: number } = {}): CoreSource {
  const samples = new Int16Array(frames * 160).fill(1000);
  return { kind: 'prompt', samples, rate: 8_000, loop: false, playId: 1, ...options };
}
const port = (portId: number): CoreSource => ({ kind: 'port', portId });

test('nothing is sent before the answer, silence after it', () => {
  const world = new CoreTestWorld();
  world.core.open(1, { ssrc: 0x1001, sequence: 0xfffe, timestamp: 0xffff_ff00 });
  world.hear(1, prompt(2));
  world.runTo(100);
  assert.deepEqual(world.taken(), []);
  world.hear(1);
  world.settle(1);
  world.runTo(140);
  assert.deepEqual(world.taken(), ['120 #1 8M +0 +0 d5x160', '140 #1 8 +1 +160 d5x160']);
});

test('the first prompt waits 200 ms for the party, is heard to its end, then silence', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.hear(1, prompt(2, { playId: 7 }));
  world.runTo(180);
  assert.deepEqual(world.taken().at(-1), '180 #1 8 +8 +1280 d5x160');
  world.runTo(240);
  assert.deepEqual(world.taken(), [
    '200 #1 8 +9 +1440 fax160',
    '220 #1 8 +10 +1600 fax160',
    '220 #1 played 7',
    '240 #1 8 +11 +1760 d5x160',
  ]);
});

test('the first packet of the party starts a waiting prompt at once', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.hear(1, prompt(2));
  world.runTo(25);
  world.receive(1, rtp({ sequence: 1, timestamp: 0, payload: audioPayload(0xd5) }));
  world.runTo(60);
  assert.deepEqual(world.taken(), [
    '20 #1 8M +0 +0 d5x160',
    '25 #1 locked 192.0.2.1:5000',
    '25 #1 flowing',
    '40 #1 8 +1 +160 fax160',
    '60 #1 8 +2 +320 fax160',
    '60 #1 played 1',
  ]);
});

test('a loop has no gap and no end; a new source takes over within one frame, marked', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  const ramp = Int16Array.from({ length: 250 }, (_, i) => i * 64);
  world.runTo(200);
  world.hear(1, { kind: 'prompt', samples: ramp, rate: 8_000, loop: true, playId: 1 });
  world.runTo(400);
  const sound = world.payloads
    .get(1)!
    .slice(10)
    .flatMap((payload) => [...payload]);
  assert.equal(sound.length, 1600);
  for (let i = 0; i + 250 < 1600; i++) assert.equal(sound[i], sound[i + 250]);
  world.taken();
  world.hear(1, prompt(1));
  world.runTo(420);
  assert.equal(world.taken()[0], '420 #1 8M +20 +3200 fax160');
});

test('talk: payloads go untouched, headers become one stream after the prompt', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2, { payloadType: 96 });
  world.runTo(40);
  world.taken();
  world.hear(1, port(2));
  world.hear(2, port(1));
  world.runTo(45);
  const spoken = audioPayload(0x11, 240);
  world.receive(1, rtp({ sequence: 500, timestamp: 9000, payload: spoken }));
  world.runTo(75);
  world.receive(1, rtp({ sequence: 501, timestamp: 9240, payload: spoken }));
  world.receive(2, rtp({ sequence: 7, timestamp: 1, payload: audioPayload(0x22) }));
  assert.deepEqual(world.taken(), [
    '45 #1 locked 192.0.2.1:5000',
    '45 #1 flowing',
    '45 #2 96M +2 +320 11x240',
    '75 #2 96 +3 +560 11x240',
    '75 #2 locked 192.0.2.2:5000',
    '75 #2 flowing',
    // 30 ms passed since the last silent frame ended.
    '75 #1 8M +2 +440 22x160',
  ]);
});

test('loss, reordering and doubles of the source stay as they are', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2);
  world.hear(2, port(1));
  const send = (sequence: number): void =>
    world.receive(1, rtp({ sequence, timestamp: sequence * 160, payload: audioPayload(1) }));
  for (const sequence of [10, 11, 14, 13, 14, 15, 9]) send(sequence);
  assert.deepEqual(
    world.taken().filter((line) => line.includes('x160')),
    [
      '0 #2 8M +0 +0 1x160',
      '0 #2 8 +1 +160 1x160',
      '0 #2 8 +4 +640 1x160',
      '0 #2 8 +3 +480 1x160',
      '0 #2 8 +4 +640 1x160',
      '0 #2 8 +5 +800 1x160',
      // 9 came before the stream of port 2 began: there is no number for it.
    ],
  );
});

test('another SSRC, or a leap of the source, goes on where the listener is', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2);
  world.hear(2, port(1));
  const payload = audioPayload(1);
  world.receive(1, rtp({ sequence: 10, timestamp: 100, payload }));
  world.runTo(180);
  // A new stream is heard from its second packet.
  world.receive(1, rtp({ sequence: 39_999, timestamp: 4_999_840, ssrc: 77, payload }));
  world.runTo(200);
  world.receive(1, rtp({ sequence: 40_000, timestamp: 5_000_000, ssrc: 77, payload }));
  world.runTo(220);
  world.receive(1, rtp({ sequence: 40_001, timestamp: 900_000_000, ssrc: 77, payload }));
  world.runTo(240);
  world.receive(1, rtp({ sequence: 40_002, timestamp: 900_000_160, ssrc: 77, payload }));
  assert.deepEqual(
    world.taken().filter((line) => line.includes('#2')),
    [
      '0 #2 8M +0 +0 1x160',
      '200 #2 8M +1 +1600 1x160',
      '220 #2 8M +2 +1760 1x160',
      '240 #2 8 +3 +1920 1x160',
    ],
  );
});

test('PCMU becomes PCMA octet by octet, header extensions and padding are taken off', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2, { codec: 'PCMU' });
  world.hear(1, port(2));
  world.hear(2, port(1));
  world.receive(1, rtp({ sequence: 1, timestamp: 1, payload: audioPayload(0x11) }));
  const plain = rtp({ type: 0, sequence: 1, timestamp: 1, payload: audioPayload(0x22) });
  const extension = Buffer.from('bede000100000000', 'hex');
  const odd = Buffer.concat([
    plain.subarray(0, 12),
    extension,
    plain.subarray(12),
    Buffer.from([0, 2]),
  ]);
  odd[0] = 0xb0; // Version 2, padding, extension.
  world.receive(2, odd);
  assert.deepEqual(
    world.taken().filter((line) => line.includes('x160')),
    [
      `0 #2 0M +0 +0 ${pcmaToPcmu[0x11]!.toString(16)}x160`,
      `0 #1 8M +0 +0 ${pcmuToPcma[0x22]!.toString(16)}x160`,
    ],
  );
});

test('a packet for two listeners is rewritten for each of them', () => {
  const world = new CoreTestWorld();
  for (const id of [1, 2, 3]) world.talkingPort(id, { codec: id === 2 ? 'PCMU' : 'PCMA' });
  world.hear(2, port(1));
  world.hear(3, port(1));
  world.receive(1, rtp({ sequence: 1, timestamp: 1, payload: audioPayload(0x11) }));
  assert.deepEqual(
    world.taken().filter((line) => line.includes('x160')),
    [`0 #2 0M +0 +0 ${pcmaToPcmu[0x11]!.toString(16)}x160`, '0 #3 8M +0 +0 11x160'],
  );
});

test('several sources are added up, and what is too loud is cut', () => {
  const world = new CoreTestWorld();
  for (const id of [1, 2, 3]) world.talkingPort(id);
  world.runTo(200);
  const loud = (level: number): CoreSource => ({
    kind: 'prompt',
    samples: new Int16Array(160).fill(level),
    rate: 8_000,
    loop: true,
    playId: 0,
  });
  world.hear(3, port(1), port(2), loud(500));
  // 0xc5 is 264, 0xe5 is 1056 in A-law; a mix begins when two frames of a source wait.
  for (let i = 0; i < 2; i++) {
    const at = { sequence: i, timestamp: i * 160 };
    world.receive(1, rtp({ ...at, payload: audioPayload(0xc5) }));
    world.receive(2, rtp({ ...at, payload: audioPayload(0xe5) }));
  }
  world.taken();
  world.runTo(320);
  const heard = world.taken().filter((line) => line.includes('#3'));
  const alawOf = (level: number): number => alaw(level);
  assert.deepEqual(
    heard.map((line) => line.split(' ').at(-1)),
    [
      `${alawOf(linear(0xc5) + linear(0xe5) + 500).toString(16)}x160`,
      `${alawOf(linear(0xc5) + linear(0xe5) + 500).toString(16)}x160`,
      // What the two said last fades away within 60 ms.
      'soundx160',
      'soundx160',
      'soundx160',
      `${alawOf(500).toString(16)}x160`,
    ],
  );
  world.hear(3, loud(30_000), loud(30_000));
  world.runTo(340);
  assert.match(world.taken().find((line) => line.includes('#3'))!, / aax160$/);
});

test('a talk whose other side is quiet gets one silent frame a second', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2);
  world.hear(1, port(2));
  world.hear(2, port(1));
  world.runTo(3500);
  const sent = world.taken().filter((line) => !line.includes('noAudio'));
  assert.deepEqual(sent, [
    '1000 #1 8M +0 +0 d5x160',
    '1000 #2 8M +0 +0 d5x160',
    '2000 #1 8 +1 +8000 d5x160',
    '2000 #2 8 +1 +8000 d5x160',
    '3000 #1 8 +2 +16000 d5x160',
    '3000 #2 8 +2 +16000 d5x160',
  ]);
  // What comes then stands where it belongs.
  world.receive(1, rtp({ sequence: 9, timestamp: 9, payload: audioPayload(3) }));
  assert.equal(world.taken().at(-1), '3500 #2 8M +3 +20000 3x160');
});

test('that nothing is heard of a party is told once, within 3 s, and that it is heard again', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2, { expectsPackets: false, maySend: false });
  world.runTo(500);
  world.receive(1, rtp({ sequence: 1, timestamp: 1, payload: audioPayload(3) }));
  world.runTo(70_000);
  world.receive(1, rtp({ sequence: 2, timestamp: 1, payload: audioPayload(3) }));
  world.runTo(70_010);
  assert.deepEqual(
    world.taken().filter((line) => !line.includes('x160')),
    ['500 #1 locked 192.0.2.1:5000', '500 #1 flowing', '3400 #1 noAudio 2900', '70000 #1 flowing'],
  );
});

test('on hold nothing is missed, and after it 3 s are waited anew', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.runTo(1000);
  world.settle(1, { maySend: false, expectsPackets: false });
  world.runTo(60_000);
  world.settle(1);
  world.runTo(62_800);
  assert.deepEqual(
    world.taken().filter((line) => !line.includes('x160')),
    [],
  );
  world.runTo(62_900);
  assert.match(world.taken().join(), /62900 #1 noAudio 2900/);
});

test('a party that said by comfort noise that it pauses is not missed for 30 s', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.receive(1, rtp({ sequence: 1, timestamp: 1, payload: audioPayload(3) }));
  world.receive(1, rtp({ type: 13, sequence: 2, timestamp: 161, payload: Uint8Array.of(60) }));
  world.runTo(29_900);
  assert.ok(!world.taken().some((line) => line.includes('noAudio')));
  world.runTo(30_000);
  assert.match(world.taken().join(), /30000 #1 noAudio 30000/);
});

test('hold: nothing goes out, a prompt runs on unheard and its end is told', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2);
  world.runTo(200);
  world.hear(1, prompt(5));
  world.runTo(220);
  world.settle(1, { maySend: false, expectsPackets: false });
  world.taken();
  world.runTo(1000);
  assert.deepEqual(
    world.taken().filter((line) => line.includes('#1')),
    ['300 #1 played 1'],
  );
  world.hear(1, port(2));
  world.receive(2, rtp({ sequence: 1, timestamp: 1, payload: audioPayload(3) }));
  world.settle(1);
  world.receive(2, rtp({ sequence: 2, timestamp: 161, payload: audioPayload(4) }));
  assert.deepEqual(
    world.taken().filter((line) => line.includes('#1')),
    ['1000 #1 8M +11 +7840 4x160'],
  );
});

test('closing a source leaves its listener with silence, closing a listener the source alone', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2);
  world.hear(1, port(2));
  world.core.close(2, world.now);
  world.runTo(20);
  assert.deepEqual(world.taken(), ['20 #1 8M +0 +0 d5x160']);
  world.talkingPort(3);
  world.hear(1, port(3));
  world.core.close(1, world.now);
  world.receive(3, rtp({ sequence: 1, timestamp: 1, payload: audioPayload(4) }));
  assert.deepEqual(world.taken(), ['20 #3 locked 192.0.2.3:5000', '20 #3 flowing']);
  world.core.close(3, world.now);
  world.core.close(3, world.now);
  assert.equal(world.core.portCount, 0);
});

test('an hour of talk with a prompt after it: no number goes astray', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.talkingPort(2);
  world.hear(1, port(2));
  world.receive(2, rtp({ sequence: 0, timestamp: 0, payload: audioPayload(4) }));
  for (let i = 1; i < 180_000; i++) {
    world.now = i * 20;
    const sequence = i & 0xffff;
    world.receive(2, rtp({ sequence, timestamp: (i * 160) >>> 0, payload: audioPayload(4) }));
  }
  world.payloads.clear();
  assert.equal(world.taken().at(-1), `3599980 #1 8 +-16609 +28799840 4x160`);
  world.hear(1);
  world.core.tick(3_600_000);
  assert.equal(world.taken().at(-1), '3599980 #1 8M +-16608 +28800000 d5x160');
});

test('100,000 damaged packets: nothing breaks, and every packet that goes out is RTP', () => {
  const world = new CoreTestWorld();
  for (const id of [1, 2, 3, 4]) world.talkingPort(id, { codec: id === 2 ? 'PCMU' : 'PCMA' });
  world.hear(1, port(2));
  world.hear(2, port(1));
  world.hear(3, port(1), port(2));
  world.hear(4, port(1));
  const random = seededRandom(7);
  for (let i = 0; i < 100_000; i++) {
    const type = [0, 8, 101][i % 3]!;
    const payload = audioPayload(i & 0xff, randomInt(random, 0, 20));
    const packet = rtp({ type, sequence: i & 0xffff, timestamp: (i * 20) >>> 0, payload });
    for (let n = randomInt(random, 0, 2); n > 0; n--) {
      packet[randomInt(random, 0, packet.length - 1)] = randomInt(random, 0, 255);
    }
    const cut = packet.subarray(0, randomInt(random, 0, packet.length));
    world.receive(1 + (i & 1), random.next() < 0.2 ? cut : packet);
    if (i % 50 === 0) {
      world.runTo(world.now + 20);
      world.payloads.clear();
      world.taken();
    }
  }
  world.runTo(world.now + 200);
  world.taken();
  for (const sequence of [1, 2]) {
    for (const id of [1, 2]) {
      const payload = audioPayload(0x33);
      world.receive(id, rtp({ sequence, timestamp: sequence * 160, ssrc: 9, payload }));
    }
  }
  assert.deepEqual(
    world.taken().flatMap((line) => / (#\d) 8M? .* 33x160$/.exec(line)?.[1] ?? []),
    ['#4', '#1'],
  );
});

/** G.711 by the tables under test elsewhere. */
function linear(octet: number): number {
  const out = new Int16Array(1);
  decodeFrame('PCMA', Uint8Array.of(octet), out);
  return out[0]!;
}
function alaw(level: number): number {
  const out = new Uint8Array(1);
  encodeFrame('PCMA', Int16Array.of(level), out, 0);
  return out[0]!;
}
