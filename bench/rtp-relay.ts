import { type ChildProcess, fork } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Figure } from './figure.ts';
import type { MediaOrder, MediaReply } from './media.ts';
import type { CrowdOrder } from './rtp-crowd.ts';

const host = '127.0.0.1';
const packetBytes = 172;
/** A leg sends one packet in 20 ms; the legs are spread evenly over that time. */
const packetIntervalMs = 20;

/** What relays: the embedded engine, or two sockets a call and no engine, which shows the machine's own price. */
type Relay = 'media.ts' | 'bare-relay.ts';

/** The media engine in a process of its own, so that its CPU time is nobody else's. */
class EngineProcess {
  readonly #child: ChildProcess;

  constructor(relay: Relay = 'media.ts') {
    this.#child = fork(fileURLToPath(new URL(relay, import.meta.url)), {
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

/** Parties that are read, and a crowd of parties that only talk. */
type Load = { readonly calls: number; readonly crowdCalls: number; readonly seconds: number };

type Measured = {
  readonly relayed: number;
  readonly cpuUs: number;
  readonly lostPercent: number;
  readonly delaysMs: Float64Array;
  readonly pairBytes: number;
};

async function measure(load: Load, relay?: Relay): Promise<Measured> {
  const engine = new EngineProcess(relay);
  const parties = new Parties();
  const crowd = new Worker(new URL('./rtp-crowd.ts', import.meta.url), { workerData: 8 });
  try {
    const [[crowdPorts]] = await Promise.all([once(crowd, 'message'), engine.ready()]);
    await parties.open(8);
    const peers = parties.sockets.map((socket) => socket.address().port);
    // Once round, so that code and buffers of the engine are warm before anything is measured.
    await engine.ask({ type: 'openAndClose', ports: 200 }, 'openedAndClosed');
    const idle = await engine.ask({ type: 'usage' }, 'usage');
    const talking = await engine.ask(
      { type: 'talk', pairs: pairsOf(peers, load.calls) },
      'talking',
    );
    const rest = pairsOf(crowdPorts, load.crowdCalls);
    const crowded = await engine.ask({ type: 'talk', pairs: rest }, 'talking');
    parties.aim(talking.rtpPorts.flat());
    await parties.talk(500);

    const [sentBefore, receivedBefore] = [parties.sent, parties.received];
    parties.delaysMs.length = 0;
    const before = await engine.ask({ type: 'usage' }, 'usage');
    const durationMs = load.seconds * 1000;
    const rtpPorts = crowded.rtpPorts.flat();
    if (load.crowdCalls > 0) crowd.postMessage({ rtpPorts, durationMs } satisfies CrowdOrder);
    await parties.talk(durationMs);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = await engine.ask({ type: 'usage' }, 'usage');

    const sent = parties.sent - sentBefore;
    const received = parties.received - receivedBefore;
    return {
      relayed: Math.round((received * (load.calls + load.crowdCalls)) / load.calls),
      cpuUs: (after.cpuMs - before.cpuMs) * 1000,
      lostPercent: ((sent - received) / sent) * 100,
      delaysMs: Float64Array.from(parties.delaysMs).sort(),
      pairBytes: (after.rssBytes - idle.rssBytes) / (load.calls + load.crowdCalls),
    };
  } finally {
    parties.close();
    await crowd.terminate();
    await engine.stop();
  }
}

function delayAt({ delaysMs }: Measured, share: number): number {
  return delaysMs[Math.floor(share * (delaysMs.length - 1))] ?? Number.NaN;
}

function pairsOf(peers: readonly number[], calls: number): [number, number][] {
  const peerOf = (leg: number): number => peers[leg % peers.length]!;
  return Array.from({ length: calls }, (_, call) => [peerOf(2 * call), peerOf(2 * call + 1)]);
}

async function measureOpening(ports: number): Promise<number> {
  const engine = new EngineProcess();
  try {
    await engine.ready();
    await engine.ask({ type: 'openAndClose', ports: 200 }, 'openedAndClosed');
    const { cpuMs } = await engine.ask({ type: 'openAndClose', ports }, 'openedAndClosed');
    return (cpuMs * 1000) / ports;
  } finally {
    await engine.stop();
  }
}

/** Keeps when each packet of each stream came, against when its timestamp says it was due. */
class Listener {
  readonly #socket: Socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  /** By SSRC, ms. */
  readonly #late = new Map<number, number[]>();

  async open(): Promise<number> {
    const listening = once(this.#socket, 'listening');
    this.#socket.bind(0, host);
    await listening;
    this.#socket.on('message', (packet) => {
      const late = performance.now() - packet.readUInt32BE(4) / 8;
      const ssrc = packet.readUInt32BE(8);
      const stream = this.#late.get(ssrc);
      if (stream === undefined) this.#late.set(ssrc, [late]);
      else stream.push(late);
    });
    return this.#socket.address().port;
  }

  /** How far packets were from the steadiest beat of their stream, ms, sorted. */
  jitterMs(): Float64Array {
    const all = [...this.#late.values()].flatMap((stream) => {
      const usual = stream.toSorted((a, b) => a - b)[Math.floor(stream.length / 2)]!;
      return stream.map((late) => Math.abs(late - usual));
    });
    return Float64Array.from(all).sort();
  }

