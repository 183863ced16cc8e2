import type { Services, Terminal } from './services.ts';

/** One option of a command, as `--help` shows it. */
export type OptionSpec = {
  readonly help: string;
  /** What stands for its value in the help, as `NUMBER`; undefined: a switch without a value. */
  readonly value?: string;
  readonly short?: string;
};

/** A leaf of the command tree: what it takes, how it is explained, what it does. */
export type Command = {
  /** `['key', 'add']` for `dozvon key add`. */
  readonly path: readonly string[];
  readonly summary: string;
  /** Names of what stands after the command, in order; one in brackets may be left out; the last with `...` may be several. */
  readonly operands?: readonly string[];
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** Full command lines. */
  readonly examples: readonly string[];
  /** Resolves with the exit code. */
  run(input: CommandInput): Promise<number>;
};

export type CommandInput = {
  readonly operands: readonly string[];
  text(option: string): string | undefined;
  flag(option: string): boolean;
  readonly terminal: Terminal;
  readonly services: Services;
};

/** The command line is wrong: told with the way to its help; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command could not do its work: the text says why and what to do; exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Known to every command. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  help: { help: 'show this', short: 'h' },
};

/** For every command that needs the configuration. */
export const configOption: Readonly<Record<string, OptionSpec>> = {
  config: {
    value: 'FILE',
    short: 'c',
    help: 'configuration file; else DOZVON_CONFIG, else ./dozvon.yaml',
  },
};
