import { sql } from 'kysely';
import type { NumberUse, NumberUseStore } from '../numbers-store.ts';
import type { Scope } from './scope.ts';

/** Uses of numbers in SQLite: one row per number and contact. */
export class SqliteNumberUseStore implements NumberUseStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async withContact(accountId: number, contact: string): Promise<readonly string[]> {
    await this.#scope.turn();
    const rows = this.#scope
      .prepare(
        'SELECT number FROM number_use WHERE account_id = ? AND contact = ? ORDER BY used_at DESC',
      )
      .all(accountId, contact) as { number: string }[];
    return rows.map(({ number }) => number);
  }

  /** Always later than what is there: the order of uses must not depend on a clock that is set back. */
  async record({ accountId, contact, number, at }: NumberUse): Promise<void> {
    await sql`
      INSERT INTO number_use (account_id, contact, number, used_at)
      SELECT ${accountId}, ${contact}, ${number}, max(${at}, coalesce(max(used_at) + 1, 0))
        FROM number_use WHERE account_id = ${accountId} AND contact = ${contact}
      ON CONFLICT (account_id, contact, number) DO UPDATE SET used_at = excluded.used_at
    `.execute(this.#scope.db);
  }
}
