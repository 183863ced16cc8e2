import type { z } from 'zod';
import { type KeyNode, type KeyPath, nodeAt, valueAt } from './key-tree.ts';
import { nearest } from './nearest.ts';
import { secretKeys } from './schema.ts';

/** One thing wrong with the configuration, as it is told to people. */
export type ConfigProblem = {
  /** `dozvon.yaml:3:5`, or `environment DOZVON_HTTP_PORT`. */
  readonly where: string;
  /** `http.port`; empty for the file as a whole. */
  readonly key: string;
  readonly text: string;
};

/** Nothing starts with a wrong configuration: all that is wrong with it, in the order of the file. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}

export function formatProblem({ where, key, text }: ConfigProblem): string {
  return [where, key, text].filter((part) => part !== '').join(': ');
}

/** A problem of the values before it is known where in the file or environment they came from. */
export type ValueProblem = {
  readonly path: KeyPath;
  /** The key itself is the mistake, not its value. */
  readonly atKey: boolean;
  readonly text: string;
};

/** What zod found, in the words of the key descriptions. */
export function describeIssues(
  root: KeyNode,
  values: unknown,
  issues: readonly z.core.$ZodIssue[],
): readonly ValueProblem[] {
  return issues.flatMap((issue): ValueProblem[] => {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey(root, path, key));
    }
    return [wrongValue(root, values, path)];
  });
}

function unknownKey(root: KeyNode, path: KeyPath, key: string): ValueProblem {
  const section = nodeAt(root, path);
  const allowed = section?.kind === 'section' ? [...section.keys.keys()] : [];
  const guess = nearest(key, allowed);
  const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
  const end = hint === '' ? '; allowed' : ' Allowed';
  return {
    path: [...path, key],
    atKey: true,
    text: `unknown key${hint}${end} here: ${allowed.join(', ')}`,
  };
}

function wrongValue(root: KeyNode, values: unknown, path: KeyPath): ValueProblem {
  const node = nodeAt(root, path);
  const value = valueAt(values, path);
  const allowed = describeNode(node);
  if (value === undefined) return { path, atKey: false, text: `is missing: ${allowed}` };
  const secret = secretKeys.has(String(path.at(-1)));
  // A section or list that is something else altogether may be a secret in the wrong place.
  const hidden = secret || node?.kind !== 'value';
  const shown = secret ? 'what is written there' : hidden ? kindOf(value) : JSON.stringify(value);
  return { path, atKey: false, text: `must be ${allowed}, not ${shown}${quotesHint(node, value)}` };
}

function describeNode(node: KeyNode | undefined): string {
  if (node === undefined) return 'something else';
  if (node.kind === 'section') return `a section with ${[...node.keys.keys()].join(', ')}`;
  return node.allowed ?? 'a list';
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'this list';
  if (typeof value === 'object' && value !== null) return 'a section';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}

/** YAML reads `12345678` and `yes` as something else than a text: the fix is a pair of quotes. */
function quotesHint(node: KeyNode | undefined, value: unknown): string {
  const wantsText = node?.kind === 'value' && node.takes.has('string');
  if (!wantsText || (typeof value !== 'number' && typeof value !== 'boolean')) return '';
  return `: without quotes YAML reads it as a ${typeof value}, so write it in quotes`;
}
