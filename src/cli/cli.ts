import { BootstrapError } from '../config/bootstrap.ts';
import { nearest } from '../config/nearest.ts';
import { ConfigError } from '../config/problems.ts';
import { type Command, CommandError, UsageError } from './command.ts';
import { allowListCommands } from './commands/allow-list.ts';
import { blacklistCommands } from './commands/blacklist.ts';
import { callCommand } from './commands/call.ts';
import { componentCommands } from './commands/component.ts';
import { configCommands } from './commands/config.ts';
import { demoCommand } from './commands/demo.ts';
import { keyCommands } from './commands/key.ts';
import { mediaCommands } from './commands/media.ts';
import { numberCommands } from './commands/number.ts';
import { numberingPlanCommands } from './commands/numbering-plan.ts';
import { securityCommands } from './commands/security.ts';
import { serveCommand } from './commands/serve.ts';
import { trunkCommands } from './commands/trunk.ts';
import { ttsCommands } from './commands/tts.ts';
import { userCommands } from './commands/user.ts';
import { commandHelp, groupHelp, programHelp } from './help.ts';
import { parseArguments } from './parse.ts';
import type { Services, Terminal } from './services.ts';

export const commands: readonly Command[] = [
  serveCommand,
  callCommand,
  demoCommand,
  ...configCommands,
  ...keyCommands,
  ...userCommands,
  ...allowListCommands,
  ...numberCommands,
  ...mediaCommands,
  ...ttsCommands,
  ...blacklistCommands,
  ...securityCommands,
  ...componentCommands,
  ...numberingPlanCommands,
  ...trunkCommands,
];

/** Exit codes: 0 done, 1 it failed, 2 the command line or the configuration is wrong. */
export async function runCli(
  args: readonly string[],
  world: { readonly terminal: Terminal; readonly services: Services; readonly version: string },
): Promise<number> {
  const { terminal, services, version } = world;
  let helpFor = 'dozvon';
  try {
    const first = args[0];
    if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
      (first === undefined ? terminal.err : terminal.out)(programHelp(commands));
      return first === undefined ? 2 : 0;
    }
    if (first === '--version') {
      terminal.out(`dozvon ${version}\n`);
      return 0;
    }
    const found = findCommand(args);
    if ('help' in found) {
      terminal.out(found.help);
      return 0;
    }
    helpFor = ['dozvon', ...found.command.path].join(' ');
    const { values, operands } = parseArguments(found.command, found.rest);
    if (values.has('help')) {
      terminal.out(commandHelp(found.command));
      return 0;
    }
    const text = (name: string): string | undefined => {
      const value = values.get(name);
      return value === true ? undefined : value;
    };
    return await found.command.run({
      operands,
      text,
      flag: (name) => values.has(name),
      terminal,
      services,
    });
  } catch (error) {
    return explain(error, { terminal, helpFor });
  }
}

type Found =
  | { readonly command: Command; readonly rest: readonly string[] }
  | { readonly help: string };

function findCommand(args: readonly string[]): Found {
  const [first = '', second = ''] = args;
  const group = commands.filter(({ path }) => path[0] === first);
  if (group.length === 0) {
    const names = new Set(commands.map(({ path }) => path[0]!));
    throw unknownCommand(first, first, [...names]);
  }
  if (group[0]!.path.length === 1) return { command: group[0]!, rest: args.slice(1) };
  if (second === '--help' || second === '-h') return { help: groupHelp(first, group) };
  const command = group.find(({ path }) => path[1] === second);
  const verbs = group.map(({ path }) => path[1]!);
  if (second === '') throw new UsageError(`say what to do: dozvon ${first} ${verbs.join(' | ')}`);
  if (command === undefined) throw unknownCommand(`${first} ${second}`, second, verbs);
  return { command, rest: args.slice(2) };
}

function unknownCommand(shown: string, word: string, known: readonly string[]): UsageError {
  const guess = nearest(word, known);
  const hint = guess === undefined ? `; known: ${known.join(', ')}` : `; did you mean "${guess}"?`;
  return new UsageError(`unknown command "${shown}"${hint}`);
}

function explain(
  error: unknown,
  { terminal, helpFor }: { terminal: Terminal; helpFor: string },
): number {
  if (error instanceof UsageError) {
    terminal.err(`dozvon: ${error.message}\nSee: ${helpFor} --help\n`);
    return 2;
  }
  if (error instanceof ConfigError) {
    terminal.err(`${error.message}\ndozvon: nothing was started: correct the configuration\n`);
    return 2;
  }
  if (error instanceof CommandError || error instanceof BootstrapError) {
    terminal.err(`dozvon: ${error.message}\n`);
    return 1;
  }
  terminal.err(`dozvon: ${systemFailure(error) ?? describeError(error)}\n`);
  return 1;
}

/** What went wrong in words; with the stack when it is a defect of this program. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const defect =
    error instanceof TypeError ||
    error instanceof ReferenceError ||
    error instanceof RangeError ||
    error.message.startsWith('defect: ');
  return defect ? (error.stack ?? error.message) : error.message;
}

/** Failures of the machine that people can mend, in their words; undefined: a defect of ours. */
function systemFailure(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const fixes: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is in use: stop the other program, or set another port',
    EADDRNOTAVAIL: 'this machine has no such address: check http.host, sip.host and rtp.host',
    EACCES: 'no permission: ports below 1024 and foreign folders need rights',
    ENOSPC: 'the disk is full',
    EROFS: 'the disk is read-only',
    ENOENT: 'there is no such file or folder',
  };
  const fix = fixes[String(error.code)];
  return fix === undefined ? undefined : `${error.message}: ${fix}`;
}
