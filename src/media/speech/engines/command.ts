import { type SpeechEngine, SpeechError, type Utterance } from '../speech-engine.ts';
import { findProgram, runProgram } from './run-program.ts';

/**
 * Any program that writes a WAV file to standard output. `{voice}`, `{language}`, `{rate}` and `{text}` in
 * its arguments are filled in; without `{text}` the text comes on standard input. Arguments are handed
 * over as they are: there is no shell that could read anything into them.
 */
export class CommandEngine implements SpeechEngine {
  readonly name: string;
  readonly atOnce = 4;
  readonly #command: readonly string[];

  constructor(name: string, command: readonly string[]) {
    this.name = name;
    this.#command = command;
  }

  async obstacle(): Promise<string | undefined> {
    const [program = ''] = this.#command;
    if ((await findProgram(program)) !== undefined) return undefined;
    return `the program ${program} is not there or may not be run`;
  }

  synthesize(
    text: string,
    { language, voice = language, rate, signal }: Utterance,
  ): Promise<Uint8Array> {
    const values: Record<string, string> = { text, language, voice, rate: String(rate) };
    const [program = '', ...args] = this.#command;
    const spoken = args.some((arg) => arg.includes('{text}'));
    // An argument that is the whole text must not become an option of the program.
    if (args.includes('{text}') && text.startsWith('-') && !args.includes('--'))
      throw new SpeechError('a text that begins with "-" needs "--" before {text} in the command');
    const filled = args.map((arg) =>
      arg.replace(/\{(text|language|voice|rate)\}/g, (_, name: string) => values[name]!),
    );
    return runProgram([program, ...filled], spoken ? '' : text, signal);
  }

  async close(): Promise<void> {}
}
