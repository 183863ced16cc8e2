import type { ApiRequest, RequestQuery, RequestStore } from '../store.ts';
import type { SqliteConnection } from './connection.ts';
import type { Schema } from './schema.ts';
import { WriteBehind, type WriteBehindParts } from './write-behind.ts';

type Row = Schema['api_request'];

/** Each request is one row of a transaction that many share. */
const delayMs = 250;
const mostRows = 20_000;

/** The log of API requests in SQLite. */
export class SqliteRequestStore implements RequestStore {
  readonly #connection: SqliteConnection;
  readonly #queue: WriteBehind<Omit<ApiRequest, 'id'>>;

  constructor(parts: Pick<WriteBehindParts<never>, 'connection' | 'clock' | 'log'>) {
    this.#connection = parts.connection;
    const write = (request: Omit<ApiRequest, 'id'>): void => this.#insert(request);
    this.#queue = new WriteBehind({ ...parts, what: 'API requests', write, delayMs, mostRows });
  }

  append(request: Omit<ApiRequest, 'id'>): void {
    this.#queue.add(request);
  }

  async list(
    accountId: number,
    { from, till, limit, offset }: RequestQuery,
  ): Promise<{ rows: readonly ApiRequest[]; total: number }> {
    await this.#queue.flush();
    const range = 'FROM api_request WHERE account_id = ? AND at >= ? AND at < ?';
    const rows = this.#connection
      .prepare(`SELECT * ${range} ORDER BY at, id LIMIT ? OFFSET ?`)
      .all(accountId, from, till, limit, offset) as Row[];
    const { total } = this.#connection
      .prepare(`SELECT count(*) AS total ${range}`)
      .get(accountId, from, till) as { total: number };
    return { rows: rows.map(toRequest), total };
  }

  /** Among the oldest only, for ids are given in the order of time: it never reads the whole table. */
  async prune(before: number, limit: number): Promise<number> {
    await this.#connection.transactionEnd;
    const { changes } = await this.#connection.whenFree(() =>
      this.#connection
        .prepare(
          `DELETE FROM api_request WHERE id IN
             (SELECT id FROM (SELECT id, at FROM api_request ORDER BY id LIMIT ?) WHERE at < ?)`,
        )
        .run(limit, before),
    );
    return Number(changes);
  }

  flushed(): Promise<void> {
    return this.#queue.flush();
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  #insert(request: Omit<ApiRequest, 'id'>): void {
    this.#connection
      .prepare(
        `INSERT INTO api_request (account_id, at, method, component, api_version, raw_id, external_id,
           ip, user_login, key_label, weight, error_code, error_mnemonic, execution_ms,
           call_session_id, body)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        request.accountId,
        request.at,
        request.method,
        request.component,
        request.apiVersion,
        request.rawId,
        request.externalId,
        request.ip,
        request.userLogin,
        request.keyLabel,
        request.weight,
        request.errorCode,
        request.errorMnemonic,
        request.executionMs,
        request.callSessionId,
        request.body,
      );
  }
}

function toRequest(row: Row): ApiRequest {
  return {
    id: row.id,
    accountId: row.account_id,
    at: row.at,
    method: row.method,
    component: row.component,
    apiVersion: row.api_version,
    rawId: row.raw_id,
    externalId: row.external_id,
    ip: row.ip,
    userLogin: row.user_login,
    keyLabel: row.key_label,
    weight: row.weight,
    errorCode: row.error_code,
    errorMnemonic: row.error_mnemonic,
    executionMs: row.execution_ms,
    callSessionId: row.call_session_id,
    body: row.body,
  };
}
