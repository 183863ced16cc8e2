import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Accounts with what belongs to them, the journal of calls, their records. */
export const initial: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createAccountTables(db);
    await createCallTables(db);
  },
};

async function createAccountTables(db: Kysely<unknown>): Promise<void> {
  await run(
    db,
    `CREATE TABLE account (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      active INTEGER NOT NULL,
      time_zone TEXT NOT NULL,
      minute_limit INTEGER NOT NULL,
      day_limit INTEGER NOT NULL,
      tts_max_length INTEGER NOT NULL,
      disabled_components TEXT NOT NULL
    )`,
    `CREATE TABLE api_user (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
      login TEXT NOT NULL UNIQUE,
      password_hash TEXT NOT NULL,
      call_api INTEGER NOT NULL
    )`,
    `CREATE TABLE access_key (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
      user_id INTEGER NOT NULL REFERENCES api_user (id) ON DELETE CASCADE,
      kind TEXT NOT NULL,
      token_hash TEXT NOT NULL UNIQUE,
      label TEXT NOT NULL,
      expires_at INTEGER,
      blocked INTEGER NOT NULL
    )`,
    // Both serve the cascades above as well: without an index each would read the whole table.
    'CREATE INDEX access_key_account ON access_key (account_id)',
    'CREATE INDEX access_key_user ON access_key (user_id)',
    `CREATE INDEX access_key_session ON access_key (expires_at) WHERE kind = 'session'`,
    `CREATE TABLE virtual_number (
      number TEXT PRIMARY KEY,
      account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
      active INTEGER NOT NULL,
      label TEXT NOT NULL
    ) WITHOUT ROWID`,
    'CREATE INDEX virtual_number_account ON virtual_number (account_id)',
    `CREATE TABLE media_file (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      path TEXT NOT NULL,
      content_hash TEXT NOT NULL,
      duration_ms INTEGER NOT NULL
    )`,
    // NULLs are distinct to UNIQUE, but a system name must be one file.
    'CREATE UNIQUE INDEX media_file_name ON media_file (coalesce(account_id, 0), name)',
    `CREATE TABLE blacklist (
      account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
      number TEXT NOT NULL,
      PRIMARY KEY (account_id, number)
    ) WITHOUT ROWID`,
  );
}

async function createCallTables(db: Kysely<unknown>): Promise<void> {
  await run(
    db,
    // `next` is the first number that no process has reserved.
    'CREATE TABLE id_block (kind TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID',
    `INSERT INTO id_block (kind, next) VALUES ('call', 100000001), ('leg', 1)`,
    // WITHOUT ROWID: the rows of one call lie together, in order.
    `CREATE TABLE call_journal (
      call_session_id INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      at INTEGER NOT NULL,
      kind TEXT NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (call_session_id, sequence)
    ) WITHOUT ROWID`,
    'CREATE TABLE open_call (call_session_id INTEGER PRIMARY KEY)',
    // No foreign key to the account: a record outlives it.
    `CREATE TABLE call_record (
      call_session_id INTEGER PRIMARY KEY,
      account_id INTEGER NOT NULL,
      source TEXT NOT NULL,
      direction TEXT NOT NULL,
      virtual_number TEXT NOT NULL,
      contact TEXT NOT NULL,
      operator TEXT NOT NULL,
      external_id TEXT,
      started_at INTEGER NOT NULL,
      talk_started_at INTEGER,
      ended_at INTEGER NOT NULL,
      cause TEXT NOT NULL,
      finish_reason TEXT NOT NULL
    )`,
    'CREATE INDEX call_record_account ON call_record (account_id, call_session_id)',
    `CREATE TABLE leg_record (
      leg_id INTEGER PRIMARY KEY,
      call_session_id INTEGER NOT NULL REFERENCES call_record (call_session_id) ON DELETE CASCADE,
      role TEXT NOT NULL,
      trunk TEXT NOT NULL,
      calling_number TEXT NOT NULL,
      called_number TEXT NOT NULL,
      dialed_at INTEGER NOT NULL,
      ringing_at INTEGER,
      early_media_at INTEGER,
      answered_at INTEGER,
      confirmed_at INTEGER,
      ended_at INTEGER NOT NULL,
      ended_by TEXT NOT NULL,
      cause TEXT NOT NULL,
      finish_reason TEXT NOT NULL
    )`,
    'CREATE INDEX leg_record_call ON leg_record (call_session_id)',
  );
}

async function run(db: Kysely<unknown>, ...statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
