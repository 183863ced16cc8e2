import { type ChildProcess, fork } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Figure } from './figure.ts';
import type { MediaOrder, MediaReply } from './media.ts';

const host = '127.0.0.1';
const packetBytes = 172;
/** A leg sends one packet in 20 ms; the legs are spread evenly over that time. */
const packetIntervalMs = 20;

/** The media engine in a process of its own, so that its CPU time is nobody else's. */
class EngineProcess {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('./media.ts', import.meta.url)), {
      execArgv: ['--expose-gc'],
    });
  }

  async ready(): Promise<void> {
    await once(this.#child, 'message');
  }

  async ask<Type extends MediaReply['type']>(
    order: MediaOrder,
    _type: Type,
  ): Promise<Extract<MediaReply, { type: Type }>> {
    const answer = once(this.#child, 'message');
    this.#child.send(order);
    const [reply] = await answer;
    return reply;
  }

  async stop(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.send({ type: 'stop' } satisfies MediaOrder);
    await exit;
  }
}

/** The parties of all calls behind a few sockets: sends for every leg, measures what comes back. */
class Parties {
  readonly sockets: Socket[] = [];
  readonly delaysMs: number[] = [];
  received = 0;
  sent = 0;
  readonly #packets: Buffer[] = [];
  readonly #targets: number[] = [];

  async open(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const socket = createSocket({
        type: 'udp4',
        recvBufferSize: 4 << 20,
        lookup: ((address: string, family: unknown, callback: (...all: unknown[]) => void) =>
          callback(null, address, family)) as never,
      });
      socket.on('message', (packet) => this.#receive(packet));
      // Listened for first: with a lookup that answers at once it comes within `bind`.
      const listening = once(socket, 'listening');
      socket.bind(0, host);
      await listening;
      this.sockets.push(socket);
    }
  }

  /** Leg `i` is behind socket `i % sockets`; its packets go to `rtpPorts[i]`. */
  aim(rtpPorts: readonly number[]): void {
    for (const [leg, rtpPort] of rtpPorts.entries()) {
      const packet = Buffer.alloc(packetBytes, 0xd5);
      packet.writeUInt16BE(0x8008, 0);
      packet.writeUInt32BE(leg + 1, 8);
      this.#packets.push(packet);
      this.#targets.push(rtpPort);
    }
  }

  /** Sends for `durationMs` at 50 packets a second and leg, on absolute deadlines. */
  async talk(durationMs: number): Promise<void> {
    const start = performance.now();
    const legs = this.#packets.length;
    let slot = 0;
    while (performance.now() - start < durationMs) {
      const due = Math.floor(((performance.now() - start) / packetIntervalMs) * legs);
      for (; slot < due; slot++) this.#send(slot % legs, Math.floor(slot / legs));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  close(): void {
    for (const socket of this.sockets) socket.close();
  }

  #send(leg: number, index: number): void {
    const packet = this.#packets[leg]!;
    packet.writeUInt16BE(index & 0xffff, 2);
    packet.writeUInt32BE((index * 160) >>> 0, 4);
    packet.writeDoubleBE(performance.now(), 12);
    this.sockets[leg % this.sockets.length]!.send(packet, this.#targets[leg]!, host);
    this.sent++;
  }

  #receive(packet: Buffer): void {
    // Keep-alive frames of the engine hold no time: silence is 0xd5 throughout.
    if (packet.readUInt32BE(12) === 0xd5d5d5d5) return;
    this.received++;
    this.delaysMs.push(performance.now() - packet.readDoubleBE(12));
  }
}

export async function benchRelay(
  options: { calls?: number; seconds?: number } = {},
): Promise<Figure[]> {
  const { calls = 1000, seconds = 10 } = options;
  const engine = new EngineProcess();
  const parties = new Parties();
  try {
    await engine.ready();
    // Once round, so that code and buffers of the engine are warm before anything is measured.
    await engine.ask({ type: 'openAndClose', ports: 200 }, 'openedAndClosed');
    const opening = await engine.ask({ type: 'openAndClose', ports: 1000 }, 'openedAndClosed');
    await parties.open(8);
    const peers = parties.sockets.map((socket) => socket.address().port);
    const peerOf = (leg: number): number => peers[leg % peers.length]!;
    const pairs = Array.from({ length: calls }, (_, call): [number, number] => [
      peerOf(2 * call),
      peerOf(2 * call + 1),
    ]);
    const idle = await engine.ask({ type: 'usage' }, 'usage');
    const { rtpPorts } = await engine.ask({ type: 'talk', pairs }, 'talking');
    parties.aim(rtpPorts.flat());
    await parties.talk(1000);
    const [sentBefore, receivedBefore] = [parties.sent, parties.received];
    parties.delaysMs.length = 0;
    const before = await engine.ask({ type: 'usage' }, 'usage');
    await parties.talk(seconds * 1000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = await engine.ask({ type: 'usage' }, 'usage');
    const sent = parties.sent - sentBefore;
    const received = parties.received - receivedBefore;
    const delays = Float64Array.from(parties.delaysMs).sort();
    const at = (share: number): number => delays[Math.floor(share * (delays.length - 1))] ?? NaN;
    return [
      { name: 'two-way calls on one worker', value: calls, unit: 'calls' },
      { name: 'packets relayed', value: received, unit: 'packets' },
      { name: 'packets a second', value: received / seconds, unit: '1/s' },
      {
        name: 'CPU per relayed packet',
        value: ((after.cpuMs - before.cpuMs) * 1000) / received,
        unit: 'us',
      },
      { name: 'added delay p50', value: at(0.5), unit: 'ms' },
      { name: 'added delay p99', value: at(0.99), unit: 'ms' },
      { name: 'added delay max', value: at(1), unit: 'ms' },
      { name: 'lost', value: ((sent - received) / sent) * 100, unit: '%' },
      {
        name: 'memory per talking pair of ports',
        value: (after.rssBytes - idle.rssBytes) / calls / 1024,
        unit: 'KB',
      },
      { name: 'CPU per port opened and closed', value: opening.cpuMs, unit: 'us' },
    ];
  } finally {
    parties.close();
    await engine.stop();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { calls: { type: 'string' }, seconds: { type: 'string' } },
  });
  const figures = await benchRelay({
    calls: Number(values.calls ?? 1000),
    seconds: Number(values.seconds ?? 10),
  });
  for (const { name, value, unit } of figures) {
    console.log(`${name.padEnd(34)} ${value.toFixed(2).padStart(12)} ${unit}`);
  }
}
