import type { SocketAddress } from '../../src/base/address.ts';
import type { Clock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { Direction, SessionDescription } from '../../src/sdp/session-description.ts';
import { formatSessionDescription } from '../../src/sdp/session-description-text.ts';
import { descriptionOf } from '../../src/sip/dialog/message-body.ts';
import { parseMessage } from '../../src/sip/message/parser.ts';
import { serializeMessage } from '../../src/sip/message/serializer.ts';
import {
  createResponse,
  type SipMessage,
  SipRequest,
  type SipResponse,
} from '../../src/sip/message/sip-message.ts';
import { SipUserAgent } from '../../src/sip/sip-user-agent.ts';
import type { SipTransport } from '../../src/sip/transport/sip-transport.ts';
import type {
  IncomingInvite,
  InviteSession,
  InviteSessionEvent,
  InviteTarget,
} from '../../src/sip/user-agent.ts';
import { SimNetwork } from './sim-network.ts';

export const uaAddress: SocketAddress = { host: '10.0.0.1', port: 5060 };
export const peerAddress: SocketAddress = { host: '10.0.0.2', port: 5060 };

/** A description that tests can tell from others by its RTP port. */
export function audio(
  port: number,
  direction: Direction = 'sendrecv',
  version = 1,
): SessionDescription {
  const address = '10.0.0.9';
  const codecs = [{ payloadType: 8, name: 'PCMA', clockRate: 8000 }];
  return {
    origin: { username: '-', sessionId: '7', sessionVersion: version, address },
    media: [{ kind: 'audio', port, protocol: 'RTP/AVP', address, direction, codecs }],
  };
}

export type Sent = {
  /** The To tag of responses, the From tag of requests: which branch speaks. */
  readonly tag?: string;
  readonly sdp?: SessionDescription | string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly contact?: string | null;
  readonly sequence?: number;
  readonly body?: string;
  /** With the branch of the request before: the ACK of a refusal. */
  readonly sameBranch?: boolean;
};

/** A peer made by hand: it says exactly what a test tells it to, right or wrong. */
export class ScriptedPeer {
  readonly address: SocketAddress;
  readonly received: SipMessage[] = [];
  /** Called for each message that comes. */
  onMessage: ((message: SipMessage) => void) | undefined;
  readonly #transport: SipTransport;
  readonly #clock: Clock;
  readonly #log: string[];
  #branch = 0;
  #sequence = 100;
  /** The first RSeq of either side, which the log counts from. */
  #firstReliable: number | undefined;

  constructor(network: SimNetwork, clock: Clock, log: string[], address = peerAddress) {
    this.address = address;
    this.#clock = clock;
    this.#log = log;
    this.#transport = network.open(address, ({ bytes }) => {
      const message = readable(bytes);
      if (message === undefined) {
        log.push(`${clock.now()} > unreadable`); // An answer copies the faults of what it answers.
        return;
      }
      this.received.push(message);
      log.push(`${clock.now()} > ${nameOf(message)}${this.#reliability(message)}`);
      this.onMessage?.(message);
    });
  }

  /** The last request of this method that came. */
  last(method: string): SipRequest {
    const found = this.received.findLast((m) => m.kind === 'request' && m.method === method);
    if (found?.kind !== 'request') throw new Error(`no ${method} has come`);
    return found;
  }

  /** The last response to this method that came. */
  lastResponse(method: string): SipResponse {
    const found = this.received.findLast((m) => m.kind === 'response' && m.cseq.method === method);
    if (found?.kind !== 'response') throw new Error(`no response to ${method} has come`);
    return found;
  }

  count(name: string): number {
    return this.received.filter((message) => nameOf(message) === name).length;
  }

  respond(request: SipRequest, status: number, sent: Sent = {}): void {
    const response = createResponse(request, status, { toTag: sent.tag ?? 'peer' });
    fill(response, sent, this.address);
    this.send(response);
  }

  /** A request of the called party in the dialog that this INVITE of the user agent began. */
  request(method: string, sent: Sent = {}): SipRequest {
    const invite = this.received.find((m) => m.kind === 'request' && m.method === 'INVITE')!;
    const { headers } = invite;
    const request = new SipRequest({
      method,
      requestUri: `sip:${uaAddress.host}:${uaAddress.port}`,
    });
    request.headers.add('Via', this.via(sent.sameBranch === true ? 0 : 1));
    request.headers.add('Max-Forwards', '70');
    request.headers.add('From', `${headers.get('To')};tag=${sent.tag ?? 'peer'}`);
    request.headers.add('To', headers.get('From')!);
    request.headers.add('Call-ID', invite.sipCallId);
    request.headers.add('CSeq', `${sent.sequence ?? ++this.#sequence} ${method}`);
    fill(request, sent, this.address);
    this.send(request);
    return request;
  }

  via(step = 1): string {
    this.#branch += step;
    const { host, port } = this.address;
    return `SIP/2.0/UDP ${host}:${port};rport;branch=z9hG4bKpeer${this.#branch}`;
  }

  send(message: SipMessage): void {
    this.#log.push(`${this.#clock.now()} < ${nameOf(message)}${this.#reliability(message)}`);
    this.sendBytes(serializeMessage(message));
  }

  /** ` #2` at the second reliable response (RFC 3262) and at its PRACK. */
  #reliability({ headers }: SipMessage): string {
    const value = headers.get('RSeq') ?? headers.get('RAck');
    if (value === undefined) return '';
    const sequence = Number.parseInt(value, 10);
    this.#firstReliable ??= sequence;
    return ` #${sequence - this.#firstReliable + 1}`;
  }

  /** What acknowledges the last reliable response that came. */
  rack(): Sent {
    const response = this.received.findLast(({ headers }) => headers.has('RSeq'))!;
    const { sequence, method } = response.cseq;
    return { headers: [['RAck', `${response.headers.get('RSeq')} ${sequence} ${method}`]] };
  }

  sendBytes(bytes: Uint8Array): void {
    void this.#transport.send(bytes, uaAddress);
  }
}

