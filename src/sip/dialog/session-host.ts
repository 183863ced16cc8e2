import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { SipTimers } from '../transaction/sip-timers.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Hop } from '../transport/hop.ts';
import type { UnwantedAnswers } from './unwanted-answers.ts';

/** Takes the requests of the dialogs that share one Call-ID and one tag of ours. */
export type DialogUser = {
  /** Neither ACK nor CANCEL. It makes the server transaction, or responds without one. */
  receiveRequest(request: SipRequest, source: Hop): void;
  /** An ACK that belongs to no transaction: that of a 2xx. */
  receiveAck(request: SipRequest): void;
};

/** What a session is while anything of it is left: so that the user agent can end it. */
export type LiveSession = { stop(): void };

/** What sessions need of the user agent around them. */
export type SessionHost = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly timers: SipTimers;
  readonly transactions: TransactionLayer;
  readonly unwanted: UnwantedAnswers;
  /** The extensions we know, as a header. */
  readonly supported: HeaderLine;
  /** Seconds after which a session expires that nobody refreshes (RFC 4028); 0: none does. */
  readonly sessionExpires: number;
  newTag(): string;
  newCallId(): string;
  /** Our Contact header with this user part, for a dialog that goes this way. */
  contactOf(user: string | undefined, hop: Hop): string;
  addDialogUser(sipCallId: string, localTag: string, user: DialogUser): void;
  removeDialogUser(sipCallId: string, localTag: string): void;
  sessionStarted(session: LiveSession): void;
  /** Nothing of it is left, its transactions and timers included. */
  sessionFinished(session: LiveSession): void;
};

export type HeaderLine = readonly [name: string, value: string];

/** The methods we understand. */
export const allow = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE';

export const allowHeader = ['Allow', allow] as const;
export const acceptHeader = ['Accept', 'application/sdp'] as const;

/** The user part of a sip URI as written, of a tel URI the number. */
export function userOf(uri: string): string | undefined {
  const colon = uri.indexOf(':');
  if (uri.startsWith('tel:')) return uri.slice(colon + 1).split(';', 1)[0];
  const at = uri.indexOf('@', colon);
  if (at < 0) return undefined;
  const user = uri.slice(colon + 1, at);
  const end = user.search(/[:;]/);
  return end < 0 ? user : user.slice(0, end);
}
