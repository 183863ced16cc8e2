import type { MinuteUse, MinuteUseStore } from '../numbers-store.ts';
import type { Scope } from './scope.ts';

/** What accounts have talked today, in SQLite: one row each. */
export class SqliteMinuteUseStore implements MinuteUseStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async list(): Promise<readonly MinuteUse[]> {
    const rows = await this.#scope.db.selectFrom('minute_use').selectAll().execute();
    return rows.map((row) => ({
      accountId: row.account_id,
      dayEndsAt: row.day_ends_at,
      usedMs: row.used_ms,
    }));
  }

  async save(uses: readonly MinuteUse[]): Promise<void> {
    if (uses.length === 0) return;
    const rows = uses.map(({ accountId, dayEndsAt, usedMs }) => ({
      account_id: accountId,
      day_ends_at: Math.round(dayEndsAt),
      used_ms: Math.round(usedMs),
    }));
    await this.#scope.db.replaceInto('minute_use').values(rows).execute();
  }
}
