// The entrance: gives the command line its services. What a command does not use is not loaded.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hashToken } from './api/tokens.ts';
import { systemClock } from './base/clock.ts';
import { systemRandom } from './base/random.ts';
import { runCli } from './cli/cli.ts';
import { processTerminal } from './cli/process-terminal.ts';
import type { DemoOptions, Services } from './cli/services.ts';
import { applyBootstrap } from './config/bootstrap.ts';

const terminal = processTerminal();

const services: Services = {
  clock: systemClock,
  random: systemRandom(),
  assetsFolder: fileURLToPath(new URL('../assets', import.meta.url)),
  startServer: async (config, options) =>
    (await import('./server.ts')).startServer(config, options),
  openStore: async (config, log) => (await import('./server.ts')).openStore(config, log),
  openSpeech: async (config, log) => (await import('./server.ts')).openSpeechOf(config, log),
  openMediaLibrary: async (config, log) =>
    (await import('./server.ts')).openMediaLibrary(config, log),
  runDemo,
  hashPassword: async (password) => (await import('./api/passwords.ts')).hashPassword(password),
  verifyPassword: async (password, hash) =>
    (await import('./api/passwords.ts')).verifyPassword(password, hash),
  hashToken: (token) => hashToken(token),
};

async function runDemo(options: DemoOptions): Promise<number> {
  const [demo, server] = await Promise.all([import('./demo/demo.ts'), import('./server.ts')]);
  return demo.runDemo(options, {
    startServer: (config, { log }) =>
      server.startServer(config, {
        log,
        async prepare(store, media) {
          await applyBootstrap(config.bootstrap, store, { ...services, media });
        },
      }),
    clock: services.clock,
    random: services.random,
    workingFolder: terminal.cwd,
    colours: process.stdout.isTTY && process.env.NO_COLOR === undefined,
    out: terminal.out,
    err: terminal.err,
    async interrupted() {
      const { promise, resolve } = Promise.withResolvers<void>();
      using _ = terminal.onSignal(() => resolve());
      await promise;
    },
  });
}

const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string };

// Not process.exit(): what is still being written to a pipe would be lost.
process.exitCode = await runCli(process.argv.slice(2), {
  terminal,
  services,
  version,
});

// A part that did not close would keep the process for ever: a defect, but not the user's to wait for.
setTimeout(() => {
  terminal.err('dozvon: defect: something was left open\n');
  process.exit();
}, 2000).unref();
