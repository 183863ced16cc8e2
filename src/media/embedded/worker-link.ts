import { Worker } from 'node:worker_threads';
import type { CoreEvent, WorkerCommand, WorkerReport, WorkerSettings } from './media-protocol.ts';
import type { StreamStart } from './outbound-stream.ts';

/** A media worker as the engine sees it: batches down, batches up, and its end. */
export interface MediaWorkerThread {
  post(commands: readonly WorkerCommand[]): void;
  stop(): Promise<void>;
}

export type MediaWorkerEvents = {
  reports(reports: readonly WorkerReport[]): void;
  /** It ended by itself: everything it held is gone. */
  lost(cause: Error): void;
};

export type StartMediaWorker = (
  settings: WorkerSettings,
  events: MediaWorkerEvents,
) => MediaWorkerThread;

/** The real thing: media-worker.ts in a thread. */
export const startWorkerThread: StartMediaWorker = (settings, events) => {
  const worker = new Worker(new URL('./media-worker.ts', import.meta.url), {
    name: 'media worker',
    workerData: settings,
  });
  let over = false;
  const lost = (cause: Error): void => {
    if (over) return;
    over = true;
    events.lost(cause);
  };
  worker.on('message', (reports: readonly WorkerReport[]) => events.reports(reports));
  worker.on('error', lost);
  worker.on('exit', (code) => lost(new Error(`exit code ${code}`)));
  return {
    post: (commands) => worker.postMessage(commands),
    async stop() {
      over = true;
      await worker.terminate();
    },
  };
};

/** What a port gets from its worker. */
export type PortEvents = {
  receive(event: CoreEvent): void;
  /** The worker is gone, and with it the port; without a cause it was stopped on purpose. */
  lost(cause: Error | undefined): void;
};

/** The worker could not bind the port. */
export type OpenFailure = { readonly code: string; readonly message: string };

type PortRecord = {
  events: PortEvents;
  opened?: PromiseWithResolvers<OpenFailure | undefined>;
  closed?: PromiseWithResolvers<void>;
};

/**
 * The engine's end of one worker: commands of one turn go in one message, reports find their port.
 * When the worker is lost every port of it is told, and nothing stays waiting.
 */
export class WorkerLink {
  /** Resolves when the thread takes commands; rejects when it cannot start. */
  readonly ready: Promise<void>;
  readonly #ready = Promise.withResolvers<void>();
  readonly #thread: MediaWorkerThread;
  readonly #ports = new Map<number, PortRecord>();
  readonly #lost: (link: WorkerLink, cause: Error) => void;
  #commands: WorkerCommand[] = [];
  #ended = false;

  constructor(
    start: StartMediaWorker,
    settings: WorkerSettings,
    lost: (link: WorkerLink, cause: Error) => void,
  ) {
    this.ready = this.#ready.promise;
    this.ready.catch(() => {}); // A worker that is started again has nobody waiting for it.
    this.#lost = lost;
    this.#thread = start(settings, {
      reports: (reports) => {
        for (const report of reports) this.#receive(report);
      },
      lost: (cause) => this.#end(cause),
    });
  }

  get portCount(): number {
    return this.#ports.size;
  }

  /** Undefined when the port is open. Rejects when the worker is lost. */
  async open(
    port: { readonly portId: number; readonly rtpPort: number; readonly stream: StreamStart },
    events: PortEvents,
  ): Promise<OpenFailure | undefined> {
    if (this.#ended) return { code: 'worker', message: 'the media worker has stopped' };
    const opened = Promise.withResolvers<OpenFailure | undefined>();
    this.#ports.set(port.portId, { events, opened });
    this.send({ type: 'open', ...port });
    return opened.promise;
  }

  /** The port is open, and from now on somebody else's. */
  handOver(portId: number, events: PortEvents): void {
    const port = this.#ports.get(portId);
    if (port !== undefined) port.events = events;
  }

  /** Resolves when the socket is closed, also when that came with the end of the worker. */
  async close(portId: number): Promise<void> {
    const port = this.#ports.get(portId);
    if (port === undefined) return;
    if (port.closed === undefined) {
      port.closed = Promise.withResolvers();
      this.send({ type: 'close', portId });
    }
    await port.closed.promise;
  }

  send(command: WorkerCommand): void {
    if (this.#ended) return;
    // Once the present chain of promises is through: what an answer sets off wakes the thread once.
    if (this.#commands.push(command) === 1) {
      queueMicrotask(() => process.nextTick(() => this.#flush()));
    }
  }

  async stop(): Promise<void> {
    this.#end(new Error('the media engine is closed'), { quietly: true });
    await this.#thread.stop();
  }

  #flush(): void {
    if (this.#ended) return;
    const commands = this.#commands;
    this.#commands = [];
    this.#thread.post(commands);
  }

  #receive(report: WorkerReport): void {
    if (report.type === 'ready') {
      this.#ready.resolve();
      return;
    }
    const port = this.#ports.get(report.portId);
    if (port === undefined) return;
    if (report.type === 'event') {
      if (port.closed === undefined) port.events.receive(report.event);
    } else if (report.type === 'closed') {
      this.#ports.delete(report.portId);
      port.closed?.resolve();
    } else if (report.type === 'opened') {
      port.opened?.resolve(undefined);
      delete port.opened;
    } else {
      this.#ports.delete(report.portId);
      port.opened?.resolve(report);
    }
  }

  #end(cause: Error, { quietly = false } = {}): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#ready.reject(cause);
    const ports = [...this.#ports.values()];
    this.#ports.clear();
    if (!quietly) this.#lost(this, cause);
    for (const port of ports) {
      port.opened?.resolve({ code: 'worker', message: cause.message });
      port.closed?.resolve();
      if (port.opened === undefined && port.closed === undefined) {
        port.events.lost(quietly ? undefined : cause);
      }
    }
  }
}
