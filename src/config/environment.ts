import { formatPath, type KeyNode, type KeyPath, valueAt } from './key-tree.ts';
import { nearest } from './nearest.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says: values by path, and what is wrong with it. */
export type EnvironmentKeys = {
  readonly settings: readonly { readonly name: string; readonly path: KeyPath; value: unknown }[];
  readonly problems: readonly { readonly name: string; readonly text: string }[];
};

const prefix = 'DOZVON_';
/** Read elsewhere: where the file is, and what `dozvon call` uses. */
const otherNames: ReadonlySet<string> = new Set(['DOZVON_CONFIG', 'DOZVON_KEY', 'DOZVON_URL']);
/** Set by Kubernetes in every pod beside a service that is called dozvon; no key begins so. */
const serviceLinks = /^DOZVON_(?:SERVICE_|PORT(?:_|$))/;

/**
 * Finds the key each `DOZVON_…` variable names: its path in upper case joined by `_`, list elements by
 * number (`DOZVON_TRUNKS_0_PASSWORD`). A list or section as a whole is JSON.
 */
export function readEnvironment(root: KeyNode, environment: Environment): EnvironmentKeys {
  const settings: { name: string; path: KeyPath; value: unknown }[] = [];
  const problems: { name: string; text: string }[] = [];
  for (const [name, text] of Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith(prefix) || text === undefined) continue;
    if (otherNames.has(name) || serviceLinks.test(name)) continue;
    const found = findKey(root, name.slice(prefix.length), []);
    if (found === undefined) {
      const guess = nearest(name, [...allNames(root, [])].concat([...otherNames]));
      problems.push({ name, text: `unknown key${guess ? `; did you mean ${guess}?` : ''}` });
      continue;
    }
    try {
      settings.push({ name, path: found.path, value: readValue(found.node, text) });
    } catch {
      problems.push({ name, text: `${formatPath(found.path)}: must be JSON` });
    }
  }
  // Whole lists before their elements: `…_TRUNKS` sorts before `…_TRUNKS_0_PASSWORD` already.
  return { settings, problems };
}

/** `values` with the settings put over them; an element may be added only next to the last one. */
export function overlay(
  values: unknown,
  { settings }: EnvironmentKeys,
): { values: unknown; problems: { name: string; text: string }[] } {
  const result: unknown = structuredClone(values);
  const problems: { name: string; text: string }[] = [];
  for (const { name, path, value } of settings) {
    const gap = path.findIndex((step, index) => {
      const list = valueAt(result, path.slice(0, index));
      return typeof step === 'number' && step > (Array.isArray(list) ? list.length : 0);
    });
    if (gap >= 0) {
      problems.push({ name, text: `${formatPath(path)}: there is no element before it` });
      continue;
    }
    setAt(result, path, value);
  }
  return { values: result, problems };
}

/** `DOZVON_` and the path in upper case. */
export function environmentName(path: KeyPath): string {
  return prefix + path.map((step) => String(step).toUpperCase()).join('_');
}

function findKey(
  node: KeyNode,
  rest: string,
  path: KeyPath,
): { node: KeyNode; path: KeyPath } | undefined {
  if (rest === '') return { node, path };
  if (node.kind === 'list') {
    const match = /^(\d{1,3})(?:_(.+))?$/.exec(rest);
    return match === null
      ? undefined
      : findKey(node.element, match[2] ?? '', [...path, Number(match[1])]);
  }
  if (node.kind === 'value') return undefined;
  for (const [key, inner] of node.keys) {
    const upper = key.toUpperCase();
    if (rest !== upper && !rest.startsWith(`${upper}_`)) continue;
    const found = findKey(inner, rest.slice(upper.length + 1), [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function* allNames(node: KeyNode, path: KeyPath): Iterable<string> {
  if (path.length > 0) yield environmentName(path);
  if (node.kind === 'section') {
    for (const [key, inner] of node.keys) yield* allNames(inner, [...path, key]);
  }
  if (node.kind === 'list') yield* allNames(node.element, [...path, 0]);
}

function readValue(node: KeyNode, text: string): unknown {
  if (node.kind !== 'value') return JSON.parse(text);
  if (node.takes.has('string')) return text;
  if (node.takes.has('number') && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  if (node.takes.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function setAt(root: unknown, path: KeyPath, value: unknown): void {
  let target = root as Record<string | number, unknown>;
  path.slice(0, -1).forEach((step, index) => {
    const next = target[step];
    if (typeof next !== 'object' || next === null) {
      target[step] = typeof path[index + 1] === 'number' ? [] : {};
    }
    target = target[step] as Record<string | number, unknown>;
  });
  target[path.at(-1)!] = value;
}
