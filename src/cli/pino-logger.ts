import { styleText } from 'node:util';
import { pino } from 'pino';
import type { Logger } from '../base/logger.ts';
import type { LogConfig } from '../config/config.ts';

/**
 * The log of a running server, on the given output: one JSON object per line, or one readable line when
 * `pretty` says so.
 */
export function pinoLogger(
  { level, pretty }: LogConfig,
  output: { readonly write: (line: string) => void; readonly isTTY: boolean },
): Logger {
  const readable = pretty === 'auto' ? output.isTTY : pretty;
  const write = readable
    ? (line: string) => output.write(prettyLine(line, output.isTTY))
    : output.write;
  return pino(
    { level, base: null, serializers: { error: pino.stdSerializers.err } },
    { write },
  ) as Logger;
}

const levels: Readonly<Record<number, readonly [text: string, style: 'dim' | 'yellow' | 'red']>> = {
  20: ['debug', 'dim'],
  40: ['warn', 'yellow'],
  50: ['error', 'red'],
};

/** `12:00:01.250 warn  the text  field=value`. */
export function prettyLine(json: string, colours: boolean): string {
  const { level, time, msg, error, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const [name, style] = levels[Number(level)] ?? ['info', undefined];
  const paint = (text: string, how: 'dim' | 'yellow' | 'red' | undefined): string =>
    colours && how !== undefined ? styleText(how, text, { validateStream: false }) : text;
  const instant = new Date(Number(time));
  const clock = [instant.getHours(), instant.getMinutes(), instant.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const details = Object.entries(fields).map(([key, value]) => `${key}=${shown(value)}`);
  const stack = isError(error) ? `\n${error.stack}` : error === undefined ? '' : ` ${shown(error)}`;
  return [
    paint(`${clock}.${String(instant.getMilliseconds()).padStart(3, '0')}`, 'dim'),
    paint(name.padEnd(5), style),
    [msg, ...(details.length > 0 ? [paint(details.join(' '), 'dim')] : [])].join('  ') + stack,
  ]
    .join(' ')
    .concat('\n');
}

function shown(value: unknown): string {
  return typeof value === 'string' && !/[\s"]/.test(value) ? value : JSON.stringify(value);
}

function isError(value: unknown): value is { stack: string } {
  return typeof value === 'object' && value !== null && 'stack' in value;
}