  forget(): void {
    this.#late.clear();
  }

  close(): void {
    this.#socket.close();
  }
}

/** How evenly one worker sends what it makes itself, while so many calls talk on it. */
export async function benchSending({ calls = 500, seconds = 10 }): Promise<Figure[]> {
  const engine = new EngineProcess();
  const listener = new Listener();
  const crowd = new Worker(new URL('./rtp-crowd.ts', import.meta.url), { workerData: 8 });
  try {
    const [[crowdPorts]] = await Promise.all([once(crowd, 'message'), engine.ready()]);
    const port = await listener.open();
    const { rtpPorts } = await engine.ask(
      { type: 'talk', pairs: pairsOf(crowdPorts, calls) },
      'talking',
    );
    await engine.ask({ type: 'play', peers: Array.from({ length: 10 }, () => port) }, 'playing');
    const durationMs = seconds * 1000;
    const talked = once(crowd, 'message');
    crowd.postMessage({ rtpPorts: rtpPorts.flat(), durationMs: durationMs + 1500 });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const before = await engine.ask({ type: 'usage' }, 'usage');
    listener.forget();
    await new Promise((resolve) => setTimeout(resolve, durationMs));
    const jitter = listener.jitterMs();
    const after = await engine.ask({ type: 'usage' }, 'usage');
    await talked;
    const at = (share: number): number => jitter[Math.floor(share * (jitter.length - 1))]!;
    const what = `sending jitter with ${calls} talking calls on one worker`;
    return [
      { name: `${what}, p50`, value: at(0.5), unit: 'ms' },
      { name: `${what}, p99`, value: at(0.99), unit: 'ms' },
      // On a machine that does nothing else it is next to nothing; else it is what was measured.
      {
        name: 'meanwhile the engine waited for a core, of each second',
        value: (after.waitedMs - before.waitedMs) / seconds,
        unit: 'ms',
      },
    ];
  } finally {
    listener.close();
    await crowd.terminate();
    await engine.stop();
  }
}

/**
 * The relay of the embedded engine: what a packet costs when every packet is read by its party, and
 * what delay packets meet on one worker among many calls, measured on a tenth of them.
 */
export async function benchRelay(
  options: { calls?: number; seconds?: number } = {},
): Promise<Figure[]> {
  const { calls = 1000, seconds = 10 } = options;
  const light: Load = { calls: Math.ceil(calls * 0.4), crowdCalls: 0, seconds };
  const tenth = Math.ceil(calls / 10);
  const heavy: Load = { calls: tenth, crowdCalls: calls - tenth, seconds };
  const [cost, bareCost] = [await measure(light), await measure(light, 'bare-relay.ts')];
  const [busy, bareBusy] = [await measure(heavy), await measure(heavy, 'bare-relay.ts')];
  const perPacket = ({ cpuUs, relayed }: Measured): number => cpuUs / relayed;
  return [
    { name: 'CPU per relayed RTP packet', value: perPacket(cost), unit: 'us' },
    { name: 'the same by two sockets and no engine', value: perPacket(bareCost), unit: 'us' },
    { name: 'two-way calls on one worker', value: calls, unit: 'calls' },
    { name: 'of them: packets a second', value: busy.relayed / seconds, unit: '1/s' },
    { name: 'of them: CPU per packet', value: perPacket(busy), unit: 'us' },
    { name: 'the same by two sockets and no engine', value: perPacket(bareBusy), unit: 'us' },
    { name: 'of them: added delay p50', value: delayAt(busy, 0.5), unit: 'ms' },
    { name: 'of them: added delay p99', value: delayAt(busy, 0.99), unit: 'ms' },
    { name: 'p99 by two sockets and no engine', value: delayAt(bareBusy, 0.99), unit: 'ms' },
    { name: 'of them: packets lost', value: busy.lostPercent, unit: '%' },
    { name: 'memory per talking pair of ports', value: busy.pairBytes / 1024, unit: 'KB' },
    { name: 'CPU per RTP port opened and closed', value: await measureOpening(2000), unit: 'us' },
  ];
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
