#!/usr/bin/env node
/*
 * Starts dozvon on the Node.js that the package brings along, whichever one this file was started with:
 * outside npm scripts (systemd, a shell) that is the system's own, too old to run TypeScript as it is.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const oldestMajor = 24;
const root = new URL('../', import.meta.url);
const inside = (path) => fileURLToPath(new URL(path, root));

const fail = (text) => {
  console.error(`dozvon: ${text}`);
  process.exitCode = 1;
};

if (!existsSync(inside('node_modules/zod'))) {
  fail(`its packages are not installed: run "npm ci" in ${inside('.')}`);
} else if (Number(process.versions.node.split('.')[0]) >= oldestMajor) {
  // A start then takes a third of the time: nothing is stripped and compiled again.
  module.enableCompileCache();
  await import(new URL('src/main.ts', root).href);
} else if (!existsSync(inside('node_modules/.bin/node'))) {
  fail(
    `it needs Node.js ${oldestMajor} and this is ${process.version}: run "npm ci" in ${inside('.')} ` +
      'without --omit=optional, which brings it along on x64 and arm64 Linux',
  );
} else {
  const child = spawn(
    inside('node_modules/.bin/node'),
    [fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // Ctrl-C reaches both processes by itself; twice would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => fail(`Node.js ${oldestMajor} did not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    // As a shell tells it: 128 and the number of the signal.
    process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
  });
}
