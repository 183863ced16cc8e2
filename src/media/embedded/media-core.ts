import type { CodecName } from '../../model/trunk.ts';
import { codecOf } from '../audio/codecs.ts';
import { DtmfDetector } from '../audio/dtmf-detector.ts';
import { CorePort, type Hearing } from './core-port.ts';
import { FrameSender } from './frame-sender.ts';
import { Latch } from './latch.ts';
import type { CoreEvent, CoreSource, EventKind, PayloadKind, PeerMedia } from './media-protocol.ts';
import type { StreamStart } from './outbound-stream.ts';
import { isSound, PacketForwarder } from './packet-forwarder.ts';
import { payloadUnits } from './packet-length.ts';
import { PortReports, type ReportSurroundings } from './port-reports.ts';
import { PromptPlayer } from './prompt-player.ts';
import type { ReceivedVoice } from './received-voice.ts';
import { emptyRtpView, isRtcp, type RtpView, readRtp, rtpHeaderLength } from './rtp-packet.ts';
import { clearFigures, figure, newFigures, type StreamFigures } from './stream-figures.ts';
import { telephoneEventLength } from './telephone-event.ts';
import { TelephoneEventReceiver } from './telephone-event-receiver.ts';
import { TelephoneEventSender } from './telephone-event-sender.ts';

/** Time between two calls of `tick`. */
export const tickMs = 20;
/** How long the first prompt waits for a sign that the party's path is open (its first packet). */
export const leadMs = 200;
/** A party that should send and did not for so long is reported: at the latest when 3 s are over. */
export const noAudioMs = 2_900;
/** The same for one that said it pauses (RFC 3389): it need not say so again. */
export const longestPauseMs = 30_000;
/** A listener whose source is quiet gets one silent frame so often: NAT and timeouts of the peer. */
export const keepAliveMs = 1000;
const ticksPerKeepAlive = keepAliveMs / tickMs;
const ticksPerCheck = 5;

const silentFrame = new Int16Array(160);

/** Where a packet came from or goes to, in the form that sockets report. */
export type PacketAddress = { readonly address: string; readonly port: number };

/** Everything that leaves the core. Packets go by themselves, so that they cost no object. */
export interface CoreOutput {
  packet(portId: number, packet: Uint8Array, to: PacketAddress): void;
  /** RTCP: from the port of RTP (`mux`) or the one beside it. */
  control(portId: number, packet: Uint8Array, to: PacketAddress, mux: boolean): void;
  event(portId: number, event: CoreEvent): void;
  /** The port talks to this address only from now on; undefined: that is open again. */
  locked(portId: number, to: PacketAddress | undefined): void;
}

/**
 * The media of many calls without sockets, threads or time of its own: packets, commands and ticks
 * in, packets and events out. All instants are milliseconds of one monotonic clock.
 */
export class MediaCore {
  readonly #output: CoreOutput;
  readonly #frames: FrameSender;
  readonly #forwarder: PacketForwarder;
  readonly #reports: PortReports;
  readonly #ports = new Map<number, CorePort>();
  readonly #ticking = new Set<CorePort>();
  /** Ports on which a key is down whose end has not come. */
  readonly #keysDown = new Set<CorePort>();
  /** Ports whose keys come as tones. */
  readonly #detecting = new Set<CorePort>();
  readonly #view: RtpView = emptyRtpView();
  #ticks = 0;

  constructor(output: CoreOutput, around: ReportSurroundings) {
    const counted = this.#counted(output);
    this.#output = output;
    this.#frames = new FrameSender(counted);
    this.#forwarder = new PacketForwarder(counted);
    this.#reports = new PortReports(output, around);
  }

  get portCount(): number {
    return this.#ports.size;
  }

  /** `figures`: where the port is counted. */
  open(portId: number, start: StreamStart, figures: StreamFigures = newFigures()): void {
    clearFigures(figures);
    this.#ports.set(portId, new CorePort(portId, start, figures));
  }

