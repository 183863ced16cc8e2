// baresip as a party of a call: an independent softphone, headless. Its microphone is a WAV file, what
// it hears is recorded into another, its keys and its events go through its control port.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { decodePrompt } from '../../src/media/audio/prompt-decoder.ts';
import { writeWav } from '../../src/media/audio/wav.ts';
import type { CodecName } from '../../src/model/trunk.ts';

/** Installs baresip (Debian package baresip-core) if it is missing and root can; else says why tests are skipped. */
export function baresipMissing(): string | undefined {
  if (spawnSync('baresip', ['-h']).error === undefined) return undefined;
  if (process.getuid?.() !== 0) return 'baresip is not installed: apt-get install baresip-core';
  console.log('installing baresip (baresip-core)...');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env: environment, encoding: 'utf8' } as const;
  spawnSync('apt-get', ['update', '-q'], options);
  const packages = ['install', '-y', '-q', '--no-install-recommends', 'baresip-core'];
  const install = spawnSync('apt-get', packages, options);
  if (install.status === 0) return undefined;
  return `baresip could not be installed: ${install.stderr?.trim().split('\n').at(-1) ?? 'no apt-get'}`;
}

export type BaresipOptions = {
  /** Its configuration, its microphone and its recordings go into a new folder in this one. */
  readonly folder: string;
  /** The number it answers as. */
  readonly number: string;
  /** What its owner says, once, from the answer on: 8 kHz. It hangs up when that ends. */
  readonly voice: Int16Array;
  /** Best first. */
  readonly codecs: readonly CodecName[];
  /** `auto`: answers at once. `manual`: rings until `accept` or `hangup`; `early`: with sound before. */
  readonly answers: 'auto' | 'early' | 'manual';
  /** Its names of SRTP by SDES: `srtp` may be, `srtp-mand` must be. */
  readonly mediaenc?: 'srtp' | 'srtp-mand';
  /** A PEM file with its certificate and key; with it TLS is spoken on the port after `port`. */
  readonly certificate?: string;
};

/** What baresip tells of a call, by its names: CALL_INCOMING, CALL_ESTABLISHED, CALL_DTMF_START. */
export type BaresipEvent = {
  readonly type: string;
  readonly param: string;
  /** When it came, by the system clock. */
  readonly atMs: number;
};

type Message = {
  readonly event?: boolean;
  readonly type?: string;
  readonly param?: string;
  readonly response?: boolean;
  readonly ok?: boolean;
  readonly data?: string;
};

/** One running baresip, for one call. */
export class Baresip {
  readonly port: number;
  readonly events: BaresipEvent[] = [];
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #control: Socket;
  readonly #closed: Promise<unknown>;
  readonly #awaited = new Set<() => void>();
  readonly #answers: ((message: Message) => void)[] = [];
  #unread = '';
  #log = '';

