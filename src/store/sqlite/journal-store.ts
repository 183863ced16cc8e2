import type { JournalStore } from '../store.ts';
import type { SqliteConnection } from './connection.ts';

/** The journals of all calls, as far as they are looked through and removed; they are written by call-store.ts. */
export class SqliteJournalStore implements JournalStore {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async openOrders(since: number): Promise<readonly string[]> {
    await this.#connection.transactionEnd;
    const rows = this.#connection
      .prepare(
        `SELECT data FROM call_journal JOIN open_call USING (call_session_id)
         WHERE sequence = 0 AND at >= ?`,
      )
      .all(since) as { data: string }[];
    return rows.map(({ data }) => data);
  }

  /**
   * Among the oldest only, for ids are given in the order of time: it never reads the whole table.
   * A call that has no end is left, and looked at again each time: a crash leaves few of them.
   */
  async prune(before: number, limit: number): Promise<number> {
    await this.#connection.transactionEnd;
    const old = this.#connection
      .prepare(
        `SELECT call_session_id AS id FROM
           (SELECT call_session_id, max(at) AS last_at FROM call_journal
            WHERE call_session_id NOT IN (SELECT call_session_id FROM open_call)
            GROUP BY call_session_id ORDER BY call_session_id LIMIT ?)
         WHERE last_at < ?`,
      )
      .all(limit, before) as { id: number }[];
    if (old.length === 0) return 0;
    await this.#connection.whenFree(() =>
      this.#connection.atomically(() => {
        for (const { id } of old)
          this.#connection.prepare('DELETE FROM call_journal WHERE call_session_id = ?').run(id);
      }),
    );
    return old.length;
  }
}
