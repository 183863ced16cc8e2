import type { Sink } from '../../base/sink.ts';
import type { HangupCause } from '../../model/hangup-cause.ts';
import type { SessionDescription } from '../../sdp/session-description.ts';
import { createResponse, type SipMessage, type SipRequest } from '../message/sip-message.ts';
import { formatReason, readQ850 } from '../reason.ts';
import { type Table, TableMachine } from '../transaction/table-machine.ts';
import type { ReceivedResponse, ServerHandle } from '../transaction/transaction-layer.ts';
import type { Hop } from '../transport/hop.ts';
import { type InviteSessionEvent, SipRefused } from '../user-agent.ts';
import type { Dialog } from './dialog.ts';
import { sendInDialog } from './in-dialog-request.ts';
import type { LocalDescription } from './local-description.ts';
import {
  type BodyDescription,
  descriptionOf,
  encodeDescription,
  keyOfInfo,
  type ReceivedDescription,
  sdpType,
} from './message-body.ts';
import { OkUntilAck } from './ok-until-ack.ts';
import { ReInviteQueue } from './re-invite-queue.ts';
import type { ReceivedOffers } from './received-offers.ts';
import { acceptHeader, allowHeader, type HeaderLine, type SessionHost } from './session-host.ts';
import type { SessionWish } from './session-interval.ts';
import { SessionTimer } from './session-timer.ts';
import type { TrunkAuthorization } from './trunk-authorization.ts';

type State = 'unacknowledged' | 'confirmed' | 'byeHeld' | 'ended';
type Input = 'ack' | 'noAck' | 'terminate' | 'bye' | 'fault';
type Action = 'endLocally' | 'endRemotely' | 'endByFault' | 'sendBye';

/**
 * How a session ends (RFC 3261 section 15). The called party may not send BYE before the ACK has come
 * or can no longer come; until then the BYE is held. Messages leave before events go up, so that no fault
 * of whoever hears an event keeps the peer on the line.
 */
// biome-ignore format: a table
const endingTable: Table<State, Input, Action> = {
  unacknowledged: {
    ack:       ['confirmed'],
    noAck:     ['ended', 'sendBye', 'endByFault'],
    terminate: ['byeHeld', 'endLocally'],
    bye:       ['ended', 'endRemotely'],
    fault:     ['ended', 'sendBye', 'endByFault'],
  },
  confirmed: {
    ack:       ['confirmed'],
    noAck:     ['ended', 'sendBye', 'endByFault'], // Of a re-INVITE.
    terminate: ['ended', 'sendBye', 'endLocally'],
    bye:       ['ended', 'endRemotely'],
    fault:     ['ended', 'sendBye', 'endByFault'],
  },
  byeHeld: {
    ack:       ['ended', 'sendBye'],
    noAck:     ['ended', 'sendBye'],
    bye:       ['ended'],
  },
  ended: {},
};

export type InviteUsageOptions = {
  readonly host: SessionHost;
  readonly dialog: Dialog;
  readonly sink: Sink<InviteSessionEvent>;
  readonly contact: string;
  readonly authorization: TrunkAuthorization | undefined;
  readonly local: LocalDescription;
  readonly offers: ReceivedOffers;
  readonly role: 'caller' | 'called';
  readonly wish: SessionWish;
  /** The INVITE of the caller, or the 2xx of the called party. */
  readonly peer: SipMessage;
  /** Nothing of it is left. */
  finished(): void;
};

/** The INVITE usage of a dialog (RFC 5057) once it is answered: the same for both sides. */
export class InviteUsage {
  readonly #options: InviteUsageOptions;
  readonly #machine: TableMachine<State, Input, Action>;
  readonly #offers: ReceivedOffers;
  readonly #session: SessionTimer;
  #allowsUpdate: boolean;
  #cause: HangupCause = { type: 'normal' };
  #ok: OkUntilAck | undefined;
  /** Our 200 made an offer: its ACK must bring the answer. */
  #awaitsAnswer: 'no' | 'first' | 'again' = 'no';
  readonly #ownOffers: ReInviteQueue;
  #open = 0;

