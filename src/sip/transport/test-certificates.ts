import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IdentityFiles } from './tls-identity.ts';

/** For tests: why there can be no certificates, or false. */
export const noCertificates =
  spawnSync('openssl', ['version']).status === 0
    ? false
    : 'openssl is not installed: apt-get install openssl';

/** For tests: an authority in `folder`, and certificates signed by it. */
export class TestAuthority {
  readonly caFile: string;
  readonly #folder: string;
  readonly #key: string;

  constructor(folder: string, name = 'ca') {
    this.#folder = folder;
    this.caFile = join(folder, `${name}.pem`);
    this.#key = join(folder, `${name}-key.pem`);
    make(['-subj', `/CN=${name}`, '-keyout', this.#key, '-out', this.caFile]);
  }

  /** `names`: DNS:trunk.example, IP:127.0.0.1, URI:sip:trunk.example. */
  issue(file: string, ...names: string[]): IdentityFiles {
    const [certificate, key] = [
      join(this.#folder, `${file}.pem`),
      join(this.#folder, `${file}-key.pem`),
    ];
    const signed = ['-CA', this.caFile, '-CAkey', this.#key];
    const extensions = [
      '-addext',
      `subjectAltName=${names.join(',')}`,
      '-addext',
      'basicConstraints=CA:FALSE',
    ];
    make([...signed, '-subj', `/CN=${file}`, ...extensions, '-keyout', key, '-out', certificate]);
    return { certificate, key };
  }
}

/** Puts one pair in the place of another, as whoever renews certificates does. */
export function replaceFiles(old: IdentityFiles, by: IdentityFiles): void {
  copyFileSync(by.certificate, old.certificate);
  copyFileSync(by.key, old.key);
}

function make(options: readonly string[]): void {
  const usual = [
    'req',
    '-x509',
    '-days',
    '1',
    '-nodes',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
  ];
  const made = spawnSync('openssl', [...usual, ...options], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
}
