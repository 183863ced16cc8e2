import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Sink } from '../../base/sink.ts';
import { serializeMessage } from '../message/serializer.ts';
import { createResponse, SipRequest, type SipResponse } from '../message/sip-message.ts';
import type { Via } from '../message/via.ts';
import type { Hop } from '../transport/hop.ts';
import {
  type Received,
  responseAddress,
  type TransportLayer,
} from '../transport/transport-layer.ts';
import { type ClientTransactionEvent, InviteClientTransaction } from './invite-client.ts';
import { InviteServerTransaction } from './invite-server.ts';
import { NonInviteClientTransaction } from './non-invite-client.ts';
import { NonInviteServerTransaction } from './non-invite-server.ts';
import type { SipTimers } from './sip-timers.ts';

/** A response with the address it came from, which authentication must know. */
export type ReceivedResponse = {
  readonly status: number;
  readonly message: SipResponse;
  readonly source: Hop;
};

export type ClientEvent = ClientTransactionEvent<ReceivedResponse>;

/** A request of ours under way. */
export type ClientHandle = {
  readonly request: SipRequest;
  readonly to: Hop;
  /** Says nothing more unasked; what comes is still dealt with, and it ends as it would have. */
  stopRetransmitting(): void;
  /** Ends it at once and without an event; what comes late is a stray response then. */
  abandon(): void;
};

/** A request of a peer, to be responded to. */
export type ServerHandle = {
  readonly request: SipRequest;
  readonly source: Hop;
  /** The To tag of its responses; also that of the 200 to a CANCEL (RFC 3261 section 9.2). */
  readonly toTag: string;
  /** False when a final response was sent before. */
  respond(response: SipResponse): boolean;
};

export type ServerEvent =
  | { readonly type: 'ack'; readonly request: SipRequest }
  | { readonly type: 'cancel'; readonly request: SipRequest }
  | { readonly type: 'terminated' };

/** What belongs to no transaction, for the user agent to judge. */
export type TransactionLayerEvent =
  | {
      readonly type: 'request';
      readonly request: SipRequest;
      readonly source: Hop;
      readonly accepted: boolean;
    }
  | { readonly type: 'ack'; readonly request: SipRequest }
  /** A 2xx to an INVITE whose transaction is over: its sender waits for an ACK (RFC 3261 section 13.2.2.4). */
  | {
      readonly type: 'strayAnswer';
      readonly response: SipResponse;
      readonly source: Hop;
    };

export type TransactionLayerOptions = {
  readonly clock: Clock;
  readonly timers: SipTimers;
  readonly random: Random;
  readonly marker: string;
  readonly transport: TransportLayer;
  readonly sink: Sink<TransactionLayerEvent>;
};

type ClientMachine = {
  readonly state: string;
  receive(response: ReceivedResponse): void;
  transportFailed(cause: Error): void;
  stopRetransmitting(): void;
  abandon(): void;
};
type Client = { readonly machine: ClientMachine; readonly wire: Wire };
type Server =
  | {
      readonly kind: 'invite';
      readonly machine: InviteServerTransaction<SipRequest>;
      readonly handle: ServerHandle;
      readonly sink: Sink<ServerEvent>;
      readonly mergeKey: string | undefined;
    }
  | { readonly kind: 'other'; readonly machine: NonInviteServerTransaction };

/** What a client transaction may have to send again, and the way it takes. */
type Wire = {
  bytes: Uint8Array;
  request: SipRequest | undefined;
  to: Hop;
  /** Its connection was lost once before. */
  lost: boolean;
};

const noBytes = new Uint8Array(0);

/** RFC 3261 section 8.1.1.7: a branch that begins so is unique in space and time. */
const magicCookie = 'z9hG4bK';

/** Beyond so many bytes a request goes by TCP if it may: RFC 3261 section 18.1.1. */
const datagramBytes = 1300;
/** What a Via of ours adds at the most. */
const viaBytes = 160;

/** All transactions, and which message belongs to which: RFC 3261 section 17. */
export class TransactionLayer {
  readonly #options: TransactionLayerOptions;
  readonly #clients = new Map<string, Client>();
  readonly #servers = new Map<string, Server>();
  /** The INVITEs in #servers by what is the same on every path they came by (section 8.2.2.2). */
  readonly #merged = new Set<string>();

