import { join } from 'node:path';
import { type Kysely, type Selectable, sql } from 'kysely';
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
      ...(file.listenFormat !== undefined && { listen_format: file.listenFormat }),
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

  add(
    accountId: number,
    file: Omit<MediaFile, 'id' | 'accountId'>,
  ): Promise<MediaFile | undefined> {
    return this.#scope.atomically(async (db) => {
      if (await isTaken(db, accountId, file.name)) return undefined;
      const row = await db
        .insertInto('media_file')
        .values({
          account_id: accountId,
          name: file.name,
          path: file.path,
          content_hash: file.contentHash,
          duration_ms: file.durationMs,
          size_bytes: file.sizeBytes,
          normalized: file.normalized ? 1 : 0,
          original_name: file.originalName,
          listen_format: file.listenFormat,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return toFile(row);
    });
  }

  rename(accountId: number, id: number, name: string): Promise<boolean> {
    return this.#scope.atomically(async (db) => {
      if (await isTaken(db, accountId, name, id)) return false;
      await db
        .updateTable('media_file')
        .set({ name })
        .where('account_id', '=', accountId)
        .where('id', '=', id)
        .execute();
      return true;
    });
  }

  async remove(accountId: number, id: number): Promise<boolean> {
    const { numDeletedRows } = await this.#scope.db
      .deleteFrom('media_file')
      .where('account_id', '=', accountId)
      .where('id', '=', id)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async byId(id: number): Promise<MediaFile | undefined> {
    const row = await this.#scope.db
      .selectFrom('media_file')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && toFile(row);
  }

  /** Only of files that are named after their content: others were never the library's. */
  async relocate(folder: string): Promise<void> {
    const now = sql<string>`${join(folder, '/')} || substr(path, instr(path, content_hash))`;
    await this.#scope.db
      .updateTable('media_file')
      .set({ path: now })
      .where(sql<boolean>`length(content_hash) = 64 AND instr(path, content_hash) > 0`)
      .where('path', '!=', now)
      .execute();
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

/** Whether a file that the account sees, another than `id`, has the name. */
async function isTaken(
  db: Kysely<Schema>,
  accountId: number,
  name: string,
  id = 0,
): Promise<boolean> {
  const found = await db
    .selectFrom('media_file')
    .select('id')
    .where(({ eb, or }) => or([eb('account_id', '=', accountId), eb('account_id', 'is', null)]))
    .where('name', '=', name)
    .where('id', '!=', id)
    .executeTakeFirst();
  return found !== undefined;
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
    listenFormat: row.listen_format,
  };
}
