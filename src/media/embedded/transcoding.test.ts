import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomInt, seededRandom } from '../../base/random.ts';
import type { CodecName } from '../../model/trunk.ts';
import { codecOf } from '../audio/codecs.ts';
import { audioPayload, CoreTestWorld, eventPayload, rtp } from './core-test-world.ts';
import { writeDtmfTone } from './dtmf-tone.ts';
import type { CoreSource, PeerMedia } from './media-protocol.ts';

const port = (portId: number): CoreSource => ({ kind: 'port', portId });
const types = { PCMA: 8, PCMU: 0, G722: 9, opus: 111 } as const;
const all = Object.keys(types) as CodecName[];

/** A party that says tones, and of which is kept what it was sent. */
class Talker {
  readonly world: CoreTestWorld;
  readonly portId: number;
  readonly codec: CodecName;
  readonly #encoder;
  #said = 0;
  #sequence = 100;

  constructor(
    world: CoreTestWorld,
    portId: number,
    codec: CodecName,
    peer: Partial<PeerMedia> = {},
  ) {
    this.world = world;
    this.portId = portId;
    this.codec = codec;
    this.#encoder = codecOf(codec).createEncoder();
    world.talkingPort(portId, { codec, ...peer });
  }

  /** One packet of a tone. */
  say(hz: number, packetMs = 20, amplitude = 8000): void {
    const { rate } = codecOf(this.codec);
    this.sayFrame(
      Int16Array.from({ length: (packetMs * rate) / 1000 }, () =>
        Math.round(amplitude * Math.sin((2 * Math.PI * hz * this.#said++) / rate)),
      ),
    );
  }

  sayFrame(samples: Int16Array): void {
    const { rate, unitsPerMs } = codecOf(this.codec);
    const octets = new Uint8Array(1500);
    const payload = octets.slice(0, this.#encoder.encode(samples, octets, 0));
    const sequence = this.#sequence++;
    const timestamp = sequence * ((samples.length * 1000 * unitsPerMs) / rate);
    this.world.receive(this.portId, rtp({ type: types[this.codec], sequence, timestamp, payload }));
  }

  send(type: number, payload: Uint8Array, timestamp = 0): void {
    const sequence = this.#sequence++;
    this.world.receive(this.portId, rtp({ type, sequence, timestamp, payload }));
  }

  /** All that it was sent since the last time, decoded: the level of a tone in the last 200 ms of it. */
  level(hz: number): number {
    const { rate } = codecOf(this.codec);
    const decoder = codecOf(this.codec).createDecoder();
    const sound: number[] = [];
    for (const payload of this.world.payloads.get(this.portId) ?? []) {
      if (payload.length === 4) continue;
      const out = new Int16Array(1920);
      sound.push(...out.subarray(0, decoder.decode(payload, out)));
    }
    const last = sound.slice(-rate / 5);
    let [real, imaginary] = [0, 0];
    for (const [n, sample] of last.entries()) {
      real += sample * Math.cos((2 * Math.PI * hz * n) / rate);
      imaginary += sample * Math.sin((2 * Math.PI * hz * n) / rate);
    }
    return (2 * Math.hypot(real, imaginary)) / last.length;
  }
}

/** Two parties in a talk, one of which says a tone for a second. */
function talk(from: CodecName, to: CodecName, hz: number, peer: Partial<PeerMedia> = {}, ms = 20) {
  const world = new CoreTestWorld();
  const [a, b] = [new Talker(world, 1, from), new Talker(world, 2, to, peer)];
  world.hear(1, port(2));
  world.hear(2, port(1));
  for (let at = 0; at < 1000; at += ms) {
    world.runTo(at);
    a.say(hz, ms);
  }
  world.runTo(1000);
  return { world, a, b, lines: world.taken() };
}

for (const from of all) {
  for (const to of all) {
    test(`from ${from} to ${to}: a tone of 1 kHz is heard as loud as it was`, () => {
      const { b } = talk(from, to, 1000);
      const level = b.level(1000);
      assert.ok(level > 6500 && level < 9500, `level ${level}`);
    });
  }
}

test('between wide-band codecs 6 kHz are heard; towards G.711 nothing of them', () => {
  for (const [from, to] of [
    ['G722', 'opus'],
    ['opus', 'G722'],
  ] as const) {
    const { b } = talk(from, to, 6000);
    assert.ok(b.level(6000) > 4000, `${from} to ${to}: ${b.level(6000)}`);
  }
  const { b } = talk('G722', 'PCMA', 6000);
  assert.ok(b.level(2000) < 100, `an alias of ${b.level(2000)}`);
});

test('equal codecs are relayed as they are: G.722 and Opus too', () => {
  for (const codec of ['G722', 'opus'] as const) {
    const world = new CoreTestWorld();
    new Talker(world, 1, codec);
    new Talker(world, 2, codec);
    world.hear(2, port(1));
    const type = types[codec];
    // Of Opus: two frames of 20 ms in SILK wide band (RFC 6716 section 3.1).
    const payload = Uint8Array.of(0x49, ...audioPayload(0x33, 59));
    world.receive(1, rtp({ type, sequence: 1, timestamp: 5, payload }));
    world.runTo(20);
    world.hear(2);
    world.runTo(40);
    const lines = world.taken().filter((line) => line.startsWith('0 #2') || line.includes('40 #2'));
    // The relayed packet lasts as long as it says, 60 octets or 40 ms; ours follows where it ends.
    assert.match(lines[0]!, codec === 'G722' ? /9M \+0 \+0 soundx60/ : /111M \+0 \+0 soundx60/);
    assert.match(lines[1]!, codec === 'G722' ? / \+1 \+320 / : / \+1 \+1920 /);
  }
});

for (const [packetMs, codec, length] of [
  [10, 'PCMA', 80],
  [30, 'PCMA', 240],
  [60, 'PCMA', 480],
  [40, 'G722', 320],
] as const) {
  test(`a party that wants packets of ${packetMs} ms gets them: ${codec}`, () => {
    const { world, b, lines } = talk('opus', codec, 700, { packetMs });
    const sent = lines.filter((line) => line.includes(`#2 ${types[codec]}`));
    assert.ok(Math.abs(sent.length - 1000 / packetMs) <= 2, `${sent.length} packets`);
    const payloads = world.payloads.get(2)!;
    assert.ok(payloads.every((payload) => payload.length === length));
    const stamps = sent.map((line) => Number(/ \+(\d+) [a-z\d]+x\d+$/.exec(line)![1]));
    assert.deepEqual(
      stamps,
      stamps.map((_, index) => stamps[0]! + index * packetMs * 8),
    );
    assert.ok(b.level(700) > 6000);
  });
}

test('a prompt and silence come in the same packets', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1, { packetMs: 60 });
  world.runTo(200);
  world.taken();
  const samples = new Int16Array(16_000).fill(1000);
  world.hear(1, { kind: 'prompt', samples, rate: 8_000, loop: true, playId: 1 });
  world.runTo(400);
  assert.deepEqual(world.taken(), [
    '260 #1 8M +3 +1600 fax480',
    '320 #1 8 +4 +2080 fax480',
    '380 #1 8 +5 +2560 fax480',
  ]);
});

for (const ms of [10, 30, 60]) {
  test(`a party that sends packets of ${ms} ms is heard through another codec`, () => {
    const { b, lines } = talk('PCMU', 'G722', 900, {}, ms);
    assert.ok(b.level(900) > 6000, `${b.level(900)}`);
    const sent = lines.filter((line) => line.includes('#2 9'));
    assert.equal(sent.length, 50);
  });
}

test('packets longer than a party can take are taken apart, even in one codec', () => {
  const { world, b } = talk('PCMA', 'PCMA', 900, { longestPacketMs: 30 }, 60);
  const lengths = world.payloads.get(2)!.map((payload) => payload.length);
  assert.deepEqual([...new Set(lengths)], [160]);
  assert.ok(b.level(900) > 6000);
});

test('a party that changes its codec without a word is heard on', () => {
  const world = new CoreTestWorld();
  const a = new Talker(world, 1, 'PCMA');
  const b = new Talker(world, 2, 'PCMA');
  const other = new Talker(world, 3, 'G722');
  world.hear(2, port(1));
  for (let at = 0; at < 200; at += 20) {
    world.runTo(at);
    a.say(500);
  }
  assert.ok(b.level(500) > 7000);
  // As the stream of the first party, from its address, under the number of G.722.
  const said: Uint8Array[] = [];
  world.core.receive = ((receive) =>
    function (this: typeof world.core, id, packet, from, now) {
      said.push(packet);
      receive.call(this, id, packet, from, now);
    })(world.core.receive) as typeof world.core.receive;
  for (let at = 200; at < 800; at += 20) {
    world.runTo(at);
    other.say(500);
    world.receive(1, said.at(-1)!.slice());
  }
  assert.ok(b.level(500) > 6000, `${b.level(500)}`);
});

test('keys reach a party of another codec as telephone-events in its clock', () => {
  const world = new CoreTestWorld();
  const a = new Talker(world, 1, 'PCMA');
  new Talker(world, 2, 'opus', { telephoneEventType: 110 });
  world.hear(2, port(1));
  world.runTo(20);
  a.say(500);
  a.send(101, eventPayload(7, 800, true), 320);
  world.runTo(300);
  const keys = world.taken().filter((line) => line.includes('#2 110'));
  assert.equal(keys.length, 7);
  assert.match(keys[0]!, /110M .* key 7 960$/);
  assert.match(keys.at(-1)!, / key 7 4800 end$/);
});

test('keys of an Opus party are measured in its clock', () => {
  const world = new CoreTestWorld();
  const a = new Talker(world, 1, 'opus', { receives: { opus: 111, telephoneEvent: 110 } });
  a.send(110, eventPayload(3, 4800, true), 960);
  assert.ok(world.taken().includes('0 #1 dtmf 3 100'));
});

test('beside Opus keys may be telephone-events at 8000 Hz, both ways', () => {
  const world = new CoreTestWorld();
  const slow: Partial<PeerMedia> = {
    telephoneEventType: 101,
    telephoneEventKind: 'slowTelephoneEvent',
    receives: { opus: 111, telephoneEvent: 110, slowTelephoneEvent: 101 },
  };
  const a = new Talker(world, 1, 'opus', slow);
  new Talker(world, 2, 'opus', { telephoneEventType: 110 });
  new Talker(world, 3, 'opus', slow);
  world.hear(2, port(1));
  world.hear(3, port(1));
  a.say(500);
  a.send(101, eventPayload(4, 800, true), 960);
  world.runTo(300);
  const lines = world.taken().filter((line) => /dtmf |key/.test(line));
  assert.equal(lines[0], '0 #1 dtmf 4 100');
  // To one that has the other clock anew, to one of its kind as it came.
  assert.ok(lines.some((line) => /#2 110M .* key 4 960$/.test(line)));
  assert.ok(lines.some((line) => /^0 #3 101 .* key 4 800 end$/.test(line)));
  assert.ok(!lines.some((line) => line.includes('#2 101') || line.includes('#3 110')));
  world.core.sendDtmf(3, '9', world.now);
  world.runTo(600);
  const sent = world.taken().filter((line) => line.includes('#3 101'));
  assert.match(sent.at(-1)!, / key 9 800 end$/);
});

test('comfort noise goes on to a party that takes it, and leaves no trace at one that does not', () => {
  for (const comfortNoiseType of [13, undefined]) {
    const world = new CoreTestWorld();
    world.talkingPort(1);
    world.talkingPort(2, { comfortNoiseType });
    world.hear(2, port(1));
    const payload = audioPayload(5);
    world.receive(1, rtp({ sequence: 1, timestamp: 0, payload }));
    world.receive(1, rtp({ type: 13, sequence: 2, timestamp: 160, payload: Uint8Array.of(60) }));
    world.runTo(400);
    world.receive(1, rtp({ sequence: 3, timestamp: 3200, payload }));
    const lines = world.taken().filter((line) => line.includes('#2') && line.includes('x'));
    assert.deepEqual(
      lines,
      comfortNoiseType === undefined
        ? ['0 #2 8M +0 +0 5x160', '400 #2 8M +1 +3200 5x160']
        : ['0 #2 8M +0 +0 5x160', '0 #2 13 +1 +160 3cx1', '400 #2 8 +2 +3200 5x160'],
    );
  }
});

test('keys as tones of a party without telephone-events are told, and heard by the other as they are', () => {
  for (const codec of ['PCMA', 'G722'] as const) {
    const world = new CoreTestWorld();
    const a = new Talker(world, 1, codec, { telephoneEventType: undefined });
    new Talker(world, 2, codec);
    world.hear(2, port(1));
    const frame = new Int16Array(codecOf(codec).rate / 50);
    for (let tick = 0; tick < 30; tick++) {
      world.runTo(tick * 20);
      if (tick >= 5 && tick < 11) writeDtmfTone(frame, 9, tick - 5);
      else frame.fill(0);
      a.sayFrame(frame);
    }
    const lines = world.taken();
    const told = lines.filter((line) => line.includes('dtmf'));
    assert.equal(told.length, 1, `${told}`);
    assert.match(told[0]!, /#1 dtmf 9 1[012]\d$/);
    assert.ok(!lines.some((line) => line.includes('#2 101')));
    assert.equal(world.payloads.get(2)!.length, 30);
  }
});

test('another clock begins another SSRC', () => {
  const world = new CoreTestWorld();
  world.talkingPort(1);
  world.runTo(40);
  world.settle(1, { codec: 'G722' });
  world.runTo(60);
  assert.match(world.taken().at(-1)!, /9M \+2 \+320/);
  world.settle(1, { codec: 'opus' });
  assert.throws(() => world.runTo(80), /SSRC/);
});

test('three parties of three codecs: each hears the two others', () => {
  const world = new CoreTestWorld();
  const parties = (['PCMA', 'G722', 'opus'] as const).map(
    (codec, index) => new Talker(world, index + 1, codec),
  );
  world.hear(1, port(2), port(3));
  world.hear(2, port(1), port(3));
  world.hear(3, port(1), port(2));
  const tones = [600, 1000, 1600];
  for (let at = 0; at < 1000; at += 20) {
    world.runTo(at);
    for (const [index, party] of parties.entries()) party.say(tones[index]!, 20, 5000);
  }
  for (const [index, party] of parties.entries()) {
    for (const [other, hz] of tones.entries()) {
      const level = party.level(hz);
      const expected = other === index ? level < 300 : level > 3500;
      assert.ok(expected, `${party.codec} hears ${hz} Hz at ${level}`);
    }
  }
});

test('5,000 damaged packets through decoders: nothing breaks, and the party is heard afterwards', () => {
  const world = new CoreTestWorld();
  const random = seededRandom(11);
  const talkers = (['opus', 'G722', 'PCMA'] as const).map(
    (codec, index) => new Talker(world, index + 1, codec, { telephoneEventType: undefined }),
  );
  const listener = new Talker(world, 4, 'G722');
  world.hear(4, ...talkers.map(({ portId }) => port(portId)));
  for (const talker of talkers) talker.say(500);
  const kinds = [111, 9, 8, 0, 13, 101];
  for (let i = 0; i < 5_000; i++) {
    const payload = Uint8Array.from({ length: randomInt(random, 1, 80) }, () =>
      randomInt(random, 0, 255),
    );
    const sequence = 100 + randomInt(random, 0, 300);
    const type = kinds[randomInt(random, 0, kinds.length - 1)]!;
    const packet = rtp({ type, sequence, timestamp: sequence * 160, payload });
    world.receive(randomInt(random, 1, 3), packet);
    if (i % 20 === 0) world.runTo(world.now + 20);
  }
  world.payloads.clear();
  const start = world.now;
  for (let at = start; at < start + 1000; at += 20) {
    world.runTo(at);
    talkers[1]!.say(1200);
  }
  assert.ok(listener.level(1200) > 5000, `${listener.level(1200)}`);
});
