import type { CodecName } from '../../model/trunk.ts';
import type { NegotiatedCrypto } from '../../sdp/crypto-negotiation.ts';
import type { AudioRate } from '../audio/audio-codec.ts';
import type { MediaPortEvent } from '../media-engine.ts';
import type { StreamStart } from './outbound-stream.ts';

/** What a payload holds, whatever number it has on the line. */
export type PayloadKind = CodecName | EventKind | 'comfortNoise';

/** Timed by the clock of the codec, or at 8000 Hz beside a codec of another clock. */
export type EventKind = 'telephoneEvent' | 'slowTelephoneEvent';

/** What offer and answer agreed on, as far as packets are concerned. */
export type PeerMedia = {
  /** The peer's RTP address as announced; an IP address in the form that sockets report. */
  readonly address: string;
  readonly port: number;
  /** Packets may come from elsewhere than announced: one other source may be learnt. */
  readonly learns: boolean;
  /** The IP address of the party's signalling, when known: its packets are likely to come from nearby. */
  readonly signalledBy?: string;
  /** RTCP on the port of RTP, both ways (RFC 5761); else on the port beside it. */
  readonly rtcpMux: boolean;
  /** Where the peer takes RTCP; 0: nowhere. */
  readonly rtcpPort: number;
  /** Undefined: plain RTP. */
  readonly crypto?: NegotiatedCrypto;
  /** What we send, and under which payload type. */
  readonly codec: CodecName;
  readonly payloadType: number;
  /** Milliseconds in a packet of ours, as the peer wants and the codec can. */
  readonly packetMs: number;
  /** Packets that hold more are not for the peer. */
  readonly longestPacketMs: number;
  /** Undefined: the peer takes no telephone-event, keys go as tones. */
  readonly telephoneEventType: number | undefined;
  readonly telephoneEventKind: EventKind;
  /** Undefined: the peer takes no comfort noise, and hears none. */
  readonly comfortNoiseType: number | undefined;
  /** Payload types that the peer may use towards us. */
  readonly receives: { readonly [Kind in PayloadKind]?: number | undefined };
  /** The peer wants our packets (RFC 3264 section 6.1). */
  readonly maySend: boolean;
  /** The peer is expected to send: only then its silence means something. */
  readonly expectsPackets: boolean;
};

export type CoreSource =
  | { readonly kind: 'port'; readonly portId: number }
  | {
      readonly kind: 'prompt';
      /** On shared memory: a thread gets the samples without a copy. */
      readonly samples: Int16Array;
      readonly rate: AudioRate;
      readonly loop: boolean;
      readonly playId: number;
    };

/** From the engine to a media worker; batches of them, in order. */
export type WorkerCommand =
  | {
      readonly type: 'open';
      readonly portId: number;
      readonly rtpPort: number;
      readonly stream: StreamStart;
    }
  | { readonly type: 'settle'; readonly portId: number; readonly peer: PeerMedia }
  | { readonly type: 'hear'; readonly portId: number; readonly sources: readonly CoreSource[] }
  | { readonly type: 'sendDtmf'; readonly portId: number; readonly digits: string }
  | { readonly type: 'close'; readonly portId: number };

/** What the packets of a port tell; `failed` comes from the engine only. */
export type CoreEvent = Exclude<MediaPortEvent, { type: 'failed' }>;

/** From a media worker to the engine; batches of them, in order. */
export type WorkerReport =
  /** The thread is up and takes commands. */
  | { readonly type: 'ready' }
  | { readonly type: 'opened'; readonly portId: number }
  | {
      readonly type: 'openFailed';
      readonly portId: number;
      /** `EADDRINUSE`, `EACCES` and so on. */
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: 'closed'; readonly portId: number }
  | { readonly type: 'event'; readonly portId: number; readonly event: CoreEvent };

/** What a media worker is started with. */
export type WorkerSettings = {
  /** The address that sockets are bound to. */
  readonly address: string;
  readonly portRange: { readonly min: number; readonly max: number };
  /** Of the FiguresBoard. */
  readonly figures: SharedArrayBuffer;
  /** Some party may speak Opus: it is made ready before any does. */
  readonly opus: boolean;
};
