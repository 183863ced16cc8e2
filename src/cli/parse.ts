import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { type Command, commonOptions, type OptionSpec, UsageError } from './command.ts';

/** A command line made sense of. */
export type ParsedArguments = {
  readonly values: ReadonlyMap<string, string | true>;
  readonly operands: readonly string[];
};

/** @throws UsageError naming what is wrong and, for a slip, what was probably meant. */
export function parseArguments(command: Command, args: readonly string[]): ParsedArguments {
  const specs: Record<string, OptionSpec> = { ...command.options, ...commonOptions };
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(Object.entries(specs).map(toParseArgs)),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string | true>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = specs[token.name];
    if (spec === undefined) throw unknownOption(token.rawName, Object.keys(specs));
    if (spec.value === undefined && token.value !== undefined) {
      throw new UsageError(`${token.rawName} takes no value`);
    }
    if (spec.value !== undefined && token.value === undefined) {
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${spec.value}`);
    }
    if (values.has(token.name)) throw new UsageError(`${token.rawName} is given twice`);
    values.set(token.name, token.value ?? true);
  }
  if (!values.has('help')) checkOperands(command, operands);
  return { values, operands };
}

function toParseArgs([name, { value, short }]: [string, OptionSpec]) {
  const type = value === undefined ? ('boolean' as const) : ('string' as const);
  return [name, { type, ...(short !== undefined && { short }) }] as const;
}

function unknownOption(given: string, names: readonly string[]): UsageError {
  const guess = nearest(given.replace(/^-+/, ''), names);
  return new UsageError(
    `unknown option ${given}${guess === undefined ? '' : `; did you mean --${guess}?`}`,
  );
}

function checkOperands({ operands: names = [] }: Command, given: readonly string[]): void {
  const isOpen = names.at(-1)?.endsWith('...') === true;
  const extra = isOpen ? undefined : given[names.length];
  if (extra !== undefined) throw new UsageError(`one word too many: ${JSON.stringify(extra)}`);
  const missing = names[given.length];
  if (missing !== undefined && !missing.startsWith('[')) {
    throw new UsageError(`${missing.replace('...', '')} is missing`);
  }
}