  close(portId: number, nowMs: number): void {
    const port = this.#ports.get(portId);
    if (port === undefined) return;
    this.#reports.closed(port, nowMs);
    this.#ports.delete(portId);
    for (const hearing of port.hearings) port.forget(hearing);
    for (const hearing of port.listeners) {
      hearing.listener.forget(hearing);
      this.#schedule(hearing.listener);
    }
    port.close();
    this.#ticking.delete(port);
    this.#keysDown.delete(port);
    this.#detecting.delete(port);
  }

  /** Offer and answer agreed, for the first time or anew. */
  settle(portId: number, peer: PeerMedia, nowMs: number): void {
    const port = this.#ports.get(portId);
    if (port === undefined) return;
    port.peer = peer;
    port.markNext = true;
    port.stream.useClock(codecOf(peer.codec).unitsPerMs);
    port.sends = peer.codec;
    port.longestSentMs = 0;
    takeKinds(port, peer);
    this.#detectKeys(port, peer);
    if (port.latch?.isFor(peer, peer) === true) {
      port.latch.reopen(nowMs);
    } else {
      if (port.latch?.locked === true) this.#output.locked(portId, undefined);
      port.latch = new Latch(peer, peer, nowMs);
      port.flowing = false;
    }
    port.leadUntil = nowMs + leadMs;
    port.lastReceivedAt = nowMs;
    // What was missed is waited for anew; when it comes that is told.
    if (port.noAudioReported) port.flowing = false;
    port.noAudioReported = false;
    port.pausing = false;
    this.#reports.settled(port);
    this.#arrange(port);
  }

