import type { Logger } from '../base/logger.ts';
import type { Sink } from '../base/sink.ts';
import type {
  MediaEngine,
  MediaPort,
  MediaPortEvent,
  MediaSource,
  PortOptions,
} from '../media/media-engine.ts';
import type { HangupCause } from '../model/hangup-cause.ts';
import type { LegQuality } from '../model/leg-quality.ts';
import type { Prompt } from '../model/party.ts';
import type { CodecName, LatchMode, SrtpMode } from '../model/trunk.ts';
import type { SessionDescription } from '../sdp/session-description.ts';
import type {
  InviteSession,
  InviteSessionEvent,
  InviteTarget,
  UserAgent,
} from '../sip/user-agent.ts';
import { ForkedLine, type LineWithPort } from './forked-line.ts';

/**
 * The telephone line of one leg: an INVITE session and an RTP port. The only place where signalling
 * and media meet; everything above sees commands and `LineEvent`s, which are plain data so that they
 * can be journalled and replayed.
 */
export interface Line {
  /** Replaces what the party hears. */
  hear(source: LineSource): void;
  /** Keys and `.` pauses: MediaPort.sendDtmf. */
  sendDtmf(digits: string): void;
  /** Hangs up, cancels or gives up, whichever fits. Idempotent; no event follows. */
  hangUp(cause: HangupCause): void;
  /** How it sounded up to now, or to its end; undefined: no sound was agreed on. */
  readonly quality?: LegQuality | undefined;
}

export type LineSource =
  | 'nothing'
  | { readonly prompt: Prompt; readonly loop: boolean; readonly playId: number }
  | { readonly lines: readonly Line[] };

export type LineEvent =
  /** The first response: the trunk is there. */
  | { readonly type: 'trying' }
  /** The first 18x. */
  | { readonly type: 'ringing' }
  /** The first RTP packet before the answer. */
  | { readonly type: 'earlyMedia' }
  | { readonly type: 'answered' }
  | { readonly type: 'flowing' }
  /** Nothing is heard of a party that should send, for this long by now; `flowing` ends it. */
  | { readonly type: 'noAudio'; readonly forMs: number }
  | { readonly type: 'played'; readonly playId: number }
  | { readonly type: 'dtmf'; readonly key: string }
  | { readonly type: 'dtmfSent'; readonly digits: string }
  | { readonly type: 'held' }
  | { readonly type: 'unheld' }
  /** Always the last, and only if `hangUp` was not called. */
  | { readonly type: 'ended'; readonly by: 'local' | 'remote'; readonly cause: HangupCause };

export type DialPlan = {
  readonly target: InviteTarget;
  /** Other phones of the same party: they ring at the same time, the first to answer is the line. */
  readonly others?: readonly InviteTarget[];
  readonly codecs: readonly CodecName[];
  readonly srtp?: SrtpMode | undefined;
  readonly latching?: LatchMode | undefined;
  /** Another line of the call: media that will meet is kept on one worker. */
  readonly near?: Line;
};

/** Makes lines: the telephone network as a call sees it. */
export interface LineDialer {
  dial(plan: DialPlan, sink: Sink<LineEvent>): Line;
}

export function createLineDialer(parts: {
  readonly userAgent: UserAgent;
  readonly media: MediaEngine;
  readonly log: Logger;
}): LineDialer {
  return {
    dial({ others = [], ...plan }, sink) {
      if (others.length === 0) return new TelephoneLine(parts, plan, sink);
      const dials = [plan.target, ...others].map(
        (target) => (to: Sink<LineEvent>) => new TelephoneLine(parts, { ...plan, target }, to),
      );
      return new ForkedLine(dials, sink);
    },
  };
}

type Parts = Parameters<typeof createLineDialer>[0];

class TelephoneLine implements LineWithPort {
  readonly #parts: Parts;
  readonly #sink: Sink<LineEvent>;
  #session: InviteSession | undefined;
  #port: MediaPort | undefined;
  #rang = false;
  #answered = false;
  #flowed = false;
  #held = false;
  #ended = false;
  #quality: LegQuality | undefined;

  constructor(parts: Parts, plan: DialPlan, sink: Sink<LineEvent>) {
    this.#parts = parts;
    this.#sink = sink;
    void this.#dial(plan).catch((error: unknown) => this.#fail(error));
  }

  async #dial(plan: DialPlan): Promise<void> {
    const { target } = plan;
    const options = portOptions(plan);
    const port = await this.#parts.media.openPort(options, (event) => this.#receiveMedia(event));
    this.#port = port;
    if (this.#ended) return this.#closePort(); // Hung up while the port was being opened.
    const offer = await port.offer();
    if (this.#ended) return;
    this.#session = this.#parts.userAgent.invite(target, offer, (event) =>
      this.#receiveSession(event),
    );
  }

