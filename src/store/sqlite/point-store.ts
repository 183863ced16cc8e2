import type { PointCounters, PointStore } from '../store.ts';
import type { Schema } from './schema.ts';
import type { Scope } from './scope.ts';

/** The points that accounts have used, in SQLite: one row each. */
export class SqlitePointStore implements PointStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async list(): Promise<readonly PointCounters[]> {
    const rows = await this.#scope.db.selectFrom('point_counter').selectAll().execute();
    return rows.map((row) => ({
      accountId: row.account_id,
      minute: { startsAt: row.minute_starts_at, endsAt: row.minute_ends_at, used: row.minute_used },
      day: { startsAt: row.day_starts_at, endsAt: row.day_ends_at, used: row.day_used },
    }));
  }

  async save(counters: readonly PointCounters[]): Promise<void> {
    if (counters.length === 0) return;
    await this.#scope.db.replaceInto('point_counter').values(counters.map(fromCounters)).execute();
  }
}

function fromCounters({ accountId, minute, day }: PointCounters): Schema['point_counter'] {
  return {
    account_id: accountId,
    minute_starts_at: minute.startsAt,
    minute_ends_at: minute.endsAt,
    minute_used: minute.used,
    day_starts_at: day.startsAt,
    day_ends_at: day.endsAt,
    day_used: day.used,
  };
}
