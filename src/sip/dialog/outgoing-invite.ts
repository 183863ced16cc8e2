import { sameAddress } from '../../base/address.ts';
import type { Timer } from '../../base/clock.ts';
import type { Sink } from '../../base/sink.ts';
import type { HangupCause } from '../../model/hangup-cause.ts';
import type { SessionDescription } from '../../sdp/session-description.ts';
import { formatNameAddr } from '../message/name-addr.ts';
import { createResponse, SipRequest, type SipResponse } from '../message/sip-message.ts';
import { formatReason, hangupCauseOfResponse, readQ850 } from '../reason.ts';
import { transactionLifetime } from '../transaction/sip-timers.ts';
import { type Table, TableMachine } from '../transaction/table-machine.ts';
import {
  type ClientEvent,
  type ClientHandle,
  cancelOf,
  type ReceivedResponse,
} from '../transaction/transaction-layer.ts';
import type { Hop } from '../transport/hop.ts';
import {
  type InviteSession,
  type InviteSessionEvent,
  type InviteTarget,
  SipRefused,
} from '../user-agent.ts';
import { Dialog } from './dialog.ts';
import { EarlyDialog } from './early-dialog.ts';
import { InviteUsage } from './invite-usage.ts';
import { LocalDescription } from './local-description.ts';
import { descriptionOf, encodeDescription, sdpType } from './message-body.ts';
import { ReceivedOffers } from './received-offers.ts';
import { RedirectTargets } from './redirect-targets.ts';
import {
  acceptHeader,
  allowHeader,
  type DialogUser,
  type SessionHost,
  userOf,
} from './session-host.ts';
import { SessionWish } from './session-interval.ts';
import { SupersededInvite } from './superseded-invite.ts';
import { type AuthorizationHeader, TrunkAuthorization } from './trunk-authorization.ts';

type State = 'calling' | 'proceeding' | 'cancelHeld' | 'cancelling' | 'answered' | 'ended';
type Input = '1xx' | '2xx' | 'refusal' | 'retry' | 'terminate' | 'bye' | 'giveUp';
type Action =
  | 'progress'
  | 'answer'
  | 'refused'
  | 'send'
  | 'cancel'
  | 'endLocally'
  | 'endRemotely'
  | 'refuseAnswer'
  | 'abandon';

/**
 * The caller's side until the INVITE is answered. A CANCEL may only follow a 1xx (RFC 3261 section 9.1),
 * so before one it is held; an answer that crosses it is refused by ACK and BYE.
 */
// biome-ignore format: a table
export const outgoingInviteTable: Table<State, Input, Action> = {
  calling: {
    '1xx':     ['proceeding', 'progress'],
    '2xx':     ['answered', 'answer'],
    refusal:   ['ended', 'refused'],
    retry:     ['calling', 'send'],
    terminate: ['cancelHeld', 'endLocally'],
    bye:       ['cancelHeld', 'endRemotely'],
  },
  proceeding: {
    '1xx':     ['proceeding', 'progress'],
    '2xx':     ['answered', 'answer'],
    refusal:   ['ended', 'refused'],
    retry:     ['calling', 'send'],
    terminate: ['cancelling', 'cancel', 'endLocally'],
    bye:       ['cancelling', 'cancel', 'endRemotely'],
  },
  cancelHeld: {
    '1xx':     ['cancelling', 'cancel'],
    '2xx':     ['ended', 'refuseAnswer'],
    refusal:   ['ended'],
  },
  cancelling: {
    '2xx':     ['ended', 'refuseAnswer'],
    refusal:   ['ended'],
    giveUp:    ['ended', 'abandon'],
  },
  answered: {
    '2xx':     ['answered', 'refuseAnswer'], // Of another branch; the first one's own are handled before.
  },
  ended: {
    '2xx':     ['ended', 'refuseAnswer'],
  },
};

const mostBranches = 32;

/** In T1, 2.5 s by default: an INVITE over UDP has been sent three times by then. */
const silentHopT1 = 5;

