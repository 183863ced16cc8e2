import { parseArgs } from 'node:util';
import { codecOf } from '../src/media/audio/codecs.ts';
import { DtmfDetector } from '../src/media/audio/dtmf-detector.ts';
import { MediaCore } from '../src/media/embedded/media-core.ts';
import type { PeerMedia } from '../src/media/embedded/media-protocol.ts';
import { rtpHeaderLength, writeRtpHeader } from '../src/media/embedded/rtp-packet.ts';
import type { CodecName } from '../src/model/trunk.ts';
import type { Figure } from './figure.ts';
import { benchSending } from './rtp-relay.ts';

const names: readonly CodecName[] = ['PCMA', 'G722', 'opus'];
const payloadTypes = { PCMA: 8, PCMU: 0, G722: 9, opus: 111 } as const;

/** CPU of one turn, in us: the best of several runs, which other work disturbed least. */
function cost(turns: number, work: (turn: number) => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    const before = process.cpuUsage();
    for (let turn = 0; turn < turns; turn++) work(turn);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / turns);
  }
  return best;
}

/** 20 ms of something like a voice: several tones that move. */
function voice(rate: number, frame: number): Int16Array {
  return Int16Array.from({ length: rate / 50 }, (_, i) => {
    const t = frame / 50 + i / rate;
    const pitch = 2 * Math.PI * t * (120 + 30 * Math.sin(3 * t));
    const formants = Math.sin(pitch) + 0.6 * Math.sin(5 * pitch) + 0.3 * Math.sin(11 * pitch);
    return 5000 * formants * (0.6 + 0.4 * Math.sin(9 * t));
  });
}

/** A second of it, as frames and as payloads. */
function second(name: CodecName): { frames: Int16Array[]; payloads: Uint8Array[] } {
  const codec = codecOf(name);
  const encoder = codec.createEncoder();
  const frames = Array.from({ length: 50 }, (_, frame) => voice(codec.rate, frame));
  const payloads = frames.map((frame) => {
    const octets = new Uint8Array(1500);
    return octets.slice(0, encoder.encode(frame, octets, 0));
  });
  encoder.close();
  return { frames, payloads };
}

function benchCodecs(): Figure[] {
  return names.flatMap((name) => {
    const { frames, payloads } = second(name);
    const [encoder, decoder] = [codecOf(name).createEncoder(), codecOf(name).createDecoder()];
    const octets = new Uint8Array(1500);
    const samples = new Int16Array(1920);
    const encode = cost(2000, (turn) => void encoder.encode(frames[turn % 50]!, octets, 0));
    const decode = cost(2000, (turn) => void decoder.decode(payloads[turn % 50]!, samples));
    return [
      { name: `${name}: CPU per 20 ms encoded`, value: encode, unit: 'us' },
      { name: `${name}: CPU per 20 ms decoded`, value: decode, unit: 'us' },
    ];
  });
}

/** One direction of a talk through the whole core: jitter buffer, decoder, rate, encoder, packet. */
function benchPair(from: CodecName, to: CodecName): Figure {
  const core = new MediaCore(
    { packet() {}, control() {}, event() {}, locked() {} },
    { random: () => 0, wallMsAt: (nowMs) => nowMs },
  );
  for (const [portId, codec] of [
    [1, from],
    [2, to],
  ] as const) {
    core.open(portId, { ssrc: portId, sequence: 0, timestamp: 0 });
    const peer: PeerMedia = {
      address: `192.0.2.${portId}`,
      port: 5000,
      learns: false,
      rtcpMux: true,
      rtcpPort: 0,
      codec,
      payloadType: payloadTypes[codec],
      packetMs: 20,
      longestPacketMs: Number.POSITIVE_INFINITY,
      telephoneEventType: 101,
      telephoneEventKind: 'telephoneEvent',
      comfortNoiseType: undefined,
      receives: payloadTypes,
      // The first only speaks, the second only listens: one direction is measured.
      maySend: portId === 2,
      expectsPackets: false,
    };
    core.settle(portId, peer, 0);
  }
  core.hear(2, [{ kind: 'port', portId: 1 }]);
  const { payloads } = second(from);
  const { unitsPerMs } = codecOf(from);
  const source = { address: '192.0.2.1', port: 5000 };
  let turn = 0;
  const value = cost(2000, () => {
    turn++;
    const payload = payloads[turn % 50]!;
    const packet = Buffer.allocUnsafe(rtpHeaderLength + payload.length);
    const timestamp = (turn * 20 * unitsPerMs) >>> 0;
    const header = { sequence: turn & 0xffff, timestamp, ssrc: 9 };
    writeRtpHeader(packet, 0, payloadTypes[from], header);
    packet.set(payload, rtpHeaderLength);
    core.receive(1, packet, source, turn * 20);
    core.tick(turn * 20);
  });
  return { name: `CPU per 20 ms from ${from} to ${to}`, value, unit: 'us' };
}

function benchDetector(): Figure {
  const detector = new DtmfDetector(() => {});
  const { frames } = second('PCMA');
  const value = cost(5000, (turn) => detector.push(frames[turn % 50]!));
  return { name: 'CPU per 20 ms searched for keys as tones', value, unit: 'us' };
}

/** What codecs, transcoding and the pacing of many talks cost. */
export async function benchSound(
  options: { calls?: number; seconds?: number } = {},
): Promise<Figure[]> {
  const pairs = names.flatMap((from) => names.map((to) => benchPair(from, to)));
  return [...benchCodecs(), ...pairs, benchDetector(), ...(await benchSending(options))];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { calls: { type: 'string' }, seconds: { type: 'string' } },
  });
  const { calls = 500, seconds = 10 } = values;
  const figures = await benchSound({ calls: Number(calls), seconds: Number(seconds) });
  for (const { name, value, unit } of figures) {
    console.log(`${name.padEnd(60)} ${value.toFixed(2).padStart(10)} ${unit}`);
  }
}
