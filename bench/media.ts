import { globSync, readFileSync } from 'node:fs';
import { systemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/logger.ts';
import { systemRandom } from '../src/base/random.ts';
import {
  createEmbeddedEngine,
  type EmbeddedEngine,
} from '../src/media/embedded/embedded-engine.ts';
import type { MediaPort } from '../src/media/media-engine.ts';
import type { SessionDescription } from '../src/sdp/session-description.ts';

/**
 * The process under measurement: a media engine and nothing else. It talks to the bench over the IPC
 * channel of `child_process.fork`.
 */
export type MediaOrder =
  /** Opens pairs of ports whose parties are at these UDP ports, and lets them hear each other. */
  | { readonly type: 'talk'; readonly pairs: readonly (readonly [number, number])[] }
  /** Opens ports whose parties are at these UDP ports, and plays a prompt to them without end. */
  | { readonly type: 'play'; readonly peers: readonly number[] }
  /** Opens and closes so many ports, several at a time. */
  | { readonly type: 'openAndClose'; readonly ports: number }
  | { readonly type: 'usage' }
  | { readonly type: 'stop' };

export type MediaReply =
  | { readonly type: 'ready' }
  | { readonly type: 'talking'; readonly rtpPorts: readonly (readonly [number, number])[] }
  | { readonly type: 'playing' }
  | { readonly type: 'openedAndClosed'; readonly cpuMs: number; readonly wallMs: number }
  | {
      readonly type: 'usage';
      readonly cpuMs: number;
      readonly rssBytes: number;
      /** How long its threads were ready and had no core; 0 where the system does not tell. */
      readonly waitedMs: number;
    };

const host = '127.0.0.1';

/** A second of a tone. */
const prompt = {
  samples: new Int16Array(new SharedArrayBuffer(16_000)).map((_, n) => 8000 * Math.sin(n / 3)),
  durationMs: 1000,
  contentHash: '',
};

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function waitedMs(): number {
  let sum = 0;
  for (const file of globSync('/proc/self/task/*/schedstat')) {
    sum += Number(readFileSync(file, 'utf8').split(' ')[1]);
  }
  return sum / 1e6;
}

function reply(message: MediaReply): void {
  process.send!(message);
}

async function startEngine(): Promise<EmbeddedEngine> {
  return createEmbeddedEngine({
    clock: systemClock,
    random: systemRandom(),
    log: silentLogger,
    address: host,
    publicAddress: host,
    portRange: { min: 20_000, max: 32_000 },
    workers: 1,
    prompts: { prepare: async () => prompt, get: () => prompt },
  });
}

/** The answer of a party at a UDP port, and the RTP port that was offered to it. */
function answerTo(offer: SessionDescription, port: number): [SessionDescription, number] {
  const audio = offer.media[0]!;
  return [{ ...offer, media: [{ ...audio, port }] }, audio.port];
}

async function talk(
  engine: EmbeddedEngine,
  pairs: readonly (readonly [number, number])[],
): Promise<[number, number][]> {
  const rtpPorts: [number, number][] = [];
  for (const peers of pairs) {
    const opened: { port: MediaPort; rtpPort: number }[] = [];
    for (const peer of peers) {
      const port = await engine.openPort({ codecs: ['PCMA'] }, () => {});
      const [answer, rtpPort] = answerTo(await port.offer(), peer);
      await port.accept(answer);
      opened.push({ port, rtpPort });
    }
    const [a, b] = [opened[0]!, opened[1]!];
    a.port.hear({ port: b.port });
    b.port.hear({ port: a.port });
    rtpPorts.push([a.rtpPort, b.rtpPort]);
  }
  return rtpPorts;
}

async function play(engine: EmbeddedEngine, peers: readonly number[]): Promise<void> {
  for (const peer of peers) {
    const port = await engine.openPort({ codecs: ['PCMA'] }, () => {});
    await port.accept(answerTo(await port.offer(), peer)[0]);
    port.hear({ prompt: { id: 0, name: 'tone', path: '/tone' }, loop: true });
  }
}

async function openAndClose(engine: EmbeddedEngine, count: number): Promise<void> {
  const atATime = 20;
  for (let done = 0; done < count; done += atATime) {
    const ports = await Promise.all(
      Array.from({ length: atATime }, async () => {
        const port = await engine.openPort({ codecs: ['PCMA'] }, () => {});
        const [answer] = answerTo(await port.offer(), 9);
        await port.accept(answer);
        return port;
      }),
    );
    await Promise.all(ports.map((port) => port.close()));
  }
}

async function serve(): Promise<void> {
  const engine = await startEngine();
  process.on('message', async (order: MediaOrder) => {
    if (order.type === 'talk') {
      reply({ type: 'talking', rtpPorts: await talk(engine, order.pairs) });
    } else if (order.type === 'play') {
      await play(engine, order.peers);
      reply({ type: 'playing' });
    } else if (order.type === 'openAndClose') {
      const [cpu, wall] = [cpuMs(), performance.now()];
      await openAndClose(engine, order.ports);
      reply({
        type: 'openedAndClosed',
        cpuMs: cpuMs() - cpu,
        wallMs: performance.now() - wall,
      });
    } else if (order.type === 'usage') {
      globalThis.gc?.();
      const { rss: rssBytes } = process.memoryUsage();
      reply({ type: 'usage', cpuMs: cpuMs(), rssBytes, waitedMs: waitedMs() });
    } else {
      await engine.close();
      process.disconnect();
    }
  });
  reply({ type: 'ready' });
}

if (import.meta.main) await serve();