/** The caller's InviteSession: INVITE, its retries, CANCEL, and the dialog it leads to. */
export class OutgoingInvite implements InviteSession, DialogUser {
  readonly sipCallId: string;
  readonly #host: SessionHost;
  readonly #target: InviteTarget;
  readonly #sink: Sink<InviteSessionEvent>;
  readonly #machine: TableMachine<State, Input, Action>;
  readonly #local: LocalDescription;
  readonly #localTag: string;
  #authorization: TrunkAuthorization;
  readonly #redirects: RedirectTargets;
  readonly #branches = new Map<string, EarlyDialog>();
  /** The hops that are still to be tried; the first one is being tried. */
  readonly #hops: Hop[];
  #hopLimit: Timer | undefined;
  /** By CSeq: what was given up for another hop. */
  readonly #superseded = new Map<number, SupersededInvite>();
  readonly #wish: SessionWish;
  #tries = { count: 0 };
  #requestUri: string;
  #sequence = 0;
  #header: AuthorizationHeader | undefined;
  #invite: ClientHandle | undefined;
  /** The transactions that are not over. */
  #open = 0;
  #isTerminated = false;
  /** A provisional response came. */
  #heardOf = false;
  #cause: HangupCause = { type: 'normal' };
  /** Why the call will fail, as a provisional response said (RFC 3326). */
  #earlyQ850: number | undefined;
  /** What the input being handled came with. */
  #response: ReceivedResponse | undefined;
  #usage: InviteUsage | undefined;
  #answeredTag = '';
  /** The ACK of the answer, for each time the answer comes again. */
  #ack: { readonly bytes: Uint8Array; readonly to: Hop } | undefined;
  #giveUp: Timer | undefined;

