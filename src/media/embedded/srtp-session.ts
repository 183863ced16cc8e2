import type { SrtpKey, SrtpSuite } from '../../sdp/crypto-attribute.ts';
import { PacketIndex } from './packet-index.ts';
import { rtpBodyStart } from './rtp-packet.ts';
import { CounterModeTransform } from './srtp-counter-mode.ts';
import { GcmTransform } from './srtp-gcm.ts';
import { deriveSessionKeys, type SessionKeys } from './srtp-keys.ts';
import { encryptedBit, readWord, type SrtpTransform } from './srtp-transform.ts';

/** Streams of a peer that are told apart, the oldest forgotten: it has one, and another after a transfer. */
const mostStreams = 8;

/** The work on packets of one suite. */
export function createTransform(
  suite: SrtpSuite,
  keys: { readonly rtp: SessionKeys; readonly rtcp: SessionKeys },
): SrtpTransform {
  if (suite.startsWith('AEAD')) return new GcmTransform(keys);
  return new CounterModeTransform(keys, suite.endsWith('_32') ? 4 : 10);
}

function transformOf(key: SrtpKey): SrtpTransform {
  const rtp = deriveSessionKeys(key, 'rtp');
  const rtcp = deriveSessionKeys(key, 'rtcp');
  return createTransform(key.suite, { rtp, rtcp });
}

/** Encrypts the stream that we send to a party (RFC 3711 section 3.3), and our reports. */
export class SrtpSender {
  readonly key: SrtpKey;
  readonly #transform: SrtpTransform;
  #ssrc = -1;
  #index = new PacketIndex();
  /** RFC 3711 section 3.4: counts every RTCP packet, from 1 as others do. */
  #rtcpIndex = 0;

  constructor(key: SrtpKey) {
    this.key = key;
    this.#transform = transformOf(key);
  }

  /**
   * A new packet; undefined for a sequence number that went out before: two packets under one index
   * would give their contents away (RFC 3711 section 9.1). A relayed double is such a one.
   */
  protectRtp(packet: Uint8Array): Uint8Array | undefined {
    const bodyStart = rtpBodyStart(packet);
    if (bodyStart < 0) return undefined;
    const ssrc = readWord(packet, 8);
    if (ssrc !== this.#ssrc) {
      // Another stream, for another codec: who hears it counts from nothing too (RFC 3711 section 3.2.3).
      this.#ssrc = ssrc;
      this.#index = new PacketIndex();
    }
    const index = this.#index.guess((packet[2]! << 8) | packet[3]!);
    if (!this.#index.isNew(index)) return undefined;
    this.#index.note(index);
    const sealed = grown(packet, this.#transform.rtpOverhead);
    this.#transform.sealRtp(sealed, bodyStart, ssrc, index);
    return sealed;
  }

  protectRtcp(packet: Uint8Array): Uint8Array {
    const sealed = grown(packet, this.#transform.rtcpOverhead);
    this.#rtcpIndex = (this.#rtcpIndex + 1) % encryptedBit;
    this.#transform.sealRtcp(sealed, readWord(packet, 4), this.#rtcpIndex);
    return sealed;
  }
}

type Stream = { readonly rtp: PacketIndex; readonly rtcp: PacketIndex };

/** Opens what a party sends. Nothing is learnt from a packet that is not authentic, and nothing ends. */
export class SrtpReceiver {
  readonly key: SrtpKey;
  readonly #transform: SrtpTransform;
  readonly #streams = new Map<number, Stream>();
  #lastSsrc = -1;
  #lastStream: Stream | undefined;

  constructor(key: SrtpKey) {
    this.key = key;
    this.#transform = transformOf(key);
  }

  /** The packet itself, decrypted where it stands; undefined for one that is forged, doubled or too old. */
  unprotectRtp(packet: Uint8Array): Uint8Array | undefined {
    const bodyStart = rtpBodyStart(packet);
    const length = packet.length - this.#transform.rtpOverhead;
    if (bodyStart < 0 || length < bodyStart) return undefined;
    const ssrc = readWord(packet, 8);
    const stream = this.#stream(ssrc);
    const index = stream.rtp.guess((packet[2]! << 8) | packet[3]!);
    if (!stream.rtp.isNew(index)) return undefined;
    if (!this.#transform.openRtp(packet, bodyStart, ssrc, index)) return undefined;
    stream.rtp.note(index);
    this.#keep(ssrc, stream);
    return packet.subarray(0, length);
  }

  unprotectRtcp(packet: Uint8Array): Uint8Array | undefined {
    const length = packet.length - this.#transform.rtcpOverhead;
    if (length < 8) return undefined;
    const ssrc = readWord(packet, 4);
    const stream = this.#stream(ssrc);
    const word = readWord(packet, this.#transform.rtcpWordAt(packet.length));
    const index = word % encryptedBit;
    if (!stream.rtcp.isNew(index)) return undefined;
    if (!this.#transform.openRtcp(packet, ssrc, word)) return undefined;
    stream.rtcp.note(index);
    this.#keep(ssrc, stream);
    return packet.subarray(0, length);
  }

  #stream(ssrc: number): Stream {
    if (ssrc === this.#lastSsrc) return this.#lastStream!;
    return this.#streams.get(ssrc) ?? { rtp: new PacketIndex(), rtcp: new PacketIndex() };
  }

  #keep(ssrc: number, stream: Stream): void {
    if (ssrc === this.#lastSsrc) return;
    this.#lastSsrc = ssrc;
    this.#lastStream = stream;
    this.#streams.set(ssrc, stream);
    if (this.#streams.size > mostStreams) {
      this.#streams.delete(this.#streams.keys().next().value!);
    }
  }
}

function grown(packet: Uint8Array, overhead: number): Uint8Array {
  const larger = Buffer.allocUnsafe(packet.length + overhead);
  larger.set(packet);
  return larger;
}
