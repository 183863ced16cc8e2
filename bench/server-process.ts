// The product as a user runs it, in a process of its own, with its CPU time and memory read from the kernel.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const benchKey = 'bench-key-000000000000000000000000000000000000000000000000000000';
export const benchNumber = '74993720692';

export type ServerProcess = {
  readonly httpPort: number;
  /** CPU time spent so far, user and system, ms. */
  cpuMs(): number;
  /** Resident memory, KB. */
  rssKb(): number;
  stop(): Promise<void>;
};

export async function startServerProcess(trunkPort: number): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'dozvon-bench-'));
  const [httpPort, sipPort] = [await freePort(), await freePort()];
  await writeFile(join(folder, 'dozvon.yaml'), configText(folder, httpPort, sipPort, trunkPort));
  const child = spawn(
    process.execPath,
    ['--expose-gc', 'bin/dozvon.mjs', 'serve', '--config', join(folder, 'dozvon.yaml')],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await untilReachable(child, httpPort);
  return {
    httpPort,
    cpuMs: () => cpuMs(child.pid!),
    rssKb: () => Number(/VmRSS:\s+(\d+)/.exec(procFile(child.pid!, 'status'))![1]),
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      child.kill('SIGTERM'); // The second one does not wait for calls.
      await gone;
      await rm(folder, { recursive: true });
    },
  };
}

function configText(folder: string, httpPort: number, sipPort: number, trunkPort: number): string {
  return `
http: { port: ${httpPort} }
sip: { host: 127.0.0.1, port: ${sipPort} }
rtp: { host: 127.0.0.1, port_min: 20000, port_max: 59998, workers: 1 }
data_folder: ${join(folder, 'data')}
log: { level: error }
trunks:
  - { name: bench, host: 127.0.0.1, port: ${trunkPort} }
bootstrap:
  accounts:
    - name: bench
      limits: { points_per_minute: 1000000, points_per_day: 10000000 }
      users: [{ login: bench, password: bench-password }]
      keys: [{ token: ${benchKey}, user: bench, label: bench }]
      numbers: [{ number: "${benchNumber}" }]
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilReachable(child: ChildProcess, port: number): Promise<void> {
  const giveUp = Date.now() + 20_000;
  for (;;) {
    try {
      await fetch(`http://127.0.0.1:${port}/health`);
      return;
    } catch (error) {
      if (child.exitCode !== null || Date.now() > giveUp) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function procFile(pid: number, name: string): string {
  return readFileSync(`/proc/${pid}/${name}`, 'latin1');
}

/** Fields 14 and 15 of /proc/PID/stat, in clock ticks of 10 ms. */
function cpuMs(pid: number): number {
  const stat = procFile(pid, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
