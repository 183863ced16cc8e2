import type { FinishReason } from './finish-reason.ts';
import type { HangupCause } from './hangup-cause.ts';
import type { LegQuality } from './leg-quality.ts';
import type { Role } from './party.ts';

/** The record of one ended call, derived from its events only. Instants are wall time in ms. */
export type Cdr = {
  readonly callSessionId: number;
  readonly accountId: number;
  readonly source: 'callapi';
  readonly direction: 'in' | 'out';
  readonly virtualNumber: string;
  readonly contact: string;
  readonly operator: string;
  readonly externalId: string | null;
  readonly startedAt: number;
  /** When the parties first heard each other; null if they never did. */
  readonly talkStartedAt: number | null;
  readonly endedAt: number;
  readonly cause: HangupCause;
  readonly finishReason: FinishReason;
  readonly legs: readonly LegRecord[];
};

/** The record of one leg of a call. */
export type LegRecord = {
  readonly legId: number;
  readonly role: Role;
  readonly trunk: string;
  readonly callingNumber: string;
  readonly calledNumber: string;
  readonly dialedAt: number;
  readonly ringingAt: number | null;
  readonly earlyMediaAt: number | null;
  readonly answeredAt: number | null;
  readonly confirmedAt: number | null;
  /** Time since the answer in which nothing was heard of the party, though it should send; holds left out. */
  readonly noAudioMs: number;
  readonly endedAt: number;
  readonly endedBy: 'local' | 'remote';
  readonly cause: HangupCause;
  readonly finishReason: FinishReason;
  /** Undefined: no sound was agreed on. */
  readonly quality?: LegQuality;
};
