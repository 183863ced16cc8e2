import type { Sink } from '../base/sink.ts';
import type { LegQuality } from '../model/leg-quality.ts';
import type { Prompt } from '../model/party.ts';
import type { CodecName, LatchMode, SrtpMode } from '../model/trunk.ts';
import type { SessionDescription } from '../sdp/session-description.ts';

/** What a port is to be like for one party. */
export type PortOptions = {
  /** Offered in this order. */
  readonly codecs: readonly CodecName[];
  /** A port of the same call: they share a worker, so that a relay never crosses threads. */
  readonly near?: MediaPort;
  /** Undefined: off. */
  readonly srtp?: SrtpMode;
  /** Undefined: auto. */
  readonly latching?: LatchMode;
  /** The IP address of the party's signalling: whose RTP is learnt sooner than others'. */
  readonly signalledBy?: string;
};

/** The door of media/: embedded (worker threads); rtpengine has the same shape. */
export interface MediaEngine {
  /**
   * Rejects with MediaError when no RTP port is free. Ports that will hear each other must be opened
   * `near` one another: they share a worker, so that a relay never crosses threads.
   */
  openPort(options: PortOptions, sink: Sink<MediaPortEvent>): Promise<MediaPort>;
  /**
   * Reads, converts and caches a prompt (by content) so that `hear` starts it without delay; tells its
   * length. Rejects with MediaError for a file that is missing or no WAV.
   */
  prepare(prompt: Prompt): Promise<{ durationMs: number }>;
  /** RTP ports in use: zero when every call is over. */
  readonly openPorts: number;
  close(): Promise<void>;
}

/** One party's RTP endpoint. Commands take effect in the order given; failures come as an event. */
export interface MediaPort {
  /** What we offer: our address, port and codecs in order, and telephone-event. */
  offer(): Promise<SessionDescription>;
  /**
   * Takes the peer's answer to our offer: codec, address, direction. May come again (another branch
   * of a fork, the 200 after a 183). Rejects with MediaError when nothing of it can be used.
   */
  accept(answer: SessionDescription): Promise<void>;
  /** Answers an offer of the peer (RFC 3264), also a changed one: hold, another address or codec. */
  answer(offer: SessionDescription): Promise<SessionDescription>;
  /**
   * Replaces what the party hears: nothing, prompts, other ports, or a mix of them. One port as the
   * only source and equal codecs: payloads are relayed untouched; else they are decoded and encoded.
   */
  hear(...sources: readonly MediaSource[]): void;
  /**
   * Sends keys as telephone-events (RFC 4733), beside whatever the party hears. `.` puts the next key
   * 1000 ms after the start of the one before it (or of this call); keys without one between them
   * follow back to back.
   */
  sendDtmf(digits: string): void;
  /** The peer put us on hold or ended it: `sendonly`/`inactive` towards us, from accept or answer. */
  readonly held: boolean;
  /** How it sounds up to now; undefined before offer and answer are through. To be read before `close`. */
  readonly quality?: LegQuality | undefined;
  /** Idempotent; the RTP port is free again when it resolves. */
  close(): Promise<void>;
}

export type MediaSource =
  | { readonly port: MediaPort }
  /** `playId` comes back in `played`, so that a stale end is told from a current one. */
  | { readonly prompt: Prompt; readonly loop: boolean; readonly playId?: number };

export type MediaPortEvent =
  /** The first RTP packet of the party came, or the first after `noAudio`. */
  | { readonly type: 'flowing' }
  /** Nothing came of a party that should send, for this long; once, until it flows again. Not on hold. */
  | { readonly type: 'noAudio'; readonly forMs: number }
  /** A prompt that does not loop was heard to its end. */
  | { readonly type: 'played'; readonly playId: number }
  | { readonly type: 'dtmf'; readonly key: string; readonly durationMs: number }
  /** The last end packet of the last key was sent. */
  | { readonly type: 'dtmfSent'; readonly digits: string }
  | { readonly type: 'failed'; readonly cause: Error };

/** What the media engine cannot do: `reason` is for people and names the fix where there is one. */
export class MediaError extends Error {
  override readonly name = 'MediaError';
}
