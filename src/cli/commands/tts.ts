import { copyFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { silentLogger } from '../../base/logger.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { Choice } from '../../media/speech/choose-voice.ts';
import { type Speech, SpeechFailed } from '../../media/speech/speech.ts';
import {
  type Command,
  CommandError,
  type CommandInput,
  configOption,
  type OptionSpec,
  UsageError,
} from '../command.ts';
import { columns } from './store-session.ts';

const options: Readonly<Record<string, OptionSpec>> = {
  account: { value: 'NAME', help: 'as for this account; else as for one without overrides' },
  ...configOption,
};

const list: Command = {
  path: ['tts', 'list'],
  summary:
    'Lists what speaks each language, in the order in which it is tried, and what hinders it.',
  options,
  examples: ['dozvon tts list', 'dozvon tts list --account acme'],
  run: (input) =>
    withSpeech(input, async (speech, config) => {
      const header = ['LANGUAGE', 'ENGINE', 'TYPE', 'VOICE', 'RATE', 'WITHIN', 'STATE'];
      const rows: string[][] = [];
      for (const language of languagesOf(config)) {
        for (const { choice, obstacle } of await speech.plan(input.text('account'), language)) {
          const { engine, rate } = choice;
          const within = `${engine.timeoutMs / 1000} s`;
          const state = obstacle ?? 'ready';
          const row = [engine.name, engine.type, voiceOf(choice), String(rate), within, state];
          rows.push([language, ...row]);
        }
      }
      input.terminal.out(columns([header, ...rows]));
      return 0;
    }),
};

const say: Command = {
  path: ['tts', 'say'],
  summary:
    'Speaks a text as a call would, into a WAV file; a call finds it in the cache afterwards.',
  operands: ['TEXT'],
  options: {
    out: { value: 'FILE', help: 'where the WAV file goes; else the one in the cache is named' },
    ...options,
  },
  examples: [
    'dozvon tts say "Здравствуйте!" --out hello.wav',
    'dozvon tts say "Hello" --account acme',
  ],
  run: (input) =>
    withSpeech(input, async (speech) => {
      const { terminal, services } = input;
      const text = input.operands[0]!;
      if (text.trim() === '') throw new UsageError('the text is empty');
      const startedAt = services.clock.now();
      const spoken = await speech.say(input.text('account'), text).catch(explain);
      const tookMs = Math.round(services.clock.now() - startedAt);
      const { choice, cached, prompt } = spoken;
      const how = `${choice.language}, voice ${voiceOf(choice)}, rate ${choice.rate}`;
      const origin = cached ? 'from the cache' : `made in ${tookMs} ms`;
      const out = input.text('out');
      const path = out === undefined ? prompt.path : resolve(terminal.cwd, out);
      if (out !== undefined) await copyFile(prompt.path, path);
      const seconds = (spoken.durationMs / 1000).toFixed(1);
      terminal.out(`${choice.engine.name}: ${how}; ${seconds} s, ${origin}\n${path}\n`);
      return 0;
    }),
};

/** Whoever typed the text may read what the engines said of it, which no log shows. */
function explain(error: unknown): never {
  if (!(error instanceof SpeechFailed) || error.attempts.length === 0) throw error;
  const lines = error.attempts.map(({ engine, error: { message, detail } }) =>
    [`  ${engine}: ${message}`, ...(detail === undefined ? [] : [detail])].join('\n    '),
  );
  throw new CommandError(['no engine spoke:', ...lines].join('\n'));
}

const voiceOf = ({ voice }: Choice): string => voice ?? 'its own';

/** Those that the configuration names, after the two that every installation speaks. */
function languagesOf({ speech }: Config): readonly string[] {
  const named = [
    ...speech.engines.flatMap(({ languages }) => languages),
    ...speech.overrides.flatMap(({ forLanguage, language }) => [forLanguage, language]),
    speech.language,
  ];
  const others = named.filter((it) => it !== undefined && it !== 'auto') as string[];
  return [...new Set(['ru', 'en', ...others])];
}

async function withSpeech(
  input: CommandInput,
  work: (speech: Speech, config: Config) => Promise<number>,
): Promise<number> {
  const { env, cwd } = input.terminal;
  const { config } = loadConfig({ path: input.text('config'), env, cwd });
  const speech = await input.services.openSpeech(config, silentLogger);
  try {
    return await work(speech, config);
  } finally {
    await speech.close();
  }
}

export const ttsCommands: readonly Command[] = [list, say];
