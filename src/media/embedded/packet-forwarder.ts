import type { CodecName } from '../../model/trunk.ts';
import { pcmaToPcmu, pcmuToPcma } from '../audio/g711.ts';
import type { Hearing } from './core-port.ts';
import type { CoreOutput } from './media-core.ts';
import type { PayloadKind, PeerMedia } from './media-protocol.ts';
import { payloadUnits } from './packet-length.ts';
import type { Relay } from './relay.ts';
import { type RtpView, rtpHeaderLength, writeRtpHeader } from './rtp-packet.ts';
import { telephoneEventLength } from './telephone-event.ts';

/** Brings the packets of one party to a party that hears it and nothing else. */
export class PacketForwarder {
  readonly #output: CoreOutput;
  readonly #header = { sequence: 0, timestamp: 0, ssrc: 0 };

  constructor(output: CoreOutput) {
    this.#output = output;
  }

  /** Rewrites the header where it is; the payload stays as it came when the codecs agree. */
  forward(
    { source, listener }: Hearing,
    relay: Relay,
    packet: Uint8Array,
    view: RtpView,
    kind: PayloadKind,
    nowMs: number,
  ): void {
    const { peer, latch, stream } = listener;
    if (peer === undefined || latch === undefined) return;
    const isAudio = isSound(kind);
    const payloadType = payloadTypeFor(peer, kind);
    const suppressed = !peer.maySend || listener.keysToSend?.sending === true;
    if (suppressed || payloadType === undefined) {
      relay.interrupt();
      return;
    }
    if (!relay.place(view, isAudio, nowMs)) return;
    // Another listener, or the decoder, needs the packet as it came; a queued send its bytes unchanged.
    const isShared = source.listeners.length > 1 || source.voice !== undefined;
    const bytes = isShared ? Buffer.from(packet) : packet;
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
    const units = duration(kind, bytes, view, stream.unitsPerMs);
    stream.sent(relay.sequence, relay.timestamp, units, nowMs);
    const whole = start === 0 && payloadEnd === bytes.length;
    this.#output.packet(
      listener.id,
      whole ? bytes : bytes.subarray(start, payloadEnd),
      latch.target,
    );
  }
}

/** Is it sound of the party, not a key and not noise? */
export function isSound(kind: PayloadKind): kind is CodecName {
  return kind !== 'telephoneEvent' && kind !== 'slowTelephoneEvent' && kind !== 'comfortNoise';
}

function payloadTypeFor(peer: PeerMedia, kind: PayloadKind): number | undefined {
  if (isSound(kind)) return peer.payloadType;
  if (kind === 'comfortNoise') return peer.comfortNoiseType;
  // Its length is told in a clock: another one needs other packets.
  return kind === peer.telephoneEventKind ? peer.telephoneEventType : undefined;
}

function transcode(bytes: Uint8Array, start: number, end: number, from: CodecName): void {
  const table = from === 'PCMA' ? pcmaToPcmu : pcmuToPcma;
  for (let i = start; i < end; i++) bytes[i] = table[bytes[i]!]!;
}

/** Comfort noise lasts until something else comes: its packet covers no time of its own. */
function duration(kind: PayloadKind, bytes: Uint8Array, view: RtpView, unitsPerMs: number): number {
  const { payloadStart, payloadEnd } = view;
  if (kind === 'comfortNoise') return 0;
  if (isSound(kind)) return payloadUnits(kind, bytes, payloadStart, payloadEnd);
  if (payloadEnd - payloadStart < telephoneEventLength) return 0;
  const units = (bytes[payloadStart + 2]! << 8) | bytes[payloadStart + 3]!;
  return kind === 'telephoneEvent' ? units : (units * unitsPerMs) / 8;
}
