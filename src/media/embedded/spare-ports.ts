import type { Random } from '../../base/random.ts';
import { randomInt } from '../../base/random.ts';
import type { StreamStart } from './outbound-stream.ts';
import type { PortPool } from './port-pool.ts';
import type { WorkerLink } from './worker-link.ts';

/** An RTP port whose socket is open and that no leg has yet: everything sent to it is dropped. */
export type SparePort = { readonly portId: number; readonly rtpPort: number };

/** Per worker; a port in waiting costs some 13 KB. */
const mostSpares = 32;
/** Of the range at most this share waits, over all workers. */
const shareOfRange = 1 / 16;

type Stock = { readonly ready: SparePort[]; opening: number };

export type SparePortsParts = {
  readonly pool: PortPool;
  readonly workers: number;
  readonly random: Random;
  readonly nextPortId: () => number;
};

/**
 * RTP ports opened ahead, a few for each worker, so that a call need not wait for a thread to bind a
 * socket. They are ordered by the dozen: half the stock in one message. In a range that is too small to
 * keep any every port is opened when it is asked for.
 */
export class SparePorts {
  readonly #parts: SparePortsParts;
  readonly #wanted: number;
  readonly #stocks = new Map<WorkerLink, Stock>();
  #count = 0;
  #closed = false;

  constructor(parts: SparePortsParts) {
    this.#parts = parts;
    const share = Math.floor((parts.pool.size * shareOfRange) / Math.max(1, parts.workers));
    this.#wanted = Math.min(mostSpares, share);
  }

  /** Ports that are taken from the pool and serve no leg, those being opened included. */
  get count(): number {
    return this.#count;
  }

  countOf(link: WorkerLink): number {
    const stock = this.#stocks.get(link);
    return stock === undefined ? 0 : stock.ready.length + stock.opening;
  }

  /** The one that waits longest. It is the caller's now; the stock is filled up in the background. */
  take(link: WorkerLink): SparePort | undefined {
    const spare = this.#stocks.get(link)?.ready.shift();
    if (spare !== undefined) this.#count--;
    this.fill(link);
    return spare;
  }

  /** Orders new ones once half of them are gone. */
  fill(link: WorkerLink): void {
    const missing = this.#wanted - this.countOf(link);
    if (this.#closed || missing === 0 || missing * 2 < this.#wanted) return;
    const { pool } = this.#parts;
    // The last ports of the range are for calls alone.
    if (pool.size - pool.taken < 2 * missing) return;
    for (let i = 0; i < missing; i++) void this.#open(link, pool.take()!);
  }

  /** Closes one that waits at another worker, when the range has no other port left. */
  async release(): Promise<boolean> {
    for (const [link, { ready }] of this.#stocks) {
      const spare = ready.shift();
      if (spare === undefined) continue;
      await link.close(spare.portId);
      this.#giveBack(spare.rtpPort);
      return true;
    }
    return false;
  }

  /** Orders no more. The sockets are closed with their workers. */
  close(): void {
    this.#closed = true;
  }

  async #open(link: WorkerLink, rtpPort: number): Promise<void> {
    const portId = this.#parts.nextPortId();
    const stock = this.#stockOf(link);
    const spare: SparePort = { portId, rtpPort };
    this.#count++;
    stock.opening++;
    const failure = await link.open(
      { portId, rtpPort, stream: streamStart(this.#parts.random) },
      {
        receive: () => {},
        lost: () => {
          this.#stocks.delete(link);
          this.#giveBack(rtpPort);
        },
      },
    );
    stock.opening--;
    if (failure === undefined) {
      stock.ready.push(spare);
      return;
    }
    // Another program has it (the queue ends with it now), or the worker is gone.
    this.#giveBack(rtpPort);
    if (failure.code === 'worker') this.#stocks.delete(link);
  }

  #giveBack(rtpPort: number): void {
    this.#count--;
    this.#parts.pool.giveBack(rtpPort);
  }

  #stockOf(link: WorkerLink): Stock {
    let stock = this.#stocks.get(link);
    if (stock === undefined) {
      stock = { ready: [], opening: 0 };
      this.#stocks.set(link, stock);
    }
    return stock;
  }
}

export function streamStart(random: Random): StreamStart {
  return {
    ssrc: randomInt(random, 0, 0xffff_ffff),
    // In the lower half: RFC 3711 section 3.3.1, lest the first packets are lost around the wrap.
    sequence: randomInt(random, 0, 0x7fff),
    timestamp: randomInt(random, 0, 0xffff_ffff),
  };
}
