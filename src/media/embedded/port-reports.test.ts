import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audioPayload, CoreTestWorld, homeOf, rtp } from './core-test-world.ts';
import { type OutgoingReport, readRtcp, writeRtcp } from './rtcp.ts';
import { figure, newFigures } from './stream-figures.ts';

const stranger = { address: '203.0.113.9', port: 4000 };
const ourSsrc = 0x1001;
const theirSsrc = 0xabc;
const nothingLost = {
  fractionLost: 0,
  cumulativeLost: 0,
  highestSequence: 100,
  jitter: 0,
  lastSenderReport: 0,
  delaySince: 0,
};

/** A port whose party speaks steadily and sends reports of its own. */
function talking(peer: Parameters<CoreTestWorld['settle']>[1] = {}) {
  const world = new CoreTestWorld();
  const figures = newFigures();
  world.core.open(1, { ssrc: ourSsrc, sequence: 0xfffe, timestamp: 0xffff_ff00 }, figures);
  world.settle(1, peer);
  const say = (sequence: number): void =>
    world.receive(1, rtp({ sequence, timestamp: sequence * 160, payload: audioPayload(1) }));
  const tell = (report: Partial<OutgoingReport>, from = homeOf(1)): void =>
    world.receive(1, writeRtcp({ ssrc: theirSsrc, cname: 'them', ...report }), from);
  return { world, figures, say, tell };
}
const kinds = (world: CoreTestWorld): string[] =>
  world.reports.map(({ at, packet }) => {
    const kind = packet[1] === 200 ? 'SR' : 'RR';
    return `${at} ${kind}${Buffer.from(packet).includes(Buffer.from([0x81, 203, 0, 1])) ? ' BYE' : ''}`;
  });

test('the first report half an interval after the answer, then one each interval, at the end a BYE', () => {
  const { world } = talking();
  world.runTo(12_000);
  // 2.5 s and 5 s, by e - 3/2.
  assert.deepEqual(kinds(world), ['2060 SR', '6160 SR', '10260 SR']);
  world.core.close(1, world.now);
  assert.deepEqual(kinds(world).slice(3), ['12000 SR BYE']);
  world.runTo(30_000);
  assert.equal(world.reports.length, 4);
});

test('a port that closes before its first report says nothing', () => {
  const { world } = talking();
  world.runTo(1000);
  world.core.close(1, world.now);
  world.runTo(10_000);
  assert.deepEqual(world.reports, []);
});

test('nothing sent of late, as to a party on hold: a receiver report', () => {
  const { world } = talking({ maySend: false });
  world.runTo(3000);
  assert.deepEqual(kinds(world), ['2060 RR']);
});

test('a sender report: what was sent, and the timestamp of its moment', () => {
  const { world } = talking();
  world.runTo(2060);
  const packet = Buffer.from(world.reports[0]!.packet);
  // A frame each tick; the one of this tick comes after the report.
  assert.equal(packet.readUInt32BE(20), 102);
  assert.equal(packet.readUInt32BE(24), 102 * 160);
  assert.equal(packet.readUInt32BE(16), (0xffff_ff00 + 102 * 160) >>> 0);
  assert.equal(readRtcp(packet)!.blocks.length, 0);
});

test('the block: loss of the party’s stream, and the time since its last report', () => {
  const { world, say, tell } = talking();
  for (let sequence = 0; sequence < 20; sequence++) if (sequence !== 7) say(sequence);
  world.runTo(1060);
  tell({ sender: { wallMs: 5000, rtpTimestamp: 0, packets: 20, octets: 3200 } });
  world.runTo(2060);
  const [block] = readRtcp(world.reports[0]!.packet)!.blocks;
  const { jitter: _, ...rest } = block!;
  assert.deepEqual(rest, {
    ssrc: theirSsrc,
    fractionLost: Math.floor(256 / 20),
    cumulativeLost: 1,
    highestSequence: 19,
    lastSenderReport: 0x7e85_0000,
    delaySince: 0x1_0000,
  });
});

test('the party’s report: loss, jitter and the round trip', () => {
  const { world, figures, say, tell } = talking();
  say(1);
  world.runTo(2060);
  const block = {
    ssrc: ourSsrc,
    fractionLost: 9,
    cumulativeLost: 3,
    highestSequence: 100,
    jitter: 40,
    // The middle of the NTP time of our report at 2.060 s, held for half a second.
    lastSenderReport: 0x7e82_0000 + Math.floor(0.06 * 0x1_0000),
    delaySince: 0x8000,
  };
  world.runTo(2640);
  tell({ block: { ...block, ssrc: 0x9999 } });
  assert.deepEqual([figures[figure.reportedLost], figures[figure.roundTripMs]], [-1, -1]);
  tell({ block });
  assert.equal(figures[figure.reportedLost], 3);
  assert.equal(figures[figure.reportedJitterMs], 5);
  assert.equal(Math.round(figures[figure.roundTripMs]!), 80);
  tell({ block: { ...block, delaySince: 0x10_0000 } });
  assert.equal(
    Math.round(figures[figure.roundTripMs]!),
    80,
    'a round trip below nothing is a mistake',
  );
});

