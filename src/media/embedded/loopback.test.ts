import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { systemRandom } from '../../base/random.ts';
import type { MediaPort, MediaPortEvent, PortOptions } from '../media-engine.ts';
import { audioPayload, eventPayload, rtp } from './core-test-world.ts';
import { createEmbeddedEngine } from './embedded-engine.ts';
import { readRtcp, writeRtcp } from './rtcp.ts';
import { emptyRtpView, isRtcp, type RtpView, readRtp } from './rtp-packet.ts';

/** Real worker threads and sockets on loopback; what is exact is tested on the core, without time. */
const host = '127.0.0.1';
const portRange = { min: 18_000, max: 18_098 };

/** 100 ms of a constant sound: 0xfa in A-law. */
const samples = new Int16Array(new SharedArrayBuffer(1600)).fill(1000);
const prompt = { id: 1, name: 'tone', path: '/tone.wav' };

function startEngine(range = portRange) {
  return createEmbeddedEngine({
    clock: systemClock,
    random: systemRandom(),
    log: silentLogger,
    address: host,
    publicAddress: host,
    portRange: range,
    workers: 1,
    prompts: {
      prepare: async () => ({ samples, durationMs: 100, contentHash: 'x' }),
      get: () => undefined,
    },
  });
}
type Engine = Awaited<ReturnType<typeof startEngine>>;

type Heard = RtpView & { readonly octet: number };

/** A phone: a socket that keeps what it hears. */
class Phone {
  readonly socket: Socket = createSocket('udp4');
  readonly heard: Heard[] = [];
  readonly reports: Buffer[] = [];
  readonly events: MediaPortEvent[] = [];
  #port: MediaPort | undefined;
  #rtpPort = 0;
  #changed = Promise.withResolvers<void>();

  async call(
    engine: Engine,
    announcedPort?: number,
    options: Partial<PortOptions> & { readonly rtcpPort?: number } = {},
  ): Promise<MediaPort> {
    const bound = once(this.socket, 'listening');
    this.socket.bind(0, host);
    await bound;
    this.socket.on('message', (packet) => {
      if (isRtcp(packet)) {
        this.reports.push(packet);
        return this.#wake();
      }
      const view = emptyRtpView();
      assert.ok(readRtp(packet, view));
      this.heard.push({ ...view, octet: packet[view.payloadStart]! });
      this.#wake();
    });
    const port = await engine.openPort({ codecs: ['PCMA'], ...options }, (event) => {
      this.events.push(event);
      this.#wake();
    });
    const offer = await port.offer();
    const media = offer.media[0]!;
    this.#rtpPort = media.port;
    const announced = announcedPort ?? this.socket.address().port;
    const { rtcpPort } = options;
    const { rtcpMux: _, ...withoutMux } = media;
    const answered = rtcpPort === undefined ? media : { ...withoutMux, rtcpPort };
    await port.accept({ ...offer, media: [{ ...answered, port: announced }] });
    this.#port = port;
    return port;
  }

