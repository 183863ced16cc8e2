import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What the calls of an account have talked today. */
export const minutes: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw(
        `CREATE TABLE minute_use (
          account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
          day_ends_at INTEGER NOT NULL,
          used_ms INTEGER NOT NULL
        )`,
      )
      .execute(db);
  },
};