  constructor(options: TransactionLayerOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  /** Requests of ours that have no final response yet. */
  get unanswered(): number {
    let count = 0;
    for (const { machine } of this.#clients.values()) {
      if (isWaiting(machine.state)) count++;
    }
    return count;
  }

  get serverCount(): number {
    return this.#servers.size;
  }

  /** Sends an INVITE; its first event comes after this has returned. */
  startInvite(request: SipRequest, to: Hop, sink: Sink<ClientEvent>): ClientHandle {
    return this.#start(request, to, sink, (hop, events) => this.#sendInvite(request, hop, events));
  }

  /** Sends any other request but ACK. A CANCEL brings the Via of its INVITE (section 9.1). */
  startRequest(request: SipRequest, to: Hop, sink: Sink<ClientEvent>): ClientHandle {
    if (request.method === 'CANCEL') return this.#sendRequest(request, to, sink);
    return this.#start(request, to, sink, (hop, events) => this.#sendRequest(request, hop, events));
  }

  /** The ACK of a 2xx as bytes, with a Via of its own: it is no part of a transaction. */
  prepareAck(ack: SipRequest, to: Hop): Uint8Array {
    this.#stamp(ack, to);
    return serializeMessage(ack);
  }

  send(bytes: Uint8Array, to: Hop): void {
    this.#options.transport.send(bytes, to);
  }

  acceptInvite(
    request: SipRequest,
    source: Hop,
    toTag: string,
    sink: Sink<ServerEvent>,
  ): ServerHandle {
    const key = serverKey(request, 'INVITE');
    const mergeKey = request.to.tag === undefined ? mergeKeyOf(request) : undefined;
    if (mergeKey !== undefined) this.#merged.add(mergeKey);
    const { clock, timers, transport } = this.#options;
    const to = responseAddress(request, source);
    const machine: InviteServerTransaction<SipRequest> = new InviteServerTransaction({
      clock,
      timers,
      reliable: transport.isReliable(source),
      send: (bytes) => transport.send(bytes, to, (cause) => machine.transportFailed(cause)),
      sink: (event) => {
        if (event.type === 'terminated') {
          this.#servers.delete(key);
          if (mergeKey !== undefined) this.#merged.delete(mergeKey);
        }
        if (event.type !== 'transportFailed') sink(event);
      },
    });
    const handle: ServerHandle = {
      request,
      source,
      toTag,
      respond: (response) => machine.respond(response.status, serializeMessage(response)),
    };
    this.#servers.set(key, { kind: 'invite', machine, handle, sink, mergeKey });
    return handle;
  }

  acceptRequest(request: SipRequest, source: Hop): ServerHandle {
    const key = serverKey(request, request.method);
    const { clock, timers, transport } = this.#options;
    const to = responseAddress(request, source);
    const machine: NonInviteServerTransaction = new NonInviteServerTransaction({
      clock,
      timers,
      reliable: transport.isReliable(source),
      send: (bytes) => transport.send(bytes, to, (cause) => machine.transportFailed(cause)),
      sink: (event) => {
        if (event.type === 'terminated') this.#servers.delete(key);
      },
    });
    this.#servers.set(key, { kind: 'other', machine });
    return {
      request,
      source,
      toTag: request.to.tag ?? this.#options.marker,
      respond: (response) => machine.respond(response.status, serializeMessage(response)),
    };
  }

  /** Section 8.2.7: the same request always gets the same response, so nothing is remembered. */
  respondStateless(
    request: SipRequest,
    source: Hop,
    status: number,
    headers: readonly (readonly [string, string])[] = [],
    toTag = this.#options.marker,
  ): void {
    const response = createResponse(request, status, { toTag, headers });
    this.#options.transport.send(serializeMessage(response), responseAddress(request, source));
  }

  /** True when an INVITE with the same identity is being handled that came another way. */
  isMerged(request: SipRequest): boolean {
    return this.#merged.has(mergeKeyOf(request));
  }

  receive(event: Received): void {
    switch (event.type) {
      case 'response':
        return this.#receiveResponse(event.response, event.source);
      case 'request':
        return this.#receiveRequest(event.request, event.source, event.accepted);
      case 'connectionLost':
        return this.#connectionLost(event.connection, event.cause);
    }
  }

  /** Ends everything without a further message. */
  close(): void {
    for (const { machine } of this.#clients.values()) machine.abandon();
    for (const { machine } of this.#servers.values()) machine.abandon();
    this.#clients.clear();
    this.#servers.clear();
    this.#merged.clear();
  }

  #receiveResponse(response: SipResponse, source: Hop): void {
    const { topVia, cseq, status } = response;
    if (!this.#options.transport.isOurs(topVia.host)) return;
    const client = this.#clients.get(`${topVia.branch} ${cseq.method}`);
    if (client !== undefined) {
      client.machine.receive({ status, message: response, source });
    } else if (isSuccess(status) && cseq.method === 'INVITE') {
      const isOurs = topVia.branch?.startsWith(magicCookie + this.#options.marker) === true;
      if (isOurs) this.#options.sink({ type: 'strayAnswer', response, source });
    }
  }

  #receiveRequest(request: SipRequest, source: Hop, accepted: boolean): void {
    const { method } = request;
    const isInvite = method === 'INVITE' || method === 'ACK' || method === 'CANCEL';
    const key = serverKey(request, isInvite ? 'INVITE' : method);
    const server = this.#servers.get(key);
    if (method === 'CANCEL') return this.#receiveCancel(request, source, accepted, server);
    if (server === undefined) {
      if (method === 'ACK') this.#options.sink({ type: 'ack', request });
      else this.#options.sink({ type: 'request', request, source, accepted });
    } else if (method === 'ACK') {
      if (server.kind === 'invite') server.machine.receiveAck(request);
    } else {
      server.machine.receiveRequest();
    }
  }

  /** Section 9.2: the 200 says only that the CANCEL came; whether it did anything shows at the INVITE. */
  #receiveCancel(
    request: SipRequest,
    source: Hop,
    accepted: boolean,
    server: Server | undefined,
  ): void {
    if (server?.kind === 'invite') {
      this.respondStateless(request, source, 200, [], server.handle.toTag);
      if (server.machine.state === 'proceeding') server.sink({ type: 'cancel', request });
    } else if (accepted) {
      this.respondStateless(request, source, 481);
    }
  }

  /**
   * What waits for a response on a connection that is no more. What has had none yet is sent once more on a
   * new one: the peer may have closed the old one for being idle just then, and knows the branch if not.
   */
  #connectionLost(connection: number, cause: Error): void {
    for (const { machine, wire } of this.#clients.values()) {
      if (wire.to.connection !== connection || !isWaiting(machine.state)) continue;
      if (wire.lost || machine.state === 'proceeding') {
        machine.transportFailed(cause);
        continue;
      }
      wire.lost = true;
      const { connection: _, ...hop } = wire.to;
      wire.to = this.#options.transport.flowTo(hop);
      this.#options.transport.send(wire.bytes, wire.to, (error) => machine.transportFailed(error));
    }
  }

  /** By TCP when the request is too large for UDP; by UDP after all when there is no TCP (section 18.1.1). */
  #start(
    request: SipRequest,
    to: Hop,
    sink: Sink<ClientEvent>,
    begin: (to: Hop, sink: Sink<ClientEvent>) => ClientHandle,
  ): ClientHandle {
    if (!this.#isTooLarge(request, to)) return begin(to, sink);
    let wasAnswered = false;
    let isByUdp = false;
    let current = begin({ ...to, transport: 'tcp' }, (event) => {
      if (isByUdp) return; // The end of the first try.
      if (event.type === 'response') wasAnswered = true;
      if (event.type !== 'transportFailed' || wasAnswered) return sink(event);
      isByUdp = true;
      request.headers.delete('Via');
      current = begin(to, sink);
    });
    return {
      request,
      get to() {
        return current.to;
      },
      stopRetransmitting: () => current.stopRetransmitting(),
      abandon: () => current.abandon(),
    };
  }

  #isTooLarge(request: SipRequest, to: Hop): boolean {
    const { transport } = this.#options;
    if (to.largeByTcp !== true || !transport.speaks('tcp')) return false;
    if (transport.protocolTo(to) !== 'udp') return false;
    return serializeMessage(request).length + viaBytes > datagramBytes;
  }

