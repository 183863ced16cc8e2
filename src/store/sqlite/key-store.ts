import type { Selectable } from 'kysely';
import type { AccessKey, KeyStore } from '../store.ts';
import type { Schema } from './schema.ts';
import type { Scope } from './scope.ts';

type Row = Selectable<Schema['access_key']>;

/** Access keys in SQLite: hashes only, so that a copy of the file opens no account. */
export class SqliteKeyStore implements KeyStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async list(accountId: number): Promise<readonly AccessKey[]> {
    const rows = await this.#scope.db
      .selectFrom('access_key')
      .selectAll()
      .where('account_id', '=', accountId)
      .orderBy('id')
      .execute();
    return rows.map(toKey);
  }

  /** Asked for every key once a second at most: api/access.ts remembers. */
  async byTokenHash(tokenHash: string): Promise<AccessKey | undefined> {
    await this.#scope.turn();
    const row = this.#scope.prepare('SELECT * FROM access_key WHERE token_hash = ?').get(tokenHash);
    return row && toKey(row as Row);
  }

  async add(key: Omit<AccessKey, 'id'>): Promise<AccessKey> {
    const row = await this.#scope.db
      .insertInto('access_key')
      .values({
        account_id: key.accountId,
        user_id: key.userId,
        kind: key.kind,
        token_hash: key.tokenHash,
        label: key.label,
        expires_at: key.expiresAt,
        blocked: Number(key.blocked),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toKey(row);
  }

  async setBlocked(id: number, blocked: boolean): Promise<void> {
    await this.#scope.db
      .updateTable('access_key')
      .set({ blocked: Number(blocked) })
      .where('id', '=', id)
      .execute();
  }

  async remove(id: number): Promise<void> {
    await this.#scope.db.deleteFrom('access_key').where('id', '=', id).execute();
  }

  /** Permanent keys stay: their owner must be told that they have expired, not that they are unknown. */
  async removeExpired(unixSeconds: number): Promise<number> {
    const result = await this.#scope.db
      .deleteFrom('access_key')
      .where('kind', '=', 'session')
      .where('expires_at', '<', unixSeconds)
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}

function toKey(row: Row): AccessKey {
  return {
    id: row.id,
    accountId: row.account_id,
    userId: row.user_id,
    kind: row.kind,
    tokenHash: row.token_hash,
    label: row.label,
    expiresAt: row.expires_at,
    blocked: row.blocked !== 0,
  };
}
