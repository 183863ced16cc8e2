import { readFileSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import type { Config } from './config.ts';
import { crossCheck, type RightSections } from './cross-checks.ts';
import { type Environment, overlay, readEnvironment } from './environment.ts';
import { formatPath, type KeyPath, keyTree, valueAt } from './key-tree.ts';
import { ConfigError, type ConfigProblem, describeIssues, type ValueProblem } from './problems.ts';
import { type ConfigValues, configSchema } from './schema.ts';
import { completeValues, toConfig } from './to-config.ts';
import { parseYaml, type YamlFile } from './yaml-file.ts';

export type LoadOptions = {
  /** `--config`; else DOZVON_CONFIG, else ./dozvon.yaml if there is one. */
  readonly path?: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
  /** The text of a file; undefined when there is none. */
  readonly readFile?: (path: string) => string | undefined;
};

export type LoadedConfig = {
  readonly config: Config;
  /** The file read, as people know it; undefined when there was none. */
  readonly file: string | undefined;
  /** Every value in the file's own names, defaults filled in. */
  readonly values: ConfigValues;
  /** `default`, `dozvon.yaml:3` or the name of an environment variable. */
  sourceOf(path: KeyPath): string;
  /** A problem of one value, told with its place. */
  problemAt(path: KeyPath, text: string): ConfigProblem;
};

export const configTree = keyTree(configSchema);

/**
 * Reads the configuration file and the environment, and checks all of it.
 * @throws ConfigError with everything that is wrong.
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const file = findFile(options);
  const yaml = file?.yaml ?? parseYaml('');
  const shown = file?.shown ?? '';
  const variables = readEnvironment(configTree, options.env);
  const merged = overlay(isSection(yaml.values) ? yaml.values : {}, variables);
  const nameOf = (path: KeyPath): string | undefined =>
    variables.settings.findLast((setting) => startsWith(path, setting.path))?.name;

  const found: Ordered[] = [
    ...yaml.errors.map(({ at, text }) => ({
      order: at.line,
      where: `${shown}:${at.line}:${at.column}`,
      key: '',
      text,
    })),
    ...[...variables.problems, ...merged.problems].map(({ name, text }) => ({
      order: Number.POSITIVE_INFINITY,
      where: `environment ${name}`,
      key: '',
      text,
    })),
  ];
  if (!isSection(yaml.values)) {
    found.push({
      order: 1,
      where: `${shown}:1:1`,
      key: '',
      text: 'must be a section of keys, as http: and trunks:',
    });
  }
  // A file that cannot be read says nothing of its keys: what is missing there is no news.
  const values = found.some(({ key, order }) => key === '' && order !== Number.POSITIVE_INFINITY)
    ? undefined
    : check(merged.values, file !== undefined);
  for (const problem of values?.problems ?? []) {
    found.push(locate(problem, { yaml, shown, variable: nameOf(problem.path) }));
  }
  if (found.length > 0 || values?.values === undefined) {
    throw new ConfigError(found.sort((a, b) => a.order - b.order).map(withoutOrder));
  }
  const sourceOf = (path: KeyPath): string =>
    nameOf(path) ?? (yaml.has(path) ? `${shown}:${yaml.positionOf(path).line}` : 'default');
  const folderOf = (path: KeyPath): string =>
    file !== undefined && nameOf(path) === undefined && yaml.has(path)
      ? resolve(file.path, '..')
      : options.cwd;
  const complete = completeValues(values.values, values.sandbox);
  return {
    config: toConfig(complete, (path, value) => resolve(folderOf(path), value)),
    file: file?.shown,
    values: complete,
    sourceOf,
    problemAt: (path, text) =>
      withoutOrder(locate({ path, atKey: false, text }, { yaml, shown, variable: nameOf(path) })),
  };
}

/**
 * The configuration of values given in code, as the file would give them: for tests and tools.
 * @throws ConfigError
 */
export function configFrom(values: object, cwd: string): Config {
  const checked = check(values, true);
  if (checked.values === undefined || checked.problems.length > 0) {
    throw new ConfigError(
      checked.problems.map(({ path, text }) => ({ where: '', key: formatPath(path), text })),
    );
  }
  return toConfig(completeValues(checked.values, checked.sandbox), (_, value) =>
    resolve(cwd, value),
  );
}

type Ordered = ConfigProblem & { readonly order: number };

function withoutOrder({ where, key, text }: Ordered): ConfigProblem {
  return { where, key, text };
}

function findFile(
  options: LoadOptions,
): { path: string; shown: string; yaml: YamlFile } | undefined {
  const asked = options.path ?? options.env.DOZVON_CONFIG;
  const path = resolve(options.cwd, asked ?? 'dozvon.yaml');
  const inside = relative(options.cwd, path);
  const shown = inside.startsWith('..') || isAbsolute(inside) ? path : inside;
  const read = options.readFile ?? readTextFile;
  let text: string | undefined;
  try {
    text = read(path);
  } catch (error) {
    throw new ConfigError([{ where: shown, key: '', text: `cannot be read: ${String(error)}` }]);
  }
  if (text !== undefined) return { path, shown, yaml: parseYaml(text) };
  if (asked === undefined) return undefined;
  const by = options.path === undefined ? 'DOZVON_CONFIG' : '--config';
  throw new ConfigError([{ where: shown, key: '', text: `there is no such file (${by})` }]);
}

function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function check(
  raw: unknown,
  fileGiven: boolean,
): { values: ConfigValues | undefined; problems: readonly ValueProblem[]; sandbox: boolean } {
  const parsed = configSchema.safeParse(raw);
  const given = valueAt(raw, ['trunks']);
  const trunksGiven = Array.isArray(given) ? given.length > 0 : given !== undefined;
  const said = valueAt(raw, ['sandbox']);
  const sandbox = typeof said === 'boolean' ? said : !fileGiven && !trunksGiven;
  const problems = [
    ...describeIssues(configTree, raw, parsed.error?.issues ?? []),
    ...crossCheck(rightSections(raw), { sandbox, trunksGiven }),
  ];
  return { values: parsed.data, problems, sandbox };
}

function rightSections(raw: unknown): RightSections {
  return Object.fromEntries(
    Object.entries(configSchema.shape).map(([key, schema]) => [
      key,
      schema.safeParse(valueAt(raw, [key])).data,
    ]),
  );
}

function locate(
  { path, atKey, text }: ValueProblem,
  from: { yaml: YamlFile; shown: string; variable: string | undefined },
): Ordered {
  const key = formatPath(path);
  if (from.variable !== undefined) {
    return { order: Number.POSITIVE_INFINITY, where: `environment ${from.variable}`, key, text };
  }
  if (from.shown === '') return { order: 0, where: 'configuration', key, text };
  const at = atKey ? from.yaml.positionOfKey(path) : from.yaml.positionOf(path);
  return { order: at.line, where: `${from.shown}:${at.line}:${at.column}`, key, text };
}

function startsWith(path: KeyPath, beginning: KeyPath): boolean {
  return beginning.every((step, index) => path[index] === step);
}

function isSection(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