  /** Replaces what a party hears; ports that are closed are left out. */
  hear(portId: number, sources: readonly CoreSource[]): void {
    const port = this.#ports.get(portId);
    if (port === undefined) return;
    const heard = sources.flatMap((source) =>
      source.kind === 'port' ? (this.#ports.get(source.portId) ?? []) : [],
    );
    const players = sources.flatMap((source) =>
      source.kind === 'prompt' ? new PromptPlayer(source) : [],
    );
    const only = players.length === 0 && heard.length === 1;
    const goesOn = only && port.hearings[0]?.only === true && port.hearings[0].source === heard[0];
    if (goesOn) return;
    for (const hearing of port.hearings) port.forget(hearing);
    port.players = players;
    for (const source of heard) {
      const ends = { source, listener: port, only };
      const hearing: Hearing = { ...ends, relay: undefined, tap: undefined };
      port.hearings.push(hearing);
      source.listeners.push(hearing);
      port.begin(hearing);
    }
    port.markNext = true;
    port.dropHalf();
    this.#schedule(port);
  }

  sendDtmf(portId: number, digits: string, nowMs: number): void {
    const port = this.#ports.get(portId);
    if (port === undefined) return;
    port.keysToSend ??= new TelephoneEventSender();
    port.keysToSend.enqueue(digits, port.peer === undefined ? undefined : nowMs);
    this.#schedule(port);
  }

  /** Takes one datagram of RTCP from the port beside that of RTP. */
  receiveControl(portId: number, packet: Uint8Array, from: PacketAddress, nowMs: number): void {
    const port = this.#ports.get(portId);
    if (port !== undefined) this.#reports.receive(port, packet, from, nowMs);
  }

  /** Takes one datagram. It may be written into and handed on: it belongs to the core from now on. */
  receive(portId: number, packet: Uint8Array, from: PacketAddress, nowMs: number): void {
    const port = this.#ports.get(portId);
    const peer = port?.peer;
    if (port === undefined || peer === undefined) return;
    if (isRtcp(packet)) return this.#reports.receive(port, packet, from, nowMs);
    const view = this.#view;
    if (!readRtp(packet, view)) return;
    const kind = port.kinds[view.payloadType];
    const octets = view.payloadEnd - view.payloadStart;
    // Most peers send comfort noise without having said so: it proves nothing about where they are.
    const isEarlyNoise = kind === 'comfortNoise' && port.latch?.locked !== true;
    if (kind === undefined || isEarlyNoise) {
      // Not heard, and not lost.
      const isOurs = port.latch?.isOfStream(from, view.ssrc) === true;
      if (isOurs) port.reception.receive(view, octets, 0, nowMs);
      return;
    }
    if (!this.#admits(port, from, nowMs)) return;
    port.reception.receive(view, octets, isSound(kind) ? unitsPerMsOf(kind) : 0, nowMs);
    port.lastReceivedAt = nowMs;
    // An empty packet only keeps a NAT binding open (RFC 6263 section 4.1).
    if (view.payloadEnd === view.payloadStart) return;
    if (!port.flowing || port.noAudioReported) {
      port.flowing = true;
      port.noAudioReported = false;
      this.#output.event(portId, { type: 'flowing' });
    }
    port.pausing = kind === 'comfortNoise';
    if (isEvent(kind)) this.#receiveKey(port, packet, kind, nowMs);
    else if (isSound(kind)) this.#noteSound(port, packet, kind);
    if (port.voice !== undefined) this.#decode(port.voice, packet, kind);
    const { listeners } = port;
    for (let i = 0; i < listeners.length; i++) {
      const hearing = listeners[i]!;
      const { relay } = hearing;
      if (relay !== undefined) this.#forwarder.forward(hearing, relay, packet, view, kind, nowMs);
    }
  }

  /** To be called every 20 ms with the instant that was due, whenever it really is. */
  tick(nowMs: number): void {
    const tick = ++this.#ticks;
    this.#reports.tick(nowMs);
    for (const port of this.#detecting) detectKeys(port, tick);
    for (const port of this.#ticking) {
      this.#frames.tick(port, tick, nowMs);
      if (!port.needsTicks) this.#ticking.delete(port);
    }
    for (const port of this.#keysDown) {
      port.keysReceived?.tick(nowMs);
      if (port.keysReceived?.pending !== true) this.#keysDown.delete(port);
    }
    if (tick % ticksPerCheck === 0) {
      for (const port of this.#ports.values()) this.#checkAudio(port, nowMs);
    }
    if (tick % ticksPerKeepAlive === 0) {
      for (const port of this.#ports.values()) this.#keepAlive(port, nowMs);
    }
  }

  /** The same, with what is sent to a party counted. */
  #counted(output: CoreOutput): CoreOutput {
    return {
      ...output,
      packet: (portId, packet, to) => {
        const { figures } = this.#ports.get(portId)!;
        figures[figure.sentPackets]!++;
        figures[figure.sentOctets]! += packet.length - rtpHeaderLength;
        output.packet(portId, packet, to);
      },
    };
  }

  #schedule(port: CorePort): void {
    if (port.needsTicks) this.#ticking.add(port);
    else this.#ticking.delete(port);
  }

  /** Codecs are known anew: who relays and who decodes, on both sides of the port. */
  #arrange(port: CorePort): void {
    for (const hearing of port.hearings) port.arrange(hearing);
    for (const hearing of port.listeners) {
      if (hearing.listener.arrange(hearing)) this.#schedule(hearing.listener);
    }
    port.arrangeVoice();
    this.#schedule(port);
  }

  /** A party may change to any codec that was offered, and to longer packets, without a word. */
  #noteSound(port: CorePort, packet: Uint8Array, codec: CodecName): void {
    const { payloadStart, payloadEnd } = this.#view;
    const units = payloadUnits(codec, packet, payloadStart, payloadEnd);
    const isOther = codec !== port.sends;
    if (!isOther && units <= port.longestSentMs * unitsPerMsOf(codec)) return;
    port.longestSentMs = Math.ceil(units / unitsPerMsOf(codec));
    port.sends = codec;
    this.#arrange(port);
  }

  #decode(voice: ReceivedVoice, packet: Uint8Array, kind: PayloadKind): void {
    const { payloadStart, payloadEnd } = this.#view;
    const payload = packet.subarray(payloadStart, payloadEnd);
    if (isEvent(kind)) voice.put(this.#view, payload, 'key');
    else voice.put(this.#view, payload, kind === 'comfortNoise' ? 'noise' : 'sound');
  }

  /** A party without telephone-events has only tones to press keys with. */
  #detectKeys(port: CorePort, peer: PeerMedia): void {
    if (peer.telephoneEventType !== undefined) {
      port.detector = undefined;
      this.#detecting.delete(port);
      return;
    }
    port.detector ??= new DtmfDetector((key, durationMs) =>
      // The others hear the tones as they are: nothing is passed on.
      this.#output.event(port.id, { type: 'dtmf', key, durationMs }),
    );
    this.#detecting.add(port);
  }

  #admits(port: CorePort, from: PacketAddress, nowMs: number): boolean {
    const { latch } = port;
    if (latch === undefined) return false;
    const verdict = latch.judge(from, this.#view.ssrc, this.#view.sequence, nowMs);
    if (verdict === 'lock') this.#output.locked(port.id, latch.target);
    return verdict !== 'drop';
  }

  #receiveKey(port: CorePort, packet: Uint8Array, kind: EventKind, nowMs: number): void {
    const { payloadStart: at, payloadEnd, timestamp, marker } = this.#view;
    if (payloadEnd - at < telephoneEventLength) return;
    port.keysReceived ??= new TelephoneEventReceiver((key, durationMs) => {
      this.#output.event(port.id, { type: 'dtmf', key, durationMs });
      this.#passOn(port, key);
    });
    const code = packet[at]!;
    const end = (packet[at + 1]! & 0x80) !== 0;
    const duration = (packet[at + 2]! << 8) | packet[at + 3]!;
    port.receivedKeyKind = kind;
    port.keysReceived.unitsPerMs = kind === 'telephoneEvent' ? port.stream.unitsPerMs : 8;
    port.keysReceived.receive({ timestamp, marker, code, end, duration }, nowMs);
    if (port.keysReceived.pending) this.#keysDown.add(port);
  }

