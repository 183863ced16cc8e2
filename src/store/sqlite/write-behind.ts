import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { isPassing, type SqliteConnection } from './connection.ts';

export type WriteBehindParts<Row> = {
  readonly connection: SqliteConnection;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the rows are, for the log: `API requests`. */
  readonly what: string;
  /** Writes one row, within a transaction. */
  readonly write: (row: Row) => void;
  /** How long rows are gathered for one transaction. */
  readonly delayMs: number;
  /** Rows that may wait while the disk fails; what comes on top is lost. */
  readonly mostRows: number;
};

const longestRetryMs = 5_000;

/**
 * Rows that nobody waits for: gathered for a moment and written as one transaction. When the disk
 * fails they wait in memory up to a limit; a killed process loses what it gathered.
 */
export class WriteBehind<Row> {
  readonly #parts: WriteBehindParts<Row>;
  #rows: Row[] = [];
  #lost = 0;
  #retryMs: number;
  #timer: Timer | undefined;
  #closed = false;

  constructor(parts: WriteBehindParts<Row>) {
    this.#parts = parts;
    this.#retryMs = parts.delayMs;
  }

  add(row: Row): void {
    if (this.#closed || this.#rows.length >= this.#parts.mostRows) {
      this.#lost++;
      return;
    }
    this.#rows.push(row);
    this.#schedule(this.#parts.delayMs);
  }

  /** Writes what waits. Never rejects: what could not be written waits on. */
  async flush(): Promise<void> {
    const { connection } = this.#parts;
    // These rows must not become part of somebody's transaction and go when it is rolled back.
    while (connection.transactionEnd !== undefined) await connection.transactionEnd;
    this.#write();
  }

  async close(): Promise<void> {
    await this.flush();
    this.#closed = true;
    this.#timer?.cancel();
    const rows = this.#rows.length;
    const { log, what } = this.#parts;
    if (rows > 0) log.error({ rows }, `the store closes with ${what} not written`);
  }

  #schedule(delayMs: number): void {
    this.#timer ??= this.#parts.clock.setTimer(delayMs, () => {
      this.#timer = undefined;
      void this.flush();
    });
  }

  #write(): void {
    const rows = this.#rows;
    if (rows.length === 0 || this.#closed) return;
    const { connection, delayMs, log, what, write } = this.#parts;
    this.#rows = [];
    this.#timer?.cancel();
    this.#timer = undefined;
    try {
      connection.atomically(() => {
        for (const row of rows) write(row);
      });
    } catch (error) {
      log.error(
        { error, rows: rows.length, retryMs: this.#retryMs },
        `${what} could not be stored`,
      );
      this.#rows = isPassing(error) ? rows : this.#withoutBad(rows);
      if (this.#rows.length > 0) this.#schedule(this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, longestRetryMs);
      return;
    }
    this.#retryMs = delayMs;
    if (this.#lost > 0) log.error({ rows: this.#lost }, `${what} were lost while the disk failed`);
    this.#lost = 0;
  }

  /** Stores each row by itself; one that can never be stored is dropped, and said so. */
  #withoutBad(rows: readonly Row[]): Row[] {
    const { connection, log, what, write } = this.#parts;
    return rows.filter((row) => {
      try {
        connection.atomically(() => write(row));
        return false;
      } catch (error) {
        if (isPassing(error)) return true;
        log.error({ error }, `one of the ${what} cannot be stored: dropped`);
        return false;
      }
    });
  }
}
