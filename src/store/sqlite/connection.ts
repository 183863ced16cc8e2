import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Clock } from '../../base/clock.ts';
import { sqlFunctions } from './list-sql.ts';

/** What `PRAGMA busy_timeout` may block the event loop for; longer waits are taken off the loop. */
const busyTimeoutMs = 5;
/** How long a change waits for another process to finish writing, and how often it looks. */
const busyLimitMs = 5_000;
const busyRetryMs = 50;

/**
 * One handle on a database file in WAL mode, its prepared statements, and the knowledge whether a
 * transaction that lasts over several turns of the event loop is open on it.
 */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #statements = new Map<string, StatementSync>();
  #transaction: PromiseWithResolvers<void> | undefined;

  private constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  static async open(path: string, clock: Clock): Promise<SqliteConnection> {
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    const connection = new SqliteConnection(database, clock);
    for (const [name, work] of Object.entries(sqlFunctions))
      database.function(name, { deterministic: true, varargs: true }, work);
    try {
      await connection.whenFree(() => {
        database.exec('PRAGMA journal_mode = WAL');
        // A commit survives a killed process; a power cut may take the last ones, never the file.
        database.exec('PRAGMA synchronous = NORMAL');
        database.exec('PRAGMA foreign_keys = ON');
      });
    } catch (error) {
      database.close();
      throw error;
    }
    return connection;
  }

  /** Compiled once per text. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      // Texts with lists in them differ by length: the cache must not grow with them.
      if (this.#statements.size >= 300) this.#statements.clear();
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** Runs `work` as one transaction within this turn of the event loop. */
  atomically(work: () => void): void {
    this.prepare('BEGIN IMMEDIATE').run();
    try {
      work();
      this.prepare('COMMIT').run();
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  /** Runs `work` again while another process holds the write lock. */
  async whenFree<T>(work: () => T): Promise<T> {
    const due = this.#clock.now() + busyLimitMs;
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error) || this.#clock.now() >= due) throw error;
        await new Promise<void>((resolve) => this.#clock.setTimer(busyRetryMs, resolve));
      }
    }
  }

  /** Resolves when the transaction that is open over several turns has ended; undefined: none is. */
  get transactionEnd(): Promise<void> | undefined {
    return this.#transaction?.promise;
  }

  /** Opens a transaction that lasts until `commit` or `rollback`, over as many turns as it takes. */
  async begin(): Promise<void> {
    // IMMEDIATE: a transaction that reads first and then finds the lock taken could only fail.
    await this.whenFree(() => this.prepare('BEGIN IMMEDIATE').run());
    this.#transaction = Promise.withResolvers();
  }

  /** Ends what `begin` began; when it throws, `rollback` must follow. */
  commit(): void {
    this.prepare('COMMIT').run();
    this.#ended();
  }

  rollback(): void {
    // Some errors of the disk roll back by themselves.
    if (this.#database.isTransaction) this.prepare('ROLLBACK').run();
    this.#ended();
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #ended(): void {
    this.#transaction?.resolve();
    this.#transaction = undefined;
  }
}

/** SQLite's primary result code of an error (https://sqlite.org/rescode.html), if it is one. */
export function resultCode(error: unknown): number | undefined {
  const code = error instanceof Error ? (error as { errcode?: unknown }).errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Results that say "not now" (https://sqlite.org/rescode.html); any other blames what was asked. */
const passingCodes = new Set([5, 6, 7, 8, 10, 13, 14]); // busy, locked, nomem, readonly, ioerr, full, cantopen

/** Whether the same statement may succeed later. */
export function isPassing(error: unknown): boolean {
  return passingCodes.has(resultCode(error) ?? -1);
}

function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === 5 || code === 6; // SQLITE_BUSY, SQLITE_LOCKED
}
