import type { CodecName } from '../../model/trunk.ts';
import { decodeFrame, pcmaToPcmu, pcmuToPcma } from '../audio/g711.ts';
import type { Hearing } from './core-port.ts';
import type { CoreOutput } from './media-core.ts';
import type { SourceFifo } from './mixer.ts';
import type { Relay } from './relay.ts';
import { type RtpView, rtpHeaderLength, writeRtpHeader } from './rtp-packet.ts';
import { telephoneEventLength } from './telephone-event.ts';

/** What a payload holds, whatever number it has on the line. */
export type PayloadKind = CodecName | 'telephoneEvent';

/** 120 ms: longer payloads are cut for a mix (no peer sends them), relayed as they are. */
const longestPayload = 960;

/** Brings the packets of one party to those who hear it. */
export class PacketForwarder {
  readonly #output: CoreOutput;
  readonly #decoded = new Int16Array(longestPayload);
  readonly #header = { sequence: 0, timestamp: 0, ssrc: 0 };

  constructor(output: CoreOutput) {
    this.#output = output;
  }

  forward(
    hearing: Hearing,
    packet: Uint8Array,
    view: RtpView,
    kind: PayloadKind,
    nowMs: number,
  ): void {
    if ('fifo' in hearing) this.#queue(hearing.fifo, packet, view, kind);
    else this.#relay(hearing, hearing.relay, packet, view, kind, nowMs);
  }

  /** Keys of one party are not part of a mix: they are reported, and that is all. */
  #queue(fifo: SourceFifo, packet: Uint8Array, view: RtpView, kind: PayloadKind): void {
    if (kind === 'telephoneEvent') return;
    const payload = packet.subarray(view.payloadStart, view.payloadEnd);
    const count = decodeFrame(kind, payload, this.#decoded);
    fifo.push(this.#decoded.subarray(0, count), view.ssrc, view.sequence);
  }

  /** Rewrites the header where it is; the payload stays as it came when the codecs agree. */
  #relay(
    { source, listener }: Hearing,
    relay: Relay,
    packet: Uint8Array,
    view: RtpView,
    kind: PayloadKind,
    nowMs: number,
  ): void {
    const { peer, latch, stream } = listener;
    if (peer === undefined || latch === undefined) return;
    const isAudio = kind !== 'telephoneEvent';
    const payloadType = isAudio ? peer.payloadType : peer.telephoneEventType;
    const suppressed = !peer.maySend || listener.keysToSend?.sending === true;
    if (suppressed || payloadType === undefined) {
      relay.interrupt();
      return;
    }
    if (!relay.place(view, isAudio, nowMs)) return;
    // Another listener needs the packet as it came; a queued send needs its bytes unchanged.
    const bytes = source.listeners.length > 1 ? Buffer.from(packet) : packet;
    const { payloadStart, payloadEnd } = view;
    if (isAudio && kind !== peer.codec) transcode(bytes, payloadStart, payloadEnd, kind);
    const marker = view.marker || (isAudio && (relay.begins || listener.markNext));
    if (isAudio) listener.markNext = false;
    const header = this.#header;
    header.sequence = relay.sequence;
    header.timestamp = relay.timestamp;
    header.ssrc = stream.ssrc;
    const start = payloadStart - rtpHeaderLength;
    writeRtpHeader(bytes, start, marker ? payloadType | 0x80 : payloadType, header);
    const duration = isAudio ? payloadEnd - payloadStart : eventDuration(bytes, view);
    stream.sent(relay.sequence, relay.timestamp, duration, nowMs);
    const whole = start === 0 && payloadEnd === bytes.length;
    this.#output.packet(
      listener.id,
      whole ? bytes : bytes.subarray(start, payloadEnd),
      latch.target,
    );
  }
}

function transcode(bytes: Uint8Array, start: number, end: number, from: CodecName): void {
  const table = from === 'PCMA' ? pcmaToPcmu : pcmuToPcma;
  for (let i = start; i < end; i++) bytes[i] = table[bytes[i]!]!;
}

function eventDuration(bytes: Uint8Array, { payloadStart, payloadEnd }: RtpView): number {
  if (payloadEnd - payloadStart < telephoneEventLength) return 0;
  return (bytes[payloadStart + 2]! << 8) | bytes[payloadStart + 3]!;
}
