import type { AudioRate } from '../audio/audio-codec.ts';
import type { CorePort } from './core-port.ts';
import { writeDtmfTone } from './dtmf-tone.ts';
import type { CoreOutput } from './media-core.ts';
import type { PeerMedia } from './media-protocol.ts';
import { addTo, saturate } from './mixer.ts';
import { rtpHeaderLength, timestampAfter } from './rtp-packet.ts';
import { telephoneEventLength, writeTelephoneEvent } from './telephone-event.ts';
import type { KeyStep, TelephoneEventSender } from './telephone-event-sender.ts';

const tickMs = 20;

/** What a tick works with at one rate; made once. */
class Frames {
  readonly sound: Int16Array;
  readonly part: Int16Array;
  readonly sum: Int32Array;
  readonly silence: Int16Array;

  constructor(rate: AudioRate) {
    const length = (rate * tickMs) / 1000;
    this.sound = new Int16Array(length);
    this.part = new Int16Array(length);
    this.sum = new Int32Array(length);
    this.silence = new Int16Array(length);
  }
}

/** Sends what we make ourselves, 20 ms at a time: prompts, mixes, decoded talks, silence and keys. */
export class FrameSender {
  readonly #output: CoreOutput;
  readonly #narrow = new Frames(8_000);
  readonly #wide = new Frames(16_000);

  constructor(output: CoreOutput) {
    this.#output = output;
  }

  /** The port's share of one tick; ticks are counted. */
  tick(port: CorePort, tick: number, nowMs: number): void {
    const { peer, keysToSend } = port;
    if (peer === undefined) return;
    const covered =
      peer.maySend && keysToSend !== undefined && this.#sendKey(port, peer, keysToSend, nowMs);
    if (port.relay !== undefined) return;
    const { rate } = port.out(peer);
    const frame = this.#readFrame(port, rate, tick, nowMs) ?? this.#framesOf(rate).silence;
    if (peer.maySend && !covered) this.#sendFrame(port, peer, frame, nowMs);
    this.#reportPlayed(port);
  }

  /** One silent packet, so that NAT bindings and the peer's own RTP timeout stay content. */
  sendSilence(port: CorePort, nowMs: number): void {
    const { peer } = port;
    if (peer === undefined) return;
    const { rate, packetMs } = port.out(peer);
    for (let ms = 0; ms < packetMs; ms += tickMs) {
      this.#sendFrame(port, peer, this.#framesOf(rate).silence, nowMs);
    }
    port.dropHalf();
  }

  #framesOf(rate: AudioRate): Frames {
    return rate === 8_000 ? this.#narrow : this.#wide;
  }

  /** Sends the packets that this frame makes whole: one, none yet, or two. */
  #sendFrame(port: CorePort, peer: PeerMedia, frame: Int16Array, nowMs: number): void {
    const out = port.out(peer);
    out.push(frame);
    for (let length = out.next(); length > 0; length = out.next()) {
      const marker = port.markNext;
      port.markNext = false;
      const packet = port.stream.packet(
        {
          type: peer.payloadType,
          length,
          marker,
          timestamp: port.stream.nextTimestamp(nowMs),
          duration: out.packetUnits,
        },
        nowMs,
      );
      out.octets.copy(packet, rtpHeaderLength, 0, length);
      this.#send(port, packet);
    }
  }

  #send(port: CorePort, packet: Buffer): void {
    port.relay?.interrupt();
    if (port.latch !== undefined) this.#output.packet(port.id, packet, port.latch.target);
  }

  /** 20 ms of all sources, mixed; undefined when there is nothing to hear. Overwritten by the next. */
  #readFrame(port: CorePort, rate: AudioRate, tick: number, nowMs: number): Int16Array | undefined {
    const { players, hearings } = port;
    const { sound, part, sum } = this.#framesOf(rate);
    const waiting = nowMs < port.leadUntil && !port.flowing;
    const [player] = players;
    if (players.length + hearings.length === 1) {
      if (player === undefined) {
        const { source, tap } = hearings[0]!;
        return source.voice && tap?.read(source.voice, tick, rate);
      }
      if (waiting && !player.started) return undefined;
      player.read(sound, rate);
      return sound;
    }
    if (players.length + hearings.length === 0) return undefined;
    sum.fill(0);
    for (const one of players) {
      if (waiting && !one.started) continue;
      one.read(part, rate);
      addTo(sum, part);
    }
    for (const { source, tap } of hearings) {
      const frame = source.voice && tap?.read(source.voice, tick, rate);
      if (frame !== undefined) addTo(sum, frame);
    }
    saturate(sum, sound);
    return sound;
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
      this.#sendEvent(port, peer, peer.telephoneEventType, step, nowMs);
    } else if (step.down) {
      const { sound } = this.#framesOf(port.out(peer).rate);
      writeDtmfTone(sound, code, step.index);
      this.#sendFrame(port, peer, sound, nowMs);
    } else {
      covers = false;
    }
    const digits = keys.finish();
    if (digits !== undefined) this.#output.event(port.id, { type: 'dtmfSent', digits });
    return covers;
  }

  #sendEvent(
    port: CorePort,
    { telephoneEventKind }: PeerMedia,
    type: number,
    { index, durationMs, end }: KeyStep,
    nowMs: number,
  ): void {
    const { stream } = port;
    const marker = index === 0;
    if (marker) startKey(port, nowMs);
    const code = port.keysToSend!.code;
    const timestamp = port.keyTimestamp;
    const length = telephoneEventLength;
    const packet = stream.packet(
      { type, length, marker, timestamp, duration: durationMs * stream.unitsPerMs },
      nowMs,
    );
    const unitsPerMs = telephoneEventKind === 'telephoneEvent' ? stream.unitsPerMs : 8;
    writeTelephoneEvent(packet, rtpHeaderLength, { code, end, duration: durationMs * unitsPerMs });
    // The sound that comes back after the key is a new talkspurt.
    port.markNext = true;
    port.dropHalf();
    this.#send(port, packet);
  }
}

/** More than this off the stream's own timeline: keys and sound would come apart. */
const keySlackMs = 40;

/**
 * A key's timestamp keeps its exact distance from the key before: what a receiver measures pauses by.
 * The timeline of relayed sound may be a packet ahead of the clock, so it decides only when they part.
 */
function startKey(port: CorePort, nowMs: number): void {
  const { unitsPerMs } = port.stream;
  const next = port.stream.nextTimestamp(nowMs);
  const elapsedMs = nowMs - port.keyStartedAt;
  const spaced = (port.keyTimestamp + Math.round(elapsedMs * unitsPerMs)) >>> 0;
  const keepsTime =
    elapsedMs < Number.POSITIVE_INFINITY &&
    Math.abs(timestampAfter(spaced, next)) <= keySlackMs * unitsPerMs;
  port.keyTimestamp = keepsTime ? spaced : next;
  port.keyStartedAt = nowMs;
}
