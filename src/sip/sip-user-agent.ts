import { formatAddress, type SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Sink } from '../base/sink.ts';
import type { SessionDescription } from '../sdp/session-description.ts';
import {
  acceptsDescription,
  descriptionOf,
  hasForeignBody,
  type ReceivedDescription,
} from './dialog/message-body.ts';
import { OutgoingInvite } from './dialog/outgoing-invite.ts';
import { ReceivedInvite } from './dialog/received-invite.ts';
import {
  acceptHeader,
  allowHeader,
  type DialogUser,
  type HeaderLine,
  type LiveSession,
  type SessionHost,
} from './dialog/session-host.ts';
import {
  agreeOnSession,
  defaultSessionExpires,
  leastSessionExpires,
} from './dialog/session-interval.ts';
import { UnwantedAnswers } from './dialog/unwanted-answers.ts';
import { createResponse, type SipRequest } from './message/sip-message.ts';
import { ping } from './ping.ts';
import type { RegisterAnswer } from './registrar/registrar.ts';
import {
  type Registration,
  RegistrationClient,
  type RegistrationEvent,
  type RegistrationTarget,
} from './registration.ts';
import { defaultSipTimers, type SipTimers } from './transaction/sip-timers.ts';
import { TransactionLayer, type TransactionLayerEvent } from './transaction/transaction-layer.ts';
import type { Hop } from './transport/hop.ts';
import { openTransports, type SipListener } from './transport/open-transports.ts';
import { type OpenTransports, type Received, TransportLayer } from './transport/transport-layer.ts';
import type { UdpTransportOptions } from './transport/udp-transport.ts';
import type {
  IncomingInvite,
  InviteSession,
  InviteSessionEvent,
  InviteTarget,
  UserAgent,
  UserAgentCounts,
} from './user-agent.ts';

export type SipUserAgentOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly timers?: SipTimers;
  readonly openTransport: OpenTransports;
  /** Whom we deal with: trunks and phones. Others get no answer unless they are party to a dialog of ours. */
  accepts(source: SocketAddress): boolean;
  /** Without it every INVITE from outside is refused with 403. */
  readonly onInvite?: (invite: IncomingInvite) => void;
  /** What to answer a REGISTER, undefined: nothing. Without it registrations are refused with 405. */
  readonly onRegister?: (request: SipRequest, source: Hop) => Promise<RegisterAnswer> | undefined;
  /** Seconds after which a session expires that nobody refreshes (RFC 4028); 1800 by default, 0: never. */
  readonly sessionExpires?: number;
  /** Above so many, new INVITEs from outside get 503. Each INVITE answered holds one for 64*T1. */
  readonly maxTransactions?: number;
};

/** A SIP user agent (RFC 3261) on one transport or several, for both directions of calls. */
export class SipUserAgent implements UserAgent {
  readonly #options: SipUserAgentOptions;
  readonly #transport: TransportLayer;
  readonly #transactions: TransactionLayer;
  readonly #host: SessionHost;
  readonly #sessions = new Set<LiveSession>();
  readonly #dialogUsers = new Map<string, DialogUser>();
  readonly #unwanted: UnwantedAnswers;
  /** As long as the user agent: trunks do not come and go. */
  readonly #registrations = new Set<RegistrationClient>();
  #closed = false;

  /** A user agent on a UDP socket of its own. */
  static openUdp(
    options: Omit<SipUserAgentOptions, 'openTransport'> & Omit<UdpTransportOptions, 'log'>,
  ): Promise<SipUserAgent> {
    const { host, port, announce } = options;
    const listener = { transport: 'udp', host, port, ...(announce && { announce }) } as const;
    return SipUserAgent.open({ ...options, listeners: [listener] });
  }

  /** A user agent on sockets of its own. */
  static async open(
    options: Omit<SipUserAgentOptions, 'openTransport'> & {
      readonly listeners: readonly SipListener[];
    },
  ): Promise<SipUserAgent> {
    const openTransport = await openTransports(options.listeners, options);
    return new SipUserAgent({ ...options, openTransport });
  }

