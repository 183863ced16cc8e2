import { compilePosixRegexp, type PosixRegexp } from './posix-regexp.ts';

/**
 * Filtering, sorting and paging of rows, as every `get` method of the Data API offers it
 * (spec/data-api-subset.md section 2). One meaning for short lists, which `selectRows` serves out of
 * memory, and for tables that grow, which `sqlite/list-sql.ts` serves by SQL; a test compares both.
 */

/** A row by field names. An instant is whole Unix seconds; an absent value is null. */
export type ListRow = Readonly<Record<string, unknown>>;

export type Operator =
  | '='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | 'like'
  | 'not_like'
  | 'ilike'
  | 'not_ilike'
  | 'regexp'
  | 'in'
  | 'not_in'
  | 'overlap'
  | 'not_overlap';

export type FilterValue = string | number | boolean | null;

/** A filter whose fields, operators and values were checked; `is_null` has become `=` null. */
export type Condition =
  | { readonly field: string; readonly operator: Operator; readonly value: FilterValue }
  | { readonly field: string; readonly operator: Operator; readonly list: readonly FilterValue[] }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] };

export type ListQuery = {
  readonly filter?: Condition;
  readonly sort: readonly { readonly field: string; readonly descending: boolean }[];
  readonly limit: number;
  readonly offset: number;
};

/** The operators that are another one's exact opposite, so that a row is found by one of the two. */
export const opposites: Partial<Record<Operator, Operator>> = {
  '!=': '=',
  not_like: 'like',
  not_ilike: 'ilike',
  not_in: 'in',
  not_overlap: 'overlap',
};

/** One page of rows, and how many match in all. Rows that sort equally keep the order they came in. */
export function selectRows<Row extends ListRow>(
  rows: readonly Row[],
  { filter, sort, limit, offset }: ListQuery,
): { rows: readonly Row[]; total: number } {
  const found = filter === undefined ? rows : rows.filter((row) => matches(row, filter));
  const sorted = sort.length === 0 ? found : found.toSorted(rowOrder(sort));
  return { rows: sorted.slice(offset, offset + limit), total: found.length };
}

/** Compares two rows by the sort keys in turn. */
export function rowOrder(sort: ListQuery['sort']): (a: ListRow, b: ListRow) => number {
  return (a, b) => {
    for (const { field, descending } of sort) {
      const order = compareValues(a[field], b[field]);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
}

/** Whether a row satisfies a filter. A value that is absent satisfies `=` null and the negations only. */
export function matches(row: ListRow, condition: Condition): boolean {
  if ('all' in condition) return condition.all.every((one) => matches(row, one));
  if ('any' in condition) return condition.any.some((one) => matches(row, one));
  const { field, operator } = condition;
  const opposite = opposites[operator];
  if (opposite !== undefined) return !matches(row, { ...condition, operator: opposite });
  const value = row[field] ?? null;
  if ('list' in condition) {
    const { list } = condition;
    return operator === 'overlap' ? hasAny(value, list) : list.some((one) => value === one);
  }
  return test(value, operator, condition.value);
}

function test(value: unknown, operator: Operator, wanted: FilterValue): boolean {
  if (operator === '=') return value === wanted;
  if (value === null || wanted === null) return false;
  switch (operator) {
    case '<':
      return compareValues(value, wanted) < 0;
    case '>':
      return compareValues(value, wanted) > 0;
    case '<=':
      return compareValues(value, wanted) <= 0;
    case '>=':
      return compareValues(value, wanted) >= 0;
    case 'like':
      return isLike(String(value), String(wanted), false);
    case 'ilike':
      return isLike(String(value), String(wanted), true);
    default:
      return matchesRegexp(String(value), String(wanted));
  }
}

/** Absent first, then numbers, then text by code points: SQLite's order (https://sqlite.org/datatype3.html). */
function compareValues(a: unknown, b: unknown): number {
  const [left, right] = [comparable(a), comparable(b)];
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  if (typeof left !== typeof right) return typeof left === 'number' ? -1 : 1;
  return left < right ? -1 : 1;
}

function comparable(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' ? value : String(value);
}

/**
 * Whether an array has one of the values: as a member, or where members are objects as the id of one (its
 * first key that ends in `_id`) or as a text of one. Other ids of a member, such as who put a tag, are not meant.
 */
export function hasAny(array: unknown, wanted: readonly FilterValue[]): boolean {
  if (!Array.isArray(array)) return false;
  const texts = new Set(wanted.map(String));
  return array.some((member: unknown) =>
    valuesOf(member).some((value) => value !== null && texts.has(String(value))),
  );
}

function valuesOf(member: unknown): unknown[] {
  if (typeof member !== 'object' || member === null) return [member];
  const ownId = Object.keys(member).find((key) => key.endsWith('_id'));
  return Object.entries(member)
    .filter(([key, value]) => key === ownId || typeof value === 'string')
    .map(([, value]) => value as unknown);
}

const mostPatterns = 100;
const expressions = new Map<string, PosixRegexp>();

/** Whether the expression is found anywhere in the text; one that is none is found nowhere. */
export function matchesRegexp(text: string, pattern: string): boolean {
  return expression(pattern)?.test(text) ?? false;
}

/** Whether `regexp` takes this pattern. */
export function isRegexp(pattern: string): boolean {
  return expression(pattern) !== undefined;
}

/** Compiled once, for a filter tests every row with the same pattern. */
function expression(pattern: string): PosixRegexp | undefined {
  const known = expressions.get(pattern);
  if (known !== undefined) return known;
  try {
    const compiled = compilePosixRegexp(pattern);
    if (expressions.size >= mostPatterns) expressions.clear();
    expressions.set(pattern, compiled);
    return compiled;
  } catch {
    return undefined;
  }
}

/** A wildcard of LIKE, or a symbol that stands for itself. */
type LikePart = { readonly any: 'one' | 'many' } | { readonly symbol: string };

/**
 * `%` is any text, `_` any one character, a backslash takes the next character as it is: PostgreSQL's
 * LIKE. Never backtracks beyond the last `%`, so that no pattern takes long.
 */
export function isLike(value: string, pattern: string, ignoresCase: boolean): boolean {
  const text = [...(ignoresCase ? value.toLowerCase() : value)];
  const parts = likeParts(ignoresCase ? pattern.toLowerCase() : pattern);
  let [at, part] = [0, 0];
  /** Where the last `%` stands, and how much of the text it has taken. */
  let many: { part: number; at: number } | undefined;
  while (at < text.length) {
    const wanted = parts[part];
    if (wanted !== undefined && 'any' in wanted && wanted.any === 'many') {
      many = { part, at };
      part++;
    } else if (wanted !== undefined && ('any' in wanted || wanted.symbol === text[at])) {
      at++;
      part++;
    } else if (many !== undefined) {
      part = many.part + 1;
      at = ++many.at;
    } else return false;
  }
  return parts.slice(part).every((rest) => 'any' in rest && rest.any === 'many');
}

function likeParts(pattern: string): readonly LikePart[] {
  const parts: LikePart[] = [];
  const symbols = [...pattern];
  for (let index = 0; index < symbols.length; index++) {
    const symbol = symbols[index]!;
    if (symbol === '%') parts.push({ any: 'many' });
    else if (symbol === '_') parts.push({ any: 'one' });
    else if (symbol === '\\') parts.push({ symbol: symbols[++index] ?? '\\' });
    else parts.push({ symbol });
  }
  return parts;
}
