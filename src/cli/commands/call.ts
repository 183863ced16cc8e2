import { formatAddress } from '../../base/address.ts';
import { loadConfig } from '../../config/load-config.ts';
import { type CallClient, callClient } from '../call-client.ts';
import { CallProgress } from '../call-progress.ts';
import {
  type Command,
  CommandError,
  type CommandInput,
  configOption,
  type OptionSpec,
  UsageError,
} from '../command.ts';
import type { Terminal } from '../services.ts';

/** Options that are parameters of start.simple_call, with `_` for `-`. */
const parameterOptions: Readonly<Record<string, OptionSpec>> = {
  contact: { value: 'NUMBER', help: 'the contact' },
  operator: { value: 'NUMBER', help: 'the operator' },
  'first-call': { value: 'WHO', help: 'operator (if left out) or contact: who is rung first' },
  'virtual-phone-number': { value: 'NUMBER', help: 'an own number, presented as the caller' },
  'virtual-phone-usage-rule': { value: 'RULE', help: 'fixed; others as the API knows them' },
  'show-virtual-phone-number': { value: 'BOOL', help: 'true or false: what the operator sees' },
  'switch-at-once': { help: 'connect at the second answer, whatever is being played' },
  'early-switching': { help: "the operator hears the contact's line while it rings" },
  'media-file-id': { value: 'ID', help: 'what plays while somebody waits' },
  'contact-message': { value: 'media:ID', help: 'played to the contact; or tts:TEXT' },
  'operator-message': { value: 'media:ID', help: 'played to the operator; or tts:TEXT' },
  'operator-confirmation': { value: 'KEY', help: '0-9, *, # or any: the operator must press it' },
  'dtmf-string': { value: 'KEYS', help: 'sent to the contact; "." waits a second' },
  direction: { value: 'DIR', help: 'in or out: a label' },
  'external-id': { value: 'TEXT', help: "the call's id in another system" },
};

export const callCommand: Command = {
  path: ['call'],
  summary:
    'Places a call through a running server and shows it to the end; exit code 0 when they talked.',
  options: {
    'from-operator': { value: 'NUMBER', help: 'the operator, who is rung first' },
    ...parameterOptions,
    url: { value: 'URL', help: 'the server; else DOZVON_URL, else http of the configuration' },
    key: { value: 'KEY', help: 'access key; better in DOZVON_KEY, where others do not see it' },
    ...configOption,
  },
  examples: [
    'dozvon call --from-operator 79262444491 --contact 79260000000 --virtual-phone-number 74993720692',
    'dozvon call --operator 79262444491 --contact 79260000000 --first-call contact --virtual-phone-number 74993720692 --contact-message media:2561',
  ],
  async run(input) {
    const params = callParams(input);
    const key = input.text('key') ?? input.terminal.env.DOZVON_KEY;
    if (key === undefined) {
      throw new CommandError('no access key: --key, or DOZVON_KEY; make one with dozvon key add');
    }
    const client = callClient({ url: serverUrl(input), key });
    return follow(client, await client.startSimpleCall(params), input.terminal);
  },
};

/** The parameters of start.simple_call; the server checks what they say. */
export function callParams(input: Pick<CommandInput, 'text' | 'flag'>): Record<string, unknown> {
  const from = input.text('from-operator');
  const given: Record<string, unknown> = { first_call: 'operator' };
  for (const [option, spec] of Object.entries(parameterOptions)) {
    const name = option.replaceAll('-', '_');
    const text = input.text(option);
    if (spec.value === undefined) {
      if (input.flag(option)) given[name] = true;
    } else if (text !== undefined) {
      given[name] = readParameter(option, text);
    }
  }
  if (from !== undefined) {
    if (given.operator !== undefined || given.first_call !== 'operator') {
      throw new UsageError('--from-operator stands for --operator with --first-call operator');
    }
    given.operator = from;
  }
  for (const [name, option] of [
    ['operator', '--from-operator'],
    ['contact', '--contact'],
    ['virtual_phone_number', '--virtual-phone-number'],
  ] as const) {
    if (given[name] === undefined) throw new UsageError(`${option} is missing`);
  }
  return given;
}

function readParameter(option: string, text: string): unknown {
  if (option === 'media-file-id') {
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw new UsageError(`--${option}: "${text}" is no id: see dozvon media list`);
  }
  if (option === 'show-virtual-phone-number') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new UsageError(`--${option} is true or false, not "${text}"`);
  }
  if (option.endsWith('-message')) {
    const match = /^(media|tts):(.+)$/s.exec(text);
    if (match !== null) return { type: match[1], value: match[2] };
    throw new UsageError(`--${option} is media:ID or tts:TEXT, not "${text}"`);
  }
  return text;
}

function serverUrl(input: CommandInput): string {
  const { env, cwd } = input.terminal;
  const given = input.text('url') ?? env.DOZVON_URL;
  if (given !== undefined) {
    if (URL.canParse(given) && /^https?:/.test(given)) return given;
    throw new CommandError(`"${given}" is no URL of a server, as http://127.0.0.1:8080`);
  }
  const { host, port, tls } = loadConfig({ path: input.text('config'), env, cwd }).config.http;
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${tls === undefined ? 'http' : 'https'}://${formatAddress({ host: reachable, port })}`;
}

/** Prints a line per event until the call ends; the first signal releases the call. */
async function follow(
  client: CallClient,
  callSessionId: number,
  terminal: Terminal,
): Promise<number> {
  const progress = new CallProgress();
  let talked = false;
  let signals = 0;
  const interrupted = Promise.withResolvers<never>();
  interrupted.promise.catch(() => {}); // It may come when nobody waits any more.
  using _ = terminal.onSignal(() => {
    signals++;
    if (signals > 1) return interrupted.reject(new CommandError('left; the call may go on'));
    terminal.err('ending the call\n');
    client.releaseCall(callSessionId).catch((error: unknown) => interrupted.reject(error));
  });
  const leaving = new AbortController();
  const events = client.events(callSessionId, leaving.signal)[Symbol.asyncIterator]();
  for (;;) {
    const next = Promise.race([events.next(), interrupted.promise]);
    const { value: event, done } = await next.catch((error: unknown) => {
      leaving.abort();
      throw error;
    });
    if (done)
      throw new CommandError(`the server ended the report before call ${callSessionId} did`);
    terminal.out(`${progress.line(event)}\n`);
    if (event.type === 'talkStarted') talked = true;
    if (event.type === 'callEnded') {
      await events.return?.();
      return talked ? 0 : 1;
    }
  }
}
