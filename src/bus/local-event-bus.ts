import type { Logger } from '../base/logger.ts';
import type { Sink } from '../base/sink.ts';
import type { CallEvent } from '../model/call-event.ts';
import type { EventBus } from './event-bus.ts';

/** The bus of one process: subscribers are called in the order they came, each shielded from the others. */
export class LocalEventBus implements EventBus {
  readonly #sinks = new Set<Sink<CallEvent>>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  publish(event: CallEvent): void {
    for (const sink of this.#sinks) {
      try {
        sink(event);
      } catch (error) {
        this.#log.error({ error, type: event.type }, 'a subscriber of call events failed');
      }
    }
  }

  subscribe(sink: Sink<CallEvent>): Disposable {
    this.#sinks.add(sink);
    return { [Symbol.dispose]: () => void this.#sinks.delete(sink) };
  }
}
