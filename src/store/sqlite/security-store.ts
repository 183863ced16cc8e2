import { defaultSecurityRules, type SecurityRules } from '../../model/security-rules.ts';
import type { SecurityStore } from '../numbers-store.ts';
import type { Scope } from './scope.ts';

/** Security rules in SQLite, as JSON: they are read whole with every call. */
export class SqliteSecurityStore implements SecurityStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** Every order of a call asks this, so it goes round kysely. */
  async of(accountId: number): Promise<SecurityRules> {
    await this.#scope.turn();
    const row = this.#scope
      .prepare('SELECT rules FROM account_security WHERE account_id = ?')
      .get(accountId) as { rules: string } | undefined;
    if (row === undefined) return defaultSecurityRules;
    const stored = JSON.parse(row.rules) as Partial<SecurityRules>;
    return {
      ...defaultSecurityRules,
      ...stored,
      directions: { ...defaultSecurityRules.directions, ...stored.directions },
      limits: { ...defaultSecurityRules.limits, ...stored.limits },
    };
  }

  async put(accountId: number, rules: SecurityRules): Promise<void> {
    const changed = { rules: JSON.stringify(rules) };
    await this.#scope.db
      .insertInto('account_security')
      .values({ account_id: accountId, ...changed })
      .onConflict((conflict) => conflict.column('account_id').doUpdateSet(changed))
      .execute();
  }
}
