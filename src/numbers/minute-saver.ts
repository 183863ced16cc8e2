import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { CallEvent } from '../model/call-event.ts';
import type { MinuteUseStore } from '../store/numbers-store.ts';
import type { CallLimiter } from './call-limiter.ts';

export type MinuteSaverParts = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: MinuteUseStore;
  readonly limiter: Pick<CallLimiter, 'minutes'>;
};

/** A killed process forgets what was talked within this time. */
const saveEveryMs = 10_000;

/** Saves what accounts have talked today, while somebody talks and once afterwards. */
export class MinuteSaver {
  readonly #parts: MinuteSaverParts;
  /** Accounts that talked since they were saved. */
  readonly #unsaved = new Set<number>();
  #timer: Timer | undefined;

  constructor(parts: MinuteSaverParts) {
    this.#parts = parts;
  }

  /** After the limiter has taken the event. */
  take({ type, accountId }: CallEvent): void {
    if (type !== 'legAnswered' && type !== 'legEnded') return;
    this.#unsaved.add(accountId);
    this.#schedule();
  }

  /** Saves what was talked last; to be called after the last call. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#save();
    this.#timer?.cancel();
  }

  #schedule(): void {
    this.#timer ??= this.#parts.clock.setTimer(saveEveryMs, () => {
      this.#timer = undefined;
      void this.#save();
    });
  }

  async #save(): Promise<void> {
    const { limiter, log, store } = this.#parts;
    const uses = limiter.minutes().filter(({ accountId }) => this.#unsaved.has(accountId));
    this.#unsaved.clear();
    for (const { accountId, talks } of uses) if (talks) this.#unsaved.add(accountId);
    try {
      await store.save(uses);
    } catch (error) {
      log.warn({ error }, 'the minutes that were talked could not be saved');
      for (const { accountId } of uses) this.#unsaved.add(accountId);
    }
    if (this.#unsaved.size > 0) this.#schedule();
  }
}
