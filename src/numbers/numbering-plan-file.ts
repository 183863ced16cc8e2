import type { NumberRange } from '../store/numbers-store.ts';
import { regionName } from './region-names.ts';

/** A file that is no numbering plan, or is damaged: the text names the line. */
export class NumberingPlanError extends Error {
  override readonly name = 'NumberingPlanError';
}

export type NumberingPlan = {
  /** The codes that are spoken of, whole: what was known of them before is replaced. */
  readonly blocks: readonly { readonly first: number; readonly last: number }[];
  /** In order, without overlaps, neighbours of one region and code joined. */
  readonly ranges: readonly NumberRange[];
  /** Lines whose numbers an earlier line had given already. */
  readonly overlaps: number;
};

/** Numbers of one code: `7926` and seven digits. */
const codeSize = 10_000_000;

type Line = { readonly code: string; readonly from: string; readonly to: string; region: string };
type Columns = Readonly<Record<keyof Line, number>>;

/** Without a heading: code; from; to; capacity; operator; region; INN. */
const usualColumns: Columns = { code: 0, from: 1, to: 2, region: 5 };

/** How the columns have been called; files differ in how many there are (`Территория ГАР` came later). */
const headings: readonly (readonly [column: keyof Line, name: RegExp])[] = [
  // Published with Cyrillic and with Latin letters that look alike.
  ['code', /def|abc|авс|^код|^code/i],
  ['from', /^(?:от|from)$/i],
  ['to', /^(?:до|to)$/i],
  ['region', /^(?:регион|region)/i],
];

/** Makes one plan of the regulator's CSV files of Russia's ABC and DEF codes. Throws NumberingPlanError. */
export function readNumberingPlan(
  files: Iterable<{ readonly name: string; readonly bytes: Uint8Array }>,
): NumberingPlan {
  const blocks = new Map<number, { first: number; last: number }>();
  const ranges: NumberRange[] = [];
  for (const { name, bytes } of files) {
    for (const { code, from, to, region } of readLines(name, decode(bytes))) {
      const base = Number(`7${code}`) * codeSize;
      blocks.set(base, { first: base, last: base + codeSize - 1 });
      const known = regionName(region);
      if (known === undefined) continue;
      ranges.push({ first: base + Number(from), last: base + Number(to), region: known });
    }
  }
  return { blocks: [...blocks.values()], ...joined(ranges) };
}

/** UTF-8 if it can be that, else Windows-1251, in which any bytes are a text. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1251').decode(bytes);
  }
}

function* readLines(name: string, text: string): Iterable<Line> {
  let columns = usualColumns;
  let some = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const cells = cellsOf(line);
    if (index === 0 && !/^\d/.test(cells[0]!)) {
      columns = columnsOf(name, cells);
      continue;
    }
    some = true;
    const at = `${name}:${index + 1}`;
    yield checked(at, columns, cells);
  }
  if (!some) throw new NumberingPlanError(`${name}: no line with numbers in it`);
}

function columnsOf(name: string, cells: readonly string[]): Columns {
  const found = headings.map(([column, pattern]) => {
    const place = cells.findIndex((cell) => pattern.test(cell));
    if (place >= 0) return [column, place] as const;
    throw new NumberingPlanError(
      `${name}:1: no column for the ${column}: code; from; to; capacity; operator; region; INN are wanted, separated by ";"`,
    );
  });
  return Object.fromEntries(found) as Record<keyof Line, number>;
}

/** A cell may be quoted; the names of companies have quotes within as well, which mean nothing. */
function cellsOf(line: string): readonly string[] {
  return Array.from(
    line.matchAll(/(?:^|;)(?:\s*"((?:[^"]|"")*)"\s*(?=;|$)|([^;]*))/g),
    ([, quoted, plain = '']) => (quoted?.replaceAll('""', '"') ?? plain).trim(),
  );
}

function checked(at: string, columns: Columns, cells: readonly string[]): Line {
  const line = {
    code: cells[columns.code] ?? '',
    from: cells[columns.from] ?? '',
    to: cells[columns.to] ?? '',
    region: cells[columns.region],
  };
  if (!/^[3-9]\d\d$/.test(line.code))
    throw new NumberingPlanError(`${at}: ${JSON.stringify(line.code)} is no code of three digits`);
  for (const end of [line.from, line.to])
    if (!/^\d{1,7}$/.test(end))
      throw new NumberingPlanError(`${at}: ${JSON.stringify(end)} is no number of seven digits`);
  if (Number(line.from) > Number(line.to))
    throw new NumberingPlanError(`${at}: the range ends (${line.to}) before it begins`);
  if (line.region === undefined) throw new NumberingPlanError(`${at}: the region is missing`);
  return { ...line, region: line.region };
}

/** Where lines overlap the one that begins first is believed. */
function joined(given: readonly NumberRange[]): Omit<NumberingPlan, 'blocks'> {
  const ranges: NumberRange[] = [];
  let overlaps = 0;
  for (const range of given.toSorted((a, b) => a.first - b.first || a.last - b.last)) {
    const before = ranges.at(-1);
    if (before !== undefined && range.first <= before.last) overlaps++;
    else if (
      before?.region === range.region &&
      before.last + 1 === range.first &&
      range.first % codeSize !== 0 // Codes are replaced one by one.
    )
      ranges[ranges.length - 1] = { ...before, last: range.last };
    else ranges.push(range);
  }
  return { ranges, overlaps };
}

/**
 * A plan in pieces of at most `mostRanges`, in order: each is a short write, so that a server that runs
 * on the same database is not held up.
 */
export function* piecesOf(
  { blocks, ranges }: Pick<NumberingPlan, 'blocks' | 'ranges'>,
  mostRanges: number,
): Iterable<Pick<NumberingPlan, 'blocks' | 'ranges'>> {
  let next = 0;
  for (const { first, last } of blocks.toSorted((a, b) => a.first - b.first)) {
    let from = first;
    while (from <= last) {
      const piece: NumberRange[] = [];
      for (let it = ranges[next]; it !== undefined && it.first <= last; it = ranges[++next]) {
        if (piece.length === mostRanges) break;
        piece.push(it);
      }
      const more = ranges[next] !== undefined && ranges[next]!.first <= last;
      const to = more ? ranges[next]!.first - 1 : last;
      yield { blocks: [{ first: from, last: to }], ranges: piece };
      from = to + 1;
    }
  }
}
