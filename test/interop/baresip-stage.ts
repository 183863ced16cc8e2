// One call between baresip and a sandbox phone through a whole server, and everything to ask of it.
import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemRandom } from '../../src/base/random.ts';
import { type Found, findSample } from '../../src/media/audio/analysis.ts';
import { writeWav } from '../../src/media/audio/wav.ts';
import type { CallEvent } from '../../src/model/call-event.ts';
import type { CodecName, Trunk } from '../../src/model/trunk.ts';
import type { PhoneBehaviour } from '../../src/sandbox/phone-behaviour.ts';
import type { PhoneCall } from '../../src/sandbox/phone-call.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { babble, joined, tone } from '../../src/sandbox/sounds.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { testConfig, testNumber } from '../loopback/test-config.ts';
import { type Baresip, type BaresipOptions, startBaresip } from './baresip-process.ts';
import { rpc } from './rpc.ts';

export const baresipNumber = '79261111111';
export const phoneNumber = '79262222222';
export const messageIds = { operator: 1001, contact: 1002, music: 1003 } as const;

/** What can be heard; no stretch of one is like another. */
export const sounds = {
  operatorMessage: babble({ pitchHz: 210, durationMs: 900, seed: 1 }),
  contactMessage: babble({ pitchHz: 180, durationMs: 900, seed: 2 }),
  music: joined(...[523, 659, 784, 1047, 587, 698, 880].map((hz) => tone(hz, 130, 5000))),
  baresipVoice: babble({ pitchHz: 120, durationMs: 1_500, seed: 3 }),
  phoneVoice: babble({ pitchHz: 260, durationMs: 1_500, seed: 4 }),
};

type Seen<Type extends CallEvent['type']> = CallEvent & { readonly type: Type };

export type Stage = {
  readonly server: RunningServer;
  readonly baresip: Baresip;
  /** The latest call at the sandbox phone. */
  phone(): PhoneCall;
  /** start.simple_call, `params` beside the numbers; `baresipIs` the role that baresip plays. */
  start(baresipIs: 'operator' | 'contact', params: object): Promise<number>;
  release(callSessionId: number): Promise<void>;
  /** The n-th event of this kind of the server, perhaps one that has come already. */
  seen<Type extends CallEvent['type']>(type: Type, count?: number): Promise<Seen<Type>>;
  /** The n-th event of this kind that baresip told. */
  told(type: string, count?: number): Promise<string>;
  /** One of baresip's commands: `hold`, `resume`, `hangup`, `accept`, `sndcode`. */
  command(name: string, params?: string): Promise<void>;
  /** When the call is over: all that baresip heard in it. Stops it. */
  heard(): Promise<Int16Array>;
  /** When the call is over: stops baresip, returns all it printed. */
  printed(): Promise<string>;
};

export type StageOptions = {
  readonly folder: string;
  readonly baresip?: Partial<
    Pick<BaresipOptions, 'codecs' | 'answers' | 'mediaenc' | 'certificate'>
  >;
  readonly phone?: Partial<PhoneBehaviour>;
  /** What the server offers baresip; both laws of G.711 by default. */
  readonly offered?: readonly CodecName[];
  /** How the server reaches baresip, and what it wants of the sound; plain RTP and UDP by default. */
  readonly trunk?: Partial<Pick<Trunk, 'transport' | 'domain' | 'caFile' | 'srtp'>>;
};

const patienceMs = 8_000;

/** Starts a server, a sandbox and baresip, and stops them whatever `body` does. */
export async function withBaresip(
  options: StageOptions,
  body: (stage: Stage) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(options.folder, 'call-'));
  await using opened = new AsyncDisposableStack();
  const sandbox = await startSandbox({
    clock: systemClock,
    random: systemRandom(),
    log: silentLogger,
    host: '127.0.0.1',
    behaviours: () => ({
      ringsAfterMs: 50,
      final: { type: 'answers', afterMs: 800 },
      speaks: { sound: sounds.phoneVoice, loop: true },
      ...options.phone,
    }),
    keepsRecords: true,
  });
  opened.defer(() => sandbox.close());
  const baresip = await startBaresip({
    folder,
    number: baresipNumber,
    voice: joined(...Array.from({ length: 20 }, () => sounds.baresipVoice)),
    codecs: ['PCMA', 'PCMU'],
    answers: 'auto',
    ...options.baresip,
  });
  opened.defer(() => baresip.stop());
  const { transport = 'udp' } = options.trunk ?? {};
  const port = transport === 'tls' ? baresip.port + 1 : baresip.port;
  const listen = { host: '127.0.0.1', port: 0, publicAddress: '127.0.0.1' };
  const server = await startServer(
    ...testConfig({
      dataFolder: join(folder, 'data'),
      media: await writeMedia(folder),
      listen: transport === 'tcp' || transport === 'tls' ? [{ transport, ...listen }] : [],
      trunks: [
        {
          name: 'baresip',
          port,
          prefixes: [baresipNumber],
          codecs: options.offered ?? ['PCMA', 'PCMU'],
          ...options.trunk,
        },
        { name: 'sandbox', port: sandbox.sipAddress.port, prefixes: [''] },
      ],
    }),
  );
  opened.defer(() => server.stop(0));
  const seen = eventsOf(server);
  await body({
    server,
    baresip,
    seen: (type, count = 1) => soon(seen(type, count), `the server's ${type}`, baresip),
    told: async (type, count = 1) =>
      (await soon(baresip.seen(type, count), `baresip's ${type}`, baresip)).param,
    command: async (name, params) =>
      void (await soon(baresip.command(name, params), `the answer to ${name}`, baresip)),
    heard: () => soon(baresip.heard(), 'the end of baresip', baresip),
    printed: () => soon(baresip.quit(), 'the end of baresip', baresip),
    phone: () => {
      const call = sandbox.call(phoneNumber);
      assert.ok(call, 'the sandbox phone was not rung');
      return call;
    },
    start: async (baresipIs, params) => {
      const numbers =
        baresipIs === 'operator'
          ? { operator: baresipNumber, contact: phoneNumber }
          : { operator: phoneNumber, contact: baresipNumber };
      const order = { virtual_phone_number: testNumber, media_file_id: messageIds.music };
      const all = { ...order, ...numbers, ...params };
      const { data } = await rpc(server, 'start.simple_call', all);
      return data.call_session_id as number;
    },
    release: async (id) => void (await rpc(server, 'release.call', { call_session_id: id })),
  });
}

