import type { KeyPath } from './key-tree.ts';
import type { LoadedConfig } from './load-config.ts';
import { ConfigError } from './problems.ts';

/**
 * Looks whether the files exist that the configuration names: before a start, not for every command.
 * @throws ConfigError with all that are missing.
 */
export function checkFiles(loaded: LoadedConfig, exists: (path: string) => boolean): void {
  const { http, sip, trunks } = loaded.config;
  const { tls } = http;
  const named: (readonly [path: string, at: KeyPath])[] = [
    ...(tls === undefined
      ? []
      : ([
          [tls.certificate, ['http', 'tls', 'certificate']],
          [tls.key, ['http', 'tls', 'key']],
        ] as const)),
    ...sip.listen.flatMap(({ identity }, index) =>
      identity === undefined
        ? []
        : ([
            [identity.certificate, ['sip', 'listen', index, 'certificate']],
            [identity.key, ['sip', 'listen', index, 'key']],
          ] as const),
    ),
    ...trunks.flatMap(({ caFile }, index) =>
      caFile === undefined ? [] : [[caFile, ['trunks', index, 'ca']] as const],
    ),
    ...loaded.config.bootstrap.accounts.flatMap(({ media }, account) =>
      media.map(
        ({ path }, place) =>
          [path, ['bootstrap', 'accounts', account, 'media', place, 'path']] as const,
      ),
    ),
  ];
  const problems = named
    .filter(([path]) => !exists(path))
    .map(([path, at]) => loaded.problemAt(at, `there is no file ${path}`));
  if (problems.length > 0) throw new ConfigError(problems);
}
