import type { Latch } from './latch.ts';
import type { PeerMedia } from './media-protocol.ts';
import type { SourceFifo } from './mixer.ts';
import { OutboundStream, type StreamStart } from './outbound-stream.ts';
import type { ReportState } from './port-reports.ts';
import type { PromptPlayer } from './prompt-player.ts';
import { Reception } from './reception.ts';
import type { Relay } from './relay.ts';
import type { StreamFigures } from './stream-figures.ts';
import type { TelephoneEventReceiver } from './telephone-event-receiver.ts';
import type { TelephoneEventSender } from './telephone-event-sender.ts';

/**
 * One port being heard by another: as the only source packets are relayed, as one of several sources
 * their sound is queued for the mix.
 */
export type Hearing = {
  readonly source: CorePort;
  readonly listener: CorePort;
} & ({ readonly relay: Relay } | { readonly fifo: SourceFifo });

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

  /** What the party hears. */
  players: PromptPlayer[] = [];
  hearings: Hearing[] = [];
  /** Who hears the party. */
  listeners: Hearing[] = [];
  /** The next packet of ours begins a talkspurt. */
  markNext = true;
  /** A prompt that has not begun waits so long for the first packet of the party. */
  leadUntil = 0;

  keysToSend: TelephoneEventSender | undefined;
  /** Timestamp of the key that is being sent: all its packets carry it. */
  keyTimestamp = 0;
  /** When that key began. */
  keyStartedAt = Number.NEGATIVE_INFINITY;
  keysReceived: TelephoneEventReceiver | undefined;

  flowing = false;
  lastReceivedAt = 0;
  silentReported = false;

  constructor(id: number, start: StreamStart, figures: StreamFigures) {
    this.id = id;
    this.stream = new OutboundStream(start);
    this.figures = figures;
    this.reception = new Reception(figures);
  }

  /** The relay of the only source, when that is a port. */
  get relay(): Relay | undefined {
    const hearing = this.hearings[0];
    return hearing !== undefined && 'relay' in hearing ? hearing.relay : undefined;
  }

  /** Does it have something to do in every tick? Ports that only relay have not. */
  get needsTicks(): boolean {
    if (this.peer === undefined) return false;
    if (this.keysToSend?.busy === true || this.players.length > 0) return true;
    return this.peer.maySend && this.relay === undefined;
  }

  /** Ends that this port hears `hearing.source`. */
  forget(hearing: Hearing): void {
    this.hearings = this.hearings.filter((other) => other !== hearing);
    const { source } = hearing;
    source.listeners = source.listeners.filter((other) => other !== hearing);
  }
}
