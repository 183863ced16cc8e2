import type { Sink } from '../base/sink.ts';
import type { CallEvent } from '../model/call-event.ts';

/** Carries call events from `calls/call.ts` to all who read them. */
export interface EventBus {
  /** Never blocks and never throws into a call. */
  publish(event: CallEvent): void;
  subscribe(sink: Sink<CallEvent>): Disposable;
}
