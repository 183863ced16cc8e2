// Kamailio as a carrier: registrar and outbound proxy of kamailio/kamailio.cfg, an independent SIP stack.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { Arrivals, soon } from './server-events.ts';

/** Installs Kamailio (Debian package) if it is missing and root can; else says why tests are skipped. */
export function kamailioMissing(): string | undefined {
  if (spawnSync('kamailio', ['-v']).error === undefined) return undefined;
  if (process.getuid?.() !== 0) return 'Kamailio is not installed: apt-get install kamailio';
  console.log('installing Kamailio (kamailio)...');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env: environment, encoding: 'utf8' } as const;
  using _ = servicesHeld();
  spawnSync('apt-get', ['update', '-q'], options);
  const packages = ['install', '-y', '-q', '--no-install-recommends', 'kamailio'];
  const install = spawnSync('apt-get', packages, options);
  if (install.status === 0) return undefined;
  return `Kamailio could not be installed: ${install.stderr?.trim().split('\n').at(-1) ?? 'no apt-get'}`;
}

/** The package would start a server of its own on every address: policy-rc.d forbids that meanwhile. */
function servicesHeld(): Disposable {
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return { [Symbol.dispose]: () => isOurs && rmSync(policy) };
}

const configuration = fileURLToPath(new URL('./kamailio/kamailio.cfg', import.meta.url));

export type KamailioOptions = {
  /** Its files at run time go into a new folder in this one. */
  readonly folder: string;
  /** Its realm and domain, and the only password it takes. */
  readonly realm: string;
  readonly password: string;
  /** The port of the telephone network behind it. */
  readonly phones: number;
  /** How long a registration lasts at most, seconds. */
  readonly expires: number;
};

/** A Kamailio on one port of 127.0.0.1 for UDP and TCP, which can be killed and started again. */
export class Kamailio {
  readonly port: number;
  readonly #options: KamailioOptions;
  readonly #lines = new Arrivals<string>();
  #child: ChildProcess | undefined;
  #closed: Promise<unknown> = Promise.resolve();
  #starts = 0;
  #output = '';

  static async open(options: KamailioOptions): Promise<Kamailio> {
    const kamailio = new Kamailio(options, await freePort());
    try {
      await kamailio.start();
    } catch (error) {
      await kamailio.kill();
      throw error;
    }
    return kamailio;
  }

  private constructor(options: KamailioOptions, port: number) {
    this.#options = options;
    this.port = port;
  }

  /** What it told of so far: the lines of kamailio.cfg that begin with "seen:", without that. */
  get told(): readonly string[] {
    return this.#lines.all;
  }

  /** The n-th time that it tells this, perhaps one that has come already. */
  async tells(line: string, count = 1): Promise<void> {
    const told = this.#lines.find((it) => it === line, count);
    await soon(told, `Kamailio's '${line}'`, () => this.#output);
  }

  async start(): Promise<void> {
    const { folder, realm, password, phones, expires } = this.#options;
    const runFolder = await mkdtemp(join(folder, 'kamailio-'));
    // In the foreground with its log on stderr, small, its control socket in a folder of its own.
    const how = '-DD -E -m 16 -M 4 -n 1 -N 1';
    const files = ['-f', configuration, '-Y', runFolder, '-w', runFolder];
    const where = `-l udp:127.0.0.1:${this.port} -l tcp:127.0.0.1:${this.port}`;
    const what = `-A REALM="${realm}" -A PASSWORD="${password}" -A PHONES="${phones}" -A EXPIRES=${expires}`;
    const child = spawn(
      'kamailio',
      [...files, ...`${how} ${where} ${what}`.split(' ')],
      { stdio: ['ignore', 'ignore', 'pipe'], detached: true }, // A group of its own, to be killed as one.
    );
    this.#child = child;
    this.#closed = once(child, 'close');
    process.on('exit', this.#killGroup);
    let rest = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const told = /seen: (.*)$/.exec(line)?.[1];
        if (told !== undefined) this.#lines.add(told);
      }
    });
    await this.tells('ready', ++this.#starts);
  }

  /** At once and with all its processes, as when its machine loses power. */
  async kill(): Promise<void> {
    this.#killGroup();
    process.off('exit', this.#killGroup);
    await this.#closed;
    this.#child = undefined;
  }

  readonly #killGroup = (): void => {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
}
