// SIPp as a party of a call: an independent SIP implementation with an RTP echo.
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Installs SIPp (Debian package sip-tester) if it is missing and root can; else says why tests are skipped. */
export function sippMissing(): string | undefined {
  if (spawnSync('sipp', ['-v']).error === undefined) return undefined;
  if (process.getuid?.() !== 0) return 'SIPp is not installed: apt-get install sip-tester';
  console.log('installing SIPp (sip-tester)...');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env: environment, encoding: 'utf8' } as const;
  spawnSync('apt-get', ['update', '-q'], options);
  const install = spawnSync('apt-get', ['install', '-y', '-q', 'sip-tester'], options);
  if (install.status === 0) return undefined;
  return `SIPp could not be installed: ${install.stderr?.trim().split('\n').at(-1) ?? 'no apt-get'}`;
}

export type SippParty = {
  readonly port: number;
  /** Resolves when SIPp has done its scenario once; rejects with what it reported otherwise. */
  readonly done: Promise<void>;
  stop(): void;
};

/** TLS is not among them: Debian builds SIPp without it. */
export type SippTransport = 'udp' | 'tcp';

/** Starts SIPp on free loopback ports; it plays `scenario` (a file of ./sipp) for one call. */
export async function startSipp(
  scenario: string,
  transport: SippTransport = 'udp',
): Promise<SippParty> {
  const [port, mediaPort] = [await freeUdpPort(), await freeUdpPort()];
  const file = fileURLToPath(new URL(`./sipp/${scenario}.xml`, import.meta.url));
  const child = spawn(
    'sipp',
    [
      '-sf',
      file,
      '-i',
      '127.0.0.1',
      '-p',
      `${port}`,
      '-mi',
      '127.0.0.1',
      '-mp',
      `${mediaPort}`,
      '-t',
      transport === 'udp' ? 'u1' : 't1', // One socket for all calls.
      '-rtp_echo',
      '-m',
      '1',
      '-nostdin',
      '-timeout',
      '40s',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TERM: 'dumb' } },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4_000);
    });
  }
  const done = once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`SIPp (${scenario}) ended with ${code}:\n${output}`);
  });
  done.catch(() => {}); // Heard by whoever awaits it.
  await portTaken(port, transport);
  return { port, done, stop: () => void child.kill('SIGKILL') };
}

async function freeUdpPort(): Promise<number> {
  for (;;) {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    if (port % 2 === 0) return port; // RTP ports are even.
  }
}

/** Until SIPp has bound its port, which the kernel's table tells without touching the port. */
async function portTaken(port: number, transport: SippTransport): Promise<void> {
  const table = transport === 'udp' ? '/proc/net/udp' : '/proc/net/tcp';
  const entry = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  const giveUp = performance.now() + 10_000;
  while (performance.now() < giveUp) {
    if (readFileSync(table, 'latin1').includes(entry)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`SIPp did not open port ${port}`);
}