test('reports of a stranger are not believed, and strangers get none', () => {
  const { world, figures, tell } = talking();
  const block = {
    ssrc: ourSsrc,
    fractionLost: 9,
    cumulativeLost: 3,
    highestSequence: 100,
    jitter: 40,
    lastSenderReport: 0,
    delaySince: 0,
  };
  for (let i = 0; i < 100; i++) tell({ block }, stranger);
  world.runTo(3000);
  assert.equal(figures[figure.reportedLost], -1);
  assert.deepEqual(
    world.reports.map(({ to }) => to),
    [homeOf(1)],
  );
});

test('beside the port of RTP: to the announced one; where RTP was learnt, to where reports come from', () => {
  const home = homeOf(1);
  const { world } = talking({ rtcpMux: false, rtcpPort: 5001 });
  world.runTo(2060);
  assert.deepEqual(world.reports[0], {
    ...world.reports[0]!,
    to: { ...home, port: 5001 },
    mux: false,
  });

  const behindNat = talking({ address: '10.0.0.1', learns: true, rtcpMux: false, rtcpPort: 5001 });
  for (let sequence = 0; sequence < 6; sequence++) {
    const packet = rtp({ sequence, timestamp: sequence * 160, payload: audioPayload(1) });
    behindNat.world.receive(1, packet, stranger);
  }
  const report = writeRtcp({ ssrc: theirSsrc, cname: 'them' });
  behindNat.world.core.receiveControl(1, report, { ...stranger, port: 40_017 }, 0);
  behindNat.world.core.receiveControl(1, report, home, 0);
  behindNat.world.runTo(2060);
  assert.deepEqual(behindNat.world.reports[0]!.to, { ...stranger, port: 40_017 });
});

test('no report goes where the party takes none; none is relayed to the other side', () => {
  const { world, tell } = talking({ rtcpPort: 0 });
  world.talkingPort(2);
  world.hear(2, { kind: 'port', portId: 1 });
  tell({});
  world.runTo(3000);
  assert.deepEqual(
    world.reports.map(({ portId }) => portId),
    [2],
  );
  assert.ok(
    world.taken().every((line) => !line.includes('#1 locked')),
    'a report locks nothing',
  );
});

test('comfort noise and other types that were not agreed are received, not lost', () => {
  const { world, figures, say } = talking();
  say(1);
  const noise = { type: 13, timestamp: 320, payload: Uint8Array.of(60) };
  world.receive(1, rtp({ ...noise, sequence: 2 }));
  world.receive(1, rtp({ ...noise, sequence: 3, ssrc: 5 }));
  world.receive(1, rtp({ ...noise, sequence: 3 }), stranger);
  say(4);
  assert.equal(figures[figure.receivedPackets], 3);
  assert.equal(figures[figure.expectedPackets], 4);
});

test('a report on Opus: its jitter and the timestamp of its moment are of a clock of 48000 Hz', () => {
  const { world, figures, say, tell } = talking({ codec: 'opus' });
  say(1);
  world.runTo(2060);
  const packet = Buffer.from(world.reports[0]!.packet);
  assert.equal(packet.readUInt32BE(16), (0xffff_ff00 + 102 * 960) >>> 0);
  tell({ block: { ...nothingLost, ssrc: ourSsrc, jitter: 480 } });
  assert.equal(figures[figure.reportedJitterMs], 10);
});

test('the codec changes, and its clock with it: reports begin anew, the leg counts on', () => {
  const { world, figures, say, tell } = talking();
  say(1);
  world.runTo(2060);
  tell({ block: { ...nothingLost, ssrc: ourSsrc, cumulativeLost: 3 } });
  const before = figures[figure.sentPackets]!;
  assert.equal(before, 103);
  world.settle(1, { codec: 'opus', maySend: false });
  world.runTo(6160);
  const [, idle] = world.reports;
  assert.equal(idle!.packet[1], 201, 'of the new stream nothing was sent yet');
  const ssrc = Buffer.from(idle!.packet).readUInt32BE(4);
  assert.notEqual(ssrc, ourSsrc);
  tell({ block: { ...nothingLost, ssrc: ourSsrc, cumulativeLost: 50 } });
  assert.equal(figures[figure.reportedLost], 3, 'a report on the stream before is late');
  tell({ block: { ...nothingLost, ssrc, cumulativeLost: 2 } });
  assert.equal(figures[figure.reportedLost], 5);
});
