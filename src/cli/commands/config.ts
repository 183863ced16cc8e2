import { existsSync } from 'node:fs';
import { checkFiles } from '../../config/check-files.ts';
import { loadConfig } from '../../config/load-config.ts';
import { printConfig } from '../../config/print-config.ts';
import { opusMissing } from '../../media/audio/opus.ts';
import { type Command, configOption } from '../command.ts';

const check: Command = {
  path: ['config', 'check'],
  summary:
    'Checks the configuration: every mistake with its line and the fix; exit code 2 for any.',
  options: configOption,
  examples: ['dozvon config check', 'dozvon config check --config /etc/dozvon/dozvon.yaml'],
  async run({ text, terminal: { env, cwd, out } }) {
    const loaded = loadConfig({ path: text('config'), env, cwd });
    checkFiles(loaded, { exists: existsSync, opusMissing });
    const { file, config } = loaded;
    const mode = config.sandbox
      ? 'the sandbox is the trunk'
      : `trunks: ${config.trunks.map(({ name }) => name).join(', ')}`;
    out(`${file ?? 'no file'}: correct; ${mode}\n`);
    return 0;
  },
};

const print: Command = {
  path: ['config', 'print'],
  summary:
    'Prints every key with its value and where it comes from; passwords and keys are masked.',
  options: configOption,
  examples: ['dozvon config print', 'DOZVON_HTTP_PORT=80 dozvon config print'],
  async run({ text, terminal: { env, cwd, out } }) {
    out(printConfig(loadConfig({ path: text('config'), env, cwd })));
    return 0;
  },
};

export const configCommands: readonly Command[] = [check, print];