  constructor(parts: { port: number; folder: string; child: ChildProcess; control: Socket }) {
    this.port = parts.port;
    this.#folder = parts.folder;
    this.#child = parts.child;
    this.#control = parts.control;
    this.#closed = once(this.#child, 'close');
    this.#control.setEncoding('latin1').on('data', (text: string) => this.#read(text));
    this.#control.on('error', () => {}); // It closes the connection when it is stopped.
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.on('data', (text: string) => {
        this.#log += text;
      });
    }
  }

  /** What it printed so far, SIP messages and complaints: may be later than its events. */
  get log(): string {
    return this.#log;
  }

  /** The first event of this kind, perhaps one that has come already. */
  async seen(type: string, count = 1): Promise<BaresipEvent> {
    for (;;) {
      const event = this.events.filter((it) => it.type === type)[count - 1];
      if (event !== undefined) return event;
      await new Promise<void>((resolve) => this.#awaited.add(resolve));
    }
  }

  /** One of its commands: `hold`, `resume`, `hangup`, `accept`, `sndcode`. */
  async command(command: string, params = ''): Promise<string> {
    const answer = new Promise<Message>((resolve) => this.#answers.push(resolve));
    this.#send(command, params);
    const { ok, data = '' } = await answer;
    if (ok !== true) throw new Error(`baresip refused ${command}: ${data}`);
    return data;
  }

  /** All it heard in its call, as it decoded it, 8 kHz. Ends it, for then the recording is complete. */
  async heard(): Promise<Int16Array> {
    const log = await this.quit();
    const name = (await readdir(this.#folder)).find((it) => it.endsWith('-dec.wav'));
    if (name === undefined) throw new Error(`baresip recorded nothing:\n${log}`);
    return decodePrompt(await readFile(join(this.#folder, name)), { longestMs: 60_000 });
  }

  /** Ends it in good order, its call being over; returns all that it printed. */
  async quit(): Promise<string> {
    if (this.#isRunning) this.#send('quit', '');
    await this.#closed;
    return this.#log;
  }

  async stop(): Promise<void> {
    this.#control.destroy();
    if (this.#isRunning) this.#child.kill('SIGKILL');
    await this.#closed;
  }

  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #send(command: string, params: string): void {
    const json = JSON.stringify({ command, params });
    this.#control.write(`${Buffer.byteLength(json)}:${json},`);
  }

  /** Netstrings of JSON: `<length>:<json>,`. */
  #read(text: string): void {
    this.#unread += text;
    for (;;) {
      const colon = this.#unread.indexOf(':');
      if (colon < 0) return;
      const end = colon + 1 + Number(this.#unread.slice(0, colon));
      if (this.#unread.length <= end) return;
      this.#receive(JSON.parse(this.#unread.slice(colon + 1, end)) as Message);
      this.#unread = this.#unread.slice(end + 1);
    }
  }

  #receive(message: Message): void {
    if (message.response) return this.#answers.shift()?.(message);
    const { type = '', param = '' } = message;
    this.events.push({ type, param, atMs: systemClock.now() });
    for (const look of this.#awaited) look();
    this.#awaited.clear();
  }
}

/** As baresip names them: without rate and channels it takes 8000 Hz and one channel to be meant. */
const codecNames: Readonly<Record<CodecName, string>> = {
  PCMA: 'PCMA',
  PCMU: 'PCMU',
  G722: 'G722/16000/1',
  opus: 'opus/48000/2',
};

/** Starts baresip on free loopback ports. */
export async function startBaresip(options: BaresipOptions): Promise<Baresip> {
  const folder = await mkdtemp(join(options.folder, 'baresip-'));
  const [port, controlPort] = await freePorts();
  const { number, voice, codecs, answers, mediaenc } = options;
  const encryption = mediaenc === undefined ? '' : `;mediaenc=${mediaenc}`;
  const account = `<sip:${number}@127.0.0.1>;regint=0;answermode=${answers};audio_codecs=${codecs.map((name) => codecNames[name]).join(',')}${encryption}\n`;
  await writeFile(join(folder, 'voice.wav'), writeWav(8000, voice));
  await writeFile(join(folder, 'accounts'), account);
  await writeFile(join(folder, 'contacts'), '');
  await writeFile(join(folder, 'config'), configuration(folder, port, controlPort, options));
  const child = spawn('baresip', ['-f', folder, '-s', '-v'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  await ready(child);
  const control = connect(controlPort, '127.0.0.1');
  await once(control, 'connect');
  return new Baresip({ port, folder, child, control });
}

/**
 * No sound card: aufile is the microphone, sndfile the recorder, aubridge a loudspeaker into nothing,
 * or into the microphone after `ausrc aubridge,loudspeaker`. The recorder stops for good at a hold.
 */
function configuration(
  folder: string,
  port: number,
  controlPort: number,
  { certificate }: BaresipOptions,
): string {
  return `
sip_listen 127.0.0.1:${port}
${certificate === undefined ? '' : `sip_certificate ${certificate}`}
net_interface 127.0.0.1
rtp_ports 20000-29999
call_max_calls 4
audio_source aufile,${folder}/voice.wav
audio_player aubridge,loudspeaker
audio_alert aubridge,loudspeaker
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
jitter_buffer_delay 1-5
ringback_disabled yes
menu_bell no
statmode_default off
rtp_stats yes
snd_path ${folder}
ctrl_tcp_listen 127.0.0.1:${controlPort}
module_path /usr/lib/baresip/modules
module g711.so
module g722.so
module opus.so
module sndfile.so
module aufile.so
module aubridge.so
module srtp.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
`;
}

async function ready(child: ChildProcess): Promise<void> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const read = (text: string): void => {
      output += text;
      if (output.includes('baresip is ready')) resolve();
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`baresip ended with ${code}:\n${output}`)));
  });
}

/** Free ports for SIP, which baresip opens for UDP, for TCP and (the next one) for TLS, and for control. */
async function freePorts(): Promise<readonly [sip: number, control: number]> {
  for (let attempt = 0; ; attempt++) {
    await using held = new AsyncDisposableStack();
    try {
      const port = await holdTcp(held, 0);
      await holdTcp(held, port + 1);
      await holdUdp(held, port);
      return [port, await holdTcp(held, 0)];
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}

async function holdTcp(held: AsyncDisposableStack, port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  held.defer(() => new Promise((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

async function holdUdp(held: AsyncDisposableStack, port: number): Promise<void> {
  const socket = createSocket('udp4').bind(port, '127.0.0.1');
  await once(socket, 'listening');
  held.defer(() => new Promise((resolve) => socket.close(() => resolve())));
}