  #sendInvite(request: SipRequest, to: Hop, sink: Sink<ClientEvent>): ClientHandle {
    const wire = this.#wireOf(request, to);
    const key = `${request.topVia.branch} INVITE`;
    const machine: InviteClientTransaction<ReceivedResponse> = new InviteClientTransaction({
      ...this.#clientParts(key, wire, sink, (cause) => machine.transportFailed(cause)),
      sendAck: ({ message }) => {
        const invite = wire.request;
        if (invite !== undefined) wire.bytes = serializeMessage(ackOfRefusal(invite, message));
        wire.request = undefined; // From now on the bytes are the ACK's.
        this.#options.transport.send(wire.bytes, wire.to, (cause) =>
          machine.transportFailed(cause),
        );
      },
    });
    return this.#addClient(key, { machine, wire }, request);
  }

  #sendRequest(request: SipRequest, to: Hop, sink: Sink<ClientEvent>): ClientHandle {
    const wire = this.#wireOf(request, to);
    const key = `${request.topVia.branch} ${request.method}`;
    const machine: NonInviteClientTransaction<ReceivedResponse> = new NonInviteClientTransaction(
      this.#clientParts(key, wire, sink, (cause) => machine.transportFailed(cause)),
    );
    return this.#addClient(key, { machine, wire }, request);
  }

  #wireOf(request: SipRequest, hop: Hop): Wire {
    if (request.method !== 'CANCEL') this.#stamp(request, hop);
    const bytes = serializeMessage(request); // Throws before a connection is opened for it.
    return { bytes, request, to: this.#options.transport.flowTo(hop), lost: false };
  }

  #clientParts(key: string, wire: Wire, sink: Sink<ClientEvent>, failed: (cause: Error) => void) {
    const { clock, timers, transport } = this.#options;
    return {
      clock,
      timers,
      reliable: transport.isReliable(wire.to),
      sendRequest: () => transport.send(wire.bytes, wire.to, failed),
      sink: (event: ClientEvent) => {
        if (event.type === 'terminated') this.#clients.delete(key);
        // A transaction outlives its 2xx by up to 64*T1; thousands of them must not keep what they sent.
        if (event.type === 'response' && isSuccess(event.response.status)) {
          wire.bytes = noBytes;
          wire.request = undefined;
        }
        sink(event);
      },
    };
  }

  #addClient(key: string, client: Client, request: SipRequest): ClientHandle {
    this.#clients.set(key, client);
    const { machine, wire } = client;
    return {
      request,
      get to() {
        return wire.to;
      },
      stopRetransmitting: () => machine.stopRetransmitting(),
      abandon: () => {
        machine.abandon();
        this.#clients.delete(key);
      },
    };
  }

  /** Puts our Via on a request, with a branch of its own. */
  #stamp(request: SipRequest, to: Hop): void {
    const { random, marker, transport } = this.#options;
    const branch = `${magicCookie}${marker}${random.hex(8)}`;
    request.headers.prepend('Via', transport.viaTo(to) + branch);
  }
}

