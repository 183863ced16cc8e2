// What a test waits for: events of a server's bus, lines of its log, each of them at most for a while.
import { systemClock } from '../../src/base/clock.ts';
import type { Logger } from '../../src/base/logger.ts';
import type { CallEvent } from '../../src/model/call-event.ts';
import type { RunningServer } from '../../src/server.ts';

type Seen<Type extends CallEvent['type']> = CallEvent & { readonly type: Type };

const patienceMs = 12_000;

/** Fails with what `log` says when something does not come at all. */
export async function soon<T>(wanted: Promise<T>, what: string, log: () => string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = systemClock.setTimer(patienceMs, () =>
    late.reject(new Error(`${what} did not come:\n${log()}`)),
  );
  try {
    return await Promise.race([wanted, late.promise]);
  } finally {
    timer.cancel();
  }
}

/** Things that come one after another, and whoever waits for one of them. */
export class Arrivals<T> {
  readonly all: T[] = [];
  #next = Promise.withResolvers<void>();

  add(item: T): void {
    this.all.push(item);
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }

  /** The n-th that is so, perhaps one that has come already. */
  async find(isIt: (item: T) => boolean, count = 1): Promise<T> {
    for (;;) {
      const item = this.all.filter(isIt)[count - 1];
      if (item !== undefined) return item;
      await this.#next.promise;
    }
  }
}

/** The n-th event of a kind of a server from now on. */
export function eventsOf(server: RunningServer) {
  const events = new Arrivals<CallEvent>();
  server.bus.subscribe((event) => events.add(event));
  return async <Type extends CallEvent['type']>(type: Type, count = 1): Promise<Seen<Type>> => {
    const log = (): string => JSON.stringify(events.all, undefined, 1);
    const found = events.find((event) => event.type === type, count);
    return (await soon(found, `the server's ${type}`, log)) as Seen<Type>;
  };
}

/** A logger that keeps the texts and fields it is given. */
export class KeptLog implements Logger {
  readonly lines = new Arrivals<{ readonly text: string; readonly fields: object }>();

  debug(): void {}

  info(fields: object, text: string): void {
    this.lines.add({ fields, text });
  }

  warn(fields: object, text: string): void {
    this.lines.add({ fields, text });
  }

  error(fields: object, text: string): void {
    this.lines.add({ fields, text });
  }

  child(): Logger {
    return this;
  }

  /** The fields of the n-th line with this text. */
  async said(text: string, count = 1): Promise<Record<string, unknown>> {
    const found = this.lines.find((line) => line.text === text, count);
    const { fields } = await soon(found, `'${text}'`, () => JSON.stringify(this.lines.all));
    return fields as Record<string, unknown>;
  }
}
