import type { Role } from '../model/party.ts';
import type { SimpleCallOrder } from '../model/simple-call-order.ts';
import type { LineEvent } from './line.ts';

/** A mid-call order: of the API, or of the account's limits, which are used up. */
export type CallCommand = { readonly type: 'release' | 'limitUsedUp' };

/**
 * Everything that comes into a call from outside, in the order it came. A script is a function of
 * these and of time, so a journal of them is enough to build the call again after a crash.
 */
export type CallInput =
  | { readonly kind: 'order'; readonly order: SimpleCallOrder }
  /** What the script cannot know of itself about a leg it dials: its id and the way it goes. */
  | { readonly kind: 'dial'; readonly legId: number; readonly role: Role; readonly trunk: string }
  | { readonly kind: 'leg'; readonly legId: number; readonly event: LineEvent }
  | { readonly kind: 'command'; readonly command: CallCommand }
  /** Now and then while nothing comes: the call was still there. */
  | { readonly kind: 'alive' }
  /** The call is over; nothing follows. */
  | { readonly kind: 'end' };
