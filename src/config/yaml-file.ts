import { type Document, isMap, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import type { KeyPath } from './key-tree.ts';

/** A line and column of a file, from 1. */
export type Position = { readonly line: number; readonly column: number };

/** A parsed YAML file that knows where each of its values stands. */
export type YamlFile = {
  /** Plain data; a key without a value (`http:`) is as if it were not there. */
  readonly values: unknown;
  /** What makes the text no YAML: syntax, a key given twice. */
  readonly errors: readonly { readonly at: Position; readonly text: string }[];
  /** Where the value stands; for one that is missing, where its section begins. */
  positionOf(path: KeyPath): Position;
  /** Where the key itself stands: for keys that should not be there. */
  positionOfKey(path: KeyPath): Position;
  has(path: KeyPath): boolean;
};

export function parseYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const position = (offset: number | undefined): Position => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const positionOf = (path: KeyPath): Position => {
    for (let length = path.length; length >= 0; length--) {
      const node = nodeIn(document, path.slice(0, length));
      if (node?.range) return position(node.range[0]);
    }
    return { line: 1, column: 1 };
  };
  return {
    values: document.errors.length > 0 ? {} : (withoutNulls(document.toJS()) ?? {}),
    errors: document.errors.map((error) => ({
      at: position(error.pos[0]),
      text: error.message.replace(/\s+/g, ' '),
    })),
    positionOf,
    positionOfKey(path) {
      const section = nodeIn(document, path.slice(0, -1));
      const pair = isMap(section)
        ? section.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1))
        : undefined;
      return isPair(pair) && isScalar(pair.key) && pair.key.range
        ? position(pair.key.range[0])
        : positionOf(path);
    },
    has: (path) => document.hasIn(path),
  };
}

type Ranged = { range?: readonly number[] | null };

function nodeIn(document: Document, path: KeyPath): Ranged | undefined {
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  return typeof node === 'object' && node !== null ? (node as Ranged) : undefined;
}

function withoutNulls(value: unknown): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object') return value;
  const kept = Object.entries(value).flatMap(([key, inner]) =>
    inner === null ? [] : [[key, withoutNulls(inner)] as const],
  );
  return Object.fromEntries(kept);
}
