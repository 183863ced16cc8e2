import type { CodecName } from '../model/trunk.ts';
import type { KeyPath } from './key-tree.ts';
import type { LoadedConfig } from './load-config.ts';
import { ConfigError } from './problems.ts';

/** What of this machine the configuration is held against. */
export type Installed = {
  readonly exists: (path: string) => boolean;
  /** Undefined when Opus can be used, else what to do about it. */
  readonly opusMissing: () => string | undefined;
};

/**
 * Looks whether the files and packages exist that the configuration needs: before a start, not for every
 * command.
 * @throws ConfigError with all that are missing.
 */
export function checkFiles(loaded: LoadedConfig, { exists, opusMissing }: Installed): void {
  const { http, sip, trunks, lines } = loaded.config;
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
  const offers: (readonly [codecs: readonly CodecName[], at: KeyPath])[] = [
    ...trunks.map(({ codecs }, index) => [codecs, ['trunks', index, 'codecs']] as const),
    [lines.codecs, ['lines', 'codecs']],
  ];
  for (const [codecs, at] of offers) {
    const place = codecs.indexOf('opus');
    const missing = place < 0 ? undefined : opusMissing();
    if (missing !== undefined) problems.push(loaded.problemAt([...at, place], missing));
  }
  if (problems.length > 0) throw new ConfigError(problems);
}