/** Of a client: no final response has come yet. */
function isWaiting(state: string): boolean {
  return state === 'calling' || state === 'trying' || state === 'proceeding';
}

/**
 * Section 17.2.3. Deviation: for a branch of RFC 2543 the To tag and the Request-URI are left out, which
 * an ACK and a CANCEL need not repeat exactly; Call-ID, From tag, CSeq and Via identify it well enough.
 */
function serverKey(request: SipRequest, method: string): string {
  const { topVia } = request;
  const sentBy = `${topVia.host}:${topVia.port ?? 5060}`;
  if (topVia.branch?.startsWith(magicCookie)) return `${topVia.branch} ${sentBy} ${method}`;
  return `${identity(request)} ${branchOf(topVia)} ${sentBy} ${method}`;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function branchOf(via: Via): string {
  return via.branch ?? '';
}

function mergeKeyOf(request: SipRequest): string {
  return identity(request);
}

function identity(request: SipRequest): string {
  return `${request.sipCallId} ${request.from.tag ?? ''} ${request.cseq.sequence}`;
}

/** Section 17.1.1.3: the ACK of a 300-699 goes where the INVITE went and repeats its headers. */
function ackOfRefusal(invite: SipRequest, response: SipResponse): SipRequest {
  const ack = sameTransaction(invite, 'ACK');
  ack.headers.set('To', response.headers.get('To')!);
  return ack;
}

/** The CANCEL of an INVITE under way: section 9.1. */
export function cancelOf(invite: SipRequest): SipRequest {
  return sameTransaction(invite, 'CANCEL');
}

/** A request with the INVITE's Via, Route, From, To, Call-ID and CSeq number. */
function sameTransaction(invite: SipRequest, method: string): SipRequest {
  const request = new SipRequest({ method, requestUri: invite.requestUri });
  const { headers } = request;
  headers.add('Via', invite.headers.get('Via')!);
  headers.add('Max-Forwards', '70');
  for (const route of invite.headers.all('Route')) headers.add('Route', route);
  for (const name of ['From', 'To', 'Call-ID']) headers.add(name, invite.headers.get(name)!);
  headers.add('CSeq', `${invite.cseq.sequence} ${method}`);
  return request;
}
