import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { migrations } from '../migrations/migrations.ts';
import type { CallStore, RequestStore, Store } from '../store.ts';
import { SqliteAccountStore } from './account-store.ts';
import { SqliteAllowListStore } from './allow-list-store.ts';
import { SqliteBlacklistStore } from './blacklist-store.ts';
import { type Defer, SqliteCallStore } from './call-store.ts';
import { SqliteBlacklistCardStore, SqliteNumberCardStore } from './card-stores.ts';
import { SqliteConnection } from './connection.ts';
import { nodeSqliteDialect } from './dialect.ts';
import { SqliteEmployeeStore } from './employee-store.ts';
import { IdBlocks } from './id-blocks.ts';
import { SqliteJournalStore } from './journal-store.ts';
import { SqliteKeyStore } from './key-store.ts';
import { SqliteMediaFileStore } from './media-file-store.ts';
import { SqliteMinuteUseStore } from './minute-use-store.ts';
import { SqliteNumberStore } from './number-store.ts';
import { SqliteNumberUseStore } from './number-use-store.ts';
import { SqliteNumberingPlanStore } from './numbering-plan-store.ts';
import { SqlitePointStore } from './point-store.ts';
import { SqliteReportStore } from './report-store.ts';
import { ReportThread } from './report-thread.ts';
import { SqliteRequestStore } from './request-store.ts';
import type { Schema } from './schema.ts';
import { openScope, type Scope, transactionScope } from './scope.ts';
import { SqliteSecretStore } from './secret-store.ts';
import { SqliteSecurityStore } from './security-store.ts';
import { SqliteSipLineStore } from './sip-line-store.ts';
import { SqliteTagStore } from './tag-store.ts';
import { SqliteUserStore } from './user-store.ts';

export type SqliteStoreOptions = {
  /** Of the database file, or `:memory:`. */
  readonly path: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** When a group of rows is committed; default: after this turn of the event loop. */
  readonly defer?: Defer;
};

/**
 * Opens the database file, brings its tables up to date and answers its store. Several processes may
 * have one file open: a change of one is seen by the next look-up of the others.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { path, log, clock, defer = setImmediate } = options;
  const connection = await SqliteConnection.open(path, clock).catch((cause: Error) => {
    throw new Error(`cannot open the database ${path}: ${cause.message}`, { cause });
  });
  const db = new Kysely<Schema>({ dialect: nodeSqliteDialect(connection) });
  try {
    await migrate(db);
    const ids = await connection.whenFree(() => new IdBlocks(connection, log));
    const calls = new SqliteCallStore({ connection, clock, log, defer, ids });
    const requests = new SqliteRequestStore({ connection, clock, log });
    // A database in memory is this handle's alone.
    const reports = path === ':memory:' ? undefined : new ReportThread(path, clock);
    return new SqliteStore({ db, connection, calls, requests, reports });
  } catch (error) {
    connection.close();
    throw error;
  }
}

type Parts = {
  readonly db: Kysely<Schema>;
  readonly connection: SqliteConnection;
  readonly calls: SqliteCallStore;
  readonly requests: SqliteRequestStore;
  readonly reports: ReportThread | undefined;
};

class SqliteStore implements Store {
  readonly accounts: SqliteAccountStore;
  readonly users: SqliteUserStore;
  readonly keys: SqliteKeyStore;
  readonly allowList: SqliteAllowListStore;
  readonly points: SqlitePointStore;
  /** Never part of a transaction: a request was made whatever is undone. */
  readonly requests: RequestStore;
  readonly numbers: SqliteNumberStore;
  readonly numberUse: SqliteNumberUseStore;
  readonly minuteUse: SqliteMinuteUseStore;
  readonly numberingPlan: SqliteNumberingPlanStore;
  readonly security: SqliteSecurityStore;
  readonly media: SqliteMediaFileStore;
  readonly blacklist: SqliteBlacklistStore;
  readonly numberCards: SqliteNumberCardStore;
  readonly blacklistCards: SqliteBlacklistCardStore;
  readonly tags: SqliteTagStore;
  readonly employees: SqliteEmployeeStore;
  readonly sipLines: SqliteSipLineStore;
  readonly reports: SqliteReportStore;
  /** Never part of a transaction: what happened in a call is not undone. */
  readonly calls: CallStore;
  readonly journals: SqliteJournalStore;
  readonly secrets: SqliteSecretStore;
  readonly #parts: Parts;
  readonly #scope: Scope;
  #closed = false;

  constructor(parts: Parts, scope: Scope = openScope(parts.db, parts.connection)) {
    this.#parts = parts;
    this.#scope = scope;
    this.accounts = new SqliteAccountStore(scope);
    this.users = new SqliteUserStore(scope);
    this.keys = new SqliteKeyStore(scope);
    this.allowList = new SqliteAllowListStore(scope);
    this.points = new SqlitePointStore(scope);
    this.requests = parts.requests;
    this.numbers = new SqliteNumberStore(scope);
    this.numberUse = new SqliteNumberUseStore(scope);
    this.minuteUse = new SqliteMinuteUseStore(scope);
    this.numberingPlan = new SqliteNumberingPlanStore(scope);
    this.security = new SqliteSecurityStore(scope);
    this.media = new SqliteMediaFileStore(scope);
    this.blacklist = new SqliteBlacklistStore(scope);
    this.numberCards = new SqliteNumberCardStore(scope);
    this.blacklistCards = new SqliteBlacklistCardStore(scope);
    this.tags = new SqliteTagStore(scope);
    this.employees = new SqliteEmployeeStore(scope);
    this.sipLines = new SqliteSipLineStore(scope);
    this.reports = new SqliteReportStore(scope, parts.reports);
    this.calls = parts.calls;
    this.journals = new SqliteJournalStore(parts.connection);
    this.secrets = new SqliteSecretStore(scope);
  }

  /** `work` must use the store it is given: this one waits until the transaction is over. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const { connection } = this.#parts;
    return this.#scope.atomically((trx) =>
      work(
        new SqliteStore({ ...this.#parts, reports: undefined }, transactionScope(trx, connection)),
      ),
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#parts.reports?.close();
    await this.#parts.calls.close();
    await this.#parts.requests.close();
    await this.#parts.db.destroy();
  }
}

/** In one transaction: two processes that start together on a new file do it once. */
async function migrate(db: Kysely<Schema>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const migrator = new Migrator({
      db: trx,
      provider: { getMigrations: async () => migrations },
    });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
  });
}