  constructor(options: SipUserAgentOptions) {
    const { clock, random, log, timers = defaultSipTimers } = options;
    this.#options = options;
    const marker = random.hex(4);
    const receive = (event: Received): void => {
      if (!this.#closed) this.#transactions.receive(event);
    };
    this.#transport = new TransportLayer({
      clock,
      openTransport: options.openTransport,
      accepts: (source) => options.accepts(source),
      marker,
      log,
      sink: receive,
    });
    this.#transactions = new TransactionLayer({
      clock,
      timers,
      random,
      marker,
      transport: this.#transport,
      sink: (event) => this.#receive(event),
    });
    this.#host = this.#createHost(timers, marker);
    this.#unwanted = this.#host.unwanted;
  }

  get sentBy(): SocketAddress {
    return this.#transport.sentBy();
  }

  get counts(): UserAgentCounts {
    return {
      sessions: this.#sessions.size,
      dialogs: this.#dialogUsers.size + this.#unwanted.size,
      transactions: this.#transactions.size,
      unanswered: this.#transactions.unanswered,
    };
  }

  invite(
    target: InviteTarget,
    offer: SessionDescription,
    sink: Sink<InviteSessionEvent>,
  ): InviteSession {
    if (this.#closed) throw new Error('the user agent is closed');
    return new OutgoingInvite(this.#host, target, offer, sink);
  }

  ping(target: Pick<InviteTarget, 'requestUri' | 'nextHop'>): Promise<number> {
    return this.#closed ? Promise.resolve(503) : ping(this.#host, target);
  }

  register(target: RegistrationTarget, sink: Sink<RegistrationEvent>): Registration {
    if (this.#closed) throw new Error('the user agent is closed');
    const registration = new RegistrationClient(this.#host, target, sink);
    this.#registrations.add(registration);
    return registration;
  }

  /** Ends what is still alive, each with one message that is not repeated, then closes the transport. */
  async close(): Promise<void> {
    if (this.#closed) return;
    for (const session of this.#sessions) session.stop();
    for (const registration of this.#registrations) registration.stop();
    this.#closed = true;
    this.#transactions.close();
    this.#unwanted.close();
    this.#sessions.clear();
    this.#dialogUsers.clear();
    await this.#transport.close();
  }

  #createHost(timers: SipTimers, marker: string): SessionHost {
    const { clock, random, log, sessionExpires = defaultSessionExpires } = this.#options;
    const key = (sipCallId: string, tag: string): string => `${sipCallId} ${tag}`;
    const host: Omit<SessionHost, 'unwanted'> & { unwanted?: UnwantedAnswers } = {
      clock,
      random,
      log,
      timers,
      transactions: this.#transactions,
      supported: ['Supported', sessionExpires === 0 ? '100rel' : '100rel, timer'],
      sessionExpires,
      newTag: () => marker + random.hex(6),
      newCallId: () => `${marker}${random.hex(8)}@${this.sentBy.host}`,
      contactOf: (user, hop) => contactOf(user, hop, this.#transport),
      addDialogUser: (sipCallId, tag, user) => this.#dialogUsers.set(key(sipCallId, tag), user),
      removeDialogUser: (sipCallId, tag) => this.#dialogUsers.delete(key(sipCallId, tag)),
      sessionStarted: (session) => this.#sessions.add(session),
      sessionFinished: (session) => this.#sessions.delete(session),
    };
    host.unwanted = new UnwantedAnswers(host as SessionHost);
    return host as SessionHost;
  }

  #receive(event: TransactionLayerEvent): void {
    switch (event.type) {
      case 'ack':
        return this.#dialogUserOf(event.request)?.receiveAck(event.request);
      case 'strayAnswer':
        return this.#unwanted.refuse(event.response, event.source, { type: 'normal' });
      case 'request':
        return this.#receiveRequest(event.request, event.source, event.accepted);
    }
  }

  #dialogUserOf(request: SipRequest): DialogUser | undefined {
    return this.#dialogUsers.get(`${request.sipCallId} ${request.to.tag}`);
  }

  #receiveRequest(request: SipRequest, source: Hop, accepted: boolean): void {
    const isInDialog = request.to.tag !== undefined;
    const user = isInDialog ? this.#dialogUserOf(request) : undefined;
    if (!accepted && user === undefined) return;
    const refusal = this.#refusalOf(request, isInDialog, user);
    if (refusal !== undefined) {
      const [status, ...headers] = refusal;
      this.#transactions.respondStateless(request, source, status, headers);
    } else if (user !== undefined) {
      user.receiveRequest(request, source);
    } else if (request.method === 'REGISTER') {
      void this.#receiveRegister(request, source);
    } else {
      this.#receiveInvite(request, source);
    }
  }

  async #receiveRegister(request: SipRequest, source: SocketAddress): Promise<void> {
    const answered = this.#options.onRegister?.(request, source);
    if (answered === undefined) return;
    // A transaction: what is sent again meanwhile must not be looked up again.
    const server = this.#transactions.acceptRequest(request, source);
    const [status, ...headers] = await answered.catch((error: unknown): RegisterAnswer => {
      this.#options.log.error({ error }, 'a REGISTER could not be handled');
      return [500];
    });
    if (this.#closed) return;
    server.respond(createResponse(request, status, { toTag: server.toTag, headers }));
  }

  /** The checks of RFC 3261 section 8.2, in its order; undefined: the request is to be handled. */
  #refusalOf(
    request: SipRequest,
    isInDialog: boolean,
    user: DialogUser | undefined,
  ): Refusal | undefined {
    const { method } = request;
    if (!isInDialog && method === 'REGISTER' && this.#options.onRegister !== undefined) {
      const [, supported] = this.#host.supported;
      const required = unknownTags(request, ['Supported', `${supported}, path`]);
      return required.length > 0 ? [420, ['Unsupported', required.join(', ')]] : this.#overload();
    }
    if (!isInDialog && method !== 'INVITE' && method !== 'OPTIONS') {
      // BYE, INFO, PRACK and UPDATE mean nothing outside a dialog.
      return knownMethods.has(method) ? [481] : [405, allowHeader];
    }
    if (!isInDialog && !/^(?:sip|sips|tel):/i.test(request.requestUri)) return [416];
    if (!isInDialog && method === 'INVITE' && this.#transactions.isMerged(request)) return [482];
    const required = method === 'CANCEL' ? [] : unknownTags(request, this.#host.supported);
    if (required.length > 0) return [420, ['Unsupported', required.join(', ')]];
    if (isInDialog) return user === undefined ? [481] : undefined;
    // A transfer by Replaces (RFC 3891 section 3): no dialog of ours can be replaced.
    if (method === 'INVITE' && request.headers.has('Replaces')) return [481];
    if (method === 'OPTIONS') return [200, allowHeader, this.#host.supported, acceptHeader];
    if (hasForeignBody(request)) return [415, acceptHeader];
    if (!acceptsDescription(request)) return [406, acceptHeader];
    if (this.#options.onInvite === undefined) return [403];
    const { sessionExpires } = this.#host;
    if (sessionExpires > 0 && agreeOnSession(request, sessionExpires) === 'tooBrief') {
      return [422, ['Min-SE', `${leastSessionExpires}`]];
    }
    return this.#overload();
  }

  #overload(): Refusal | undefined {
    const { maxTransactions = 100_000 } = this.#options;
    return this.#transactions.size >= maxTransactions ? [503, ['Retry-After', '5']] : undefined;
  }

  #receiveInvite(request: SipRequest, source: Hop): void {
    const read = descriptionOf(request);
    if (read === 'unreadable') {
      return this.#transactions.respondStateless(request, source, 488);
    }
    const offer: ReceivedDescription | undefined = read === 'none' ? undefined : read;
    const invite = new ReceivedInvite(this.#host, request, source, offer);
    try {
      this.#options.onInvite?.(invite);
    } catch (error) {
      invite.reject(500); // Whoever called must not wait for a program that failed.
      throw error;
    }
  }
}

/** Names the transport unless it is UDP: RFC 3261 section 19.1.1. */
function contactOf(user: string | undefined, hop: Hop, transport: TransportLayer): string {
  const protocol = transport.protocolTo(hop);
  const address = formatAddress(transport.sentBy(hop));
  const parameter = protocol === 'udp' ? '' : `;transport=${protocol}`;
  return `<sip:${user === undefined ? '' : `${user}@`}${address}${parameter}>`;
}

/** The extensions a request requires that we do not know: RFC 3261 section 8.2.2.3. */
function unknownTags(request: SipRequest, [, supported]: HeaderLine): string[] {
  const known = supported.split(', ');
  return request.headers.values('Require').filter((tag) => !known.includes(tag.toLowerCase()));
}

type Refusal = readonly [status: number, ...headers: (readonly [name: string, value: string])[]];

const knownMethods: ReadonlySet<string> = new Set(['BYE', 'INFO', 'PRACK', 'UPDATE']);