function readable(bytes: Uint8Array): SipMessage | undefined {
  try {
    return parseMessage(bytes);
  } catch {
    return undefined;
  }
}

function fill(message: SipMessage, sent: Sent, address: SocketAddress): void {
  const { headers } = message;
  if (sent.contact !== null) {
    headers.add('Contact', sent.contact ?? `<sip:phone@${address.host}:${address.port}>`);
  }
  for (const [name, value] of sent.headers ?? []) headers.add(name, value);
  if (sent.sdp !== undefined) {
    headers.add('Content-Type', 'application/sdp');
    const text = typeof sent.sdp === 'string' ? sent.sdp : formatSessionDescription(sent.sdp);
    message.body = Buffer.from(text);
  }
  if (sent.body !== undefined) message.body = Buffer.from(sent.body);
}

/** `INVITE` or `200 INVITE`. */
export function nameOf(message: SipMessage): string {
  return message.kind === 'request' ? message.method : `${message.status} ${message.cseq.method}`;
}

/** One word an event: `answered 4000`, `terminated remote 486 busy`. */
export function describeEvent(event: InviteSessionEvent): string {
  const portOf = ({ media }: SessionDescription): string => {
    if (media[0] === undefined) return 'no media';
    const { port, direction } = media[0];
    return direction === 'sendrecv' ? `${port}` : `${port} ${direction}`;
  };
  switch (event.type) {
    case 'trying':
      return 'trying';
    case 'progress':
      return `progress ${event.status}${event.earlyAnswer ? ` early ${portOf(event.earlyAnswer)}` : ''}`;
    case 'answered':
      return `answered ${portOf(event.answer)}`;
    case 'offered':
      return `offered ${portOf(event.offer)}`;
    case 'infoDtmf':
      return `infoDtmf ${event.key}`;
    case 'terminated': {
      const { type, status, q850 } = event.cause;
      const more = [status, q850 === undefined ? undefined : `q850=${q850}`].filter(Boolean);
      return ['terminated', event.by, event.status, type, ...more].join(' ');
    }
  }
}

/** What a message says of its media: `3000 sendrecv v1`. */
export function portIn(message: SipMessage): string {
  const read = descriptionOf(message);
  if (typeof read === 'string') return read;
  const { origin, media } = read.description;
  return `${media[0]!.port} ${media[0]!.direction} v${origin.sessionVersion}`;
}

export type Rig = ReturnType<typeof createRig>;

/** The real stack against a scripted peer on a virtual clock, all that happens in one log. */
export function createRig(
  options: {
    onInvite?: (invite: IncomingInvite) => void;
    trusted?: string[];
    max?: number;
    sessionExpires?: number;
  } = {},
) {
  const clock = new VirtualClock();
  const random = seededRandom(7);
  const network = new SimNetwork({ clock, random });
  const log: string[] = [];
  const trusted = options.trusted ?? [peerAddress.host];
  const userAgent = new SipUserAgent({
    clock,
    random,
    log: silentLogger,
    openTransport: network.opener(uaAddress),
    accepts: ({ host }) => trusted.includes(host),
    ...(options.onInvite === undefined ? {} : { onInvite: options.onInvite }),
    ...(options.sessionExpires === undefined ? {} : { sessionExpires: options.sessionExpires }),
    ...(options.max === undefined ? {} : { maxTransactions: options.max }),
  });
  const peer = new ScriptedPeer(network, clock, log);
  const events: InviteSessionEvent[] = [];
  const sink = (event: InviteSessionEvent): void => {
    events.push(event);
    if (event.type === 'trying') return; // It would stand in every table, and says the same in each.
    log.push(`${clock.now()} ${describeEvent(event)}`);
  };
  const call = (target: Partial<InviteTarget> = {}, offer = audio(3000)): InviteSession =>
    userAgent.invite(
      {
        requestUri: 'sip:79260000000@trunk.example',
        nextHop: peerAddress,
        from: { uri: 'sip:74990000000@trunk.example' },
        ...target,
      },
      offer,
      sink,
    );
  return { clock, random, network, log, userAgent, peer, events, sink, call };
}

/** Lets everything run out; then nothing may be left of anything. */
export async function leftovers({ clock, userAgent }: Rig): Promise<object> {
  await clock.advance(200_000);
  return { ...userAgent.counts, timers: clock.pendingTimers };
}

export const nothing = { sessions: 0, dialogs: 0, transactions: 0, unanswered: 0, timers: 0 };