  hear(source: LineSource): void {
    if (this.#ended) return;
    this.#port?.hear(...toMediaSources(source));
  }

  sendDtmf(digits: string): void {
    if (!this.#ended) this.#port?.sendDtmf(digits);
  }

  hangUp(cause: HangupCause): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#session?.terminate(cause);
    this.#closePort();
  }

  get quality(): LegQuality | undefined {
    return this.#ended ? this.#quality : this.#port?.quality;
  }

  /** What a source of another line is, seen from below. */
  get port(): MediaPort | undefined {
    return this.#port;
  }

  #receiveSession(event: InviteSessionEvent): void {
    if (this.#ended) return;
    switch (event.type) {
      case 'trying':
        return this.#sink({ type: 'trying' });
      case 'progress':
        if (event.earlyAnswer) this.#takeEarly(event.earlyAnswer);
        if (this.#rang) return;
        this.#rang = true;
        return this.#sink({ type: 'ringing' });
      case 'answered':
        return this.#take(event.answer, () => {
          this.#answered = true;
          this.#sink({ type: 'answered' });
          this.#reportHold();
        });
      case 'offered':
        return this.#answerOffer(event);
      case 'infoDtmf':
        return this.#sink({ type: 'dtmf', key: event.key });
      case 'terminated':
        return this.#end(event.by, event.cause);
    }
  }

  #receiveMedia(event: MediaPortEvent): void {
    if (this.#ended) return;
    switch (event.type) {
      case 'flowing': {
        const isEarly = !this.#answered && !this.#flowed;
        this.#flowed = true;
        return this.#sink({ type: isEarly ? 'earlyMedia' : 'flowing' });
      }
      case 'noAudio':
        // Before the answer most networks send nothing.
        if (this.#answered) this.#sink({ type: 'noAudio', forMs: event.forMs });
        return;
      case 'played':
        return this.#sink({ type: 'played', playId: event.playId });
      case 'dtmf':
        return this.#sink({ type: 'dtmf', key: event.key });
      case 'dtmfSent':
        return this.#sink({ type: 'dtmfSent', digits: event.digits });
      case 'failed':
        return this.#fail(event.cause);
    }
  }

  /** Gives an answer to the port, then goes on, unless the line ended meanwhile. */
  #take(answer: SessionDescription, then: () => void): void {
    this.#port!.accept(answer).then(
      () => {
        if (!this.#ended) then();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  /** Early media that cannot be used is no reason to give up a line that may yet be answered. */
  #takeEarly(answer: SessionDescription): void {
    this.#port!.accept(answer).catch((error: unknown) => {
      this.#parts.log.debug({ error }, 'early media was not understood');
    });
  }

  #answerOffer(event: Extract<InviteSessionEvent, { type: 'offered' }>): void {
    this.#port!.answer(event.offer).then(
      (answer) => {
        if (this.#ended) return;
        event.accept(answer);
        this.#reportHold();
      },
      () => {
        // What we cannot take is refused and the talk goes on as it was: RFC 3261 section 14.2.
        if (!this.#ended) event.reject(488);
      },
    );
  }

  /** Hold is a matter of talks: before the answer nobody can be put aside. */
  #reportHold(): void {
    if (!this.#answered) return;
    const held = this.#port!.held;
    if (held === this.#held) return;
    this.#held = held;
    this.#sink({ type: held ? 'held' : 'unheld' });
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#parts.log.warn({ error }, 'a line failed');
    const cause: HangupCause = { type: 'failed' };
    this.#session?.terminate(cause);
    this.#end('local', cause);
  }

  #end(by: 'local' | 'remote', cause: HangupCause): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#closePort();
    this.#sink({ type: 'ended', by, cause });
  }

  #closePort(): void {
    this.#quality = this.#port?.quality;
    this.#port?.close().catch((error: unknown) => {
      this.#parts.log.error({ error }, 'an RTP port could not be closed');
    });
  }
}

function portOptions({ target, codecs, srtp, latching, near }: DialPlan): PortOptions {
  const nearPort = (near as LineWithPort | undefined)?.port;
  return {
    codecs,
    signalledBy: target.nextHop.host,
    ...(nearPort !== undefined && { near: nearPort }),
    ...(srtp !== undefined && { srtp }),
    ...(latching !== undefined && { latching }),
  };
}

function toMediaSources(source: LineSource): MediaSource[] {
  if (source === 'nothing') return [];
  if ('prompt' in source) return [source];
  const ports = source.lines.map((line) => (line as LineWithPort).port);
  return ports.filter((port) => port !== undefined).map((port) => ({ port }));
}
