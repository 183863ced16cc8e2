import type { FinishReason } from './finish-reason.ts';
import type { HangupCause } from './hangup-cause.ts';
import type { LegQuality } from './leg-quality.ts';
import type { Role } from './party.ts';

/**
 * Everything that is known about a call came as one of these: records, `list.calls`, the console and
 * metrics read nothing else. Published in one place, `calls/call.ts`. `at` is wall time in ms.
 */
export type CallEvent = {
  readonly callSessionId: number;
  readonly accountId: number;
  readonly at: number;
} & (
  | CallStarted
  | LegDialing
  | { readonly type: LegStep; readonly legId: number }
  /** Its trunk failed before the party was rung: it goes on by another one. */
  | {
      readonly type: 'legRerouted';
      readonly legId: number;
      readonly trunk: string;
      /** What the trunk before met. */
      readonly cause: HangupCause;
    }
  | LegNoAudio
  | { readonly type: 'dtmfReceived' | 'dtmfSent'; readonly legId: number; readonly keys: string }
  | { readonly type: 'hearing'; readonly legId: number; readonly what: Hearing }
  | {
      readonly type: 'legEnded';
      readonly legId: number;
      readonly by: 'local' | 'remote';
      readonly cause: HangupCause;
      readonly finishReason: FinishReason;
      /** Undefined: no sound was agreed on. */
      readonly quality?: LegQuality;
    }
  | { readonly type: 'talkStarted'; readonly legIds: readonly number[] }
  | { readonly type: 'callEnded'; readonly cause: HangupCause; readonly finishReason: FinishReason }
);

type CallStarted = {
  readonly type: 'callStarted';
  readonly source: 'callapi';
  readonly direction: 'in' | 'out';
  readonly virtualNumber: string;
  readonly contact: string;
  readonly operator: string;
  readonly externalId?: string;
};

type LegDialing = {
  readonly type: 'legDialing';
  readonly legId: number;
  readonly role: Role;
  readonly callingNumber: string;
  /** The number dialled, with the DTMF string appended on the contact's leg: call-api.md section 13.22. */
  readonly calledNumber: string;
  readonly trunk: string;
};

/** Nothing was heard of a party for so long, though it should send: its sound is lost on the way, or it is mute. */
type LegNoAudio = { readonly type: 'legNoAudio'; readonly legId: number; readonly forMs: number };

/** Steps of one leg that carry nothing but themselves. */
export type LegStep =
  | 'legRinging'
  | 'legEarlyMedia'
  | 'legAnswered'
  | 'legConfirmed'
  | 'legHeld'
  | 'legUnheld'
  | 'legAudioResumed';

/** What a party hears from now on: a prompt by name, or the other legs by id. */
export type Hearing =
  | { readonly prompt: string; readonly loop: boolean }
  | { readonly legs: readonly number[] }
  | 'nothing';

export type CallEventOf<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;
