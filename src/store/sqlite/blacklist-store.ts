import type { BlacklistStore } from '../store.ts';
import type { Scope } from './scope.ts';

/** E.164 numbers have up to 15 digits. Each prefix is one step down the primary key. */
const prefixLengths = Array.from({ length: 15 }, (_, index) => index + 1);
const selectAny = `SELECT 1 AS found FROM blacklist WHERE account_id = ?
  AND number IN (?, ${prefixLengths.map(() => '?').join(', ')})`;

/** Numbers that an account's calls may not ring, in SQLite. */
export class SqliteBlacklistStore implements BlacklistStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async list(accountId: number): Promise<readonly string[]> {
    const rows = await this.#scope.db
      .selectFrom('blacklist')
      .select('number')
      .where('account_id', '=', accountId)
      .orderBy('number')
      .execute();
    return rows.map(({ number }) => number);
  }

  /** Asked by each order of a call, so it goes round kysely. */
  async has(accountId: number, number: string): Promise<boolean> {
    await this.#scope.turn();
    const found = this.#scope
      .prepare(selectAny)
      .get(accountId, number, ...prefixLengths.map((length) => `${number.slice(0, length)}*`));
    return found !== undefined;
  }

  async add(accountId: number, number: string): Promise<void> {
    await this.#scope.db
      .insertInto('blacklist')
      .values({ account_id: accountId, number })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async remove(accountId: number, number: string): Promise<void> {
    await this.#scope.db
      .deleteFrom('blacklist')
      .where('account_id', '=', accountId)
      .where('number', '=', number)
      .execute();
  }
}
