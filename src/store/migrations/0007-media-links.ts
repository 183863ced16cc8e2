import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What links to media files need: what a browser is given, and the key that signs them. */
export const mediaLinks: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  'ALTER TABLE media_file ADD COLUMN listen_format TEXT',
  'CREATE TABLE secret (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  // The ids below are the system's: its files keep theirs, whenever a later version adds one.
  `INSERT INTO sqlite_sequence (name, seq)
     SELECT 'media_file', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'media_file')`,
  `UPDATE sqlite_sequence SET seq = max(seq, 999) WHERE name = 'media_file'`,
];
