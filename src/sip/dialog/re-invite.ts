import type { Timer } from '../../base/clock.ts';
import { randomInt } from '../../base/random.ts';
import type { SessionDescription } from '../../sdp/session-description.ts';
import { transactionLifetime } from '../transaction/sip-timers.ts';
import {
  type ClientHandle,
  cancelOf,
  type ReceivedResponse,
} from '../transaction/transaction-layer.ts';
import { SipRefused } from '../user-agent.ts';
import type { Dialog } from './dialog.ts';
import {
  descriptionOf,
  encodeDescription,
  type ReceivedDescription,
  sdpType,
} from './message-body.ts';
import { allowHeader, type SessionHost } from './session-host.ts';
import type { SessionWish } from './session-interval.ts';
import type { SessionTimer } from './session-timer.ts';
import type { AuthorizationHeader, TrunkAuthorization } from './trunk-authorization.ts';

export type ReInviteOptions = {
  readonly host: SessionHost;
  readonly dialog: Dialog;
  readonly contact: string;
  readonly authorization: TrunkAuthorization | undefined;
  /** `same`: what holds goes out again, to refresh the session (RFC 4028). */
  readonly offer: SessionDescription | 'same';
  /** We made the Call-ID, so after a glare we wait longer (RFC 3261 section 14.1). */
  readonly ownsCallId: boolean;
  /** True while an offer may not be sent: the peer's is not answered, or a 200 not acknowledged. */
  isBusy(): boolean;
  /** The offer as it goes out, with its o= line in order. */
  stamped(offer: SessionDescription | 'same'): SessionDescription;
  readonly session: SessionTimer;
  readonly wish: SessionWish;
  /** A glare: until the next try the offer has not been made. */
  postponed(): void;
  answered(answer: ReceivedDescription): void;
  refused(refusal: SipRefused): void;
  /** 408, 481 or no response: the dialog is gone (section 12.2.1.2). */
  gone(status: number): void;
  /** Nothing of it is left. */
  finished(): void;
};

const mostGlares = 8;

/** Our own offer in an established session: re-INVITE, its ACK, and another try after a glare. */
export class ReInvite {
  readonly #options: ReInviteOptions;
  readonly #tries = { count: 0 };
  #glares = 0;
  #open = 0;
  /** Until `answered` or `refused`; after it only ACKs are owed. */
  #settled = false;
  #wait: Timer | undefined;
  /** The INVITE that has no final response yet. */
  #sent: ClientHandle | undefined;
  #limit: Timer | undefined;
  /** ACKs by CSeq, for 200s that come again. */
  readonly #acks = new Map<number, Uint8Array>();

  constructor(options: ReInviteOptions) {
    this.#options = options;
    if (options.isBusy()) this.#waitAfterGlare();
    else this.#send();
  }

  /** True while an offer of ours is on its way and not answered. */
  get isPending(): boolean {
    return !this.#settled && this.#wait === undefined;
  }

