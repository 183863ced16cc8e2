import type { Kysely } from 'kysely';
import type { NumberingPlanStore, NumberRange } from '../numbers-store.ts';
import type { Schema } from './schema.ts';
import type { Scope } from './scope.ts';

/** Rows of one INSERT: SQLite binds at most 32766 values. */
const rowsAtOnce = 5_000;

/** The numbering plan in SQLite: a look-up is one descent of a B-tree. */
export class SqliteNumberingPlanStore implements NumberingPlanStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async region(number: string): Promise<string | undefined> {
    return (await this.regionCard(number))?.name;
  }

  async regionCard(number: string): Promise<{ id: number; name: string } | undefined> {
    await this.#scope.turn();
    const row = this.#scope
      .prepare(
        `SELECT last, id, name FROM numbering_range JOIN numbering_region ON id = region_id
         WHERE first <= ? ORDER BY first DESC LIMIT 1`,
      )
      .get(Number(number)) as { last: number; id: number; name: string } | undefined;
    if (row === undefined || Number(number) > row.last) return undefined;
    return { id: row.id, name: row.name };
  }

  async replace(
    blocks: readonly { readonly first: number; readonly last: number }[],
    ranges: readonly NumberRange[],
  ): Promise<void> {
    await this.#scope.atomically(async (db) => {
      for (const { first, last } of blocks)
        await db
          .deleteFrom('numbering_range')
          .where('first', '>=', first)
          .where('first', '<=', last)
          .execute();
      const idOf = await regionIds(db, new Set(ranges.map(({ region }) => region)));
      for (let start = 0; start < ranges.length; start += rowsAtOnce) {
        const rows = ranges
          .slice(start, start + rowsAtOnce)
          .map(({ first, last, region }) => ({ first, last, region_id: idOf.get(region)! }));
        await db.insertInto('numbering_range').values(rows).execute();
      }
    });
  }

  async size(): Promise<number> {
    const { count } = await this.#scope.db
      .selectFrom('numbering_range')
      .select((all) => all.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return count;
  }
}

/** There are some hundred names for four hundred thousand ranges. */
async function regionIds(
  db: Kysely<Schema>,
  names: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  for (const name of names)
    await db
      .insertInto('numbering_region')
      .values({ name })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  const rows = await db.selectFrom('numbering_region').selectAll().execute();
  return new Map(rows.map(({ id, name }) => [name, id]));
}