  /**
   * In a talk a key reaches also a party to which its packets are not relayed: one that takes no
   * telephone-event hears tones, one with another codec gets telephone-events of its own.
   */
  #passOn(source: CorePort, key: string): void {
    for (const { listener, only, relay } of source.listeners) {
      const { peer } = listener;
      if (!only || peer === undefined) continue;
      const isRelayed = relay !== undefined && peer.telephoneEventKind === source.receivedKeyKind;
      if (isRelayed && peer.telephoneEventType !== undefined) continue;
      listener.keysToSend ??= new TelephoneEventSender();
      listener.keysToSend.passOn(key, source.lastReceivedAt);
      this.#schedule(listener);
    }
  }

  /** Once a second: a listener whose source is quiet gets one silent packet. */
  #keepAlive(port: CorePort, nowMs: number): void {
    if (port.peer?.maySend !== true || port.relay === undefined) return;
    if (nowMs - port.stream.lastSentAt >= keepAliveMs) this.#frames.sendSilence(port, nowMs);
  }

  #checkAudio(port: CorePort, nowMs: number): void {
    if (port.peer?.expectsPackets !== true || port.noAudioReported) return;
    const forMs = nowMs - port.lastReceivedAt;
    if (forMs < (port.pausing ? longestPauseMs : noAudioMs)) return;
    port.noAudioReported = true;
    this.#output.event(port.id, { type: 'noAudio', forMs });
  }
}

function takeKinds(port: CorePort, peer: PeerMedia): void {
  const { receives, telephoneEventType, telephoneEventKind } = peer;
  port.kinds.fill(undefined);
  // Deviation: RFC 3264 section 5.1 has the peer use our number; some send with their own.
  if (telephoneEventType !== undefined) port.kinds[telephoneEventType] = telephoneEventKind;
  for (const [kind, type] of Object.entries(receives)) {
    if (type !== undefined) port.kinds[type] = kind as PayloadKind;
  }
}

function detectKeys(port: CorePort, tick: number): void {
  const { detector, voice } = port;
  const frame = voice && port.detectorTap.read(voice, tick, 8_000);
  detector?.push(frame ?? silentFrame);
}

function isEvent(kind: PayloadKind): kind is EventKind {
  return kind === 'telephoneEvent' || kind === 'slowTelephoneEvent';
}

function unitsPerMsOf(codec: CodecName): number {
  return codec === 'opus' ? 48 : 8;
}
