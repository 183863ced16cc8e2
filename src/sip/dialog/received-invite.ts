import type { SocketAddress } from '../../base/address.ts';
import type { Timer } from '../../base/clock.ts';
import type { Sink } from '../../base/sink.ts';
import type { HangupCause } from '../../model/hangup-cause.ts';
import type { SessionDescription } from '../../sdp/session-description.ts';
import { createResponse, type ResponseOptions, type SipRequest } from '../message/sip-message.ts';
import { unescapeUser } from '../message/uri.ts';
import { readQ850 } from '../reason.ts';
import type { ServerHandle } from '../transaction/transaction-layer.ts';
import {
  type IncomingInvite,
  type InviteSession,
  type InviteSessionEvent,
  SipRefused,
} from '../user-agent.ts';
import { Dialog } from './dialog.ts';
import { InviteUsage } from './invite-usage.ts';
import { LocalDescription } from './local-description.ts';
import { encodeDescription, type ReceivedDescription, sdpType } from './message-body.ts';
import { tryingAfter } from './ok-until-ack.ts';
import { ReceivedOffers } from './received-offers.ts';
import { allowHeader, type DialogUser, type SessionHost, userOf } from './session-host.ts';

/** RFC 3261 section 13.3.1.1: a proxy on the way forgets an INVITE it hears nothing of for 3 minutes. */
const refreshMs = 60_000;
/** Nobody lets a phone ring longer; an INVITE that was forgotten here ends with 480. */
const mostRefreshes = 10;

/** The called party's side of an INVITE until it is accepted, refused or cancelled. */
export class ReceivedInvite implements IncomingInvite, DialogUser {
  readonly sipCallId: string;
  readonly requestUri: string;
  readonly source: SocketAddress;
  readonly offer: SessionDescription | undefined;
  readonly #host: SessionHost;
  readonly #request: SipRequest;
  readonly #server: ServerHandle;
  readonly #localTag: string;
  readonly #contact: string;
  readonly #offerText: string;
  readonly #local = new LocalDescription();
  #state: 'ringing' | 'accepted' | 'refused' | 'cancelled' = 'ringing';
  #trying: Timer | undefined;
  #refresh: Timer | undefined;
  #cancelCause: HangupCause = { type: 'normal' };
  #onCancelled: (() => void) | undefined;
  #usage: InviteUsage | undefined;

  constructor(
    host: SessionHost,
    request: SipRequest,
    source: SocketAddress,
    offer: ReceivedDescription | undefined,
  ) {
    this.#host = host;
    this.#request = request;
    this.source = source;
    this.sipCallId = request.sipCallId;
    this.requestUri = request.requestUri;
    this.offer = offer?.description;
    this.#offerText = offer?.text ?? '';
    this.#localTag = host.newTag();
    this.#contact = host.contactOf(userOf(request.requestUri));
    this.#server = host.transactions.acceptInvite(request, source, this.#localTag, (event) => {
      if (event.type === 'ack') this.receiveAck(event.request);
      else if (event.type === 'cancel') this.#cancelled(event.request);
      else if (this.#usage === undefined) this.#finish();
    });
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
    const send = (): void => this.#respond(status, this.#inDialog(body));
    send();
    this.#stopTimers();
    this.#refreshLater(send, mostRefreshes);
  }

  accept(answer: SessionDescription, sink: Sink<InviteSessionEvent>): InviteSession {
    if (this.#state !== 'ringing') {
      // The caller gave up in the same turn: the session is over before it began.
      sink({ type: 'terminated', by: 'remote', status: 0, cause: this.#cancelCause });
      return new AnsweredInvite(this.sipCallId, undefined);
    }
    this.#state = 'accepted';
    this.#stopTimers();
    let isTerminated = false;
    const usage = new InviteUsage({
      host: this.#host,
      dialog: Dialog.ofInvite(this.#request, this.#localTag, this.source),
      sink: (event) => {
        if (isTerminated) return;
        isTerminated = event.type === 'terminated';
        if (isTerminated) this.#local.release();
        sink(event);
      },
      contact: this.#contact,
      authorization: undefined,
      local: this.#local,
      offers: new ReceivedOffers(this.#host, this.#offerText),
      role: 'called',
      finished: () => this.#finish(),
    });
    this.#usage = usage;
    usage.answer(this.#server, answer, this.offer === undefined);
    return new AnsweredInvite(this.sipCallId, usage);
  }

  reject(status: number, headers: readonly (readonly [string, string])[] = []): void {
    if (this.#state !== 'ringing') return;
    this.#respond(status, { toTag: this.#localTag, headers });
    this.#state = 'refused';
    this.#stopTimers();
  }

  onCancelled(listener: () => void): void {
    this.#onCancelled = listener;
  }

  receiveAck(request: SipRequest): void {
    this.#usage?.receiveAck(request);
  }

  receiveRequest(request: SipRequest, source: SocketAddress): void {
    if (this.#usage !== undefined) this.#usage.receiveRequest(request, source);
    else this.#receiveEarly(request, source);
  }

  stop(): void {
    this.#usage?.terminate({ type: 'released' });
    this.#usage?.stop();
    this.reject(503);
    this.#stopTimers();
  }

  /** Section 15: the caller may end an early dialog by BYE, too. */
  #receiveEarly(request: SipRequest, source: SocketAddress): void {
    const { transactions } = this.#host;
    const refuse = (status: number, ...headers: (readonly [string, string])[]): void =>
      transactions.respondStateless(request, source, status, headers);
    if (this.#state !== 'ringing' || request.from.tag !== this.#request.from.tag) {
      return refuse(481);
    }
    switch (request.method) {
      case 'BYE':
        transactions.acceptRequest(request, source).respond(createResponse(request, 200));
        return this.#cancelled(request);
      case 'INFO':
      case 'OPTIONS':
        return refuse(200, allowHeader);
      case 'INVITE':
        return refuse(500, ['Retry-After', '5']);
      case 'UPDATE': // RFC 3311 section 5.2: the first offer has no final answer yet.
        if (request.body.length === 0) return refuse(200, ['Contact', this.#contact], allowHeader);
        return refuse(500, ['Retry-After', '5']);
      default:
        return refuse(405, allowHeader);
    }
  }

  /** Section 9.2: a CANCEL, or a BYE to the early dialog. */
  #cancelled(request: SipRequest): void {
    if (this.#state !== 'ringing') return;
    this.#state = 'cancelled';
    this.#stopTimers();
    const q850 = readQ850(request);
    if (q850 !== undefined) this.#cancelCause = { type: 'normal', q850 };
    this.#respond(487, { toTag: this.#localTag });
    this.#onCancelled?.();
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
      ],
      ...(body === undefined ? {} : { body, contentType: sdpType }),
    };
  }

  #respond(status: number, options: ResponseOptions = {}): void {
    this.#server.respond(createResponse(this.#request, status, options));
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
