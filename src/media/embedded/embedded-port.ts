import { isIPv6 } from 'node:net';
import type { Random } from '../../base/random.ts';
import type { Sink } from '../../base/sink.ts';
import type { LegQuality } from '../../model/leg-quality.ts';
import type { Prompt } from '../../model/party.ts';
import type { CodecName } from '../../model/trunk.ts';
import { audioCodec, comfortNoise } from '../../sdp/audio-codecs.ts';
import { masterKeyLengths, srtpSuites } from '../../sdp/crypto-attribute.ts';
import type { LocalSrtp } from '../../sdp/crypto-negotiation.ts';
import {
  applyAnswer,
  type LocalAudio,
  makeAnswer,
  makeOffer,
  mayReceive,
  maySend,
  type NegotiatedAudio,
} from '../../sdp/offer-answer.ts';
import type { SessionDescription } from '../../sdp/session-description.ts';
import { codecOf, packetMsFor } from '../audio/codecs.ts';
import type { PreparedPrompt } from '../audio/prompt-cache.ts';
import {
  MediaError,
  type MediaPort,
  type MediaPortEvent,
  type MediaSource,
  type PortOptions,
} from '../media-engine.ts';
import { qualityOf } from './leg-quality.ts';
import type { CoreSource, PeerMedia } from './media-protocol.ts';
import { isBlackHole, isPrivateAddress, socketForm } from './peer-address.ts';
import type { StreamFigures } from './stream-figures.ts';
import { assertDigits } from './telephone-event-sender.ts';
import type { WorkerLink } from './worker-link.ts';

/** Where prompts come from; `get` answers at once what `prepare` brought in before. */
export type PromptSource = {
  prepare(prompt: Prompt): Promise<PreparedPrompt>;
  get(path: string): PreparedPrompt | undefined;
};

export type EmbeddedPortParts = Omit<PortOptions, 'near'> & {
  readonly portId: number;
  readonly link: WorkerLink;
  readonly prompts: PromptSource;
  readonly random: Random;
  /** What the worker counts of this port. */
  readonly figures: StreamFigures;
  /** What descriptions name. */
  readonly publicAddress: string;
  readonly rtpPort: number;
  readonly sessionId: string;
  readonly sink: Sink<MediaPortEvent>;
  /** Closes the socket and gives the RTP port back. */
  readonly release: () => Promise<void>;
};

/** What we send in a packet, whatever a peer asks for: within this. */
const shortestPacketMs = 10;
const longestPacketMs = 60;

/** A MediaPort whose packets a media worker handles: descriptions here, everything else by command. */
export class EmbeddedPort implements MediaPort {
  readonly #parts: EmbeddedPortParts;
  /** Our keys, the same in all descriptions of this dialog. */
  readonly #srtp: LocalSrtp | undefined;
  /** Our last description in this dialog. */
  #local: SessionDescription | undefined;
  /** What we last offered, which every branch of a fork answers for itself. */
  #offered: SessionDescription | undefined;
  #peer: PeerMedia | undefined;
  #held = false;
  /** Counts `hear`, so that a prompt that was slow to prepare does not undo a later one. */
  #hearCount = 0;
  #closing: Promise<void> | undefined;

  constructor(parts: EmbeddedPortParts) {
    this.#parts = parts;
    const { srtp = 'off', random } = parts;
    if (srtp !== 'off') this.#srtp = { required: srtp === 'required', keys: newKeys(random) };
  }

  get link(): WorkerLink {
    return this.#parts.link;
  }

  get portId(): number {
    return this.#parts.portId;
  }

  get held(): boolean {
    return this.#held;
  }

