import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** For how long nothing was heard of a party; nothing is known of legs from before it. */
export const noAudio: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw('ALTER TABLE leg_record ADD COLUMN no_audio_ms INTEGER NOT NULL DEFAULT 0')
      .execute(db);
  },
};
