import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Sink } from '../base/sink.ts';
import type { EventBus } from '../bus/event-bus.ts';
import type { Config } from '../config/config.ts';
import type { CallEvent } from '../model/call-event.ts';
import { behaviourByNumber } from '../sandbox/number-rules.ts';
import type { PhoneBehaviour } from '../sandbox/phone-behaviour.ts';
import type { PhoneEvent } from '../sandbox/phone-event.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { ApiClient } from './api-client.ts';
import { demoConfig, demoLogin } from './demo-config.ts';
import { type DemoSounds, knownSounds, loadDemoSounds, writeDemoMedia } from './demo-sounds.ts';
import type { KnownSound } from './recognise.ts';

/** What the demo uses of a running server. */
export type DemoServer = {
  readonly httpAddress: SocketAddress;
  readonly sipAddress: SocketAddress;
  readonly bus: EventBus;
  stop(limitMs?: number): Promise<void>;
};

/** Starts a server with its bootstrap applied; main.ts fills it in. */
export type StartDemoServer = (
  config: Config,
  options: { readonly log: Logger },
) => Promise<DemoServer>;

/** The server, the telephone network and the sounds: what every scenario is played on. */
export type Stage = {
  readonly server: DemoServer;
  readonly sandbox: Sandbox;
  readonly api: ApiClient;
  readonly password: string;
  readonly clock: Clock;
  readonly sounds: DemoSounds;
  readonly known: readonly KnownSound[];
  /** Gives the numbers of a play their phones, and the play what happens at them and in the server. */
  join(play: StagePlay): void;
  close(): Promise<void>;
};

export type StagePlay = {
  readonly phones: ReadonlyMap<string, PhoneBehaviour>;
  readonly onPhone: Sink<PhoneEvent>;
  readonly onCall: Sink<CallEvent>;
};

/** Sets everything up on free loopback ports, in a folder of its own that `close` removes. */
export async function openStage(options: {
  readonly startServer: StartDemoServer;
  readonly clock: Clock;
  readonly random: Random;
  /** Other sounds than the demo's own. */
  readonly sounds?: DemoSounds;
}): Promise<Stage> {
  const { startServer, clock, random, sounds = await loadDemoSounds() } = options;
  const plays: StagePlay[] = [];
  const log = silentLogger;
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'dozvon-demo-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const media = await writeDemoMedia(join(folder, 'media'), sounds);
  const sandbox = await startSandbox({
    clock,
    random,
    log,
    host: '127.0.0.1',
    keepsRecords: true,
    behaviours: (number) =>
      plays.find(({ phones }) => phones.has(number))?.phones.get(number) ??
      behaviourByNumber(number),
    sink: (event) => plays.find(({ phones }) => phones.has(event.number))?.onPhone(event),
  });
  opened.defer(() => sandbox.close());
  const { config, password } = demoConfig({ folder, trunk: sandbox.trunk, media });
  const server = await startServer(config, { log });
  opened.defer(() => server.stop(0));
  server.bus.subscribe((event) => {
    for (const play of plays) play.onCall(event);
  });
  const api = new ApiClient(server.httpAddress, { login: demoLogin, password });
  await api.logIn();
  const known = await knownSounds(sounds, join(config.dataFolder, 'system'));
  const parts = opened.move();
  return {
    server,
    sandbox,
    api,
    password,
    clock,
    sounds,
    known,
    join: (play) => void plays.push(play),
    close: () => parts.disposeAsync(),
  };
}
