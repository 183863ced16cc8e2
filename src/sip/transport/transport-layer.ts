import { isIP } from 'node:net';
import { formatAddress, type SocketAddress } from '../../base/address.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Sink } from '../../base/sink.ts';
import { parseMessage, SipParseError } from '../message/parser.ts';
import { serializeMessage } from '../message/serializer.ts';
import { createResponse, SipRequest, type SipResponse } from '../message/sip-message.ts';
import { defaultPort, type Hop, isStream, type TransportName } from './hop.ts';
import { ParseBudget } from './parse-budget.ts';
import type { SipTransport, SipTransportEvent } from './sip-transport.ts';

/** A message that came in whole, with where it really came from; or the end of a connection. */
export type Received =
  | {
      readonly type: 'request';
      readonly request: SipRequest;
      readonly source: Hop;
      /** The source is one we deal with; if not, nothing may be answered unless the request is ours. */
      readonly accepted: boolean;
    }
  | { readonly type: 'response'; readonly response: SipResponse; readonly source: Hop }
  | { readonly type: 'connectionLost'; readonly connection: number; readonly cause: Error };

/** Makes what a user agent speaks over: one transport, or several, the preferred one first. */
export type OpenTransports = (
  sink: Sink<SipTransportEvent>,
) => SipTransport | readonly SipTransport[];

export type TransportLayerOptions = {
  readonly clock: Clock;
  readonly openTransport: OpenTransports;
  accepts(source: SocketAddress): boolean;
  /** A word in every branch, tag and Call-ID of ours: what lacks it cannot belong to us. */
  readonly marker: string;
  readonly log: Logger;
  readonly sink: Sink<Received>;
};

/** Between bytes and transactions: RFC 3261 section 18, RFC 3581, RFC 5923. */
export class TransportLayer {
  readonly #options: TransportLayerOptions;
  readonly #marker: Buffer;
  readonly #budget: ParseBudget;
  readonly #transports: readonly SipTransport[];

  constructor(options: TransportLayerOptions) {
    this.#options = options;
    this.#marker = Buffer.from(options.marker);
    this.#budget = new ParseBudget(options.clock);
    const opened = options.openTransport((event) => this.#receive(event));
    this.#transports = Array.isArray(opened) ? opened : [opened];
  }

  /** What Via and Contact name; of several transports the first one's unless a hop tells which. */
  sentBy(hop?: Hop): SocketAddress {
    if (hop === undefined) return this.#transports[0]!.sentBy;
    const transport = this.#transportTo(hop);
    return transport.sentByTo?.(hop) ?? transport.sentBy;
  }

  isReliable(hop: Hop): boolean {
    return this.#transportTo(hop).reliable;
  }

  speaks(transport: TransportName): boolean {
    return this.#transports.some(({ protocol }) => protocol === transport);
  }

  protocolTo(hop: Hop): TransportName {
    return this.#transportTo(hop).protocol;
  }

  /** A Via of ours up to its branch: RFC 3261 section 18.1.1, RFC 3581 section 3, RFC 5923 section 5. */
  viaTo(hop: Hop): string {
    const { protocol } = this.#transportTo(hop);
    const asks = protocol === 'udp' ? 'rport' : 'alias';
    return `SIP/2.0/${protocol.toUpperCase()} ${formatAddress(this.sentBy(hop))};${asks};branch=`;
  }

  /** Section 18.1.2: a response whose topmost Via is not ours went astray. */
  isOurs(host: string): boolean {
    return this.#transports.some(({ sentBy }) => sentBy.host === host);
  }

  /** The hop with the connection that all messages of a transaction take. */
  flowTo(hop: Hop): Hop {
    return this.#transportTo(hop).flowTo?.(hop) ?? hop;
  }

  /** `failed` is called when the transport knows that the message did not leave. */
  send(bytes: Uint8Array, to: Hop, failed?: (cause: Error) => void): void {
    this.#transportTo(to)
      .send(bytes, to)
      .then(undefined, (error: unknown) => {
        const cause = error instanceof Error ? error : new Error(String(error));
        this.#options.log.debug({ error: cause.message }, 'a SIP message could not be sent');
        failed?.(cause);
      });
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }

  /**
   * The one that speaks the protocol and the version of IP, or as much of it as there is: a peer that
   * names a transport we lack is spoken to over what we have.
   */
  #transportTo({ transport = 'udp', host }: Hop): SipTransport {
    const speaking = this.#transports.filter(({ protocol }) => protocol === transport);
    const candidates = speaking.length > 0 ? speaking : this.#transports;
    if (candidates.length === 1) return candidates[0]!;
    const version = isIP(host);
    return (
      candidates.find(({ family }) => family === undefined || family === version) ?? candidates[0]!
    );
  }

