import type { SocketAddress } from '../../base/address.ts';
import type { Logger } from '../../base/logger.ts';
import type { Sink } from '../../base/sink.ts';
import { parseMessage, SipParseError } from '../message/parser.ts';
import { serializeMessage } from '../message/serializer.ts';
import { createResponse, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import type { SipTransport, SipTransportEvent } from './sip-transport.ts';

/** A message that came in whole, with the address it really came from. */
export type Received =
  | {
      readonly type: 'request';
      readonly request: SipRequest;
      readonly source: SocketAddress;
      /** The source is one we deal with; if not, nothing may be answered unless the request is ours. */
      readonly accepted: boolean;
    }
  | { readonly type: 'response'; readonly response: SipResponse; readonly source: SocketAddress };

export type TransportLayerOptions = {
  openTransport(sink: Sink<SipTransportEvent>): SipTransport;
  accepts(source: SocketAddress): boolean;
  /** A word in every branch, tag and Call-ID of ours: what lacks it cannot belong to us. */
  readonly marker: string;
  readonly log: Logger;
  readonly sink: Sink<Received>;
};

/** Between bytes and transactions: RFC 3261 section 18, RFC 3581. */
export class TransportLayer {
  readonly #options: TransportLayerOptions;
  readonly #marker: Buffer;
  readonly #transport: SipTransport;

  constructor(options: TransportLayerOptions) {
    this.#options = options;
    this.#marker = Buffer.from(options.marker);
    this.#transport = options.openTransport((event) => this.#receive(event));
  }

  get sentBy(): SocketAddress {
    return this.#transport.sentBy;
  }

  get reliable(): boolean {
    return this.#transport.reliable;
  }

  get protocol(): string {
    return this.#transport.protocol.toUpperCase();
  }

  /** `failed` is called when the transport knows that the message did not leave. */
  send(bytes: Uint8Array, to: SocketAddress, failed?: (cause: Error) => void): void {
    this.#transport.send(bytes, to).then(undefined, (error: unknown) => {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.#options.log.debug({ error: cause.message }, 'a SIP message could not be sent');
      failed?.(cause);
    });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #receive({ bytes, from }: SipTransportEvent): void {
    const { accepts, log, sink } = this.#options;
    if (isKeepAlive(bytes)) return;
    const accepted = accepts(from);
    // Scanners get neither an answer nor the time that reading them takes.
    if (!accepted && !holds(bytes, this.#marker)) return;
    try {
      const message = parseMessage(bytes);
      if (message.kind === 'response') {
        sink({ type: 'response', response: message, source: from });
      } else {
        stampVia(message, from);
        sink({ type: 'request', request: message, source: from, accepted });
      }
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      log.debug({ error: error.message }, 'a SIP message could not be read');
      if (accepted) this.#refuseMalformed(error, from);
    }
  }

  /** 400, 505, 513 where enough was readable to send it; else silence (section 8.2.6 needs the Via). */
  #refuseMalformed({ status, request }: SipParseError, source: SocketAddress): void {
    if (status === undefined || request === undefined || request.method === 'ACK') return;
    try {
      stampVia(request, source);
      const response = createResponse(request, status, { toTag: this.#options.marker });
      this.send(serializeMessage(response), responseAddress(request, source));
    } catch {
      // Not even a Via: there is nowhere to send the response to.
    }
  }
}

/** CR and LF only, or nothing: phones keep the NAT's door open with it (RFC 5626 section 3.5.1). */
function isKeepAlive(bytes: Uint8Array): boolean {
  if (bytes.length > 8) return false;
  return bytes.every((byte) => byte === 0x0d || byte === 0x0a || byte === 0x00);
}

function holds(bytes: Uint8Array, marker: Buffer): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(marker);
}

/** Notes the real source in the topmost Via: RFC 3261 section 18.2.1, RFC 3581 section 4. */
export function stampVia(request: SipRequest, source: SocketAddress): void {
  const via = request.topVia;
  if (via.rport === undefined && via.received === undefined && via.host === source.host) return;
  const { received: _, ...rest } = via;
  request.replaceTopVia({
    ...rest,
    received: source.host,
    ...(via.rport === undefined ? {} : { rport: source.port }),
  });
}

/**
 * Where the responses to a stamped request go over UDP: RFC 3261 section 18.2.2, RFC 3581 section 4.
 * Deviation: `maddr` is ignored; it would let a request direct our packets to anybody.
 */
export function responseAddress(request: SipRequest, source: SocketAddress): SocketAddress {
  const via = request.topVia;
  if (via.rport !== undefined) return source;
  return { host: source.host, port: via.port ?? 5060 };
}
