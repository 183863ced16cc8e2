import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Sink } from '../../base/sink.ts';
import type { Prompt } from '../../model/party.ts';
import {
  type MediaEngine,
  MediaError,
  type MediaPort,
  type MediaPortEvent,
  type PortOptions,
} from '../media-engine.ts';
import { EmbeddedPort, type PromptSource } from './embedded-port.ts';
import { PortPool } from './port-pool.ts';
import { type SparePort, SparePorts, streamStart } from './spare-ports.ts';
import { FiguresBoard } from './stream-figures.ts';
import { type StartMediaWorker, startWorkerThread, WorkerLink } from './worker-link.ts';

export type EmbeddedEngineOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** IP address that RTP sockets are bound to. */
  readonly address: string;
  /** IP address that offers and answers name. */
  readonly publicAddress: string;
  /** RTP takes the even ports of it, both ends included. */
  readonly portRange: { readonly min: number; readonly max: number };
  /** Media threads. */
  readonly workers: number;
  /** Some port may be opened with the codec `opus`. */
  readonly opus?: boolean;
  /** Stays the caller's: it is not closed with the engine. */
  readonly prompts: PromptSource;
};

/** A worker that is lost again within this is started anew only after a pause of this length. */
const restartPauseMs = 1000;

/**
 * Starts the media workers. Rejects with MediaError when the address is not this machine's or a
 * worker cannot start.
 */
export async function createEmbeddedEngine(
  options: EmbeddedEngineOptions,
  startWorker: StartMediaWorker = startWorkerThread,
): Promise<EmbeddedEngine> {
  const engine = new EmbeddedEngine(options, startWorker);
  try {
    await assertOwnAddress(options.address);
    await engine.ready();
  } catch (cause) {
    await engine.close();
    throw cause instanceof MediaError ? cause : new MediaError(String(cause));
  }
  return engine;
}

/** MediaEngine on worker threads of this process. */
export class EmbeddedEngine implements MediaEngine {
  readonly #options: EmbeddedEngineOptions;
  readonly #startWorker: StartMediaWorker;
  readonly #pool: PortPool;
  readonly #spares: SparePorts;
  readonly #board: FiguresBoard;
  readonly #links: WorkerLink[] = [];
  readonly #startedAt = new WeakMap<WorkerLink, number>();
  #lastPortId = 0;
  #closed = false;