async function writeMedia(folder: string) {
  const files = [
    { id: messageIds.operator, name: 'operator_message', sound: sounds.operatorMessage },
    { id: messageIds.contact, name: 'contact_message', sound: sounds.contactMessage },
    { id: messageIds.music, name: 'music', sound: sounds.music },
  ];
  return Promise.all(
    files.map(async ({ id, name, sound }) => {
      const path = join(folder, `${name}.wav`);
      await writeFile(path, writeWav(8000, sound));
      return { id, name, path };
    }),
  );
}

function eventsOf(server: RunningServer) {
  const events: CallEvent[] = [];
  const looks = new Set<() => void>();
  server.bus.subscribe((event) => {
    events.push(event);
    for (const look of looks) look();
    looks.clear();
  });
  return async <Type extends CallEvent['type']>(type: Type, count: number): Promise<Seen<Type>> => {
    for (;;) {
      const event = events.filter((it) => it.type === type)[count - 1];
      if (event !== undefined) return event as Seen<Type>;
      await new Promise<void>((resolve) => looks.add(resolve));
    }
  };
}

/** Fails with what baresip printed when something does not come at all. */
async function soon<T>(wanted: Promise<T>, what: string, baresip: Baresip): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = systemClock.setTimer(patienceMs, () =>
    late.reject(new Error(`${what} did not come; baresip printed:\n${baresip.log}`)),
  );
  try {
    return await Promise.race([wanted, late.promise]);
  } finally {
    timer.cancel();
  }
}

/** Where a sound stands in what an ear heard: the part of it that was heard, ms of the recording. */
export type Heard = Found & { readonly fromMs: number; readonly toMs: number };

/**
 * Finds a sound, or fails: 400 ms of it at least, `whole` from its first to its last. `afterMs`: not
 * before this moment of the recording. `score`: how much like itself it must be, 0.95 by default.
 */
export function heardIn(
  recording: Int16Array,
  name: keyof typeof sounds,
  options: { readonly afterMs?: number; readonly whole?: boolean; readonly score?: number } = {},
): Heard {
  const { afterMs = 0, whole = false, score: leastScore = 0.95 } = options;
  const found = findSample(recording, sounds[name], { fromMs: afterMs });
  assert.ok(found, `${name} is not in ${recording.length / 8} ms of sound`);
  const { offsetMs, heardFromMs, heardToMs, score, coverage, complete } = found;
  assert.ok(score > leastScore, `${name} sounds only ${score.toFixed(2)} like itself`);
  assert.ok(!whole || complete, `${heardFromMs}-${heardToMs} ms of ${name} were heard`);
  assert.ok(!whole || coverage > 0.9, `only ${coverage.toFixed(2)} of ${name} was heard`);
  return { ...found, fromMs: offsetMs + heardFromMs, toMs: offsetMs + heardToMs };
}

/** Fails when a sound is anywhere in what an ear heard. */
export function notHeardIn(recording: Int16Array, name: keyof typeof sounds): void {
  const found = findSample(recording, sounds[name]);
  assert.equal(found, undefined, `${name} was heard: ${JSON.stringify(found)}`);
}

/** No call, no channel, no RTP port; and the last BYE is answered within a second. */
export async function nothingLeft(server: RunningServer): Promise<void> {
  const giveUp = systemClock.now() + 1_000;
  while (Object.values(server.counts()).some((count) => count > 0) && systemClock.now() < giveUp) {
    await seconds(0.01);
  }
  const left = Object.entries(server.counts()).filter(([, count]) => count > 0);
  assert.deepEqual(left, []);
}

/** Real time passes while real sound flows: the one wait that no event can replace. */
export const seconds = (count: number): Promise<void> =>
  new Promise((resolve) => void systemClock.setTimer(1_000 * count, resolve));
