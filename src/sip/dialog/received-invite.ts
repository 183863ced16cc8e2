import type { Timer } from '../../base/clock.ts';
import type { Sink } from '../../base/sink.ts';
import type { HangupCause } from '../../model/hangup-cause.ts';
import type { SessionDescription } from '../../sdp/session-description.ts';
import { createResponse, type ResponseOptions, type SipRequest } from '../message/sip-message.ts';
import { unescapeUser } from '../message/uri.ts';
import { readQ850 } from '../reason.ts';
import type { ServerHandle } from '../transaction/transaction-layer.ts';
import type { Hop } from '../transport/hop.ts';
import {
  type IncomingInvite,
  type InviteSession,
  type InviteSessionEvent,
  SipRefused,
} from '../user-agent.ts';
import { Dialog } from './dialog.ts';
import { InviteUsage } from './invite-usage.ts';
import { LocalDescription } from './local-description.ts';
import {
  type BodyDescription,
  descriptionOf,
  encodeDescription,
  type ReceivedDescription,
  sdpType,
} from './message-body.ts';
import { tryingAfter } from './ok-until-ack.ts';
import { type OfferEvent, ReceivedOffers } from './received-offers.ts';
import { type Provisional, ReliableProgress } from './reliable-progress.ts';
import {
  allowHeader,
  type DialogUser,
  type HeaderLine,
  type SessionHost,
  userOf,
} from './session-host.ts';
import { SessionWish } from './session-interval.ts';

/** RFC 3261 section 13.3.1.1: a proxy on the way forgets an INVITE it hears nothing of for 3 minutes. */
const refreshMs = 60_000;
/** Nobody lets a phone ring longer; an INVITE that was forgotten here ends with 480. */
const mostRefreshes = 10;

/** The called party's side of an INVITE until it is accepted, refused or cancelled. */
export class ReceivedInvite implements IncomingInvite, DialogUser {
  readonly sipCallId: string;
  readonly requestUri: string;
  readonly source: Hop;
  readonly offer: SessionDescription | undefined;
  readonly #host: SessionHost;
  readonly #request: SipRequest;
  readonly #server: ServerHandle;
  readonly #localTag: string;
  readonly #contact: string;
  readonly #local = new LocalDescription();
  readonly #dialog: Dialog;
  readonly #offers: ReceivedOffers;
  /** `held`: accepted, but the 200 waits for a PRACK. */
  #state: 'ringing' | 'held' | 'accepted' | 'refused' | 'cancelled' = 'ringing';
  /** Undefined: the caller does not know RFC 3262. */
  #reliable: ReliableProgress | undefined;
  /** A reliable response carried our description, which needs no other then. */
  #isDescribed = false;
  /** It was acknowledged, so the first offer has its answer for good. */
  #isAgreed = false;
  /** The answer to our offer in a reliable response. */
  #earlyAnswer: BodyDescription | undefined;
  /** The PRACK being handled. */
  #prack: ServerHandle | undefined;
  #accepted: () => void = () => {};
  #onOffered: ((event: OfferEvent) => void) | undefined;
  #trying: Timer | undefined;
  #refresh: Timer | undefined;
  #cancelCause: HangupCause = { type: 'normal' };
  #onCancelled: (() => void) | undefined;
  #usage: InviteUsage | undefined;

