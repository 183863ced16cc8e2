import type { SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { ReportPage, ReportQuery } from '../data-store.ts';
import type { ListRow } from '../list-query.ts';
import { type Columns, conditionSql, orderSql, type SqlText } from './list-sql.ts';
import { callReport, legReport, type ReportSql } from './report-columns.ts';
import { requestReport } from './request-report.ts';

const reports = { calls: callReport, legs: legReport, requests: requestReport };
export type ReportName = keyof typeof reports;

/** One page of a report: one statement to count its rows, one for those of the page. */
export function readReport(
  prepare: (sql: string) => StatementSync,
  name: ReportName,
  { accountId, interval, query, fields }: ReportQuery,
): ReportPage {
  const report: ReportSql = reports[name];
  const { columns } = report;
  const filter = query.filter && conditionSql(query.filter, columns);
  const where = whereSql(report, accountId, interval, filter);
  // Without a filter the table's index alone knows how many there are.
  const countFrom = filter === undefined ? report.table : report.from;
  const counted = prepare(`SELECT count(*) AS total FROM ${countFrom} WHERE ${where.sql}`).get(
    ...where.values,
  ) as { total: number };
  const { limit, offset } = query;
  if (limit === 0 || offset >= counted.total) return { rows: [], total: counted.total };
  const order =
    query.sort.length === 0
      ? `${report.time}, ${report.id}`
      : orderSql(query.sort, columns, report.id);
  const selected = fields.map((name) => `${columns[name]!.sql} AS ${name}`).join(', ');
  const rows = prepare(
    `SELECT ${selected} FROM ${report.from} WHERE ${where.sql}
     ORDER BY ${order} LIMIT ? OFFSET ?`,
  ).all(...where.values, limit, offset);
  return { rows: rows.map((row) => toRow(row, columns)), total: counted.total };
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
