import { existsSync } from 'node:fs';
import { formatAddress } from '../../base/address.ts';
import { applyBootstrap } from '../../config/bootstrap.ts';
import { checkFiles } from '../../config/check-files.ts';
import { loadConfig } from '../../config/load-config.ts';
import {
  createSandboxInstallation,
  type SandboxInstallation,
} from '../../config/sandbox-installation.ts';
import { opusMissing } from '../../media/audio/opus.ts';
import { type Command, type CommandInput, configOption } from '../command.ts';
import { pinoLogger } from '../pino-logger.ts';
import type { ServerHandle } from '../services.ts';

export const serveCommand: Command = {
  path: ['serve'],
  summary: 'Runs the server until SIGTERM or Ctrl-C; a second one hangs up at once.',
  options: configOption,
  examples: ['dozvon serve', 'dozvon serve --config /etc/dozvon/dozvon.yaml'],
  async run(input) {
    const { terminal, services } = input;
    const { env, cwd } = terminal;
    const loaded = loadConfig({ path: input.text('config'), env, cwd });
    checkFiles(loaded, { exists: existsSync, opusMissing });
    const { config, file } = loaded;
    const log = pinoLogger(config.log, { write: terminal.err, isTTY: terminal.colours });
    let sandbox: SandboxInstallation | undefined;
    const server = await services.startServer(config, {
      log,
      async prepare(store, media) {
        const deps = { ...services, media };
        for (const change of await applyBootstrap(config.bootstrap, store, deps)) {
          log.info({}, `bootstrap: ${change}`);
        }
        if (config.sandbox) sandbox = await createSandboxInstallation(store, deps);
      },
    });
    const scheme = config.http.tls === undefined ? 'http' : 'https';
    const url = `${scheme}://${formatAddress(server.httpAddress)}`;
    terminal.out(
      [
        `Call API: ${url}/v4.0, Data API: ${url}/v2.0`,
        `SIP: udp ${formatAddress(server.sipAddress)}, configuration: ${file ?? 'none'}`,
        ...(sandbox === undefined ? [] : sandboxHint(url, sandbox)),
        '',
      ].join('\n'),
    );
    await untilStopped(input, server);
    return 0;
  },
};

/** How the first call is placed. */
export function sandboxHint(url: string, sandbox: SandboxInstallation): readonly string[] {
  const { newKey, virtualNumber, media } = sandbox;
  const message = media.find(({ name }) => name === 'contact_message');
  const params = {
    access_token: newKey ?? 'YOUR_KEY',
    first_call: 'operator',
    virtual_phone_number: virtualNumber,
    operator: '79262444491',
    contact: '79260000000',
    ...(message && { contact_message: { type: 'media', value: String(message.id) } }),
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'start.simple_call', params });
  return [
    '',
    'Sandbox: the telephone network is played by this process, nothing leaves the machine.',
    newKey === undefined
      ? 'The key was printed at the first start; another one: bin/dozvon.mjs key add'
      : `Key (kept as a hash, shown only now): ${newKey}`,
    '',
    'Place a call:',
    `  curl -s ${url}/v4.0 -H 'Content-Type: application/json' -d '${body}'`,
    'or watch it:',
    `  DOZVON_KEY=${newKey ?? 'YOUR_KEY'} bin/dozvon.mjs call --from-operator 79262444491 --contact 79260000000 --virtual-phone-number ${virtualNumber} --url ${url}`,
  ];
}

/** The first signal lets calls end, the second hangs them up. */
async function untilStopped({ terminal }: CommandInput, server: ServerHandle): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let signals = 0;
  using _ = terminal.onSignal((signal) => {
    signals++;
    if (signals === 1) {
      terminal.err(`${signal}: no new calls; running ones may end, a second signal ends them\n`);
      server.stop().then(resolve, reject);
    } else if (signals === 2) {
      // Its end is the end of the first stop, which this one only hurries.
      server.stop(0).then(undefined, () => {});
    } else {
      reject(new Error(`stopped by ${signal} before the calls were hung up`));
    }
  });
  await promise;
}
