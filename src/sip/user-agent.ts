import type { SocketAddress } from '../base/address.ts';
import type { Sink } from '../base/sink.ts';
import type { HangupCause } from '../model/hangup-cause.ts';
import type { Credentials } from '../model/trunk.ts';
import type { SessionDescription } from '../sdp/session-description.ts';
import type { Registration, RegistrationEvent, RegistrationTarget } from './registration.ts';
import type { Hop } from './transport/hop.ts';

/** Whom to call, and through where: all an INVITE needs to know of routing. */
export type InviteTarget = {
  /** The Request-URI: `sip:79260000000@trunk.example`. */
  readonly requestUri: string;
  /** The To URI, where it is another: the line whose phone the Request-URI names. */
  readonly to?: string;
  /** Where the request is sent, and how. */
  readonly nextHop: Hop;
  /** Where it is sent when the hop before cannot be reached or says 503: RFC 3263 section 4.3. */
  readonly otherHops?: readonly Hop[];
  /** The From URI, `sip:74993720692@trunk.example`, and what stands before it. */
  readonly from: { readonly uri: string; readonly displayName?: string };
  /** Further headers in order: P-Asserted-Identity, Privacy. Checked: no CR, LF or control character. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Used only for challenges of the hop it was sent to and its realm (ES2021-05: the digest leak). */
  readonly credentials?: Credentials;
};

/**
 * The INVITE usage of a dialog (RFC 5057), as caller or as called party: offer/answer, re-INVITE,
 * CANCEL or BYE. Its events go to the sink it was made with; the last one is always `terminated`.
 */
export interface InviteSession {
  /** The Call-ID, for logs and records. */
  readonly sipCallId: string;
  readonly state: 'inviting' | 'early' | 'established' | 'terminated';
  /** Sends an offer in a re-INVITE; resolves with the answer, rejects with SipRefused. */
  reinvite(offer: SessionDescription): Promise<SessionDescription>;
  /** Sends INFO inside the dialog (RFC 6086), as phones do with keys; a refusal of it is ignored. */
  info?(contentType: string, body: string): void;
  /**
   * CANCEL (held back until a 1xx), BYE or a final response: whichever the state calls for; a 2xx that
   * crosses the CANCEL gets ACK and BYE. Idempotent. `terminated` follows at once, `by: 'local'`, and
   * nothing after it; the signalling finishes by itself within 64*T1.
   */
  terminate(cause: HangupCause): void;
}

export type InviteSessionEvent =
  /** The first provisional response, also a 100: the next hop is there. Of outgoing INVITEs only. */
  | { readonly type: 'trying' }
  /** 18x. A description comes again when another branch of a fork sends its own (other To-tag). */
  | {
      readonly type: 'progress';
      readonly status: number;
      readonly earlyAnswer?: SessionDescription;
    }
  | { readonly type: 'answered'; readonly answer: SessionDescription }
  /**
   * The peer sent re-INVITE or UPDATE with an offer: exactly one of the two must be called. It comes before
   * `answered`, too, when the first offer was answered in a reliable provisional response (RFC 3262).
   */
  | {
      readonly type: 'offered';
      readonly offer: SessionDescription;
      accept(answer: SessionDescription): void;
      reject(status: number): void;
    }
  /** A key by INFO (application/dtmf-relay, application/dtmf). */
  | { readonly type: 'infoDtmf'; readonly key: string }
  | {
      readonly type: 'terminated';
      readonly by: 'local' | 'remote';
      /** The final response to our INVITE, or 0 when the session ended by BYE, timeout or ourselves. */
      readonly status: number;
      readonly cause: HangupCause;
    };

/** An INVITE that came in: ring, then accept or reject; then it is an InviteSession. */
export interface IncomingInvite {
  readonly sipCallId: string;
  readonly requestUri: string;
  /** The user parts of From and To: `74993720692`, `79260000000`. */
  readonly fromUser: string;
  readonly toUser: string;
  readonly source: SocketAddress;
  /** Header values as they came, for tests and sandboxes. */
  header(name: string): string | undefined;
  /** undefined: the INVITE came without an offer; accept then gives the offer, ACK brings the answer. */
  readonly offer: SessionDescription | undefined;
  /**
   * 101-199, with a description for early media (an offer of ours when the INVITE brought none). Reliably
   * (RFC 3262) when the caller knows how: then it is repeated until its PRACK, and `onCancelled` is
   * called when none comes within 64*T1.
   */
  progress(status: number, answer?: SessionDescription): void;
  /**
   * 200, retransmitted until ACK. The session's events go to `sink`. A description that went out reliably
   * before holds in place of `answer`, and the 200 waits for its PRACK.
   */
  accept(answer: SessionDescription, sink: Sink<InviteSessionEvent>): InviteSession;
  /** 300-699. `headers` as for a 302's Contact. */
  reject(status: number, headers?: readonly (readonly [string, string])[]): void;
  /** Called once if the caller gives up (CANCEL, answered 487 here) before accept or reject. */
  onCancelled(listener: () => void): void;
  /** Called with offers in PRACK and UPDATE before accept; without a listener they are refused with 488. */
  onOffered(listener: (event: Extract<InviteSessionEvent, { type: 'offered' }>) => void): void;
}

/** The door of sip/. */
export interface UserAgent {
  /** What Via and Contact name. */
  readonly sentBy: SocketAddress;
  invite(
    target: InviteTarget,
    offer: SessionDescription,
    sink: Sink<InviteSessionEvent>,
  ): InviteSession;
  /**
   * Asks by OPTIONS (RFC 3261 section 11) whether the target is there: the status of the final response,
   * 408 when none comes, 503 when nothing could be sent.
   */
  ping(target: Pick<InviteTarget, 'requestUri' | 'nextHop'>): Promise<number>;
  /** Registers with a trunk (RFC 3261 section 10) and stays so until it is closed. */
  register(target: RegistrationTarget, sink: Sink<RegistrationEvent>): Registration;
  /** What is alive inside, for invariants and metrics: all zero when every call is over. */
  readonly counts: UserAgentCounts;
  close(): Promise<void>;
}

export type UserAgentCounts = {
  readonly sessions: number;
  readonly dialogs: number;
  readonly transactions: number;
  /** Requests of ours without a final response: zero when every call is over and every BYE answered. */
  readonly unanswered: number;
};

/** The peer refused a re-INVITE; the session goes on as it was, unless it ends by itself. */
export class SipRefused extends Error {
  override readonly name = 'SipRefused';
  /** The final response; 408 for none, 487 when the session ended meanwhile, 503 when nothing was sent. */
  readonly status: number;
  /** The Retry-After header as it came. */
  readonly retryAfter: string | undefined;

  constructor(status: number, retryAfter?: string) {
    super(`refused with ${status}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}
