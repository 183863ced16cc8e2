import type { CallEvent } from '../model/call-event.ts';
import type { Role } from '../model/party.ts';
import type { SimpleCallOrder } from '../model/simple-call-order.ts';

/** What the API asks of the calls: the door of calls/, implemented by call-registry.ts. */
export interface CallService {
  /**
   * Starts the call; resolves with its call_session_id as soon as the order is stored, before anybody
   * answers (spec/simple-call.md section 1). Rejects with ServiceStopping while the server drains.
   */
  start(order: SimpleCallOrder): Promise<number>;
  /** The account's calls that have not ended, oldest first: what `list.calls` shows. */
  active(accountId: number): readonly ActiveCall[];
  /** Ends a call of this account as `release.call` does; false when there is no such call alive. */
  release(accountId: number, callSessionId: number): boolean;
  /** Everything published so far about a call that has not ended; undefined when there is none. */
  events(accountId: number, callSessionId: number): readonly CallEvent[] | undefined;
}

export type ActiveCall = {
  readonly callSessionId: number;
  readonly direction: 'in' | 'out';
  /** Wall time in ms. */
  readonly startedAt: number;
  readonly virtualNumber: string;
  readonly contact: string;
  readonly externalId: string | null;
  readonly legs: readonly ActiveLeg[];
};

export type ActiveLeg = {
  readonly legId: number;
  readonly role: Role;
  readonly callingNumber: string;
  readonly calledNumber: string;
  /** `dialing` until it answers, `waiting` from then to the bridge, `talking`, `ended`. */
  readonly state: 'dialing' | 'waiting' | 'talking' | 'held' | 'ended';
};

/** No new call is taken: the server is shutting down. */
export class ServiceStopping extends Error {
  override readonly name = 'ServiceStopping';
}