  constructor(
    host: SessionHost,
    target: InviteTarget,
    offer: SessionDescription,
    sink: Sink<InviteSessionEvent>,
  ) {
    this.#host = host;
    this.#target = target;
    this.#sink = sink;
    this.sipCallId = host.newCallId();
    this.#localTag = host.newTag();
    this.#local = new LocalDescription(offer);
    this.#requestUri = target.requestUri;
    this.#redirects = new RedirectTargets(target.requestUri);
    this.#hops = [target.nextHop, ...(target.otherHops ?? [])];
    this.#authorization = new TrunkAuthorization(target.credentials, this.#hop, host.random);
    this.#wish = new SessionWish(host.sessionExpires);
    this.#machine = new TableMachine(outgoingInviteTable, 'calling', {
      entered: () => {},
      act: (action) => this.#act(action),
    });
    this.#send(); // Throws, with nothing begun, when a header of the target cannot be sent.
    host.sessionStarted(this);
    host.addDialogUser(this.sipCallId, this.#localTag, this);
  }

  get state(): 'inviting' | 'early' | 'established' | 'terminated' {
    if (this.#isTerminated) return 'terminated';
    if (this.#usage !== undefined) return 'established';
    return this.#branches.size > 0 ? 'early' : 'inviting';
  }

  get #hop(): Hop {
    return this.#hops[0]!;
  }

  get #contact(): string {
    return this.#host.contactOf(userOf(this.#target.from.uri), this.#hop);
  }

  terminate(cause: HangupCause): void {
    if (this.#isTerminated) return;
    this.#cause = cause;
    if (this.#usage !== undefined) this.#usage.terminate(cause);
    else this.#machine.input('terminate');
  }

  reinvite(offer: SessionDescription): Promise<SessionDescription> {
    return this.#usage?.reinvite(offer) ?? Promise.reject(new SipRefused(487));
  }

  info(contentType: string, body: string): void {
    this.#usage?.info(contentType, body);
  }

  stop(): void {
    this.terminate({ type: 'released' });
    this.#giveUp?.cancel();
    this.#hopLimit?.cancel();
    for (const invite of this.#superseded.values()) invite.stop();
    this.#usage?.stop();
  }

  receiveAck(request: SipRequest): void {
    this.#usage?.receiveAck(request);
  }

  receiveRequest(request: SipRequest, source: Hop): void {
    if (this.#usage !== undefined) this.#usage.receiveRequest(request, source);
    else this.#receiveEarly(request, source);
  }

  /** A request before the answer, or before the answer has reached us. */
  #receiveEarly(request: SipRequest, source: Hop): void {
    const { transactions } = this.#host;
    const { state } = this.#machine;
    const refuse = (status: number): void =>
      transactions.respondStateless(request, source, status, status === 405 ? [allowHeader] : []);
    if (request.method === 'BYE') {
      if (state === 'ended') return refuse(481);
      transactions.acceptRequest(request, source).respond(createResponse(request, 200));
      this.#dropBranch(request.from.tag ?? '');
      // The last branch that was alive hangs up: whoever it was, nobody is left to answer.
      if (this.#branches.size === 0) {
        const q850 = readQ850(request);
        this.#cause = { type: 'noAnswer', ...(q850 === undefined ? {} : { q850 }) };
        this.#machine.input('bye');
      }
      return;
    }
    const branch = this.#branches.get(request.from.tag ?? '');
    if (branch === undefined || this.#isTerminated || request.method === 'PRACK') {
      return refuse(481); // A PRACK acknowledges nothing: we have sent no provisional response.
    }
    if (request.method === 'UPDATE') return branch.receiveUpdate(request, source);
    if (request.method === 'INFO' || request.method === 'OPTIONS') return refuse(200);
    // Our own INVITE is not over, so another one has to wait: RFC 3261 section 14.2.
    refuse(request.method === 'INVITE' ? 491 : 405);
  }

  #dropBranch(tag: string): void {
    this.#branches.get(tag)?.stop();
    this.#branches.delete(tag);
  }

  /** All early dialogs end with the INVITE; `but`: the one that it was answered in. */
  #dropBranches(but?: EarlyDialog): void {
    for (const branch of this.#branches.values()) if (branch !== but) branch.stop();
    this.#branches.clear();
  }

  #send(): void {
    const request = this.#createInvite();
    const sequence = this.#sequence;
    this.#open++;
    try {
      // The sink lives as long as the transaction, so it must not hold the request.
      this.#invite = this.#host.transactions.startInvite(request, this.#hop, (event) =>
        this.#receive(sequence, event),
      );
    } catch (error) {
      this.#open--;
      throw error;
    }
    this.#limitHop();
  }

  /** A hop that says nothing at all is given up long before its transaction is, if there is another. */
  #limitHop(): void {
    const { clock, timers } = this.#host;
    this.#hopLimit?.cancel();
    if (this.#hops.length === 1) return;
    this.#hopLimit = clock.setTimer(silentHopT1 * timers.t1, () => {
      if (this.#machine.state !== 'calling') return;
      const sequence = this.#sequence;
      const given = new SupersededInvite(this.#host, this.#invite!, () => {
        this.#superseded.delete(sequence);
        this.#open--;
        this.#finishIfDone();
      });
      this.#superseded.set(sequence, given);
      this.#moveOn();
    });
  }

  /** RFC 3263 section 4.3. Not once a phone has rung: it would ring twice. */
  #moveOn(): boolean {
    if (this.#isTerminated || this.#hops.length === 1 || this.#branches.size > 0) return false;
    const { host, port } = this.#hop;
    const { log, random } = this.#host;
    log.info({ sipCallId: this.sipCallId, host, port }, 'no way through this hop: trying the next');
    this.#hops.shift();
    this.#authorization = new TrunkAuthorization(this.#target.credentials, this.#hop, random);
    this.#header = undefined;
    this.#tries = { count: 0 };
    return this.#machine.input('retry');
  }

  #createInvite(): SipRequest {
    const { from, headers: further, requestUri, to = requestUri } = this.#target;
    const request = new SipRequest({ method: 'INVITE', requestUri: this.#requestUri });
    const { headers } = request;
    headers.add('Max-Forwards', '70');
    const displayName = from.displayName === undefined ? {} : { displayName: from.displayName };
    const params = new Map([['tag', this.#localTag]]);
    headers.add('From', formatNameAddr({ uri: from.uri, ...displayName, params }));
    // To stays as it was over redirects and challenges: RFC 3261 section 8.1.3.4.
    headers.add('To', `<${to}>`);
    headers.add('Call-ID', this.sipCallId);
    headers.add('CSeq', `${++this.#sequence} INVITE`);
    headers.add('Contact', this.#contact);
    headers.add(...allowHeader);
    headers.add(...this.#host.supported);
    for (const line of this.#wish.headers()) headers.add(...line);
    headers.add(...acceptHeader);
    if (this.#header !== undefined) headers.add(...this.#header);
    for (const [name, value] of further ?? []) headers.add(name, value);
    headers.add('Content-Type', sdpType);
    request.body = encodeDescription(this.#local.last!);
    return request;
  }

  /** `sequence`: of the INVITE that the event belongs to, perhaps not the last one. */
  #receive(sequence: number, event: ClientEvent): void {
    const superseded = this.#superseded.get(sequence);
    if (superseded !== undefined) return superseded.receive(event);
    switch (event.type) {
      case 'response':
        return this.#receiveResponse(sequence, event.response);
      case 'timedOut':
        return this.#fail(408);
      case 'transportFailed':
        // Its connection is lost, and a phone may be ringing behind it that nobody waits for any more.
        if (this.#machine.state === 'proceeding') this.#sendCancel();
        return this.#fail(503);
      case 'terminated':
        this.#open--;
        return this.#finishIfDone();
    }
  }

  #receiveResponse(sequence: number, response: ReceivedResponse): void {
    const { status } = response;
    this.#response = response;
    if (status < 200) this.#machine.input('1xx');
    else if (status < 300) this.#receiveAnswer(response.message);
    else if (sequence === this.#sequence && !this.#tryAgain(response)) this.#refusedBy(response);
    this.#response = undefined;
  }

  #receiveAnswer(response: SipResponse): void {
    const { tag } = response.to;
    if (this.#ack === undefined || tag !== this.#answeredTag) this.#machine.input('2xx');
    else this.#host.transactions.send(this.#ack.bytes, this.#ack.to);
  }

  #refusedBy({ message }: ReceivedResponse): void {
    this.#giveUp?.cancel();
    if (!this.#isTerminated) this.#cause = hangupCauseOfResponse(message, this.#earlyQ850);
    this.#machine.input('refusal');
  }

  /** No response at all counts as a 408, a failure to send as a 503: RFC 3261 section 8.1.3.1. */
  #fail(status: number): void {
    if (this.#moveOn()) return;
    this.#giveUp?.cancel();
    if (!this.#isTerminated) this.#cause = { type: 'failed', status };
    this.#machine.input('refusal');
  }

  /** Answers a challenge, waits longer for a refresh (422, RFC 4028), follows a redirect, or takes the next of the redirect's targets. */
  #tryAgain(response: ReceivedResponse): boolean {
    if (this.#isTerminated) return false;
    const { status, message } = response;
    if (status === 503 && this.#moveOn()) return true;
    if (status === 401 || status === 407) {
      this.#header = this.#authorization.answerInvite(this.#invite!, response, this.#tries);
      if (this.#header === undefined) return false;
    } else if (status === 422) {
      if (!this.#wish.raise(message)) return false;
    } else {
      if (status >= 600) return false; // Says no for everywhere: section 21.6.
      if (status < 400) this.#redirects.add(message);
      const next = this.#redirects.next();
      if (next === undefined) return false;
      this.#requestUri = next;
      this.#header = undefined;
      this.#tries = { count: 0 };
    }
    this.#dropBranches();
    this.#earlyQ850 = undefined;
    return this.#machine.input('retry');
  }

  #act(action: Action): void {
    switch (action) {
      case 'progress':
        return this.#progress(this.#response!);
      case 'answer':
        return this.#answer(this.#response!.message);
      case 'refused':
        return this.#end('remote', this.#response?.status ?? 0);
      case 'send':
        return this.#send();
      case 'cancel':
        return this.#cancel();
      case 'endLocally':
        return this.#end('local', 0);
      case 'endRemotely':
        return this.#end('remote', 0);
      case 'refuseAnswer':
        return this.#refuseAnswer(this.#response!.message);
      case 'abandon':
        return this.#abandon();
    }
  }

  /** 100 only allows the CANCEL; repeated 18x of a branch (section 13.3.1.1) say nothing new. */
  #progress({ status, message }: ReceivedResponse): void {
    if (!this.#heardOf) {
      this.#heardOf = true;
      this.#sink({ type: 'trying' });
      if (this.#isTerminated) return;
    }
    if (status === 100) return;
    this.#earlyQ850 = readQ850(message) ?? this.#earlyQ850;
    const tag = message.to.tag ?? '';
    if (status === 199) return this.#dropBranch(tag); // RFC 6228: this branch has ended.
    let branch = this.#branches.get(tag);
    if (branch === undefined) {
      if (this.#branches.size >= mostBranches) return;
      branch = this.#createBranch();
      this.#branches.set(tag, branch);
    }
    const progress = branch.receive(message);
    if (progress === undefined) return;
    const { answer } = progress;
    this.#sink({
      type: 'progress',
      status: progress.status,
      ...(answer === undefined ? {} : { earlyAnswer: answer.description }),
    });
  }

  #createBranch(): EarlyDialog {
    return new EarlyDialog({
      host: this.#host,
      nextHop: this.#hop,
      contact: this.#contact,
      authorization: this.#authorization,
      local: this.#local,
      sink: (event) => {
        if (!this.#isTerminated) this.#sink(event);
      },
      started: () => {
        this.#open++;
      },
      finished: () => {
        this.#open--;
        this.#finishIfDone();
      },
    });
  }

  #answer(response: SipResponse): void {
    const tag = response.to.tag ?? '';
    const branch = this.#branches.get(tag);
    const early = branch?.answer;
    const read = branch?.isAnswered ? 'none' : descriptionOf(response, early);
    // Some gateways answer in the 183 and leave the 200 empty; after a reliable 183 they should.
    const answer = read === 'none' ? early : read;
    this.#answeredTag = tag;
    if (answer === undefined || answer === 'unreadable') {
      this.#cause = { type: 'failed', status: 200 };
      this.#refuseAnswer(response);
      return this.#end('local', 200);
    }
    const dialog = Dialog.ofAnswer(response, this.#hop, branch?.dialog);
    const offers = branch?.offers ?? new ReceivedOffers(this.#host, '');
    offers.text = answer.text;
    this.#sendAck(dialog, response.cseq.sequence);
    this.#usage = new InviteUsage({
      host: this.#host,
      dialog,
      sink: (event) => this.#fromUsage(event),
      contact: this.#contact,
      authorization: this.#authorization,
      local: this.#local,
      offers,
      role: 'caller',
      wish: this.#wish,
      peer: response,
      finished: () => this.#finishIfDone(),
    });
    this.#dropBranches(branch);
    this.#invite = undefined;
    this.#sink({ type: 'answered', answer: answer.description });
  }

  /** With the INVITE's credentials (section 22.1), but only to the trunk: they are nobody else's business. */
  #sendAck(dialog: Dialog, sequence: number): void {
    const { transactions } = this.#host;
    const to = dialog.destination;
    const request = dialog.createRequest('ACK', sequence);
    const toTrunk = sameAddress(to, this.#hop);
    if (this.#header !== undefined && toTrunk) request.headers.add(...this.#header);
    const bytes = transactions.prepareAck(request, to);
    this.#ack = { bytes, to };
    transactions.send(bytes, to);
  }

  #fromUsage(event: InviteSessionEvent): void {
    if (this.#isTerminated) return;
    if (event.type === 'terminated') {
      this.#isTerminated = true;
      this.#local.release();
    }
    this.#sink(event);
  }

  #refuseAnswer(response: SipResponse): void {
    this.#giveUp?.cancel();
    const cause: HangupCause = this.#isTerminated ? this.#cause : { type: 'normal' };
    this.#host.unwanted.refuse(response, this.#hop, cause, this.#authorization);
  }

  #cancel(): void {
    const { clock, timers } = this.#host;
    this.#sendCancel();
    // Section 9.1: a final response may never come; then the INVITE counts as cancelled.
    const lifetime = transactionLifetime(timers);
    this.#giveUp = clock.setTimer(lifetime, () => this.#machine.input('giveUp'));
  }

  #sendCancel(): void {
    const { request: invite, to } = this.#invite!;
    const request = cancelOf(invite);
    request.headers.add('Reason', formatReason(this.#cause));
    this.#open++;
    this.#host.transactions.startRequest(request, to, ({ type }) => {
      if (type !== 'terminated') return;
      this.#open--;
      this.#finishIfDone();
    });
  }

  #abandon(): void {
    this.#invite?.abandon();
    this.#open--;
    this.#finishIfDone();
  }

  #end(by: 'local' | 'remote', status: number): void {
    if (this.#isTerminated) return;
    this.#isTerminated = true;
    for (const branch of this.#branches.values()) branch.stop();
    this.#sink({ type: 'terminated', by, status, cause: this.#cause });
  }

  #finishIfDone(): void {
    const { state } = this.#machine;
    if (this.#open > 0 || (state !== 'ended' && state !== 'answered')) return;
    if (this.#usage?.isFinished === false) return;
    this.#host.removeDialogUser(this.sipCallId, this.#localTag);
    this.#host.sessionFinished(this);
  }
}