  /** The session is over: nothing is tried again. */
  stop(): void {
    if (this.#settled) return;
    this.#settle();
    // The peer need not answer any more: RFC 3261 has no timer for that, once a 1xx has come.
    if (this.#sent !== undefined) this.#abandonLater(this.#sent);
    this.#options.refused(new SipRefused(487));
    this.#finishIfDone();
  }

  /** Without a further message: the whole stack is being closed. */
  close(): void {
    this.#settle();
  }

  #send(authorization?: AuthorizationHeader): void {
    const { host, dialog, contact, offer, stamped, session } = this.#options;
    const request = dialog.createRequest('INVITE');
    const { headers } = request;
    headers.add('Contact', contact);
    headers.add(...allowHeader);
    headers.add(...host.supported);
    for (const line of session.requestHeaders()) headers.add(...line);
    if (authorization !== undefined) headers.add(...authorization);
    headers.add('Content-Type', sdpType);
    request.body = encodeDescription(stamped(offer));
    this.#open++;
    const sent = host.transactions.startInvite(request, dialog.destination, (event) => {
      switch (event.type) {
        case 'response':
          return this.#receive(sent, event.response, authorization);
        case 'timedOut':
          return this.#gone(408);
        case 'transportFailed':
          return this.#refuse(new SipRefused(503));
        case 'terminated':
          this.#open--;
          if (this.#sent === sent) this.#limit?.cancel();
          return this.#finishIfDone();
      }
    });
    this.#sent = sent;
    this.#limitRinging(sent);
  }

  #receive(
    sent: ClientHandle,
    response: ReceivedResponse,
    authorization: AuthorizationHeader | undefined,
  ): void {
    const { status, message } = response;
    if (status < 200) return;
    this.#limit?.cancel();
    this.#sent = undefined;
    if (status < 300) return this.#accepted(response, authorization);
    if (this.#settled) return;
    const answer = this.#options.authorization?.answerInDialog(sent, response, this.#tries);
    if (answer !== undefined) return this.#send(answer);
    if (status === 422 && this.#options.wish.raise(message)) return this.#send(authorization);
    if (status === 491 && ++this.#glares < mostGlares) {
      this.#options.postponed();
      return this.#waitAfterGlare();
    }
    if (status === 408 || status === 481) return this.#gone(status);
    this.#refuse(new SipRefused(status, message.headers.get('Retry-After')));
  }

  #accepted({ message }: ReceivedResponse, authorization: AuthorizationHeader | undefined): void {
    const { host, dialog } = this.#options;
    const { sequence } = message.cseq;
    let ack = this.#acks.get(sequence);
    if (ack === undefined) {
      dialog.refreshTarget(message);
      const request = dialog.createRequest('ACK', sequence);
      if (authorization !== undefined) request.headers.add(...authorization);
      ack = host.transactions.prepareAck(request, dialog.destination);
      this.#acks.set(sequence, ack);
      this.#options.session.answered(message);
    }
    host.transactions.send(ack, dialog.destination);
    if (this.#settled) return;
    const answer = descriptionOf(message);
    if (answer === 'none' || answer === 'unreadable') return this.#refuse(new SipRefused(488));
    this.#settle();
    this.#options.answered(answer);
  }

  /** Section 14.1: in units of 10 ms, 2.1 to 4 s for the owner of the Call-ID, 0 to 2 s for the other. */
  #waitAfterGlare(): void {
    const { host, ownsCallId, isBusy } = this.#options;
    const units = ownsCallId ? randomInt(host.random, 210, 400) : randomInt(host.random, 0, 200);
    this.#wait = host.clock.setTimer(10 * units, () => {
      this.#wait = undefined;
      if (!isBusy()) this.#send();
      else if (++this.#glares < mostGlares) this.#waitAfterGlare();
      else this.#refuse(new SipRefused(491));
    });
  }

  /** A re-INVITE rings nobody: one that has no final response after 64*T1 is cancelled. */
  #limitRinging(sent: ClientHandle): void {
    const { host } = this.#options;
    const lifetime = transactionLifetime(host.timers);
    this.#limit = host.clock.setTimer(lifetime, () => {
      if (this.#settled) return;
      this.#open++;
      host.transactions.startRequest(cancelOf(sent.request), sent.to, ({ type }) => {
        if (type !== 'terminated') return;
        this.#open--;
        this.#finishIfDone();
      });
      this.#settled = true;
      this.#abandonLater(sent);
      this.#options.refused(new SipRefused(408));
    });
  }

  #abandonLater(sent: ClientHandle): void {
    const { clock, timers } = this.#options.host;
    this.#limit = clock.setTimer(transactionLifetime(timers), () => {
      sent.abandon();
      this.#open--;
      this.#finishIfDone();
    });
  }

  #gone(status: number): void {
    if (this.#settled) return;
    this.#refuse(new SipRefused(status));
    this.#options.gone(status);
  }

  #refuse(refusal: SipRefused): void {
    if (this.#settled) return;
    this.#settle();
    this.#options.refused(refusal);
    this.#finishIfDone();
  }

  #settle(): void {
    this.#settled = true;
    this.#wait?.cancel();
    this.#wait = undefined;
    this.#limit?.cancel();
  }

  #finishIfDone(): void {
    if (this.#settled && this.#open === 0) this.#options.finished();
  }
}
