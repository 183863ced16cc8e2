import { type Command, commonOptions, type OptionSpec } from './command.ts';

/** What `dozvon --help` says: every command with its summary. */
export function programHelp(commands: readonly Command[]): string {
  const rows = commands.map(
    ({ path, operands = [], summary }): Row => [
      ['dozvon', ...path, ...operands].join(' '),
      summary,
    ],
  );
  return [
    'dozvon connects two phones: one JSON-RPC request rings both and joins them over your SIP trunk.',
    '',
    'Commands:',
    ...table(rows),
    '',
    'Each has --help with examples. Without a configuration file "dozvon serve" starts a sandbox:',
    'nothing leaves this machine. Documentation: README.md, docs/operating/.',
    '',
  ].join('\n');
}

/** `dozvon key --help`: the commands of one group. */
export function groupHelp(group: string, commands: readonly Command[]): string {
  const rows = commands.map(
    ({ path, operands = [], summary }): Row => [
      ['dozvon', ...path, ...operands].join(' '),
      summary,
    ],
  );
  return [`dozvon ${group}: one of`, ...table(rows), ''].join('\n');
}

export function commandHelp({ path, summary, operands = [], options, examples }: Command): string {
  const usage = ['dozvon', ...path, ...operands, '[options]'].join(' ');
  const rows = Object.entries({ ...options, ...commonOptions }).map(optionRow);
  return [
    `${usage}`,
    '',
    summary,
    '',
    'Options:',
    ...table(rows),
    '',
    examples.length === 1 ? 'Example:' : 'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

type Row = readonly [left: string, right: string];

function optionRow([name, { value, short, help }]: [string, OptionSpec]): Row {
  const long = `--${name}${value === undefined ? '' : ` ${value}`}`;
  return [short === undefined ? `    ${long}` : `-${short}, ${long}`, help];
}

function table(rows: readonly Row[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
