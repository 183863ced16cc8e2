import assert from 'node:assert/strict';
import { silentLogger } from '../src/base/logger.ts';
import { VirtualClock } from '../src/base/virtual-clock.ts';
import { TestConsole } from '../src/cli/test-console.ts';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../src/store/store.ts';

/** A command line, and all it prints: `1>` to standard output, `2>` to standard error, then the exit code. */
export type Step = readonly [command: string, prints: string];

/** A console on a store in memory. */
export async function installation(accounts: readonly string[]): Promise<[TestConsole, Store]> {
  const clock = new VirtualClock();
  const store = await openSqliteStore({ path: ':memory:', log: silentLogger, clock });
  for (const name of accounts) {
    await store.accounts.put({
      name,
      active: true,
      timeZone: 'Europe/Moscow',
      minuteLimit: 600,
      dayLimit: 100_000,
      ttsMaxLength: 1000,
      disabledComponents: [],
    });
  }
  return [TestConsole.on(store), store];
}

/** Runs the steps one after the other; answers the store they worked on. */
export async function play(
  steps: readonly Step[],
  accounts: readonly string[] = ['acme'],
): Promise<Store> {
  const [console, store] = await installation(accounts);
  for (const [command, prints] of steps) {
    const [line, secret] = command.split(' < ');
    console.secret = secret ?? '';
    const code = await console.run(...(line!.match(/[^\s"]*"[^"]*"|\S+/g) ?? []).map(unquote));
    const printed = [...mark('1> ', console.stdout), ...mark('2> ', console.stderr), String(code)];
    assert.equal(printed.join('\n'), prints.replace(/^\s+/gm, ''), command);
  }
  return store;
}

const unquote = (word: string): string => word.replaceAll('"', '');
const mark = (prefix: string, text: string): string[] =>
  text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => prefix + line);
