import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Which number met which contact, the numbering plan, the security rules of accounts. */
export const numbers: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `CREATE TABLE number_use (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    contact TEXT NOT NULL,
    number TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, contact, number)
  ) WITHOUT ROWID`,
  // What was called before there were rules is remembered too.
  `INSERT INTO number_use
    SELECT account_id, contact, virtual_number, max(started_at) FROM call_record
    WHERE account_id IN (SELECT id FROM account)
    GROUP BY account_id, contact, virtual_number`,
  // The B-tree of `first` is the binary search.
  `CREATE TABLE numbering_range (
    first INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    region_id INTEGER NOT NULL REFERENCES numbering_region (id)
  )`,
  'CREATE TABLE numbering_region (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)',
  // JSON of SecurityRules; keys that are missing have their defaults.
  `CREATE TABLE account_security (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    rules TEXT NOT NULL
  )`,
];
