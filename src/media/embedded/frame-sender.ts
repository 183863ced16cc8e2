import { encodeFrame, silenceOctet } from '../audio/g711.ts';
import type { CorePort } from './core-port.ts';
import { writeDtmfTone } from './dtmf-tone.ts';
import type { CoreOutput } from './media-core.ts';
import type { PeerMedia } from './media-protocol.ts';
import { saturate } from './mixer.ts';
import { frameSamples, unitsPerMs } from './outbound-stream.ts';
import { rtpHeaderLength, timestampAfter } from './rtp-packet.ts';
import { telephoneEventLength, writeTelephoneEvent } from './telephone-event.ts';
import type { KeyStep, TelephoneEventSender } from './telephone-event-sender.ts';

/** Sends what we make ourselves, 20 ms at a time: prompts, mixes, silence and keys. */
export class FrameSender {
  readonly #output: CoreOutput;
  readonly #frame = new Int16Array(frameSamples);
  readonly #sum = new Int32Array(frameSamples);

  constructor(output: CoreOutput) {
    this.#output = output;
  }

  /** The port's share of one tick. */
  tick(port: CorePort, nowMs: number): void {
    const { peer, keysToSend } = port;
    if (peer === undefined) return;
    const covered =
      peer.maySend && keysToSend !== undefined && this.#sendKey(port, peer, keysToSend, nowMs);
    if (port.relay !== undefined) return;
    const hasSound = this.#readFrame(port, nowMs);
    if (peer.maySend && !covered) {
      if (hasSound) this.#sendFrame(port, peer, nowMs);
      else this.sendSilence(port, nowMs);
    }
    this.#reportPlayed(port);
  }

  /**
   * One silent frame. A party that hears nothing gets them all the time, so that NAT bindings and the
   * peer's own RTP timeout stay content.
   */
  sendSilence(port: CorePort, nowMs: number): void {
    const { peer } = port;
    if (peer === undefined) return;
    const packet = this.#audioPacket(port, peer, nowMs);
    packet.fill(silenceOctet[peer.codec], rtpHeaderLength);
    this.#send(port, packet);
  }

  #sendFrame(port: CorePort, peer: PeerMedia, nowMs: number): void {
    const packet = this.#audioPacket(port, peer, nowMs);
    encodeFrame(peer.codec, this.#frame, packet, rtpHeaderLength);
    this.#send(port, packet);
  }

  #audioPacket(port: CorePort, peer: PeerMedia, nowMs: number): Buffer {
    const marker = port.markNext;
    port.markNext = false;
    return port.stream.packet(
      {
        type: peer.payloadType,
        length: frameSamples,
        marker,
        timestamp: port.stream.nextTimestamp(nowMs),
        duration: frameSamples,
      },
      nowMs,
    );
  }

  #send(port: CorePort, packet: Buffer): void {
    port.relay?.interrupt();
    if (port.latch !== undefined) this.#output.packet(port.id, packet, port.latch.target);
  }

  /** Mixes 20 ms of all sources into the frame; false when there is nothing to hear. */
  #readFrame(port: CorePort, nowMs: number): boolean {
    const { players, hearings } = port;
    const waiting = nowMs < port.leadUntil && !port.flowing;
    const [player] = players;
    if (player !== undefined && players.length === 1 && hearings.length === 0) {
      if (waiting && !player.started) return false;
      player.read(this.#frame);
      return true;
    }
    if (players.length + hearings.length === 0) return false;
    this.#sum.fill(0);
    for (const one of players) {
      if (waiting && !one.started) continue;
      one.read(this.#frame);
      for (let i = 0; i < frameSamples; i++) this.#sum[i]! += this.#frame[i]!;
    }
    for (const hearing of hearings) if ('fifo' in hearing) hearing.fifo.addTo(this.#sum);
    saturate(this.#sum, this.#frame);
    return true;
  }

  #reportPlayed(port: CorePort): void {
    if (!port.players.some((player) => player.ended)) return;
    const ended = port.players.filter((player) => player.ended);
    port.players = port.players.filter((player) => !player.ended);
    for (const { playId } of ended) this.#output.event(port.id, { type: 'played', playId });
  }

  /** Sends the key's share of this tick; true while it takes the place of other sound. */
  #sendKey(port: CorePort, peer: PeerMedia, keys: TelephoneEventSender, nowMs: number): boolean {
    const step = keys.next(nowMs);
    if (step === undefined) return false;
    const { code } = keys;
    let covers = true;
    if (peer.telephoneEventType !== undefined) {
      this.#sendEvent(port, peer.telephoneEventType, code, step, nowMs);
    } else if (step.down) {
      writeDtmfTone(this.#frame, code, step.index);
      this.#sendFrame(port, peer, nowMs);
    } else {
      covers = false;
    }
    const digits = keys.finish();
    if (digits !== undefined) this.#output.event(port.id, { type: 'dtmfSent', digits });
    return covers;
  }

  #sendEvent(port: CorePort, type: number, code: number, step: KeyStep, nowMs: number): void {
    const { stream } = port;
    const marker = step.index === 0;
    if (marker) startKey(port, nowMs);
    const timestamp = port.keyTimestamp;
    const { duration, end } = step;
    const length = telephoneEventLength;
    const packet = stream.packet({ type, length, marker, timestamp, duration }, nowMs);
    writeTelephoneEvent(packet, rtpHeaderLength, { code, end, duration });
    // The sound that comes back after the key is a new talkspurt.
    port.markNext = true;
    this.#send(port, packet);
  }
}

/** More than this off the stream's own timeline: keys and sound would come apart. */
const keySlackUnits = 40 * unitsPerMs;

/**
 * A key's timestamp keeps its exact distance from the key before: what a receiver measures pauses by.
 * The timeline of relayed sound may be a packet ahead of the clock, so it decides only when they part.
 */
function startKey(port: CorePort, nowMs: number): void {
  const next = port.stream.nextTimestamp(nowMs);
  const elapsedMs = nowMs - port.keyStartedAt;
  const spaced = (port.keyTimestamp + Math.round(elapsedMs * unitsPerMs)) >>> 0;
  const keepsTime =
    elapsedMs < Number.POSITIVE_INFINITY && Math.abs(timestampAfter(spaced, next)) <= keySlackUnits;
  port.keyTimestamp = keepsTime ? spaced : next;
  port.keyStartedAt = nowMs;
}
