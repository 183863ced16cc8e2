import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import type { Terminal } from './services.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The process's own terminal, environment and signals. */
export function processTerminal(): Terminal {
  return {
    env: process.env,
    cwd: process.cwd(),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    colours: process.stderr.isTTY && process.env.NO_COLOR === undefined,
    readSecret,
    onSignal(listener) {
      for (const signal of signals) process.on(signal, listener);
      return {
        [Symbol.dispose]() {
          for (const signal of signals) process.off(signal, listener);
        },
      };
    },
  };
}

async function readSecret(prompt: string): Promise<string> {
  if (!process.stdin.isTTY) return (await readAll(process.stdin)).split(/\r?\n/)[0]!;
  process.stderr.write(prompt);
  // readline echoes what is typed to its output: this one swallows it.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  lines.once('line', resolve);
  lines.once('SIGINT', () => reject(new Error('nothing was entered')));
  try {
    return await promise;
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
