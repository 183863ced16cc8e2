import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pinoLogger } from './pino-logger.ts';

function log(options: Parameters<typeof pinoLogger>[0], isTTY = false) {
  const lines: string[] = [];
  const logger = pinoLogger(options, { write: (line) => lines.push(line), isTTY });
  return { logger, lines };
}

const clock = /^\d\d:\d\d:\d\d\.\d\d\d /;

test('JSON when the output is no terminal', () => {
  const { logger, lines } = log({ level: 'info', pretty: 'auto' });
  logger.info({ trunk: 'carrier' }, 'trunk reached');
  const { time, ...rest } = JSON.parse(lines[0]!);
  assert.equal(typeof time, 'number');
  assert.deepEqual(rest, { level: 30, trunk: 'carrier', msg: 'trunk reached' });
});

test('a readable line on a terminal, levels below the configured one left out', () => {
  const { logger, lines } = log({ level: 'info', pretty: true });
  logger.debug({}, 'not shown');
  logger.child({ call: 5 }).warn({ text: 'two words' }, 'odd');
  assert.deepEqual(
    lines.map((line) => line.replace(clock, '')),
    ['warn  odd  call=5 text="two words"\n'],
  );
  assert.match(lines[0]!, clock);
});

test('an error with its stack', () => {
  const { logger, lines } = log({ level: 'info', pretty: true });
  logger.error({ error: new Error('no reply') }, 'lost');
  assert.match(lines[0]!.replace(clock, ''), /^error lost\nError: no reply\n {4}at /);
});

test('colours on a terminal only', () => {
  const { logger, lines } = log({ level: 'info', pretty: 'auto' }, true);
  logger.error({}, 'lost');
  assert.ok(lines[0]!.includes('\u001b[31merror\u001b[39m'));
});
