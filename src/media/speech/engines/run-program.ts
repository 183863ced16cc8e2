import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { mostSoundBytes, SpeechError } from '../speech-engine.ts';

/** Of what a program complains, the end is kept. */
const complaintLength = 500;

/**
 * Runs a program for one text: `input` on its standard input, resolves with its standard output, read to
 * the end. Killed when the signal comes or it writes without end. No shell is involved.
 */
export function runProgram(
  argv: readonly string[],
  input: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const [program = '', ...args] = argv;
  const { promise, resolve: done, reject } = Promise.withResolvers<Uint8Array>();
  const child = spawn(program, args, { env: programEnvironment(), windowsHide: true });
  const chunks: Buffer[] = [];
  let length = 0;
  let complaint = '';
  const fail = (error: Error): void => {
    child.kill('SIGKILL');
    reject(error);
  };
  const stop = (): void => fail(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > mostSoundBytes) fail(new SpeechError('it wrote more than 64 MiB'));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-complaintLength);
  });
  child.once('error', (cause) => reject(notStarted(cause)));
  child.once('close', (code, killedBy) => {
    signal.removeEventListener('abort', stop);
    if (code === 0) return done(Buffer.concat(chunks));
    const how = code === null ? `was ended by ${killedBy}` : `ended with exit code ${code}`;
    reject(new SpeechError(`the program ${how}`, { detail: complaint.trim() || undefined }));
  });
  // A program that does not read its input, or ended early, says so by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return promise;
}

function notStarted(cause: NodeJS.ErrnoException): SpeechError {
  const why = cause.code === 'ENOENT' ? 'it is not there' : `${cause.code ?? cause.message}`;
  return new SpeechError(`the program could not be started: ${why}`, { engineDown: true });
}

/** Programs of others are not told our passwords: whatever is named DOZVON_… stays here. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.filter(([name]) => !name.startsWith('DOZVON_')));
}

/** Where a program is, as the shell would find it; undefined: nowhere. */
export async function findProgram(program: string): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = program.includes('/')
    ? [isAbsolute(program) ? program : resolve(program)]
    : folders.map((folder) => join(folder, program));
  for (const path of paths) {
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // The next folder may have it.
    }
  }
  return undefined;
}
