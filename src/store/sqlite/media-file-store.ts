import type { Kysely, Selectable } from 'kysely';
import type { MediaFile, MediaFileStore, MediaFileValues } from '../store.ts';
import type { Schema } from './schema.ts';
import type { Scope } from './scope.ts';

type Row = Selectable<Schema['media_file']>;

/** The media library in SQLite: names and paths, the sound itself stays a file. */
export class SqliteMediaFileStore implements MediaFileStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async list(accountId: number): Promise<readonly MediaFile[]> {
    const rows = await this.#scope.db
      .selectFrom('media_file')
      .selectAll()
      .where(({ eb, or }) => or([eb('account_id', '=', accountId), eb('account_id', 'is', null)]))
      .orderBy('id')
      .execute();
    return rows.map(toFile);
  }

  /** Asked up to three times by each order of a call, so it goes round kysely. */
  async find(accountId: number, id: number): Promise<MediaFile | undefined> {
    await this.#scope.turn();
    const row = this.#scope
      .prepare('SELECT * FROM media_file WHERE id = ? AND (account_id = ? OR account_id IS NULL)')
      .get(id, accountId);
    return row && toFile(row as Row);
  }

  async system(name: string): Promise<MediaFile | undefined> {
    await this.#scope.turn();
    // The expression of the unique index, so that the index serves it.
    const row = this.#scope
      .prepare('SELECT * FROM media_file WHERE coalesce(account_id, 0) = 0 AND name = ?')
      .get(name);
    return row && toFile(row as Row);
  }

  /** Looks before it writes, hence a transaction: an id or a name decides which row is meant. */
  put(file: MediaFileValues): Promise<MediaFile> {
    const values = {
      account_id: file.accountId,
      name: file.name,
      path: file.path,
      content_hash: file.contentHash,
      duration_ms: file.durationMs,
      ...(file.sizeBytes !== undefined && { size_bytes: file.sizeBytes }),
      ...(file.normalized !== undefined && { normalized: file.normalized ? 1 : 0 }),
      ...(file.originalName !== undefined && { original_name: file.originalName }),
    };
    return this.#scope.atomically(async (db) => {
      const existing = await findExisting(db, file);
      if (existing !== undefined && existing.account_id !== file.accountId)
        throw new Error(`the media file ${existing.id} belongs to another account`);
      const id = existing?.id ?? file.id;
      const row = await (existing === undefined
        ? db.insertInto('media_file').values({
            original_name: file.name,
            ...values,
            ...(id !== undefined && { id }),
          })
        : db.updateTable('media_file').set(values).where('id', '=', existing.id)
      )
        .returningAll()
        .executeTakeFirstOrThrow();
      return toFile(row);
    });
  }

  async remove(accountId: number, id: number): Promise<void> {
    await this.#scope.db
      .deleteFrom('media_file')
      .where('account_id', '=', accountId)
      .where('id', '=', id)
      .execute();
  }

  async byId(id: number): Promise<MediaFile | undefined> {
    const row = await this.#scope.db
      .selectFrom('media_file')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && toFile(row);
  }

  async contentHashes(): Promise<ReadonlySet<string>> {
    const query = this.#scope.db.selectFrom('media_file').select('content_hash').distinct();
    return new Set((await query.execute()).map((row) => row.content_hash));
  }
}

/** The file of that id; without an id, the one of that name among the same owner's. */
function findExisting(
  db: Kysely<Schema>,
  { id, accountId, name }: { id?: number; accountId: number | null; name: string },
): Promise<{ id: number; account_id: number | null } | undefined> {
  const query = db.selectFrom('media_file').select(['id', 'account_id']);
  if (id !== undefined) return query.where('id', '=', id).executeTakeFirst();
  return query
    .where('name', '=', name)
    .where('account_id', accountId === null ? 'is' : '=', accountId)
    .executeTakeFirst();
}

function toFile(row: Row): MediaFile {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    path: row.path,
    contentHash: row.content_hash,
    durationMs: row.duration_ms,
    sizeBytes: row.size_bytes,
    normalized: row.normalized === 1,
    originalName: row.original_name,
  };
}
