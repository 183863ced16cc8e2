import type { SecretStore } from '../store.ts';
import type { Scope } from './scope.ts';

/** Keys of the installation's own, in a file that only its owner may read. */
export class SqliteSecretStore implements SecretStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** Two processes that start together agree: the first row stays. */
  obtain(name: string, candidate: string): Promise<string> {
    return this.#scope.atomically(async (db) => {
      await db
        .insertInto('secret')
        .values({ name, value: candidate })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const row = await db
        .selectFrom('secret')
        .select('value')
        .where('name', '=', name)
        .executeTakeFirstOrThrow();
      return row.value;
    });
  }
}
