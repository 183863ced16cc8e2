// A media engine without sound, on a virtual clock: prompts have lengths, parties press keys.
import type { Clock, Timer } from '../../src/base/clock.ts';
import type { Sink } from '../../src/base/sink.ts';
import type {
  MediaEngine,
  MediaPort,
  MediaPortEvent,
  MediaSource,
} from '../../src/media/media-engine.ts';
import { MediaError } from '../../src/media/media-engine.ts';
import type { SessionDescription } from '../../src/sdp/session-description.ts';

/** The description of an endpoint that speaks PCMA; `sessionId` tells ports apart. */
export function pcmaDescription(sessionId: number, port: number): SessionDescription {
  return {
    origin: {
      username: '-',
      sessionId: String(sessionId),
      sessionVersion: 1,
      address: '192.0.2.1',
    },
    media: [
      {
        kind: 'audio',
        port,
        protocol: 'RTP/AVP',
        address: '192.0.2.1',
        direction: 'sendrecv',
        codecs: [{ payloadType: 8, name: 'PCMA', clockRate: 8000 }],
      },
    ],
  };
}

export class SimMedia implements MediaEngine {
  openPorts = 0;
  readonly ports = new Set<SimPort>();
  readonly #clock: Clock;
  readonly #portFails: () => boolean;
  readonly #delayMs: () => number;
  #next = 1;

  /** `delayMs`: how long a command takes that a worker answers. */
  constructor(clock: Clock, options: { portFails?: () => boolean; delayMs?: () => number } = {}) {
    this.#clock = clock;
    this.#portFails = options.portFails ?? (() => false);
    this.#delayMs = options.delayMs ?? (() => 0);
  }

  async openPort(_options: object, sink: Sink<MediaPortEvent>): Promise<SimPort> {
    await this.#answered();
    if (this.#portFails()) throw new MediaError('no RTP port is free');
    this.openPorts++;
    const port = new SimPort(
      this.#clock,
      this.#next++,
      () => this.#answered(),
      sink,
      () => {
        this.openPorts--;
        this.ports.delete(port);
      },
    );
    this.ports.add(port);
    return port;
  }

  #answered(): Promise<void> {
    return new Promise((resolve) => void this.#clock.setTimer(this.#delayMs(), resolve));
  }

  async prepare(): Promise<{ durationMs: number }> {
    return { durationMs: 1_000 };
  }

  async close(): Promise<void> {}
}

export class SimPort implements MediaPort {
  readonly held = false;
  /** What the party hears now. */
  sources: readonly MediaSource[] = [];
  readonly #clock: Clock;
  readonly #number: number;
  readonly #answered: () => Promise<void>;
  readonly #sink: Sink<MediaPortEvent>;
  readonly #onClose: () => void;
  #playback: Timer | undefined;
  #open = true;

  constructor(
    clock: Clock,
    number: number,
    answered: () => Promise<void>,
    sink: Sink<MediaPortEvent>,
    onClose: () => void,
  ) {
    this.#clock = clock;
    this.#number = number;
    this.#answered = answered;
    this.#sink = sink;
    this.#onClose = onClose;
  }

  async offer(): Promise<SessionDescription> {
    return pcmaDescription(this.#number, 10_000 + 2 * this.#number);
  }
  async accept(): Promise<void> {
    await this.#answered();
    this.emit({ type: 'flowing' });
  }
  async answer(): Promise<SessionDescription> {
    return this.offer();
  }
  hear(...sources: readonly MediaSource[]): void {
    this.#playback?.cancel();
    this.sources = sources;
    const [source] = sources;
    if (source === undefined || 'port' in source || source.loop) return;
    const playId = source.playId ?? 0;
    this.#playback = this.#clock.setTimer(1_000, () => this.emit({ type: 'played', playId }));
  }
  sendDtmf(digits: string): void {
    this.emit({ type: 'dtmfSent', digits });
  }
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#playback?.cancel();
    this.#onClose();
  }
  emit(event: MediaPortEvent): void {
    if (this.#open) this.#sink(event);
  }
}