  constructor(options: EmbeddedEngineOptions, startWorker: StartMediaWorker) {
    this.#options = options;
    this.#startWorker = startWorker;
    this.#pool = new PortPool(options.portRange, options.random.next());
    this.#board = new FiguresBoard(options.portRange);
    this.#spares = new SparePorts({
      pool: this.#pool,
      workers: options.workers,
      random: options.random,
      nextPortId: () => ++this.#lastPortId,
    });
    for (let i = 0; i < Math.max(1, options.workers); i++) this.#start();
  }

  async ready(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.ready));
    for (const link of this.#links) this.#spares.fill(link);
  }

  /** Those of legs: ports that wait for one are not counted. */
  get openPorts(): number {
    return this.#pool.taken - this.#spares.count;
  }

  async openPort(
    { near, ...options }: PortOptions,
    sink: Sink<MediaPortEvent>,
  ): Promise<MediaPort> {
    // A port in use by another program goes to the end of the queue: nobody is asked twice.
    for (let attempt = 0; attempt < this.#pool.size; attempt++) {
      if (this.#closed) throw new MediaError('the media engine is closed');
      const link = this.#linkFor(near);
      if (link === undefined)
        throw new MediaError('the media worker stopped and is being started again: try again');
      const spare = this.#spares.take(link);
      if (spare !== undefined) {
        const port = this.#portOf(link, spare, options, sink);
        link.handOver(spare.portId, port);
        return port;
      }
      const rtpPort = this.#pool.take();
      if (rtpPort !== undefined) {
        const port = this.#portOf(link, { portId: ++this.#lastPortId, rtpPort }, options, sink);
        if (await this.#opens(port, rtpPort)) return port;
      } else if (!(await this.#spares.release())) break;
    }
    const { min, max } = this.#options.portRange;
    throw new MediaError(
      `no RTP port is free in ${min}-${max} (${this.openPorts} of ${this.#pool.size} in use by calls): ` +
        'widen rtp.portMin and rtp.portMax, or start fewer calls at a time',
    );
  }

  async prepare(prompt: Prompt): Promise<{ durationMs: number }> {
    return this.#options.prompts.prepare(prompt);
  }

  /** Idempotent. Ports that are still open are closed with it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#spares.close();
    await Promise.all(this.#links.splice(0).map((link) => link.stop()));
  }

  #portOf(
    link: WorkerLink,
    { portId, rtpPort }: SparePort,
    options: Omit<PortOptions, 'near'>,
    sink: Sink<MediaPortEvent>,
  ): EmbeddedPort {
    const { prompts, publicAddress, random } = this.#options;
    const release = async (): Promise<void> => {
      await link.close(portId);
      this.#pool.giveBack(rtpPort);
    };
    const sessionId = String(Math.floor(random.next() * Number.MAX_SAFE_INTEGER));
    const figures = this.#board.of(rtpPort);
    const local = { ...options, publicAddress, rtpPort, sessionId, random, figures };
    return new EmbeddedPort({ ...local, portId, link, prompts, sink, release });
  }

  /** False when another program has the port. Whatever else goes wrong, the port is given back. */
  async #opens(port: EmbeddedPort, rtpPort: number): Promise<boolean> {
    const { link, portId } = port;
    const stream = streamStart(this.#options.random);
    const failure = await link.open({ portId, rtpPort, stream }, port);
    if (failure === undefined && !this.#closed) return true;
    await port.close();
    if (failure === undefined) throw new MediaError('the media engine is closed');
    if (failure.code === 'EADDRINUSE') return false;
    throw new MediaError(`RTP port ${rtpPort} cannot be opened: ${failure.message}`);
  }

  /** Beside `near`, else where the fewest ports are. */
  #linkFor(near: MediaPort | undefined): WorkerLink | undefined {
    if (near instanceof EmbeddedPort && this.#links.includes(near.link)) return near.link;
    let best: WorkerLink | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const link of this.#links) {
      const count = link.portCount - this.#spares.countOf(link);
      if (count < fewest) [best, fewest] = [link, count];
    }
    return best;
  }

  #start(): void {
    const { address, clock, portRange, opus = false } = this.#options;
    const settings = { address, opus, portRange, figures: this.#board.memory };
    const link: WorkerLink = new WorkerLink(this.#startWorker, settings, (lost, cause) =>
      this.#lost(lost, cause),
    );
    this.#links.push(link);
    this.#startedAt.set(link, clock.now());
  }

  #lost(link: WorkerLink, cause: Error): void {
    const { clock, log } = this.#options;
    const index = this.#links.indexOf(link);
    if (index >= 0) this.#links.splice(index, 1);
    if (this.#closed) return;
    log.error(
      { err: cause },
      'a media worker stopped; its calls lost their sound; starting another',
    );
    const livedMs = clock.now() - (this.#startedAt.get(link) ?? 0);
    const startAnother = (): void => {
      if (!this.#closed) this.#start();
    };
    if (livedMs >= restartPauseMs) startAnother();
    else clock.setTimer(restartPauseMs, startAnother);
  }
}

/** Binds once, so that a wrong address is said at the start and not at the first call. */
async function assertOwnAddress(address: string): Promise<void> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('error', (cause) =>
    reject(new MediaError(`rtp.host ${address} is no address of this machine: ${cause.message}`)),
  );
  socket.bind({ port: 0, address, exclusive: true }, resolve);
  try {
    await promise;
  } finally {
    socket.close();
  }
}
