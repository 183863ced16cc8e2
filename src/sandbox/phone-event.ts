/** What happens at a sandbox phone, as its owner would tell it. `atMs` is the sandbox's clock. */
export type PhoneEvent = {
  readonly atMs: number;
  /** The number that was dialled. */
  readonly number: string;
  /** Tells calls to the same number apart. */
  readonly sipCallId: string;
} & (
  | {
      readonly type: 'invited';
      readonly from: string;
      readonly header: (name: string) => string | undefined;
    }
  | { readonly type: 'ringing' | 'earlyMedia' | 'answered' | 'held' | 'unheld' }
  | { readonly type: 'keyPressed'; readonly key: string; readonly by: 'rtp' | 'info' }
  | { readonly type: 'dtmfHeard'; readonly key: string; readonly durationMs: number }
  | {
      readonly type: 'ended';
      readonly by: 'caller' | 'phone';
      readonly how: PhoneEnd;
      readonly status: number;
    }
);

/**
 * - `hungUp`: after the answer, by BYE
 * - `cancelled`: the caller gave up while it rang
 * - `rejected`: the phone refused, `status` says how
 * - `failed`: the answer was never acknowledged, or the phone could not be set up
 */
export type PhoneEnd = 'hungUp' | 'cancelled' | 'rejected' | 'failed';
