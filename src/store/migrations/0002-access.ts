import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Who may come in from where, what each user may do, what was used up, and the log of requests. */
export const access: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  // JSON array of right names; NULL: all, as users have had before there were rights.
  'ALTER TABLE api_user ADD COLUMN rights TEXT',
  `CREATE TABLE allowed_network (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    PRIMARY KEY (account_id, network)
  ) WITHOUT ROWID`,
  // No foreign key: one account that is gone must not keep the counters of all others from being saved.
  `CREATE TABLE point_counter (
    account_id INTEGER PRIMARY KEY,
    minute_starts_at INTEGER NOT NULL,
    minute_ends_at INTEGER NOT NULL,
    minute_used INTEGER NOT NULL,
    day_starts_at INTEGER NOT NULL,
    day_ends_at INTEGER NOT NULL,
    day_used INTEGER NOT NULL
  )`,
  // No foreign keys: what was asked remains when a user or a key is gone.
  `CREATE TABLE api_request (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    method TEXT NOT NULL,
    component TEXT NOT NULL,
    api_version TEXT NOT NULL,
    raw_id TEXT NOT NULL,
    external_id TEXT,
    ip TEXT NOT NULL,
    user_login TEXT NOT NULL,
    key_label TEXT,
    weight INTEGER NOT NULL,
    error_code INTEGER,
    error_mnemonic TEXT,
    execution_ms REAL NOT NULL,
    call_session_id INTEGER,
    body TEXT NOT NULL
  )`,
  'CREATE INDEX api_request_account ON api_request (account_id, at)',
];
