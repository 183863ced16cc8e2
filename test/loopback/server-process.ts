import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/dozvon.mjs', import.meta.url));

/** The product as a user runs it: `dozvon serve`, in a process of its own. */
export type ServerProcess = {
  /** As `http://127.0.0.1:8080`. */
  readonly url: string;
  /** As a power cut does it: nothing is closed, nothing is written any more. */
  kill(): Promise<void>;
};

/** Resolves once it takes requests; rejects with what it said when it does not start. */
export async function serve(configPath: string): Promise<ServerProcess> {
  const child = spawn(process.execPath, [program, 'serve', '--config', configPath], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { url: await addressOf(child), kill: () => killed(child) };
}

async function addressOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = '';
  const hear = (chunk: Buffer): void => {
    said += chunk;
    const url = /^Call API: (\S+)\/v4\.0,/m.exec(said)?.[1];
    if (url !== undefined) resolve(url);
  };
  child.stdout!.on('data', hear);
  child.stderr!.on('data', hear);
  child.once('exit', () => reject(new Error(`the server did not start: ${said}`)));
  return promise;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
