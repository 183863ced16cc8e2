import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** How each leg sounded: the JSON of a LegQuality; null for legs without sound and those from before. */
export const legQuality: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('ALTER TABLE leg_record ADD COLUMN quality TEXT').execute(db);
  },
};
