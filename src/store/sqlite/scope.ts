import type { StatementSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import type { SqliteConnection } from './connection.ts';
import type { Schema } from './schema.ts';

/** Where statements run: each on its own, or all within one transaction. */
export type Scope = {
  readonly db: Kysely<Schema>;
  /** A prepared statement for a look-up that every request makes: a fifteenth of kysely's cost. */
  prepare(sql: string): StatementSync;
  /** Resolves when no transaction of somebody else is open on this handle. */
  turn(): Promise<void> | undefined;
  /** Runs `work` in this scope's transaction, or in one of its own. */
  atomically<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T>;
};

/** Each statement on its own. */
export function openScope(db: Kysely<Schema>, connection: SqliteConnection): Scope {
  return {
    db,
    prepare: (sql) => connection.prepare(sql),
    turn: () => connection.transactionEnd,
    atomically: (work) => db.transaction().execute(work),
  };
}

/** Everything within the transaction `trx`. */
export function transactionScope(trx: Kysely<Schema>, connection: SqliteConnection): Scope {
  return {
    db: trx,
    prepare: (sql) => connection.prepare(sql),
    turn: () => undefined,
    atomically: (work) => work(trx),
  };
}
