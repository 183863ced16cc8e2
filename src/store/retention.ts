import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Store } from './store.ts';

export type RetentionOptions = {
  readonly store: Pick<Store, 'requests' | 'journals'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Days that the log of API requests is kept. */
  readonly requestDays: number;
  /** Days that the journals of ended calls are kept. */
  readonly journalDays: number;
};

const dayMs = 24 * 3_600_000;
const everyMs = 3_600_000;
/** Rows or calls removed in one turn of the event loop, which a call must not notice. */
const batch = 200;
const pauseMs = 20;

/**
 * Removes what is older than it has to be kept: at the start and every hour, a little at a time.
 * Disposing of it stops that.
 */
export function startRetention(options: RetentionOptions): Disposable {
  const { store, clock, log, requestDays, journalDays } = options;
  const kinds: readonly (readonly [name: string, days: number, prune: Prune])[] = [
    ['API requests', requestDays, (before) => store.requests.prune(before, batch)],
    ['journals of calls', journalDays, (before) => store.journals.prune(before, batch)],
  ];
  let timer: Timer | undefined;
  let stopped = false;
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      timer = clock.setTimer(pauseMs, resolve);
    });
  const run = async (): Promise<void> => {
    for (const [name, days, prune] of kinds) {
      const before = clock.wallTime() - days * dayMs;
      let removed = 0;
      for (let some = batch; some === batch && !stopped; ) {
        some = await prune(before);
        removed += some;
        if (some > 0) await pause();
      }
      if (removed > 0) log.info({ removed, days }, `old ${name} were removed`);
    }
  };
  const round = (): void => {
    run()
      .catch((error: unknown) => log.warn({ error }, 'old data could not be removed'))
      .finally(() => {
        if (!stopped) timer = clock.setTimer(everyMs, round);
      });
  };
  round();
  return {
    [Symbol.dispose]() {
      stopped = true;
      timer?.cancel();
    },
  };
}

type Prune = (before: number) => Promise<number>;
