import { sql } from 'kysely';
import type {
  BlacklistCard,
  BlacklistCardStore,
  NumberCard,
  NumberCardStore,
} from '../data-store.ts';
import type { Scope } from './scope.ts';

/** Ids and notes of virtual numbers; the ids are given by a trigger. */
export class SqliteNumberCardStore implements NumberCardStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async list(accountId: number): Promise<readonly NumberCard[]> {
    const { rows } = await sql<Omit<NumberCard, 'active'> & { active: number }>`
      SELECT id, number, active, label, comment, activated_at AS activatedAt
      FROM virtual_number JOIN virtual_number_id USING (number)
      WHERE account_id = ${accountId} ORDER BY id`.execute(this.#scope.db);
    return rows.map((row) => ({ ...row, active: row.active !== 0 }));
  }

  async note(
    number: string,
    { comment, activatedAt }: { comment: string | null; activatedAt: number | null },
  ): Promise<void> {
    await sql`UPDATE virtual_number SET comment = ${comment}, activated_at = ${activatedAt}
      WHERE number = ${number}`.execute(this.#scope.db);
  }
}

/** Ids and notes of blacklisted numbers; a trigger makes the card, the foreign key takes it away. */
export class SqliteBlacklistCardStore implements BlacklistCardStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async list(accountId: number): Promise<readonly BlacklistCard[]> {
    const { rows } = await sql<BlacklistCard>`
      SELECT id, number, user_name AS userName, comment, added_at AS addedAt
      FROM blacklist_card WHERE account_id = ${accountId} ORDER BY id`.execute(this.#scope.db);
    return rows;
  }

  add(accountId: number, card: Omit<BlacklistCard, 'id'>): Promise<BlacklistCard | undefined> {
    return this.#scope.atomically(async (db) => {
      const { rows } = await sql`INSERT INTO blacklist (account_id, number)
        VALUES (${accountId}, ${card.number}) ON CONFLICT DO NOTHING RETURNING number`.execute(db);
      if (rows.length === 0) return undefined;
      const noted = await sql<{ id: number }>`UPDATE blacklist_card
        SET user_name = ${card.userName}, comment = ${card.comment}, added_at = ${card.addedAt}
        WHERE account_id = ${accountId} AND number = ${card.number} RETURNING id`.execute(db);
      return { ...card, id: noted.rows[0]!.id };
    });
  }

  async remove(accountId: number, id: number): Promise<boolean> {
    const { rows } = await sql`DELETE FROM blacklist WHERE account_id = ${accountId}
      AND number = (SELECT number FROM blacklist_card
        WHERE account_id = ${accountId} AND id = ${id}) RETURNING number`.execute(this.#scope.db);
    return rows.length > 0;
  }
}
