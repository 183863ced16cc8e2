import type { Selectable } from 'kysely';
import type { User, UserStore, UserValues } from '../store.ts';
import type { Schema } from './schema.ts';
import type { Scope } from './scope.ts';

type Row = Selectable<Schema['api_user']>;

/** Users of the API in SQLite; their keys go with them by the foreign key. */
export class SqliteUserStore implements UserStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async list(accountId: number): Promise<readonly User[]> {
    const rows = await this.#scope.db
      .selectFrom('api_user')
      .selectAll()
      .where('account_id', '=', accountId)
      .orderBy('id')
      .execute();
    return rows.map(toUser);
  }

  async byLogin(login: string): Promise<User | undefined> {
    const query = this.#scope.db.selectFrom('api_user').selectAll().where('login', '=', login);
    const row = await query.executeTakeFirst();
    return row && toUser(row);
  }

  /** Every request asks this, so it goes round kysely. */
  async byId(id: number): Promise<User | undefined> {
    await this.#scope.turn();
    const row = this.#scope.prepare('SELECT * FROM api_user WHERE id = ?').get(id);
    return row && toUser(row as Row);
  }

  async put(user: UserValues): Promise<User> {
    const { accountId, login, dataApi, administration } = user;
    const changed = {
      password_hash: user.passwordHash,
      call_api: Number(user.callApi),
      ...(dataApi !== undefined && { data_api: Number(dataApi) }),
      ...(administration !== undefined && { administration: Number(administration) }),
    };
    // A login of another account meets no row that the update may change, and so gives none back.
    const row = await this.#scope.db
      .insertInto('api_user')
      .values({ account_id: accountId, login, ...changed })
      .onConflict((conflict) =>
        conflict.column('login').doUpdateSet(changed).where('api_user.account_id', '=', accountId),
      )
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) throw new Error(`the login ${login} belongs to another account`);
    return toUser(row);
  }

  async remove(id: number): Promise<void> {
    await this.#scope.db.deleteFrom('api_user').where('id', '=', id).execute();
  }
}

function toUser(row: Row): User {
  return {
    id: row.id,
    accountId: row.account_id,
    login: row.login,
    passwordHash: row.password_hash,
    callApi: row.call_api !== 0,
    dataApi: row.data_api !== 0,
    administration: row.administration !== 0,
  };
}
