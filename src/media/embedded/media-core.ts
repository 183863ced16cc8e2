import { CorePort, type Hearing } from './core-port.ts';
import { FrameSender } from './frame-sender.ts';
import { Latch } from './latch.ts';
import type { CoreEvent, CoreSource, PeerMedia } from './media-protocol.ts';
import { SourceFifo } from './mixer.ts';
import type { StreamStart } from './outbound-stream.ts';
import { PacketForwarder, type PayloadKind } from './packet-forwarder.ts';
import { PortReports, type ReportSurroundings } from './port-reports.ts';
import { PromptPlayer } from './prompt-player.ts';
import { Relay } from './relay.ts';
import { emptyRtpView, isRtcp, type RtpView, readRtp, rtpHeaderLength } from './rtp-packet.ts';
import { clearFigures, figure, newFigures, type StreamFigures } from './stream-figures.ts';
import { telephoneEventLength } from './telephone-event.ts';
import { TelephoneEventReceiver } from './telephone-event-receiver.ts';
import { TelephoneEventSender } from './telephone-event-sender.ts';

/** Time between two calls of `tick`. */
export const tickMs = 20;
/** How long the first prompt waits for a sign that the party's path is open (its first packet). */
export const leadMs = 200;
/** No packet for so long is reported. */
export const silentMs = 30_000;
/** A listener whose source is quiet gets one silent frame so often: NAT and timeouts of the peer. */
export const keepAliveMs = 1000;
const ticksPerCheck = 1000 / tickMs;

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
    this.#ticking.delete(port);
    this.#keysDown.delete(port);
  }

  /** Offer and answer agreed, for the first time or anew. */
  settle(portId: number, peer: PeerMedia, nowMs: number): void {
    const port = this.#ports.get(portId);
    if (port === undefined) return;
    port.peer = peer;
    port.markNext = true;
    if (port.latch?.isFor(peer, peer) === true) {
      port.latch.reopen(nowMs);
    } else {
      if (port.latch?.locked === true) this.#output.locked(portId, undefined);
      port.latch = new Latch(peer, peer, nowMs);
      port.flowing = false;
    }
    port.leadUntil = nowMs + leadMs;
    port.lastReceivedAt = nowMs;
    port.silentReported = false;
    this.#reports.settled(port);
    this.#schedule(port);
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
    const goesOn = only && port.relay !== undefined && port.hearings[0]?.source === heard[0];
    if (goesOn) return;
    for (const hearing of port.hearings) port.forget(hearing);
    port.players = players;
    for (const source of heard) {
      const ends = { source, listener: port };
      const hearing: Hearing = only
        ? { ...ends, relay: new Relay(port.stream) }
        : { ...ends, fifo: new SourceFifo() };
      port.hearings.push(hearing);
      source.listeners.push(hearing);
    }
    port.markNext = true;
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
    const kind = payloadKind(peer, view.payloadType);
    const octets = view.payloadEnd - view.payloadStart;
    if (kind === undefined) {
      // Comfort noise and the like: not heard, and not lost.
      const isOurs = port.latch?.isOfStream(from, view.ssrc) === true;
      if (isOurs) port.reception.receive(view, octets, false, nowMs);
      return;
    }
    if (!this.#admits(port, from, nowMs)) return;
    port.reception.receive(view, octets, kind !== 'telephoneEvent', nowMs);
    port.lastReceivedAt = nowMs;
    // An empty packet only keeps a NAT binding open (RFC 6263 section 4.1).
    if (view.payloadEnd === view.payloadStart) return;
    if (!port.flowing || port.silentReported) {
      port.flowing = true;
      port.silentReported = false;
      this.#output.event(portId, { type: 'flowing' });
    }
    if (kind === 'telephoneEvent') this.#receiveKey(port, packet, nowMs);
    const { listeners } = port;
    for (let i = 0; i < listeners.length; i++) {
      this.#forwarder.forward(listeners[i]!, packet, view, kind, nowMs);
    }
  }

  /** To be called every 20 ms with the instant that was due, whenever it really is. */
  tick(nowMs: number): void {
    this.#reports.tick(nowMs);
    for (const port of this.#ticking) {
      this.#frames.tick(port, nowMs);
      if (!port.needsTicks) this.#ticking.delete(port);
    }
    for (const port of this.#keysDown) {
      port.keysReceived?.tick(nowMs);
      if (port.keysReceived?.pending !== true) this.#keysDown.delete(port);
    }
    if (++this.#ticks % ticksPerCheck !== 0) return;
    for (const port of this.#ports.values()) this.#check(port, nowMs);
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

  #admits(port: CorePort, from: PacketAddress, nowMs: number): boolean {
    const { latch } = port;
    if (latch === undefined) return false;
    const verdict = latch.judge(from, this.#view.ssrc, this.#view.sequence, nowMs);
    if (verdict === 'lock') this.#output.locked(port.id, latch.target);
    return verdict !== 'drop';
  }

  #receiveKey(port: CorePort, packet: Uint8Array, nowMs: number): void {
    const { payloadStart: at, payloadEnd, timestamp, marker } = this.#view;
    if (payloadEnd - at < telephoneEventLength) return;
    port.keysReceived ??= new TelephoneEventReceiver((key, durationMs) => {
      this.#output.event(port.id, { type: 'dtmf', key, durationMs });
      this.#passOn(port, key);
    });
    const code = packet[at]!;
    const end = (packet[at + 1]! & 0x80) !== 0;
    const duration = (packet[at + 2]! << 8) | packet[at + 3]!;
    port.keysReceived.receive({ timestamp, marker, code, end, duration }, nowMs);
    if (port.keysReceived.pending) this.#keysDown.add(port);
  }

  /** In a talk a key reaches also a party that takes no telephone-event: as tones. */
  #passOn(source: CorePort, key: string): void {
    for (const { listener } of source.listeners) {
      const { peer } = listener;
      if (listener.relay === undefined || peer === undefined) continue;
      if (peer.telephoneEventType !== undefined) continue;
      listener.keysToSend ??= new TelephoneEventSender();
      listener.keysToSend.passOn(key, source.lastReceivedAt);
      this.#schedule(listener);
    }
  }

  /** Once a second: what is cheap to see late. */
  #check(port: CorePort, nowMs: number): void {
    const { peer } = port;
    if (peer === undefined) return;
    if (peer.maySend && port.relay !== undefined) {
      if (nowMs - port.stream.lastSentAt >= keepAliveMs) this.#frames.sendSilence(port, nowMs);
    }
    const forMs = nowMs - port.lastReceivedAt;
    if (peer.expectsPackets && !port.silentReported && forMs >= silentMs) {
      port.silentReported = true;
      this.#output.event(port.id, { type: 'silent', forMs });
    }
  }
}

function payloadKind(peer: PeerMedia, payloadType: number): PayloadKind | undefined {
  const { receives } = peer;
  if (payloadType === receives.PCMA) return 'PCMA';
  if (payloadType === receives.PCMU) return 'PCMU';
  if (payloadType === receives.telephoneEvent) return 'telephoneEvent';
  // Deviation: RFC 3264 section 5.1 has the peer use our number; some send with their own.
  return payloadType === peer.telephoneEventType ? 'telephoneEvent' : undefined;
}
