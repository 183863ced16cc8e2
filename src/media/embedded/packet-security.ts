import type { NegotiatedCrypto } from '../../sdp/crypto-negotiation.ts';
import { isRtcp } from './rtp-packet.ts';
import { SrtpReceiver, SrtpSender } from './srtp-session.ts';

type Sessions = { readonly sender: SrtpSender; readonly receiver: SrtpReceiver };

/**
 * SRTP between the sockets and the core, of the ports that agreed on it: what is not authentic never
 * reaches the core, so no address, no stream and no key is learnt from it. Packets of other ports pass
 * as they are.
 */
export class PacketSecurity {
  readonly #ports = new Map<number, Sessions>();

  /** The same key again goes on counting where it was: RFC 4568 section 7.1.4. */
  settle(portId: number, crypto: NegotiatedCrypto | undefined): void {
    if (crypto === undefined) {
      this.#ports.delete(portId);
      return;
    }
    const { send, receive } = crypto;
    const known = this.#ports.get(portId);
    this.#ports.set(portId, {
      sender: known && isSameKey(known.sender.key, send) ? known.sender : new SrtpSender(send),
      receiver:
        known && isSameKey(known.receiver.key, receive)
          ? known.receiver
          : new SrtpReceiver(receive),
    });
  }

  close(portId: number): void {
    this.#ports.delete(portId);
  }

  /** Decrypts RTP or RTCP; undefined: to be dropped. */
  incoming(portId: number, packet: Uint8Array): Uint8Array | undefined {
    const sessions = this.#ports.get(portId);
    if (sessions === undefined) return packet;
    const { receiver } = sessions;
    return isRtcp(packet) ? receiver.unprotectRtcp(packet) : receiver.unprotectRtp(packet);
  }

  /** Encrypts RTP or RTCP; undefined: not to be sent. */
  outgoing(portId: number, packet: Uint8Array): Uint8Array | undefined {
    const sessions = this.#ports.get(portId);
    if (sessions === undefined) return packet;
    const { sender } = sessions;
    return isRtcp(packet) ? sender.protectRtcp(packet) : sender.protectRtp(packet);
  }
}

type Key = NegotiatedCrypto['send'];

function isSameKey(a: Key, b: Key): boolean {
  return a.suite === b.suite && a.key === b.key;
}