  constructor(
    host: SessionHost,
    request: SipRequest,
    source: Hop,
    offer: ReceivedDescription | undefined,
  ) {
    this.#host = host;
    this.#request = request;
    this.source = source;
    this.sipCallId = request.sipCallId;
    this.requestUri = request.requestUri;
    this.offer = offer?.description;
    this.#offers = new ReceivedOffers(host, offer?.text ?? '');
    this.#localTag = host.newTag();
    this.#dialog = Dialog.ofInvite(request, this.#localTag, source);
    this.#contact = host.contactOf(userOf(request.requestUri), source);
    this.#server = host.transactions.acceptInvite(request, source, this.#localTag, (event) => {
      if (event.type === 'ack') this.receiveAck(event.request);
      else if (event.type === 'cancel') this.#cancelled(event.request);
      else if (this.#usage === undefined) this.#finish();
    });
    if (this.#knows('Supported') || this.#knows('Require')) this.#reliable = this.#createReliable();
    host.sessionStarted(this);
    host.addDialogUser(this.sipCallId, this.#localTag, this);
    this.#trying = tryingAfter(host, () => this.#respond(100));
    this.#refreshLater(() => this.#respond(100), mostRefreshes);
  }

  get fromUser(): string {
    return unescapeUser(userOf(this.#request.from.uri) ?? '');
  }

  get toUser(): string {
    return unescapeUser(userOf(this.#request.to.uri) ?? '');
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name);
  }

  progress(status: number, answer?: SessionDescription): void {
    if (this.#state !== 'ringing') return;
    const body = answer && encodeDescription(this.#local.next(answer));
    if (this.#mayBeReliable(body)) {
      const isDescribed = body !== undefined && !this.#isDescribed;
      this.#isDescribed ||= isDescribed;
      this.#sendReliably(status, isDescribed ? body : undefined);
      return this.#refreshInstead(() => this.#sendReliably(status, undefined));
    }
    // Nothing may be said that cannot be said reliably, not even that it rings: RFC 3262 section 3.
    if (this.#knows('Require')) return;
    const send = (): void => this.#respond(status, this.#inDialog(body));
    send();
    this.#refreshInstead(send);
  }

  accept(answer: SessionDescription, sink: Sink<InviteSessionEvent>): InviteSession {
    if (this.#state !== 'ringing') {
      // The caller gave up in the same turn: the session is over before it began.
      sink({ type: 'terminated', by: 'remote', status: 0, cause: this.#cancelCause });
      return new AnsweredInvite(this.sipCallId, undefined);
    }
    this.#state = 'accepted';
    this.#stopTimers();
    const usage = this.#createUsage(sink);
    this.#usage = usage;
    this.#accepted = () => {
      this.#state = 'accepted';
      if (!this.#isDescribed) return usage.answer(this.#server, answer, this.offer === undefined);
      usage.answer(this.#server, undefined, false);
      if (this.#earlyAnswer !== undefined) usage.takeEarlyAnswer(this.#earlyAnswer);
    };
    if (this.#reliable === undefined) this.#accepted();
    else this.#reliable.accept();
    if (this.#reliable?.holdsAnswer) this.#state = 'held';
    return new AnsweredInvite(this.sipCallId, usage);
  }

  reject(status: number, headers: readonly (readonly [string, string])[] = []): void {
    if (this.#state !== 'ringing') return;
    this.#refuse(status, headers);
    this.#state = 'refused';
  }

  onCancelled(listener: () => void): void {
    this.#onCancelled = listener;
  }

  onOffered(listener: (event: OfferEvent) => void): void {
    this.#onOffered = listener;
  }

  receiveAck(request: SipRequest): void {
    this.#usage?.receiveAck(request);
  }

  receiveRequest(request: SipRequest, source: Hop): void {
    if (request.method === 'PRACK') this.#receivePrack(request, source);
    else if (this.#state === 'accepted') this.#usage!.receiveRequest(request, source);
    else this.#receiveEarly(request, source);
  }

  stop(): void {
    if (this.#state === 'held') this.#refuse(503);
    this.#usage?.terminate({ type: 'released' });
    this.#usage?.stop();
    this.reject(503);
    this.#stopTimers();
    this.#reliable?.stop();
    this.#offers.stop();
  }

  /** Does the caller know RFC 3262, or insist on it? */
  #knows(header: 'Supported' | 'Require'): boolean {
    return this.#request.headers.values(header).some((tag) => tag.toLowerCase() === '100rel');
  }

  #createReliable(): ReliableProgress {
    return new ReliableProgress({
      host: this.#host,
      inviteSequence: this.#request.cseq.sequence,
      accepted: () => this.#accepted(),
      acknowledged: (response) => this.#acknowledged(response),
      unanswered: () => {
        // RFC 3262 section 3: 5xx. Whoever rings here is told as if the caller had given up.
        const wasRinging = this.#state === 'ringing';
        this.#refuse(504);
        this.#state = 'refused';
        if (wasRinging) this.#onCancelled?.();
        else this.#usage?.neverAnswered({ type: 'failed', status: 504 });
      },
    });
  }

  /** RFC 3262 section 5: without an offer in the INVITE the first reliable response has to make one. */
  #mayBeReliable(body: Uint8Array | undefined): boolean {
    if (this.#reliable === undefined) return false;
    return this.offer !== undefined || body !== undefined || this.#isDescribed;
  }

  #sendReliably(status: number, body: Uint8Array | undefined): void {
    this.#reliable?.send({
      isDescribed: body !== undefined,
      send: (sequence) => {
        const { headers = [], ...options } = this.#inDialog(body);
        const reliably = [['Require', '100rel'] as const, ['RSeq', `${sequence}`] as const];
        this.#respond(status, { ...options, headers: [...headers, ...reliably] });
      },
    });
  }

  #receivePrack(request: SipRequest, source: Hop): void {
    const server = this.#host.transactions.acceptRequest(request, source);
    const isOfCaller = request.from.tag === this.#request.from.tag;
    this.#dialog.takesSequence(request);
    this.#prack = server;
    if (!isOfCaller || this.#reliable?.receivePrack(request) !== true) {
      server.respond(createResponse(request, 481));
    }
    this.#prack = undefined;
  }

  /** 200 to the PRACK: it may bring the answer to our offer, or another offer (RFC 3262 section 5). */
  #acknowledged(response: Provisional): void {
    const server = this.#prack!;
    const read = descriptionOf(server.request);
    this.#isAgreed ||= response.isDescribed;
    if (response.isDescribed && this.offer === undefined) this.#earlyAnswer = read;
    else if (this.#isAgreed && typeof read !== 'string') return this.#present(server, read, []);
    server.respond(createResponse(server.request, 200));
  }

  #receiveUpdate(request: SipRequest, source: Hop): void {
    const server = this.#host.transactions.acceptRequest(request, source);
    const headers = [['Contact', this.#contact] as const, allowHeader];
    const refusal = this.#offers.refusalOf(request, false);
    if (refusal !== undefined) {
      const [status, ...further] = refusal;
      server.respond(createResponse(request, status, { headers: further }));
      return;
    }
    const offer = descriptionOf(request) as ReceivedDescription | 'none';
    if (offer === 'none') {
      this.#dialog.refreshTarget(request);
      server.respond(createResponse(request, 200, { headers }));
    } else if (!this.#isAgreed) {
      // RFC 3311 section 5.2: the first offer has no final answer yet; ours none at all.
      const later = this.offer === undefined ? [] : [['Retry-After', '5'] as const];
      const status = this.offer === undefined ? 491 : 500;
      server.respond(createResponse(request, status, { headers: later }));
    } else this.#present(server, offer, headers);
  }

  #present(server: ServerHandle, offer: ReceivedDescription, headers: readonly HeaderLine[]): void {
    const { request } = server;
    if (this.#onOffered === undefined) {
      server.respond(createResponse(request, 488));
      return;
    }
    this.#offers.present(server, offer, this.#onOffered, (answer) => {
      this.#dialog.refreshTarget(request);
      const body = encodeDescription(this.#local.next(answer));
      server.respond(createResponse(request, 200, { headers, body, contentType: sdpType }));
    });
  }

  #createUsage(sink: Sink<InviteSessionEvent>): InviteUsage {
    let isTerminated = false;
    return new InviteUsage({
      host: this.#host,
      dialog: this.#dialog,
      sink: (event) => {
        if (isTerminated) return;
        isTerminated = event.type === 'terminated';
        if (isTerminated) this.#local.release();
        sink(event);
      },
      contact: this.#contact,
      authorization: undefined,
      local: this.#local,
      offers: this.#offers,
      role: 'called',
      wish: new SessionWish(this.#host.sessionExpires),
      peer: this.#request,
      finished: () => this.#finish(),
    });
  }

  /** Section 15: the caller may end an early dialog by BYE, too. */
  #receiveEarly(request: SipRequest, source: Hop): void {
    const { transactions } = this.#host;
    const refuse = (status: number, ...headers: (readonly [string, string])[]): void =>
      transactions.respondStateless(request, source, status, headers);
    const isAlive = this.#state === 'ringing' || this.#state === 'held';
    if (!isAlive || request.from.tag !== this.#request.from.tag) return refuse(481);
    this.#dialog.takesSequence(request);
    switch (request.method) {
      case 'BYE':
        transactions.acceptRequest(request, source).respond(createResponse(request, 200));
        return this.#cancelled(request);
      case 'INFO':
      case 'OPTIONS':
        return refuse(200, allowHeader);
      case 'INVITE':
        return refuse(500, ['Retry-After', '5']);
      case 'UPDATE':
        return this.#receiveUpdate(request, source);
      default:
        return refuse(405, allowHeader);
    }
  }

  /** Section 9.2: a CANCEL, or a BYE to the early dialog. */
  #cancelled(request: SipRequest): void {
    if (this.#state !== 'ringing' && this.#state !== 'held') return;
    const wasRinging = this.#state === 'ringing';
    this.#state = 'cancelled';
    const q850 = readQ850(request);
    if (q850 !== undefined) this.#cancelCause = { type: 'normal', q850 };
    this.#refuse(487);
    if (wasRinging) this.#onCancelled?.();
    else this.#usage?.neverAnswered(this.#cancelCause);
  }

  /** The final response of an INVITE that is not answered. */
  #refuse(status: number, headers: readonly HeaderLine[] = []): void {
    this.#stopTimers();
    this.#reliable?.stop();
    this.#offers.refuse(487);
    this.#respond(status, { toTag: this.#localTag, headers });
  }

  /** What a response that makes a dialog carries: section 12.1.1. */
  #inDialog(body: Uint8Array | undefined): ResponseOptions {
    return {
      toTag: this.#localTag,
      headers: [
        ...this.#request.headers
          .all('Record-Route')
          .map((value) => ['Record-Route', value] as const),
        ['Contact', this.#contact],
        allowHeader,
        this.#host.supported,
      ],
      ...(body === undefined ? {} : { body, contentType: sdpType }),
    };
  }

  #respond(status: number, options: ResponseOptions = {}): void {
    this.#server.respond(createResponse(this.#request, status, options));
  }

  #refreshInstead(send: () => void): void {
    this.#stopTimers();
    this.#refreshLater(send, mostRefreshes);
  }

  #refreshLater(send: () => void, left: number): void {
    this.#refresh = this.#host.clock.setTimer(refreshMs, () => {
      if (left > 1) {
        send();
        this.#refreshLater(send, left - 1);
      } else {
        this.reject(480);
        this.#onCancelled?.();
      }
    });
  }

  #stopTimers(): void {
    this.#trying?.cancel();
    this.#refresh?.cancel();
  }

  #finish(): void {
    this.#host.removeDialogUser(this.sipCallId, this.#localTag);
    this.#host.sessionFinished(this);
  }
}

/** The called party's InviteSession; without a usage it was over before it began. */
class AnsweredInvite implements InviteSession {
  readonly sipCallId: string;
  readonly #usage: InviteUsage | undefined;

  constructor(sipCallId: string, usage: InviteUsage | undefined) {
    this.sipCallId = sipCallId;
    this.#usage = usage;
  }

  get state(): 'established' | 'terminated' {
    return this.#usage === undefined || this.#usage.isOver ? 'terminated' : 'established';
  }

  reinvite(offer: SessionDescription): Promise<SessionDescription> {
    return this.#usage?.reinvite(offer) ?? Promise.reject(new SipRefused(487));
  }

  info(contentType: string, body: string): void {
    this.#usage?.info(contentType, body);
  }

  terminate(cause: HangupCause): void {
    this.#usage?.terminate(cause);
  }
}
