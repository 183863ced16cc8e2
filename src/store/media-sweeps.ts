import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Store } from './store.ts';

export type MediaSweepOptions = {
  readonly store: Pick<Store, 'media' | 'journals'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Removes content that was not wanted this time nor the last. */
  sweep(wanted: ReadonlySet<string>): Promise<number>;
};

/** More than any file takes to be received, or any call from its request to its journal. */
const everyMs = 3_600_000;
/** No call lasts a day and these minutes; one whose order is older was lost in a crash. */
const longestCallMs = 2 * 24 * 3_600_000;
/** A content hash, as the paths of the media library have it. */
const hashInPath = /[0-9a-f]{64}(?=\.)/g;

/**
 * Lets the media library remove what nobody needs: content of no account's file, which no call was
 * ordered with that has not ended, also one that was cut off by a crash. At the start and every hour;
 * disposing of it stops that.
 */
export function startMediaSweeps({ store, clock, log, sweep }: MediaSweepOptions): Disposable {
  let timer: Timer | undefined;
  let stopped = false;
  const run = async (): Promise<void> => {
    // First the calls: one that begins in between finds its files among those of the accounts.
    const orders = await store.journals.openOrders(clock.wallTime() - longestCallMs);
    const wanted = new Set(orders.flatMap((order) => order.match(hashInPath) ?? []));
    for (const hash of await store.media.contentHashes()) wanted.add(hash);
    await sweep(wanted);
  };
  const round = (): void => {
    run()
      .catch((error: unknown) => {
        // The store may be closed by now.
        if (!stopped) log.warn({ error }, 'media nobody needs could not be removed');
      })
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
