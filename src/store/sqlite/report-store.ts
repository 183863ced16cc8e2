import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { ReportPage, ReportQuery, ReportStore } from '../data-store.ts';
import type { ListRow } from '../list-query.ts';
import { type Columns, conditionSql, orderSql, type SqlText } from './list-sql.ts';
import { callReport, legReport, type ReportSql } from './report-columns.ts';
import { requestReport } from './request-report.ts';
import type { Scope } from './scope.ts';

/** Pages of the records of calls and legs, and of the log of requests: one statement for the rows, one to count them. */
export class SqliteReportStore implements ReportStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  calls(query: ReportQuery): Promise<ReportPage> {
    return this.#page(callReport, query);
  }

  legs(query: ReportQuery): Promise<ReportPage> {
    return this.#page(legReport, query);
  }

  requests(query: ReportQuery): Promise<ReportPage> {
    return this.#page(requestReport, query);
  }

  async #page(report: ReportSql, { accountId, interval, query, fields }: ReportQuery) {
    await this.#scope.turn();
    const { columns } = report;
    const filter = query.filter && conditionSql(query.filter, columns);
    const where = whereSql(report, accountId, interval, filter);
    // Without a filter the table's index alone knows how many there are.
    const countFrom = filter === undefined ? report.table : report.from;
    const counted = this.#scope
      .prepare(`SELECT count(*) AS total FROM ${countFrom} WHERE ${where.sql}`)
      .get(...where.values) as { total: number };
    const { limit, offset } = query;
    if (limit === 0 || offset >= counted.total) return { rows: [], total: counted.total };
    const order =
      query.sort.length === 0
        ? `${report.time}, ${report.id}`
        : orderSql(query.sort, columns, report.id);
    const selected = fields.map((name) => `${columns[name]!.sql} AS ${name}`).join(', ');
    const rows = this.#scope
      .prepare(
        `SELECT ${selected} FROM ${report.from} WHERE ${where.sql}
         ORDER BY ${order} LIMIT ? OFFSET ?`,
      )
      .all(...where.values, limit, offset);
    return { rows: rows.map((row) => toRow(row, columns)), total: counted.total };
  }
}

function whereSql(
  { account, time }: ReportSql,
  accountId: number,
  { from, till }: ReportQuery['interval'],
  filter: SqlText | undefined,
): { sql: string; values: SQLInputValue[] } {
  return {
    sql: `${account} = ? AND ${time} >= ? AND ${time} < ?${filter ? ` AND ${filter.sql}` : ''}`,
    values: [accountId, from * 1000, (till + 1) * 1000, ...(filter?.values ?? [])],
  };
}

/** The values as a row of list-query.ts has them. */
function toRow(row: Record<string, SQLOutputValue>, columns: Columns): ListRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const as = columns[name]!.as;
      if (value === null || as === undefined) return [name, value];
      return [name, as === 'boolean' ? value !== 0 : JSON.parse(String(value))];
    }),
  );
}