  say(sequence: number, octet: number): void {
    const payload = audioPayload(octet);
    this.socket.send(rtp({ sequence, timestamp: sequence * 160, payload }), this.#rtpPort, host);
  }

  press(sequence: number, code: number): void {
    const payload = eventPayload(code, 800, true);
    const packet = { type: 101, sequence, timestamp: sequence * 160, payload };
    this.socket.send(rtp(packet), this.#rtpPort, host);
  }

  /** A report on what it hears, as an answer to the first of ours. */
  report(lost: number): void {
    const [ours] = this.reports;
    const block = {
      ssrc: ours!.readUInt32BE(4),
      fractionLost: 0,
      cumulativeLost: lost,
      highestSequence: 0,
      jitter: 80,
      lastSenderReport: ours!.readUInt32BE(10),
      delaySince: 0,
    };
    this.socket.send(writeRtcp({ ssrc: 0xabc, block, cname: 'phone' }), this.#rtpPort, host);
  }

  /** Waits for something heard or told; the test's own limit ends a wait in vain. */
  async until(condition: (phone: Phone) => boolean): Promise<void> {
    while (!condition(this)) await this.#changed.promise;
  }

  async hangUp(): Promise<void> {
    await this.#port?.close();
    this.socket.close();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

const told = (type: MediaPortEvent['type']) => (phone: Phone) =>
  phone.events.some((event) => event.type === type);
const hears = (octet: number) => (phone: Phone) =>
  phone.heard.some((packet) => packet.octet === octet);

test('a prompt, then a talk: one stream without a jump', { timeout: 10_000 }, async () => {
  const engine = await startEngine();
  const [a, b] = [new Phone(), new Phone()];
  const [aPort, bPort] = [await a.call(engine), await b.call(engine)];
  aPort.hear({ prompt, loop: false, playId: 3 });
  await a.until(told('played'));
  assert.deepEqual(a.events, [{ type: 'played', playId: 3 }]);
  aPort.hear({ port: bPort });
  bPort.hear({ port: aPort });
  await new Promise(setImmediate); // A command leaves with the end of its turn; one packet cannot wait.
  b.say(700, 0x11);
  await a.until(hears(0x11));
  a.say(40_000, 0x22);
  await b.until(hears(0x22));
  a.press(40_001, 5);
  await a.until(told('dtmf'));
  assert.deepEqual(a.events.slice(1), [
    { type: 'flowing' },
    { type: 'dtmf', key: '5', durationMs: 100 },
  ]);
  for (const { heard } of [a, b]) {
    for (const [index, packet] of heard.slice(1).entries()) {
      const before = heard[index]!;
      assert.equal(packet.ssrc, before.ssrc);
      assert.equal((packet.sequence - before.sequence) & 0xffff, 1);
      const step = (packet.timestamp - before.timestamp) | 0;
      assert.ok(step > 0 && step < 8000, `the timestamp went on by ${step}`);
    }
  }
  assert.equal(a.heard.filter((packet) => packet.octet === 0xfa).length, 5);
  await Promise.all([a.hangUp(), b.hangUp()]);
  assert.equal(engine.openPorts, 0);
  await engine.close();
});

test('keys to send come with their marker and end', { timeout: 10_000 }, async () => {
  const engine = await startEngine();
  const phone = new Phone();
  const port = await phone.call(engine);
  port.sendDtmf('#');
  await phone.until(told('dtmfSent'));
  await phone.until(({ heard }) => heard.filter((it) => it.payloadType === 101).length === 7);
  const key = phone.heard.filter((packet) => packet.payloadType === 101);
  assert.deepEqual(
    key.map(({ marker, octet }) => [marker, octet]),
    [[true, 11], ...Array.from({ length: 6 }, () => [false, 11])],
  );
  assert.equal(new Set(key.map(({ timestamp }) => timestamp)).size, 1);
  await phone.hangUp();
  await engine.close();
});

test('a phone behind NAT is latched to; then strangers are not heard', {
  timeout: 10_000,
}, async () => {
  const engine = await startEngine();
  const [far, near, stranger] = [new Phone(), new Phone(), createSocket('udp4')];
  // The port it announced is not the one it sends from; nobody listens there.
  const farPort = await far.call(engine, 9, { latching: 'always' });
  const nearPort = await near.call(engine);
  nearPort.hear({ port: farPort });
  farPort.hear({ port: nearPort });
  for (let sequence = 0; sequence < 3; sequence++) far.say(sequence, 0x33);
  await far.until(told('flowing'));
  near.say(1, 0x44);
  await far.until(hears(0x44));
  const { port: target } = (await farPort.offer()).media[0]!;
  for (let sequence = 0; sequence < 20; sequence++) {
    const packet = rtp({ sequence, timestamp: 160 * sequence, payload: audioPayload(0x66) });
    await new Promise((sent) => stranger.send(packet, target, host, sent));
  }
  far.say(3, 0x55);
  await near.until(hears(0x55));
  assert.equal(near.heard.filter((packet) => packet.octet === 0x66).length, 0);
  stranger.close();
  await Promise.all([far.hangUp(), near.hangUp()]);
  await engine.close();
});

test('a port in use is passed over; a closed one can be bound at once', {
  timeout: 10_000,
}, async () => {
  const engine = await startEngine({ min: 18_100, max: 18_103 });
  const occupant = createSocket('udp4');
  const bound = once(occupant, 'listening');
  occupant.bind(18_102, host);
  await bound;
  for (let i = 0; i < 4; i++) {
    const port = await engine.openPort({ codecs: ['PCMA'] }, () => {});
    assert.equal((await port.offer()).media[0]?.port, 18_100);
    await assert.rejects(
      engine.openPort({ codecs: ['PCMA'] }, () => {}),
      /no RTP port is free/,
    );
    await port.close();
  }
  occupant.close();
  assert.equal(engine.openPorts, 0);
  await engine.close();
});

test('reports go to the port of RTP or the one beside it; what the party reports is told of the leg', {
  timeout: 10_000,
}, async () => {
  const engine = await startEngine({ min: 18_104, max: 18_115 });
  const [together, apart, control] = [new Phone(), new Phone(), createSocket('udp4')];
  const bound = once(control, 'listening');
  control.bind(0, host);
  await bound;
  const beside = once(control, 'message');
  const port = await together.call(engine);
  const apartPort = await apart.call(engine, undefined, { rtcpPort: control.address().port });
  await together.until(({ reports }) => reports.length > 0);
  const [report, from] = await beside;
  assert.ok(readRtcp(report)?.senderReport);
  assert.equal(from.port % 2, 1);
  assert.equal(apart.reports.length, 0);

  together.say(1, 0x11);
  together.say(3, 0x11);
  together.report(7);
  together.press(4, 5);
  await together.until(told('dtmf'));
  const { roundTripMs, received, sent } = port.quality!;
  assert.ok(roundTripMs !== null && roundTripMs < 10_000, `${roundTripMs} ms`);
  assert.deepEqual([received.packets, received.lost], [3, 1]);
  assert.deepEqual([sent.lost, sent.jitterMs], [7, 10]);
  await Promise.all([together.hangUp(), apart.hangUp()]);
  assert.ok(apartPort.quality);
  control.close();
  await engine.close();
});
