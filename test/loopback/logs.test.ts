// What a log may not say, over whole calls at the most talkative level: numbers, tokens, passwords, keys pressed.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { Logger } from '../../src/base/logger.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { PhoneBehaviour } from '../../src/sandbox/phone-behaviour.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { startServer } from '../../src/server.ts';
import { testConfig, testKey, testNumber } from './test-config.ts';

const operator = '79261234501';
const contact = '79267654302';

const phones: Record<string, PhoneBehaviour> = {
  [operator]: {
    ringsAfterMs: 0,
    final: { type: 'answers', afterMs: 0 },
    presses: [{ key: '8', afterAnswerMs: 50, by: 'info' }],
    hangsUpAfterAnswerMs: 400,
  },
  [contact]: { ringsAfterMs: 0, final: { type: 'answers', afterMs: 0 } },
};

test('no token, password or whole number is in the log of a call, also not in that of a refused one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dozvon-logs-'));
  const lines: string[] = [];
  const log = capturing(lines);
  const parts = { clock: systemClock, random: systemRandom(), log, host: '127.0.0.1' };
  const sandbox = await startSandbox({ ...parts, behaviours: (number) => phones[number]! });
  const trunks = [{ name: 'sandbox', port: sandbox.sipAddress.port }];
  const server = await startServer(...testConfig({ dataFolder: folder, trunks, log }));
  const ended = new Promise<void>((resolve) => {
    server.bus.subscribe(({ type }) => {
      if (type === 'callEnded') resolve();
    });
  });
  const post = async (method: string, params: object): Promise<void> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const url = `http://127.0.0.1:${server.httpAddress.port}/v4.0`;
    assert.equal((await fetch(url, { method: 'POST', body })).status, 200);
  };
  const numbers = { virtual_phone_number: testNumber, operator, contact };
  try {
    await post('login.user', { login: 'test', password: 'wrong-password-of-test' });
    await post('login.user', { login: 'test', password: 'test-password' });
    await post('start.simple_call', { access_token: 'token-nobody-gave', first_call: 'operator' });
    await post('start.simple_call', { access_token: testKey, first_call: 'nobody', ...numbers });
    await post('start.simple_call', {
      access_token: testKey,
      first_call: 'operator',
      switch_at_once: true,
      external_id: 'customer-4711',
      ...numbers,
    });
    await ended;
  } finally {
    await server.stop(0);
    await sandbox.close();
    await rm(folder, { recursive: true });
  }
  const text = lines.join('\n');
  assert.match(text, /call started/); // It did log.
  assert.match(text, /call ended/);
  for (const secret of [
    testKey,
    'token-nobody-gave',
    'wrong-password-of-test',
    'test-password',
    operator,
    contact,
    testNumber,
    'customer-4711',
  ]) {
    assert.ok(!text.includes(secret), `${secret} is in the log`);
  }
});

function capturing(lines: string[]): Logger {
  const write = (fields: object, text: string): void => {
    lines.push(`${text} ${JSON.stringify(fields, showErrors)}`);
  };
  const log: Logger = { debug: write, info: write, warn: write, error: write, child: () => log };
  return log;
}

function showErrors(_: string, value: unknown): unknown {
  return value instanceof Error ? `${value.stack}` : value;
}
