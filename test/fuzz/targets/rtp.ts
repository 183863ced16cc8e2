import assert from 'node:assert/strict';
import { pick, type Random, randomInt } from '../../../src/base/random.ts';
import {
  audioPayload,
  eventPayload,
  homeOf,
  rtp as packetOf,
} from '../../../src/media/embedded/core-test-world.ts';
import { type CoreOutput, MediaCore, tickMs } from '../../../src/media/embedded/media-core.ts';
import type { PeerMedia } from '../../../src/media/embedded/media-protocol.ts';
import { readRtcp } from '../../../src/media/embedded/rtcp.ts';
import { emptyRtpView, readRtp } from '../../../src/media/embedded/rtp-packet.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { byteMutations, pieces } from '../mutations.ts';

const parts = pieces(
  '\0',
  '\xff',
  '\x80\x08',
  '\x90',
  '\xa0',
  '\x8f',
  '\x80\xc8',
  '\x7f\xff',
  '\0\0\0\0',
);

const base = { ssrc: 0xabc, payload: audioPayload(0xd5) };
const packets: readonly ((sequence: number) => Buffer)[] = [
  (sequence) => packetOf({ ...base, sequence, timestamp: 160 * sequence }),
  (sequence) => packetOf({ ...base, sequence, timestamp: 160 * sequence, type: 0 }),
  (sequence) =>
    packetOf({
      ...base,
      sequence,
      timestamp: 7,
      type: 101,
      payload: eventPayload(5, 160 * sequence),
    }),
  (sequence) =>
    packetOf({ ...base, sequence, timestamp: 7, type: 101, payload: eventPayload(5, 800, true) }),
];

function peer(portId: number): PeerMedia {
  return {
    ...homeOf(portId),
    learns: false,
    rtcpMux: true,
    rtcpPort: 5000,
    codec: portId === 1 ? 'PCMA' : 'PCMU',
    payloadType: portId === 1 ? 8 : 0,
    packetMs: 20,
    longestPacketMs: 60,
    telephoneEventType: 101,
    telephoneEventKind: 'telephoneEvent',
    comfortNoiseType: 13,
    receives: { PCMA: 8, PCMU: 0, telephoneEvent: 101, comfortNoise: 13 },
    maySend: true,
    expectsPackets: true,
  };
}

/** A conversation of damaged packets: each with its length before it. */
function conversation(random: Random): Buffer {
  const said: Buffer[] = [];
  const mutations = Object.values(byteMutations);
  for (let count = randomInt(random, 1, 12); count > 0; count--) {
    let packet: Buffer = pick(random, packets)(said.length);
    if (random.next() < 0.7) packet = pick(random, mutations)(packet, random, parts);
    packet = packet.subarray(0, 0xffff);
    said.push(Buffer.from([packet.length >> 8, packet.length & 0xff]), packet);
  }
  return Buffer.concat(said);
}

/** The media core with two parties that talk, one in either law, fed by a stream of damaged packets. */
export const rtp: FuzzTarget = {
  name: 'rtp',
  input: conversation,
  run: (input) => {
    // What is relayed is as long as it came; what is made here fits into a frame of Ethernet.
    const longest = Math.max(1_500, input.length);
    let sent = 0;
    let keys = 0;
    const view = emptyRtpView();
    const output: CoreOutput = {
      packet: (_portId, packet) => {
        sent++;
        assert.ok(readRtp(packet, view), 'what we send is RTP');
        assert.ok(packet.length <= longest, `${packet.length} bytes`);
      },
      control: (_portId, packet) => assert.ok(readRtcp(packet), 'a report of ours is one'),
      event: (_portId, { type }) => {
        if (type === 'dtmf') keys++;
      },
      locked: () => {},
    };
    const core = new MediaCore(output, { random: () => 0.5, wallMsAt: (nowMs) => nowMs });
    for (const portId of [1, 2]) {
      core.open(portId, { ssrc: portId, sequence: 0xfff0, timestamp: 0xffff_0000 });
      core.settle(portId, peer(portId), 0);
      core.hear(portId, [{ kind: 'port', portId: 3 - portId }]);
    }
    let now = 0;
    for (let at = 0; at + 2 <= input.length; now += tickMs) {
      const length = input.readUInt16BE(at);
      core.receive(1, Buffer.from(input.subarray(at + 2, at + 2 + length)), homeOf(1), now);
      core.tick(now);
      at += 2 + length;
    }
    core.tick(now);
    for (const portId of [1, 2]) core.close(portId, now);
    if (keys > 0) return 'key';
    return sent > 0 ? 'sound' : 'nothing';
  },
  reaches: ['key', 'sound'],
};
