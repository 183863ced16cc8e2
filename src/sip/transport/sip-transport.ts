import type { SocketAddress } from '../../base/address.ts';

export interface SipTransport {
  readonly protocol: 'udp' | 'tcp' | 'tls';
  /** Over a reliable transport nothing is retransmitted: RFC 3261 section 17.1.1. */
  readonly reliable: boolean;
  /** What Via and Contact name: RFC 3261 section 18.1.1. */
  readonly sentBy: SocketAddress;
  /** Rejects when the transport knows it failed; for a transaction that is an input (section 17.1.4). */
  send(message: Uint8Array, to: SocketAddress): Promise<void>;
  close(): Promise<void>;
}

/** A datagram or framed message as it came; `from` is where it really came from. */
export type SipTransportEvent = {
  readonly type: 'message';
  readonly bytes: Uint8Array;
  readonly from: SocketAddress;
};
