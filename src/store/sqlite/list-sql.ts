import type { SQLInputValue } from 'node:sqlite';
import {
  type Condition,
  type FilterValue,
  hasAny,
  isLike,
  type ListQuery,
  matchesRegexp,
  type Operator,
  opposites,
} from '../list-query.ts';

/** A field of a report as SQL. */
export type Column = {
  readonly sql: string;
  /** What SQLite has no type for: 0 and 1, or JSON text. */
  readonly as?: 'boolean' | 'json';
  /** What it is sorted by, when an index has it in another form. */
  readonly order?: string;
  /** What it is filtered by, when that is not what is answered. */
  readonly filter?: string;
};

export type Columns = Readonly<Record<string, Column>>;

export type SqlText = { readonly sql: string; readonly values: readonly SQLInputValue[] };

/** What SQLite itself has no function for, in the words of list-query.ts: one meaning for both. */
export const sqlFunctions: Readonly<Record<string, (...values: SQLInputValue[]) => number>> = {
  is_like: (value, pattern, ignoresCase) =>
    Number(value !== null && isLike(String(value), String(pattern), ignoresCase === 1)),
  is_regexp: (value, pattern) =>
    Number(value !== null && matchesRegexp(String(value), String(pattern))),
  has_any: (array, wanted) =>
    Number(array !== null && hasAny(JSON.parse(String(array)), JSON.parse(String(wanted)))),
};

/** A condition as SQL that is never NULL, its values bound. Names were checked: `columns` has them all. */
export function conditionSql(condition: Condition, columns: Columns): SqlText {
  if ('all' in condition) return joined(condition.all, ' AND ', columns);
  if ('any' in condition) return joined(condition.any, ' OR ', columns);
  const { operator } = condition;
  const opposite = opposites[operator];
  if (opposite !== undefined) {
    const { sql, values } = conditionSql({ ...condition, operator: opposite }, columns);
    return { sql: `NOT ${sql}`, values };
  }
  const { sql: answered, filter: column = answered } = columns[condition.field]!;
  return 'list' in condition
    ? listSql(column, operator, condition.list)
    : valueSql(column, operator, condition.value);
}

/** A number alone would be the position of a column (https://sqlite.org/lang_select.html#orderby). */
const constant = /^(?:NULL|\d+|'[^']*')$/;

/** `ORDER BY`, with the id last, in the direction of the first key so that an index may serve both. */
export function orderSql(sort: ListQuery['sort'], columns: Columns, id: string): string {
  const direction = (descending: boolean | undefined): string => (descending ? ' DESC' : '');
  return [
    ...sort
      .map(({ field, descending }) => ({ sql: sortedBy(columns[field]!), descending }))
      .filter(({ sql }) => !constant.test(sql))
      .map(({ sql, descending }) => `${sql}${direction(descending)}`),
    `${id}${direction(sort[0]?.descending)}`,
  ].join(', ');
}

function sortedBy({ order, sql }: Column): string {
  return order ?? sql;
}

function joined(conditions: readonly Condition[], word: string, columns: Columns): SqlText {
  const parts = conditions.map((one) => conditionSql(one, columns));
  return {
    sql: `(${parts.map(({ sql }) => sql).join(word)})`,
    values: parts.flatMap(({ values }) => values),
  };
}

function listSql(column: string, operator: Operator, list: readonly FilterValue[]): SqlText {
  if (operator === 'overlap')
    return { sql: `has_any(${column}, ?)`, values: [JSON.stringify(list)] };
  const places = list.map(() => '?').join(', ');
  return { sql: `coalesce(${column} IN (${places}), 0)`, values: list.map(bound) };
}

function valueSql(column: string, operator: Operator, value: FilterValue): SqlText {
  if (operator === '=') return { sql: `(${column} IS ?)`, values: [bound(value)] };
  switch (operator) {
    case 'like':
    case 'ilike':
      return {
        sql: `is_like(${column}, ?, ${Number(operator === 'ilike')})`,
        values: [bound(value)],
      };
    case 'regexp':
      return { sql: `is_regexp(${column}, ?)`, values: [bound(value)] };
    default:
      return { sql: `coalesce(${column} ${operator} ?, 0)`, values: [bound(value)] };
  }
}

function bound(value: FilterValue): SQLInputValue {
  return typeof value === 'boolean' ? Number(value) : value;
}