  get quality(): LegQuality | undefined {
    if (this.#peer === undefined) return undefined;
    const { codec, crypto } = this.#peer;
    return qualityOf(this.#parts.figures, { codec, srtp: crypto?.send.suite ?? null });
  }

  async offer(): Promise<SessionDescription> {
    this.#local = makeOffer(this.#localAudio());
    this.#offered = this.#local;
    return this.#local;
  }

  async accept(answer: SessionDescription): Promise<void> {
    if (this.#local === undefined)
      throw new MediaError('an answer came before anything was offered');
    let agreed = applyAnswer(this.#local, answer);
    // Another branch of a fork knows nothing of what this one changed by UPDATE meanwhile.
    if ('problem' in agreed && this.#offered !== undefined) {
      agreed = applyAnswer(this.#offered, answer);
    }
    if ('problem' in agreed) throw new MediaError(agreed.problem);
    this.#settle(agreed);
  }

  async answer(offer: SessionDescription): Promise<SessionDescription> {
    const made = makeAnswer(offer, this.#localAudio());
    if ('problem' in made) throw new MediaError(made.problem);
    this.#settle(made.chosen);
    this.#local = made.answer;
    return made.answer;
  }

  hear(...sources: readonly MediaSource[]): void {
    const count = ++this.#hearCount;
    try {
      const known = sources.map((source) => this.#coreSource(source));
      if (known.every((source) => source !== undefined)) this.#sendHear(known);
      else void this.#prepareAndHear(sources, count);
    } catch (cause) {
      this.#fail(cause as Error);
    }
  }

  sendDtmf(digits: string): void {
    try {
      assertDigits(digits);
    } catch (cause) {
      this.#fail(cause as Error);
      return;
    }
    if (/^\.*$/.test(digits)) {
      // Pauses alone: nothing will be sent, and nobody should wait for it.
      queueMicrotask(() => this.receive({ type: 'dtmfSent', digits }));
      return;
    }
    this.#send({ type: 'sendDtmf', portId: this.portId, digits });
  }

  close(): Promise<void> {
    this.#closing ??= this.#parts.release();
    return this.#closing;
  }

  /** For the engine: an event of the worker. */
  receive(event: MediaPortEvent): void {
    if (this.#closing === undefined) this.#parts.sink(event);
  }

  /** For the engine: the worker is gone. The RTP port is given back whether or not anybody closes. */
  lost(cause: Error | undefined): void {
    if (cause !== undefined) {
      const failure = new MediaError(`the media worker of this port stopped: ${cause.message}`);
      this.receive({ type: 'failed', cause: failure });
    }
    void this.close();
  }

  #fail(cause: Error): void {
    // Never within the command itself: its caller is not ready to be called back.
    queueMicrotask(() => this.receive({ type: 'failed', cause }));
  }

  #send(command: Parameters<WorkerLink['send']>[0]): void {
    if (this.#closing === undefined) this.link.send(command);
  }

  #sendHear(sources: readonly CoreSource[]): void {
    this.#send({ type: 'hear', portId: this.portId, sources });
  }

  #localAudio(): LocalAudio {
    const { sessionId, publicAddress: address, rtpPort: port, codecs } = this.#parts;
    const srtp = this.#srtp && { srtp: this.#srtp };
    const local = { sessionId, version: 1, address, port, codecs, ...srtp };
    return this.#local === undefined ? local : { ...local, previous: this.#local };
  }

  #settle(agreed: NegotiatedAudio): void {
    const { codec, direction, crypto } = agreed;
    const { signalledBy } = this.#parts;
    const wantedMs = Math.max(shortestPacketMs, Math.min(longestPacketMs, agreed.ptime));
    const peer: PeerMedia = {
      ...this.#addressOf(agreed),
      ...(signalledBy !== undefined && { signalledBy }),
      ...(crypto !== undefined && { crypto }),
      rtcpMux: agreed.rtcpMux,
      rtcpPort: agreed.remoteRtcpPort,
      codec,
      payloadType: agreed.payloadType,
      packetMs: packetMsFor(codecOf(codec), wantedMs),
      longestPacketMs: agreed.maxptime ?? Number.POSITIVE_INFINITY,
      telephoneEventType: agreed.telephoneEventPayloadType ?? agreed.slowTelephoneEventPayloadType,
      telephoneEventKind:
        agreed.telephoneEventPayloadType === undefined &&
        agreed.slowTelephoneEventPayloadType !== undefined
          ? 'slowTelephoneEvent'
          : 'telephoneEvent',
      comfortNoiseType: agreed.comfortNoisePayloadType,
      receives: receivedTypes(this.#parts.codecs, agreed),
      maySend: maySend(direction),
      // A phone that holds need not send its music, whatever its direction says.
      expectsPackets: maySend(direction) && mayReceive(direction),
    };
    this.#held = !peer.maySend;
    this.#peer = peer;
    this.#send({ type: 'settle', portId: this.portId, peer });
  }

  #addressOf({ remote }: NegotiatedAudio): Pick<PeerMedia, 'address' | 'port' | 'learns'> {
    if (isBlackHole(remote.host) && this.#peer !== undefined) {
      // Hold in the old way: the party is still where it was.
      const { address, port, learns } = this.#peer;
      return { address, port, learns };
    }
    if (isIPv6(remote.host) !== isIPv6(this.#parts.publicAddress)) {
      throw new MediaError(
        `RTP to ${remote.host} is not possible from ${this.#parts.publicAddress}: IPv4 and IPv6 do not mix`,
      );
    }
    const { latching = 'auto', publicAddress } = this.#parts;
    const isUnroutable = isPrivateAddress(remote.host) && !isPrivateAddress(publicAddress);
    const learns = latching === 'always' || (latching === 'auto' && isUnroutable);
    return { address: socketForm(remote.host), port: remote.port, learns };
  }

  /** Undefined: a prompt that is not in memory. Throws for a port that is not of the same worker. */
  #coreSource(source: MediaSource): CoreSource | undefined {
    if ('port' in source) return portSource(this, source.port);
    const prepared = this.#parts.prompts.get(source.prompt.path);
    return prepared && this.#promptSource(source, prepared);
  }

  /** In the rate of the party's codec, if the prompt is there in it. */
  #promptSource(
    { loop, playId = 0 }: Extract<MediaSource, { prompt: Prompt }>,
    { samples, wideSamples }: PreparedPrompt,
  ): CoreSource {
    const isWide = this.#peer !== undefined && codecOf(this.#peer.codec).rate === 16_000;
    const prompt = { kind: 'prompt', loop, playId } as const;
    if (isWide && wideSamples !== undefined) {
      return { ...prompt, samples: wideSamples, rate: 16_000 };
    }
    return { ...prompt, samples, rate: 8_000 };
  }

  async #prepareAndHear(sources: readonly MediaSource[], count: number): Promise<void> {
    const prepare = async (source: MediaSource): Promise<CoreSource> => {
      if ('port' in source) return portSource(this, source.port);
      return this.#promptSource(source, await this.#parts.prompts.prepare(source.prompt));
    };
    try {
      const ready = await Promise.all(sources.map(prepare));
      if (count === this.#hearCount) this.#sendHear(ready);
    } catch (cause) {
      this.#fail(cause as Error);
    }
  }
}

/** As many random bytes for every suite as its master key and salt have. */
function newKeys(random: Random): LocalSrtp['keys'] {
  const entries = srtpSuites.map((suite) => {
    const { key, salt } = masterKeyLengths[suite];
    return [suite, Buffer.from(random.hex(key + salt), 'hex').toString('base64')];
  });
  return Object.fromEntries(entries);
}

function portSource(listener: EmbeddedPort, port: MediaPort): CoreSource {
  if (!(port instanceof EmbeddedPort)) throw new MediaError('the port is of another media engine');
  if (port.link !== listener.link) {
    throw new MediaError(
      'the two ports are on different media workers: open the second with `near` the first',
    );
  }
  return { kind: 'port', portId: port.portId };
}

/** By kind, the payload types that the peer may use: the agreed codec, and all others that we offered. */
function receivedTypes(
  codecs: readonly CodecName[],
  agreed: NegotiatedAudio,
): PeerMedia['receives'] {
  const offered = codecs.map((name) => [name, audioCodec(name).payloadType] as const);
  return {
    ...Object.fromEntries(offered),
    // Comfort noise comes from peers that were never told we take it: 13 is nothing else (RFC 3551).
    comfortNoise: agreed.receiveComfortNoisePayloadType ?? comfortNoise.payloadType,
    telephoneEvent: agreed.receiveTelephoneEventPayloadType,
    slowTelephoneEvent: agreed.receiveSlowTelephoneEventPayloadType,
    [agreed.codec]: agreed.receivePayloadType,
  };
}