  constructor(options: InviteUsageOptions) {
    this.#options = options;
    this.#offers = options.offers;
    const start = options.role === 'caller' ? 'confirmed' : 'unacknowledged';
    this.#machine = new TableMachine(endingTable, start, {
      entered: (state) => this.#entered(state),
      act: (action) => this.#act(action),
    });
    const { host, dialog, contact, authorization, local, role, wish, peer } = options;
    this.#allowsUpdate = peer.headers.values('Allow').includes('UPDATE');
    this.#session = new SessionTimer({
      clock: host.clock,
      wish,
      refresh: () => this.#refresh(),
      expired: () => this.#end({ type: 'sessionExpired' }),
    });
    if (peer.kind === 'response') this.#session.answered(peer);
    this.#ownOffers = new ReInviteQueue(local, {
      host,
      dialog,
      contact,
      authorization,
      session: this.#session,
      wish,
      ownsCallId: role === 'caller',
      isBusy: () => this.#offers.isPending || this.#ok !== undefined,
      answered: ({ text }) => {
        this.#offers.text = text;
      },
      gone: (status) => this.#fail(status),
      started: () => {
        this.#open++;
      },
      finished: () => {
        this.#open--;
        this.#finishIfDone();
      },
    });
  }

  get dialog(): Dialog {
    return this.#options.dialog;
  }

  /** Nothing of it is left. */
  get isFinished(): boolean {
    return this.#machine.state === 'ended' && this.#open === 0;
  }

  /** Sends the 200 of the called party, with a description unless it has one, and repeats it until the ACK. */
  answer(
    server: ServerHandle,
    description: SessionDescription | undefined,
    isOffer: boolean,
  ): void {
    this.#awaitsAnswer = isOffer ? 'first' : 'no';
    this.#sendOk(server, description);
  }

  /** The answer to the offer that a reliable provisional response of ours made; it came in the PRACK. */
  takeEarlyAnswer(answer: BodyDescription): void {
    this.#takeAnswer(answer, true);
  }

  /** The 200 that was due will not be sent: the INVITE has got another final response. */
  neverAnswered(cause: HangupCause): void {
    if (!this.isOver) this.#cause = cause;
    this.#input('bye');
  }

  terminate(cause: HangupCause): void {
    if (this.isOver) return;
    this.#cause = cause;
    this.#input('terminate');
  }

  /** Without a further message: the whole stack is being closed. */
  stop(): void {
    this.#session.stop();
    this.#offers.stop();
    this.#ok?.stop();
    this.#ownOffers.close();
  }

  reinvite(offer: SessionDescription): Promise<SessionDescription> {
    if (this.isOver) return Promise.reject(new SipRefused(487));
    return this.#ownOffers.push(offer);
  }

  info(contentType: string, body: string): void {
    if (this.isOver) return;
    this.#sendInDialog('INFO', (request) => {
      request.headers.add('Content-Type', contentType);
      request.body = Buffer.from(body);
    });
  }

  receiveAck(request: SipRequest): void {
    if (request.from.tag !== this.dialog.remoteTag) return;
    if (request.cseq.sequence !== this.#ok?.sequence) return;
    this.#ok.stop();
    this.#ok = undefined;
    const awaited = this.#awaitsAnswer;
    this.#awaitsAnswer = 'no';
    if (awaited !== 'no') this.#takeAnswer(descriptionOf(request), awaited === 'first');
    this.#input('ack');
  }

  receiveRequest(request: SipRequest, source: Hop): void {
    const { transactions } = this.#options.host;
    const refuse = (status: number): void => transactions.respondStateless(request, source, status);
    const { method } = request;
    if (request.from.tag !== this.dialog.remoteTag) return refuse(481);
    if (this.#machine.state === 'ended') return refuse(481);
    // Deviation: a BYE is taken in any order; refusing one would leave a session to nobody.
    if (!this.dialog.takesSequence(request) && method !== 'BYE') return refuse(500);
    switch (method) {
      case 'BYE':
        return this.#receiveBye(request, source);
      case 'INVITE':
        return this.#receiveOffer(
          request,
          transactions.acceptInvite(request, source, request.to.tag ?? '', (event) => {
            if (event.type === 'ack') this.receiveAck(event.request);
            if (event.type === 'cancel') this.#offers.refuse(487);
          }),
        );
      case 'UPDATE':
        return this.#receiveOffer(request, transactions.acceptRequest(request, source));
      case 'INFO':
        return this.#receiveInfo(request, transactions.acceptRequest(request, source));
      default:
        return this.#receiveOther(request, transactions.acceptRequest(request, source));
    }
  }

  #input(input: Input): void {
    this.#open++; // What ends on the way must not pass for the end of everything.
    try {
      this.#machine.input(input);
    } finally {
      this.#open--;
      this.#finishIfDone();
    }
  }

  /** Terminated for whoever uses it; its signalling may go on. */
  get isOver(): boolean {
    return this.#machine.state === 'ended' || this.#machine.state === 'byeHeld';
  }

  /** Ends a session that the peer has lost, or that has no media; `status` says how it showed. */
  #fail(status: number): void {
    this.#end({ type: 'failed', status });
  }

  #end(cause: HangupCause): void {
    if (this.isOver) return;
    this.#cause = cause;
    this.#input('fault');
  }

  /** Half of the session's interval has passed (RFC 4028): UPDATE is lighter, re-INVITE all know. */
  #refresh(): void {
    if (!this.#allowsUpdate) {
      this.#ownOffers.push('same').catch(() => this.#session.refused());
      return;
    }
    const { contact, dialog, wish, host } = this.#options;
    const fill = ({ headers }: SipRequest): void => {
      const lines = [['Contact', contact] as const, allowHeader, host.supported];
      for (const line of [...lines, ...this.#session.requestHeaders()]) headers.add(...line);
    };
    this.#sendInDialog('UPDATE', fill, (response) => {
      const { status = 408, message } = response ?? {};
      if (status === 408 || status === 481) return this.#fail(status);
      if (status < 300) {
        dialog.refreshTarget(message!);
        return this.#session.answered(message!);
      }
      if (status === 422 && wish.raise(message!)) return this.#refresh();
      if (status !== 405 && status !== 501) return this.#session.refused();
      this.#allowsUpdate = false;
      this.#refresh();
    });
  }

  #receiveBye(request: SipRequest, source: Hop): void {
    const server = this.#options.host.transactions.acceptRequest(request, source);
    server.respond(createResponse(request, 200));
    const q850 = readQ850(request);
    this.#cause = { type: 'normal', ...(q850 === undefined ? {} : { q850 }) };
    this.#input('bye');
  }

  #receiveInfo(request: SipRequest, server: ServerHandle): void {
    const key = keyOfInfo(request);
    const isForeign = key === undefined && request.body.length > 0;
    const accept = ['Accept', 'application/dtmf-relay, application/dtmf'] as const;
    server.respond(
      createResponse(request, isForeign ? 415 : 200, { headers: isForeign ? [accept] : [] }),
    );
    if (key !== undefined && !this.isOver) this.#options.sink({ type: 'infoDtmf', key });
  }

  #receiveOther(request: SipRequest, server: ServerHandle): void {
    const { method } = request;
    const isOptions = method === 'OPTIONS';
    const headers = isOptions
      ? [allowHeader, this.#options.host.supported, acceptHeader]
      : [allowHeader];
    // A PRACK acknowledges nothing here: we send no provisional response that asks for one.
    const status = isOptions ? 200 : method === 'PRACK' ? 481 : 405;
    server.respond(createResponse(request, status, { headers }));
  }

  /** A re-INVITE or UPDATE: RFC 3261 section 14.2, RFC 3311 section 5.2, RFC 6337. */
  #receiveOffer(request: SipRequest, server: ServerHandle): void {
    const refuse = (status: number, ...headers: readonly HeaderLine[]): void => {
      server.respond(createResponse(request, status, { headers }));
    };
    if (this.isOver) return refuse(481);
    // Two offers at once: ours on its way, or in a 200 whose ACK has not come.
    const ownOffer = this.#ownOffers.isPending || this.#awaitsAnswer !== 'no';
    const refusal = this.#offers.refusalOf(request, ownOffer);
    if (refusal !== undefined) return refuse(...refusal);
    const tooBrief = this.#session.refusalOf(request);
    if (tooBrief !== undefined) return refuse(...tooBrief);
    const offer = descriptionOf(request) as ReceivedDescription | 'none';
    if (request.method === 'UPDATE' && offer === 'none') return this.#accept(server, undefined);
    // A new request of the peer's shows that it has our last 200, even if its ACK was lost.
    this.#acknowledged();
    if (offer === 'none') return this.#offerAgain(server);
    const { last } = this.#options.local;
    // The same description again is a session refresh (RFC 4028): nobody needs to hear of it.
    if (offer.text === this.#offers.text && last !== undefined) return this.#accept(server, last);
    this.#offers.present(server, offer, this.#options.sink, (answer) =>
      this.#accept(server, answer),
    );
  }

  /** 200, with our answer when the request made an offer. */
  #accept(server: ServerHandle, answer: SessionDescription | undefined): void {
    const { host, contact, dialog, local } = this.#options;
    const { request } = server;
    dialog.refreshTarget(request);
    if (request.method === 'INVITE' && answer !== undefined) return this.#sendOk(server, answer);
    const headers = [
      ['Contact', contact] as const,
      allowHeader,
      host.supported,
      ...this.#session.answer(request),
    ];
    const body = answer && encodeDescription(local.next(answer));
    server.respond(
      createResponse(request, 200, {
        headers,
        ...(body === undefined ? {} : { body, contentType: sdpType }),
      }),
    );
  }

  /** A re-INVITE without an offer: we make one, the ACK brings the answer (section 14.2). */
  #offerAgain(server: ServerHandle): void {
    const offer = this.#options.local.nextOffer();
    if (offer === undefined) {
      server.respond(createResponse(server.request, 488));
      return;
    }
    this.#awaitsAnswer = 'again';
    this.#accept(server, offer);
  }

  #sendOk(server: ServerHandle, description: SessionDescription | undefined): void {
    const { host, contact, local } = this.#options;
    const { request, toTag } = server;
    const response = createResponse(request, 200, {
      toTag,
      headers: [
        ...request.headers.all('Record-Route').map((value) => ['Record-Route', value] as const),
        ['Contact', contact],
        allowHeader,
        host.supported,
        acceptHeader,
        ...this.#session.answer(request),
      ],
      ...(description === undefined
        ? {}
        : { body: encodeDescription(local.next(description)), contentType: sdpType }),
    });
    this.#ok = new OkUntilAck(
      host,
      request.cseq.sequence,
      () => server.respond(response),
      () => {
        this.#ok = undefined;
        this.#cause = { type: 'failed', status: 408 };
        this.#input('noAck');
      },
    );
  }

  #takeAnswer(answer: BodyDescription, isFirst: boolean): void {
    const { sink } = this.#options;
    if (this.isOver) return;
    if (answer === 'none' || answer === 'unreadable') {
      // Without a first answer there is no media; later ones leave it as it was.
      if (isFirst) this.#fail(488);
      return;
    }
    const changed = answer.text !== this.#offers.text;
    this.#offers.text = answer.text;
    if (isFirst) sink({ type: 'answered', answer: answer.description });
    // The peer's answer to an offer of ours that the media side did not make: it reads as an offer whose
    // answer is already given.
    else if (changed) {
      sink({ type: 'offered', offer: answer.description, accept: () => {}, reject: () => {} });
    }
  }

  /** Stops repeating the last 200. */
  #acknowledged(): void {
    if (this.#ok === undefined) return;
    this.#ok.stop();
    this.#ok = undefined;
    this.#input('ack');
  }

  #sendInDialog(
    method: 'BYE' | 'INFO' | 'UPDATE',
    fill: (request: SipRequest) => void,
    responded?: (response: ReceivedResponse | undefined) => void,
  ): void {
    const { host, dialog, authorization } = this.#options;
    this.#open++;
    sendInDialog({
      host,
      dialog,
      method,
      authorization,
      fill,
      // 481 to INFO tells that the session is gone; 408 of one INFO tells nothing.
      responded: (response) => {
        if (responded !== undefined) responded(response);
        else if (response?.status === 481) this.#fail(481);
      },
      finished: () => {
        this.#open--;
        this.#finishIfDone();
      },
    });
  }

  #entered(state: State): void {
    if (state !== 'ended' && state !== 'byeHeld') return;
    this.#offers.refuse(487); // RFC 3261 section 15.1.2.
    this.#ownOffers.stop();
    this.#session.stop();
    if (state === 'ended') this.#ok?.stop();
    if (state === 'ended') this.#ok = undefined;
  }

  #act(action: Action): void {
    const { sink } = this.#options;
    const cause = this.#cause;
    switch (action) {
      case 'sendBye':
        this.#sendInDialog('BYE', ({ headers }) => headers.add('Reason', formatReason(cause)));
        return;
      case 'endRemotely':
      case 'endByFault':
        return sink({ type: 'terminated', by: 'remote', status: 0, cause });
      case 'endLocally':
        return sink({ type: 'terminated', by: 'local', status: 0, cause });
    }
  }

  #finishIfDone(): void {
    if (this.isFinished) this.#options.finished();
  }
}
