import type { Prompt } from './party.ts';

/**
 * What `start.simple_call` asks for, checked and with every default filled in
 * (spec/simple-call.md section 1): the parameters of the call script, journalled as they are.
 */
export type SimpleCallOrder = {
  readonly accountId: number;
  readonly firstCall: 'operator' | 'contact';
  readonly switchAtOnce: boolean;
  readonly earlySwitching: boolean;
  /** `media_file_id`, or `dialing_music`. */
  readonly music: Prompt;
  /** Heard by the operator when `earlySwitching` meets a line that only rings. */
  readonly ringback: Prompt;
  /** The number presented in this session, already chosen by the usage rule. */
  readonly virtualNumber: string;
  readonly showVirtualNumber: boolean;
  readonly contact: string;
  readonly operator: string;
  readonly contactMessage?: Prompt;
  readonly operatorMessage?: Prompt;
  /** One of `0-9*#`, or `any`. */
  readonly operatorConfirmation?: string;
  /** `0-9*#` and `.` for one second. */
  readonly dtmfString?: string;
  readonly direction: 'in' | 'out';
  readonly externalId?: string;
};
