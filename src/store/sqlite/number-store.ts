import type { Selectable } from 'kysely';
import type { NumberStore, VirtualNumber } from '../store.ts';
import type { Schema } from './schema.ts';
import type { Scope } from './scope.ts';

type Row = Selectable<Schema['virtual_number']>;

/** Virtual numbers in SQLite. A number is of one account, whichever asks. */
export class SqliteNumberStore implements NumberStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async list(accountId: number): Promise<readonly VirtualNumber[]> {
    const rows = await this.#scope.db
      .selectFrom('virtual_number')
      .selectAll()
      .where('account_id', '=', accountId)
      .orderBy('number')
      .execute();
    return rows.map(toNumber);
  }

  /** Asked three times by each order of a call, so it goes round kysely. */
  async find(number: string): Promise<VirtualNumber | undefined> {
    await this.#scope.turn();
    const row = this.#scope.prepare('SELECT * FROM virtual_number WHERE number = ?').get(number);
    return row && toNumber(row as Row);
  }

  async put({ accountId, number, active, label }: VirtualNumber): Promise<void> {
    const changed = { active: Number(active), label };
    // A number of another account meets no row that the update may change, and so gives none back.
    const result = await this.#scope.db
      .insertInto('virtual_number')
      .values({ account_id: accountId, number, ...changed })
      .onConflict((conflict) =>
        conflict
          .column('number')
          .doUpdateSet(changed)
          .where('virtual_number.account_id', '=', accountId),
      )
      .returning('number')
      .executeTakeFirst();
    if (result === undefined) throw new Error(`the number ${number} belongs to another account`);
  }

  async remove(accountId: number, number: string): Promise<void> {
    await this.#scope.db
      .deleteFrom('virtual_number')
      .where('account_id', '=', accountId)
      .where('number', '=', number)
      .execute();
  }
}

function toNumber(row: Row): VirtualNumber {
  return {
    accountId: row.account_id,
    number: row.number,
    active: row.active !== 0,
    label: row.label,
  };
}
