import type { StatementSync } from 'node:sqlite';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Cdr } from '../../model/cdr.ts';
import type { CallStore, JournalEntry } from '../store.ts';
import { CallRecords } from './call-records.ts';
import { isPassing, type SqliteConnection } from './connection.ts';
import type { IdBlocks } from './id-blocks.ts';

/** Runs a function once the present turn of the event loop is over: `setImmediate`, or a test's own. */
export type Defer = (work: () => void) => void;

type Write = { readonly entry: JournalEntry } | { readonly cdr: Cdr };

const firstRetryMs = 100;
const longestRetryMs = 5_000;

/**
 * Journal and records by group commit: what comes within one turn of the event loop is one transaction,
 * 2 us a row. When the disk fails, everything waits in memory, in order, until it works again.
 */
export class SqliteCallStore implements CallStore {
  readonly #connection: SqliteConnection;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #defer: Defer;
  readonly #ids: IdBlocks;
  readonly #records: CallRecords;
  readonly #appendEntry: StatementSync;
  readonly #openCall: StatementSync;
  readonly #closeCall: StatementSync;

  #queue: Write[] = [];
  #scheduled = false;
  #idsLow = false;
  #retryMs = firstRetryMs;
  #retry: Timer | undefined;
  #closed = false;
  #flushed: PromiseWithResolvers<void> | undefined;

  constructor(parts: {
    connection: SqliteConnection;
    clock: Clock;
    log: Logger;
    defer: Defer;
    ids: IdBlocks;
  }) {
    this.#connection = parts.connection;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#defer = parts.defer;
    this.#ids = parts.ids;
    this.#records = new CallRecords(parts.connection);
    // REPLACE: a row that is there already must not stop those behind it.
    this.#appendEntry = this.#connection.prepare(
      'INSERT OR REPLACE INTO call_journal (call_session_id, sequence, at, kind, data) VALUES (?, ?, ?, ?, ?)',
    );
    this.#openCall = this.#connection.prepare('INSERT OR IGNORE INTO open_call VALUES (?)');
    this.#closeCall = this.#connection.prepare('DELETE FROM open_call WHERE call_session_id = ?');
  }

  /** Out of memory; numbers are reserved ahead in the background. */
  nextId(kind: 'call' | 'leg'): number {
    const { id, low } = this.#ids.next(kind);
    if (low) {
      this.#idsLow = true;
      this.#schedule();
    }
    return id;
  }

  appendJournal(entry: JournalEntry): void {
    this.#queue.push({ entry });
    this.#schedule();
  }

  saveRecord(cdr: Cdr): void {
    this.#queue.push({ cdr });
    this.#schedule();
  }

  flushed(): Promise<void> {
    if (this.#queue.length === 0) return Promise.resolve();
    this.#flushed ??= Promise.withResolvers();
    return this.#flushed.promise;
  }

  get isFailing(): boolean {
    return this.#retry !== undefined;
  }

  async journal(callSessionId: number): Promise<readonly JournalEntry[]> {
    await this.#connection.transactionEnd;
    const rows = this.#connection
      .prepare(
        'SELECT sequence, at, kind, data FROM call_journal WHERE call_session_id = ? ORDER BY sequence',
      )
      .all(callSessionId) as Omit<JournalEntry, 'callSessionId'>[];
    return rows.map(({ sequence, at, kind, data }) => ({
      callSessionId,
      sequence,
      at,
      kind,
      data,
    }));
  }

  async unfinished(): Promise<readonly number[]> {
    await this.#connection.transactionEnd;
    const rows = this.#connection
      .prepare('SELECT call_session_id AS id FROM open_call ORDER BY call_session_id')
      .all() as { id: number }[];
    return rows.map(({ id }) => id);
  }

  async record(callSessionId: number): Promise<Cdr | undefined> {
    await this.#connection.transactionEnd;
    return this.#records.find(callSessionId);
  }

  async records(
    accountId: number,
    options: { limit: number; offset: number },
  ): Promise<readonly Cdr[]> {
    await this.#connection.transactionEnd;
    return this.#records.list(accountId, options);
  }

  /** Writes what is left, gives unused numbers back. What cannot be written is logged and lost. */
  async close(): Promise<void> {
    await this.#connection.transactionEnd;
    this.#flush();
    this.#closed = true;
    this.#retry?.cancel();
    try {
      this.#ids.giveBack();
    } catch (error) {
      this.#log.warn({ error }, 'unused numbers could not be given back; they are skipped');
    }
    if (this.#queue.length > 0)
      this.#log.error({ rows: this.#queue.length }, 'the store closes with rows not written');
  }

  /** Once per turn of the event loop, however much is appended in it. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#defer(() => void this.#flushInTurn());
  }

  async #flushInTurn(): Promise<void> {
    // Rows of calls must not become part of somebody's transaction and go when it is rolled back.
    while (this.#connection.transactionEnd !== undefined) await this.#connection.transactionEnd;
    this.#flush();
  }

  /** Writes everything that waits as one transaction; on failure everything waits on, in order. */
  #flush(): void {
    if (this.#closed) return;
    const batch = this.#queue;
    if (batch.length === 0 && !this.#idsLow) {
      this.#scheduled = false;
      return;
    }
    this.#queue = [];
    try {
      this.#connection.atomically(() => {
        for (const write of batch) this.#write(write);
        if (this.#idsLow) this.#ids.refill();
      });
    } catch (error) {
      this.#failed(batch, error);
      return;
    }
    this.#scheduled = false;
    this.#idsLow = false;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#retryMs = firstRetryMs;
    this.#flushed?.resolve();
    this.#flushed = undefined;
  }

  #write(write: Write): void {
    if ('cdr' in write) {
      this.#records.save(write.cdr);
      return;
    }
    const { callSessionId, sequence, at, kind, data } = write.entry;
    this.#appendEntry.run(callSessionId, sequence, at, kind, data);
    // `open_call` saves `unfinished` a search through the journals of all calls there ever were.
    if (sequence === 0) this.#openCall.run(callSessionId);
    if (kind === 'end') this.#closeCall.run(callSessionId);
  }

  /** The rows go back to the head of the queue, and are tried again after a growing pause. */
  #failed(batch: readonly Write[], error: unknown): void {
    const passing = isPassing(error);
    const rows = batch.length;
    this.#log.error(
      { error, rows, retryMs: this.#retryMs },
      'calls could not be stored; trying again',
    );
    this.#queue = [...(passing ? batch : this.#withoutBad(batch)), ...this.#queue];
    this.#retry?.cancel();
    this.#retry = this.#clock.setTimer(this.#retryMs, () => void this.#flushInTurn());
    this.#retryMs = Math.min(2 * this.#retryMs, longestRetryMs);
  }

  /** A row that can never be written must not hold up all the others for ever: it is dropped, and said so. */
  #withoutBad(batch: readonly Write[]): readonly Write[] {
    return batch.filter((write) => {
      try {
        this.#connection.atomically(() => this.#write(write));
        return false; // It is stored now.
      } catch (error) {
        if (isPassing(error)) return true;
        const id = 'cdr' in write ? write.cdr.callSessionId : write.entry.callSessionId;
        this.#log.error({ error, callSessionId: id }, 'a row of a call cannot be stored: dropped');
        return false;
      }
    });
  }
}
