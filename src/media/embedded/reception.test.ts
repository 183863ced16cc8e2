import assert from 'node:assert/strict';
import { test } from 'node:test';
import { qualityOf } from './leg-quality.ts';
import { Reception } from './reception.ts';
import { emptyRtpView } from './rtp-packet.ts';
import { figure, newFigures } from './stream-figures.ts';

type Packet = [sequence: number, atMs: number, options?: { ssrc?: number; timestamp?: number }];

/** Packets of 20 ms; the timestamp is that of a steady sender unless it is said. */
function received(packets: readonly Packet[], { unitsPerMs = 8 } = {}) {
  const figures = newFigures();
  const reception = new Reception(figures);
  for (const [
    sequence,
    atMs,
    { ssrc = 1, timestamp = (sequence & 0xffff) * 20 * (unitsPerMs || 8) } = {},
  ] of packets) {
    const view = { ...emptyRtpView(), ssrc, sequence: sequence & 0xffff, timestamp };
    reception.receive(view, 160, unitsPerMs, atMs);
  }
  return { figures, reception };
}
const steady = (from: number, count: number, startMs = 0): Packet[] =>
  Array.from({ length: count }, (_, i) => [from + i, startMs + i * 20]);

test('a steady stream over the wrap: nothing lost, no jitter', () => {
  const packets = steady(65_500, 100).map(([sequence, at], i): Packet => {
    return [sequence, at, { timestamp: i * 160 }];
  });
  const { figures, reception } = received(packets);
  assert.equal(figures[figure.expectedPackets], 100);
  assert.deepEqual(reception.report(), {
    ssrc: 1,
    fractionLost: 0,
    cumulativeLost: 0,
    highestSequence: 65_599,
    jitter: 0,
  });
});

test('loss, late packets and doubles: RFC 3550 appendix A.3', () => {
  const packets = [...steady(0, 10), ...steady(15, 5, 300), [12, 405], [19, 410]] as Packet[];
  const { reception } = received(packets);
  // 20 were to come, 17 came, one of them twice.
  assert.deepEqual(reception.report(), {
    ssrc: 1,
    fractionLost: Math.floor((3 * 256) / 20),
    cumulativeLost: 3,
    highestSequence: 19,
    jitter: reception.report()!.jitter,
  });
});

test('the fraction is of the time since the report before; it is never below nothing', () => {
  const { reception } = received([]);
  assert.equal(reception.report(), undefined);
  const feed = (packets: readonly Packet[]): void => {
    for (const [sequence, atMs] of packets) {
      const view = { ...emptyRtpView(), ssrc: 1, sequence, timestamp: sequence * 160 };
      reception.receive(view, 160, 8, atMs);
    }
  };
  feed([...steady(0, 4), ...steady(8, 4, 160)]);
  assert.equal(reception.report()!.fractionLost, Math.floor((4 * 256) / 12));
  feed(steady(12, 8, 240));
  assert.equal(reception.report()!.fractionLost, 0);
  feed([...steady(4, 4, 400)]);
  const late = reception.report()!;
  assert.deepEqual([late.fractionLost, late.cumulativeLost], [0, 0]);
});

test('jitter: RFC 3550 appendix A.8', () => {
  // Every second packet is 4 ms late: each step is 32 units, and J comes close to that.
  const packets = steady(0, 400).map(
    ([sequence, at]): Packet => [sequence, at + (sequence % 2) * 4],
  );
  const { figures, reception } = received(packets);
  assert.equal(reception.report()!.jitter, 31);
  assert.ok(Math.abs(figures[figure.receivedJitterMs]! - 4) < 0.001);
  // The first steps, exactly: J += (32 - J) / 16.
  assert.equal(received(packets.slice(0, 3)).figures[figure.receivedJitterMs], (2 + 30 / 16) / 8);
});

test('jitter of Opus: its clock has 48 units in a millisecond', () => {
  const packets = steady(0, 400).map(
    ([sequence, at]): Packet => [sequence, at + (sequence % 2) * 4],
  );
  const { figures, reception } = received(packets, { unitsPerMs: 48 });
  assert.equal(reception.report()!.jitter, 191);
  assert.ok(Math.abs(figures[figure.receivedJitterMs]! - 4) < 0.001);
});

test('another codec under the same SSRC: the milliseconds stay, and its clock is no jitter', () => {
  const packets = steady(0, 400).map(
    ([sequence, at]): Packet => [sequence, at + (sequence % 2) * 4],
  );
  const { figures, reception } = received(packets);
  const before = figures[figure.receivedJitterMs]!;
  const view = { ...emptyRtpView(), ssrc: 1, sequence: 400, timestamp: 12_345 };
  reception.receive(view, 160, 48, 8000);
  assert.equal(figures[figure.receivedJitterMs], before);
  reception.receive({ ...view, sequence: 401, timestamp: 12_345 + 960 }, 160, 48, 8020);
  assert.ok(Math.abs(figures[figure.receivedJitterMs]! - before * (15 / 16)) < 1e-9);
  assert.equal(reception.report()!.jitter, 179);
});

test('keys, and a sender whose clock begins anew, make no jitter', () => {
  assert.equal(received(steady(0, 50), { unitsPerMs: 0 }).figures[figure.receivedJitterMs], 0);
  const anew = steady(50, 50, 1000).map(([sequence, at]): Packet => {
    return [sequence, at, { timestamp: 0x7000_0000 + sequence * 160 }];
  });
  assert.equal(received([...steady(0, 50), ...anew]).figures[figure.receivedJitterMs], 0);
});

test('another stream: the leg counts on, the report begins anew', () => {
  const second = steady(5000, 10, 400).map(([sequence, at]): Packet => [sequence, at, { ssrc: 2 }]);
  const { figures, reception } = received([...steady(0, 8), ...steady(10, 10, 200), ...second]);
  assert.deepEqual([figures[figure.expectedPackets], figures[figure.receivedPackets]], [30, 28]);
  const report = reception.report()!;
  assert.deepEqual([report.ssrc, report.cumulativeLost, report.highestSequence], [2, 0, 5009]);
});

test('what a record says of it', () => {
  const row = newFigures();
  const agreed = { codec: 'PCMA', srtp: null };
  const nothing = {
    packets: 0,
    octets: 0,
    lost: null,
    lossPercent: null,
    jitterMs: null,
    mos: null,
  };
  assert.deepEqual(qualityOf(row, agreed), {
    ...agreed,
    roundTripMs: null,
    received: nothing,
    sent: nothing,
  });
  row[figure.receivedPackets] = 990;
  row[figure.receivedOctets] = 158_400;
  row[figure.expectedPackets] = 1000;
  row[figure.receivedJitterMs] = 3.04;
  row[figure.sentPackets] = 1000;
  row[figure.sentOctets] = 160_000;
  assert.deepEqual(qualityOf(row, agreed).sent, { ...nothing, packets: 1000, octets: 160_000 });
  row[figure.reportedLost] = 0;
  row[figure.sentAtReport] = 900;
  row[figure.roundTripMs] = 80.04;
  assert.deepEqual(qualityOf(row, agreed), {
    ...agreed,
    roundTripMs: 80,
    received: { packets: 990, octets: 158_400, lost: 10, lossPercent: 1, jitterMs: 3, mos: 4.27 },
    sent: { packets: 1000, octets: 160_000, lost: 0, lossPercent: 0, jitterMs: 0, mos: 4.37 },
  });
});
