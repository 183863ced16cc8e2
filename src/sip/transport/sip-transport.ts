import type { SocketAddress } from '../../base/address.ts';
import type { Hop, TransportName } from './hop.ts';

export interface SipTransport {
  readonly protocol: TransportName;
  /** Over a reliable transport nothing is retransmitted: RFC 3261 section 17.1.1. */
  readonly reliable: boolean;
  /** What Via and Contact name: RFC 3261 section 18.1.1. */
  readonly sentBy: SocketAddress;
  /** Of streams that nothing listens for: our end of the connection to the hop, which peers find it by. */
  sentByTo?(to: Hop): SocketAddress;
  /** The version of IP it speaks; undefined: whatever is asked of it. */
  readonly family?: 4 | 6;
  /** Rejects when the transport knows it failed; for a transaction that is an input (section 17.1.4). */
  send(message: Uint8Array, to: Hop): Promise<void>;
  /** Of streams: the hop with its connection, which is opened unless there is one already. */
  flowTo?(to: Hop): Hop;
  /** The peer takes requests to this port of its own on the connection: RFC 5923. */
  alias?(connection: number, port: number): void;
  close(): Promise<void>;
}

/** A datagram or framed message as it came; `from` is where it really came from, of a stream with its connection. */
export type TransportMessage = {
  readonly type: 'message';
  readonly bytes: Uint8Array;
  readonly from: Hop;
};

export type SipTransportEvent =
  | TransportMessage
  /** Headers that do not say where their message ends; the connection is closed after it. */
  | { readonly type: 'unframed'; readonly head: Uint8Array; readonly from: Hop }
  /** A connection that was open is no more: what was sent on it may not have arrived. */
  | { readonly type: 'connectionLost'; readonly connection: number; readonly cause: Error };
