import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What the media library knows of a file. Rows from before it have the size 0 until a start takes them in. */
export const media: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  'ALTER TABLE media_file ADD COLUMN size_bytes INTEGER NOT NULL DEFAULT 0',
  'ALTER TABLE media_file ADD COLUMN normalized INTEGER NOT NULL DEFAULT 0',
  `ALTER TABLE media_file ADD COLUMN original_name TEXT NOT NULL DEFAULT ''`,
  'UPDATE media_file SET original_name = name',
];
