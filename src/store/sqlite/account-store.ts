import type { Selectable } from 'kysely';
import type { Account, AccountStore } from '../store.ts';
import type { Schema } from './schema.ts';
import type { Scope } from './scope.ts';

type Row = Selectable<Schema['account']>;

/** Accounts in SQLite. */
export class SqliteAccountStore implements AccountStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async list(): Promise<readonly Account[]> {
    const rows = await this.#scope.db.selectFrom('account').selectAll().orderBy('id').execute();
    return rows.map(toAccount);
  }

  /** Every request asks this, so it goes round kysely. */
  async byId(id: number): Promise<Account | undefined> {
    await this.#scope.turn();
    const row = this.#scope.prepare('SELECT * FROM account WHERE id = ?').get(id);
    return row && toAccount(row as Row);
  }

  async byName(name: string): Promise<Account | undefined> {
    const query = this.#scope.db.selectFrom('account').selectAll().where('name', '=', name);
    const row = await query.executeTakeFirst();
    return row && toAccount(row);
  }

  /** One statement: two processes that put the same name make one account. */
  async put(account: Omit<Account, 'id'>): Promise<Account> {
    const values = {
      name: account.name,
      active: Number(account.active),
      time_zone: account.timeZone,
      minute_limit: account.minuteLimit,
      day_limit: account.dayLimit,
      tts_max_length: account.ttsMaxLength,
      disabled_components: JSON.stringify(account.disabledComponents),
    };
    const row = await this.#scope.db
      .insertInto('account')
      .values(values)
      .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
      .returningAll()
      .executeTakeFirstOrThrow();
    return toAccount(row);
  }
}

function toAccount(row: Row): Account {
  return {
    id: row.id,
    name: row.name,
    active: row.active !== 0,
    timeZone: row.time_zone,
    minuteLimit: row.minute_limit,
    dayLimit: row.day_limit,
    ttsMaxLength: row.tts_max_length,
    disabledComponents: JSON.parse(row.disabled_components) as string[],
  };
}
