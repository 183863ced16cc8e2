import { sql } from 'kysely';
import type { CallTagging, Tag, TagStore } from '../data-store.ts';
import type { Scope } from './scope.ts';

type Row = { readonly id: number; readonly name: string; readonly is_system: number };

/** Tags of accounts and the calls they are on. */
export class SqliteTagStore implements TagStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async list(accountId: number): Promise<readonly Tag[]> {
    const { rows } = await sql<Row>`SELECT id, name, is_system FROM tag
      WHERE account_id = ${accountId} ORDER BY id`.execute(this.#scope.db);
    return rows.map(toTag);
  }

  async find(accountId: number, id: number): Promise<Tag | undefined> {
    const { rows } = await sql<Row>`SELECT id, name, is_system FROM tag
      WHERE account_id = ${accountId} AND id = ${id}`.execute(this.#scope.db);
    return rows[0] && toTag(rows[0]);
  }

  async add(accountId: number, { name, isSystem }: Omit<Tag, 'id'>): Promise<Tag | undefined> {
    const { rows } = await sql<Row>`INSERT INTO tag (account_id, name, is_system)
      VALUES (${accountId}, ${name}, ${Number(isSystem)})
      ON CONFLICT DO NOTHING RETURNING id, name, is_system`.execute(this.#scope.db);
    return rows[0] && toTag(rows[0]);
  }

  async rename(accountId: number, id: number, name: string): Promise<boolean> {
    const { rows } = await sql`UPDATE OR IGNORE tag SET name = ${name}
      WHERE account_id = ${accountId} AND id = ${id} RETURNING id`.execute(this.#scope.db);
    return rows.length > 0;
  }

  async remove(accountId: number, id: number): Promise<void> {
    await sql`DELETE FROM tag WHERE account_id = ${accountId} AND id = ${id}`.execute(
      this.#scope.db,
    );
  }

  async endedCall(
    accountId: number,
    by: { readonly id: number } | { readonly externalId: string },
  ): Promise<number | undefined> {
    const isMeant =
      'id' in by ? sql`call_session_id = ${by.id}` : sql`external_id = ${by.externalId}`;
    const { rows } = await sql<{ id: number }>`SELECT call_session_id AS id FROM call_record
      WHERE account_id = ${accountId} AND ${isMeant}
      ORDER BY call_session_id DESC LIMIT 1`.execute(this.#scope.db);
    return rows[0]?.id;
  }

  async putOnCall(tagging: CallTagging): Promise<boolean> {
    const { callSessionId, tagId, userId, userLogin, changedAt } = tagging;
    const { rows } = await sql`INSERT INTO call_tag VALUES
      (${callSessionId}, ${tagId}, ${userId}, ${userLogin}, ${changedAt})
      ON CONFLICT DO NOTHING RETURNING tag_id`.execute(this.#scope.db);
    return rows.length > 0;
  }

  async takeOffCall(callSessionId: number, tagId: number): Promise<boolean> {
    const { rows } = await sql`DELETE FROM call_tag
      WHERE call_session_id = ${callSessionId} AND tag_id = ${tagId}
      RETURNING tag_id`.execute(this.#scope.db);
    return rows.length > 0;
  }
}

function toTag({ id, name, is_system }: Row): Tag {
  return { id, name, isSystem: is_system !== 0 };
}
