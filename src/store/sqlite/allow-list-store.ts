import type { AllowListStore } from '../store.ts';
import type { Scope } from './scope.ts';

/** Networks from which an account may be used, in SQLite. */
export class SqliteAllowListStore implements AllowListStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** Asked for every account once a second at most: api/access.ts remembers. */
  async list(accountId: number): Promise<readonly string[]> {
    await this.#scope.turn();
    const rows = this.#scope
      .prepare('SELECT network FROM allowed_network WHERE account_id = ? ORDER BY network')
      .all(accountId) as { network: string }[];
    return rows.map(({ network }) => network);
  }

  async add(accountId: number, network: string): Promise<void> {
    await this.#scope.db
      .insertInto('allowed_network')
      .values({ account_id: accountId, network })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async remove(accountId: number, network: string): Promise<void> {
    await this.#scope.db
      .deleteFrom('allowed_network')
      .where('account_id', '=', accountId)
      .where('network', '=', network)
      .execute();
  }
}
