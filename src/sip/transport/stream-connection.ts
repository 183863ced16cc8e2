import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Sink } from '../../base/sink.ts';
import { type Framed, StreamFramer } from './stream-framer.ts';
import type { StreamLimits } from './stream-limits.ts';

export type StreamConnectionEvent =
  | { readonly type: 'message'; readonly bytes: Uint8Array }
  | { readonly type: 'unframed'; readonly head: Uint8Array }
  /** The last one. `wasOpen`: what was sent may not have arrived; else nothing has left. */
  | { readonly type: 'closed'; readonly cause: Error; readonly wasOpen: boolean };

export type StreamConnectionOptions = {
  readonly socket: Socket;
  /** What the socket says when it may be used: connected, and over TLS also trusted. */
  readonly opensWith: 'connect' | 'secureConnect' | 'secure' | 'now';
  /** We connected: we keep it alive. */
  readonly isOurs: boolean;
  readonly clock: Clock;
  readonly limits: StreamLimits;
  readonly sink: Sink<StreamConnectionEvent>;
};

type Waiting = { readonly bytes: Uint8Array; resolve(): void; reject(cause: Error): void };

const ping = Buffer.from('\r\n\r\n');
const pong = Buffer.from('\r\n');
/** What a peer is given to take the last bytes before a connection is cut. */
const lingerMs = 1_000;

/** One TCP or TLS connection: framing, keep-alive (RFC 5626 section 3.5.1) and all that bounds a peer. */
export class StreamConnection {
  readonly #options: StreamConnectionOptions;
  readonly #socket: Socket;
  readonly #framer = new StreamFramer();
  #state: 'opening' | 'open' | 'ending' | 'closed' = 'opening';
  #wasOpen = false;
  /** Held back until the peer is known to be whom we wanted. */
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Until it is open, then until the first message. */
  #opening: Timer | undefined;
  #message: Timer | undefined;
  #tick: Timer | undefined;
  #pong: Timer | undefined;
  #activeAt: number;
  #hasPonged = false;
  #cause: Error | undefined;

  constructor(options: StreamConnectionOptions) {
    const { socket, clock, limits, opensWith } = options;
    this.#options = options;
    this.#socket = socket;
    this.#activeAt = clock.now();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on('error', (error) => this.close(error));
    socket.on('close', () => this.close(new Error('closed by the peer')));
    socket.on('end', () => this.close(new Error('closed by the peer')));
    this.#opening = clock.setTimer(limits.openMs, () => this.close(new Error('no connection')));
    if (opensWith === 'now') this.#open();
    else socket.once(opensWith, () => this.#open());
  }

  get isClosed(): boolean {
    return this.#state === 'closed' || this.#state === 'ending';
  }

  /** Resolves when the bytes are on their way; rejects when they never will be. */
  send(bytes: Uint8Array): Promise<void> {
    const { clock, limits } = this.#options;
    if (this.isClosed) return Promise.reject(this.#cause ?? new Error('closed'));
    this.#activeAt = clock.now();
    const backlog = this.#socket.writableLength + this.#waitingBytes + bytes.length;
    if (backlog > limits.backlogBytes) {
      const cause = new Error('the peer does not read');
      this.close(cause);
      return Promise.reject(cause);
    }
    if (this.#state === 'open') {
      this.#socket.write(bytes);
      return Promise.resolve();
    }
    this.#waitingBytes += bytes.length;
    return new Promise((resolve, reject) => this.#waiting.push({ bytes, resolve, reject }));
  }

  /** At once; what the kernel has not taken yet is lost. */
  close(cause: Error): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#cause ??= cause;
    for (const timer of [this.#opening, this.#message, this.#tick, this.#pong]) timer?.cancel();
    this.#socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#cause);
    const { sink } = this.#options;
    sink({ type: 'closed', cause: this.#cause, wasOpen: this.#wasOpen });
  }

  /** When the peer has what was sent, at most a second from now. */
  end(cause: Error): void {
    if (this.isClosed) return;
    if (this.#state === 'opening') return this.close(cause);
    this.#state = 'ending';
    this.#cause = cause;
    this.#message?.cancel();
    this.#message = this.#options.clock.setTimer(lingerMs, () => this.close(cause));
    this.#socket.end(() => this.close(cause));
  }

  #open(): void {
    if (this.#state !== 'opening') return;
    const { clock, limits, isOurs } = this.#options;
    this.#state = 'open';
    this.#wasOpen = true;
    this.#opening?.cancel();
    this.#opening = isOurs
      ? undefined
      : clock.setTimer(limits.firstMessageMs, () => this.close(new Error('nothing was said')));
    this.#tickLater();
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    for (const { bytes, resolve } of this.#waiting.splice(0)) {
      this.#socket.write(bytes);
      resolve();
    }
    this.#waitingBytes = 0;
  }

  #receive(chunk: Uint8Array): void {
    if (this.isClosed) return;
    const { clock, limits } = this.#options;
    this.#activeAt = clock.now();
    const framed = this.#framer.push(chunk);
    for (const each of framed) {
      if (this.isClosed) return;
      this.#take(each);
    }
    if (this.isClosed) return;
    // Each message has its own time, however little of it each packet brings.
    if (framed.length > 0 || !this.#framer.isPartial) {
      this.#message?.cancel();
      this.#message = undefined;
    }
    if (this.#framer.isPartial) {
      this.#message ??= clock.setTimer(limits.messageMs, () =>
        this.close(new Error('a message without end')),
      );
    }
  }

  #take(framed: Framed): void {
    const { sink } = this.#options;
    switch (framed.type) {
      case 'message':
        this.#opening?.cancel();
        return sink(framed);
      case 'ping':
        void this.send(pong).catch(() => {});
        return;
      case 'pong':
        this.#hasPonged = true;
        this.#pong?.cancel();
        return;
      case 'broken':
        if (framed.head !== undefined) sink({ type: 'unframed', head: framed.head });
        return this.end(new Error(framed.why));
    }
  }

  #tickLater(): void {
    const { clock, limits, isOurs } = this.#options;
    this.#tick = clock.setTimer(limits.pingMs, () => {
      if (clock.now() - this.#activeAt >= limits.idleMs) return this.close(new Error('idle'));
      if (isOurs) this.#ping();
      this.#tickLater();
    });
  }

  /** A peer that knows nothing of pings ignores empty lines; only one that answered once must go on. */
  #ping(): void {
    const { clock, limits } = this.#options;
    if (this.#socket.writableLength > limits.backlogBytes) return;
    this.#framer.expectPong();
    this.#socket.write(ping);
    if (!this.#hasPonged) return;
    this.#pong?.cancel();
    this.#pong = clock.setTimer(limits.pongMs, () => this.close(new Error('no pong')));
  }
}