  #receive(event: SipTransportEvent): void {
    switch (event.type) {
      case 'message':
        return this.#receiveMessage(event.bytes, event.from);
      case 'unframed':
        return this.#receiveUnframed(event.head, event.from);
      case 'connectionLost':
        return this.#options.sink(event);
    }
  }

  #receiveMessage(bytes: Uint8Array, from: Hop): void {
    const { accepts, log, sink } = this.#options;
    if (isKeepAlive(bytes)) return;
    const accepted = accepts(from);
    // Scanners get neither an answer nor the time that reading them takes.
    if (!accepted && !holds(bytes, this.#marker)) return;
    if (!this.#budget.allows(from.host, accepted)) return;
    try {
      const message = parseMessage(bytes);
      if (message.kind === 'response') {
        sink({ type: 'response', response: message, source: from });
      } else {
        if (accepted) this.#noteAlias(message, from);
        stampVia(message, from);
        sink({ type: 'request', request: message, source: from, accepted });
      }
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      log.debug({ error: error.message }, 'a SIP message could not be read');
      if (accepted) this.#refuseMalformed(error, from);
    }
  }

  /** Section 18.3: a request on a stream without a Content-Length that can be believed gets 400. */
  #receiveUnframed(head: Uint8Array, from: Hop): void {
    if (!this.#options.accepts(from)) return;
    try {
      const message = parseMessage(head);
      if (!(message instanceof SipRequest)) return;
      this.#refuseMalformed(new SipParseError('unframed', { status: 400, request: message }), from);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      this.#refuseMalformed(error, from);
    }
  }

  /**
   * RFC 5923 section 5. Deviation: over TLS it is not heeded, since whoever connects to us shows no
   * certificate; the port alone is believed, and only of sources we deal with.
   */
  #noteAlias({ topVia }: SipRequest, { transport, connection }: Hop): void {
    if (transport !== 'tcp' || connection === undefined || !topVia.params.has('alias')) return;
    const port = topVia.port ?? defaultPort(transport);
    for (const each of this.#transports) {
      if (each.protocol === transport) each.alias?.(connection, port);
    }
  }

  /** 400, 505, 513 where enough was readable to send it; else silence (section 8.2.6 needs the Via). */
  #refuseMalformed({ status, request }: SipParseError, source: Hop): void {
    if (status === undefined || request === undefined || request.method === 'ACK') return;
    if (!request.headers.has('Via')) return;
    let to = source;
    try {
      stampVia(request, source);
      to = responseAddress(request, source);
    } catch {
      // A Via nobody can read (RFC 4475 sections 3.1.2.1 and 3.1.2.16): back to where it came from.
    }
    const response = createResponse(request, status, { toTag: this.#options.marker });
    this.send(serializeMessage(response), to);
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
 * Where the responses to a stamped request go: RFC 3261 section 18.2.2, RFC 3581 section 4. Over a stream
 * that is the connection the request came on, and a new one to its sender only when that is gone.
 * Deviation: `maddr` is ignored; it would let a request direct our packets to anybody.
 */
export function responseAddress(request: SipRequest, source: Hop): Hop {
  const via = request.topVia;
  if (isStream(source)) return { ...source, port: via.port ?? defaultPort(source.transport) };
  if (via.rport !== undefined) return source;
  return { host: source.host, port: via.port ?? 5060 };
}
