import type { CodecName } from '../../model/trunk.ts';
import type { DtmfDetector } from '../audio/dtmf-detector.ts';
import type { Latch } from './latch.ts';
import type { EventKind, PayloadKind, PeerMedia } from './media-protocol.ts';
import { VoiceTap } from './mixer.ts';
import { OutboundStream, type StreamStart } from './outbound-stream.ts';
import { OutgoingVoice } from './outgoing-voice.ts';
import type { ReportState } from './port-reports.ts';
import type { PromptPlayer } from './prompt-player.ts';
import { ReceivedVoice } from './received-voice.ts';
import { Reception } from './reception.ts';
import { Relay } from './relay.ts';
import type { StreamFigures } from './stream-figures.ts';
import type { TelephoneEventReceiver } from './telephone-event-receiver.ts';
import type { TelephoneEventSender } from './telephone-event-sender.ts';

/**
 * One port being heard by another. Packets of the only source are relayed as long as the listener can
 * take them as they are; else the sound is decoded: `tap` hands it over frame by frame.
 */
export type Hearing = {
  readonly source: CorePort;
  readonly listener: CorePort;
  /** Nothing else is heard. */
  readonly only: boolean;
  relay: Relay | undefined;
  tap: VoiceTap | undefined;
};

/** What the core knows of one RTP port. State only: `MediaCore` acts on it. */
export class CorePort {
  readonly id: number;
  readonly stream: OutboundStream;
  /** What is counted of it. */
  readonly figures: StreamFigures;
  readonly reception: Reception;
  /** Undefined until offer and answer are through. */
  reports: ReportState | undefined;
  /** Undefined until offer and answer are through: nothing is sent or taken before. */
  peer: PeerMedia | undefined;
  latch: Latch | undefined;
  /** By payload type, what the peer may send. */
  readonly kinds: (PayloadKind | undefined)[] = Array.from({ length: 128 }, () => undefined);

  /** What the party hears. */
  players: PromptPlayer[] = [];
  hearings: Hearing[] = [];
  /** Who hears the party. */
  listeners: Hearing[] = [];
  /** The next packet of ours begins a talkspurt. */
  markNext = true;
  /** A prompt that has not begun waits so long for the first packet of the party. */
  leadUntil = 0;

  /** The codec that the party uses, which may be another one than it agreed to. */
  sends: CodecName | undefined;
  /** The longest packet of it, in ms. */
  longestSentMs = 0;
  /** Its sound, while anybody needs it decoded. */
  voice: ReceivedVoice | undefined;
  /** Looks for keys in it: only of a party that has no telephone-event. */
  detector: DtmfDetector | undefined;
  /** For the detector, which works at 8000 Hz. */
  readonly detectorTap = new VoiceTap();

  keysToSend: TelephoneEventSender | undefined;
  /** Timestamp of the key that is being sent: all its packets carry it. */
  keyTimestamp = 0;
  /** When that key began. */
  keyStartedAt = Number.NEGATIVE_INFINITY;
  keysReceived: TelephoneEventReceiver | undefined;
  /** How the last of them came. */
  receivedKeyKind: EventKind = 'telephoneEvent';

  flowing = false;
  lastReceivedAt = 0;
  /** It said that it pauses: comfort noise was the last thing it sent. */
  pausing = false;
  noAudioReported = false;

  #out: OutgoingVoice | undefined;

  constructor(id: number, start: StreamStart, figures: StreamFigures) {
    this.id = id;
    this.stream = new OutboundStream(start);
    this.figures = figures;
    this.reception = new Reception(figures);
  }

  /** The relay of the only source, when that is a port. */
  get relay(): Relay | undefined {
    return this.hearings[0]?.relay;
  }

  /** Does it have something to do in every tick? Ports that only relay have not. */
  get needsTicks(): boolean {
    if (this.peer === undefined) return false;
    if (this.keysToSend?.busy === true || this.players.length > 0) return true;
    return this.peer.maySend && this.relay === undefined;
  }

  /** What makes sound of ours into packets: made when it is needed first. */
  out({ codec, packetMs }: PeerMedia): OutgoingVoice {
    if (this.#out?.codec !== codec || this.#out.packetMs !== packetMs) {
      this.#out?.close();
      this.#out = new OutgoingVoice(codec, packetMs);
    }
    return this.#out;
  }

  /** What is half a packet is not sent any more. */
  dropHalf(): void {
    this.#out?.drop();
  }

  /** Ends that this port hears `hearing.source`. */
  forget(hearing: Hearing): void {
    this.hearings = this.hearings.filter((other) => other !== hearing);
    const { source } = hearing;
    source.listeners = source.listeners.filter((other) => other !== hearing);
    source.arrangeVoice();
  }

  /** Begins to hear `hearing.source`. */
  begin(hearing: Hearing): void {
    if (!this.arrange(hearing)) hearing.tap = new VoiceTap();
    hearing.source.arrangeVoice();
  }

  /** Relayed or decoded, as the codecs of both ends ask for now. True when that changed. */
  arrange(hearing: Hearing): boolean {
    const relays = hearing.only && canRelay(hearing);
    if (relays === (hearing.relay !== undefined)) return false;
    hearing.relay = relays ? new Relay(this.stream) : undefined;
    hearing.tap = relays ? undefined : new VoiceTap();
    this.markNext = true;
    hearing.source.arrangeVoice();
    return true;
  }

  /** Begins or ends to decode the party. */
  arrangeVoice(): void {
    const needed =
      this.detector !== undefined || this.listeners.some(({ tap }) => tap !== undefined);
    const codec = needed ? this.sends : undefined;
    if (this.voice?.codec === codec) return;
    this.voice?.close();
    this.voice = codec === undefined ? undefined : new ReceivedVoice(codec);
  }

  /** Nothing of it is needed any more. */
  close(): void {
    this.#out?.close();
    this.voice?.close();
    this.voice = undefined;
  }
}

/** The same codec, or both laws of G.711, which become each other octet by octet; in packets not too long. */
function canRelay({ source, listener }: Hearing): boolean {
  const to = listener.peer;
  if (to === undefined || source.sends === undefined) return true;
  if (source.longestSentMs > to.longestPacketMs) return false;
  return source.sends === to.codec || (isG711(source.sends) && isG711(to.codec));
}

function isG711(codec: CodecName): boolean {
  return codec === 'PCMA' || codec === 'PCMU';
}
