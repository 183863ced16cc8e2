// The wiring: the only file that names implementations. main.ts and the tests start whole servers by it.

import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createHttpApi } from './api/http-server.ts';
import { nextMidnight } from './api/zone-time.ts';
import { formatAddress, type SocketAddress } from './base/address.ts';
import { systemClock } from './base/clock.ts';
import type { Logger } from './base/logger.ts';
import { NetworkSet } from './base/network.ts';
import { systemRandom } from './base/random.ts';
import type { EventBus } from './bus/event-bus.ts';
import { LocalEventBus } from './bus/local-event-bus.ts';
import { callLog } from './calls/call-log.ts';
import { CallRegistry } from './calls/call-registry.ts';
import { pingTarget } from './calls/caller-id.ts';
import { recordInterruptedCalls } from './calls/interrupted-calls.ts';
import { createLineDialer } from './calls/line.ts';
import { Routing } from './calls/routing.ts';
import { SipLines } from './calls/sip-lines.ts';
import { isAlive, TrunkHealth } from './calls/trunk-health.ts';
import { hopTarget, type TrunkHops } from './calls/trunk-hops.ts';
import { TrunkRegistrations } from './calls/trunk-registrations.ts';
import type { Config } from './config/config.ts';
import { trunkOf } from './config/trunk-of.ts';
import { codecOf } from './media/audio/codecs.ts';
import { longestPromptMs, PromptCache } from './media/audio/prompt-cache.ts';
import { writeSystemSounds } from './media/audio/system-sounds.ts';
import { createEmbeddedEngine } from './media/embedded/embedded-engine.ts';
import { noAudioMs } from './media/embedded/media-core.ts';
import { MediaLibrary } from './media/library/media-library.ts';
import type { MediaEngine } from './media/media-engine.ts';
import { openSpeech } from './media/speech/open-speech.ts';
import type { Speech } from './media/speech/speech.ts';
import type { MediaIntake } from './model/stored-sound.ts';
import type { CodecName, Trunk } from './model/trunk.ts';
import { NumberRules } from './numbers/number-rules.ts';
import { startSandbox } from './sandbox/sandbox.ts';
import { SipUserAgent } from './sip/sip-user-agent.ts';
import { familyOf } from './sip/transport/hop.ts';
import { HopDirectory } from './sip/transport/hop-directory.ts';
import { openDns } from './sip/transport/node-dns.ts';
import type { UserAgent } from './sip/user-agent.ts';
import { startMediaSweeps } from './store/media-sweeps.ts';
import { startRetention } from './store/retention.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import type { Store } from './store/store.ts';

export type RunningServer = {
  readonly httpAddress: SocketAddress;
  readonly sipAddress: SocketAddress;
  readonly bus: EventBus;
  readonly store: Store;
  /** What is alive, for invariants: all zero when no call is. */
  counts(): { calls: number; channels: number; rtpPorts: number; unansweredRequests: number };
  /** Takes no new calls, lets the running ones end within `limitMs` (config), hangs up the rest, closes. Again: sooner. */
  stop(limitMs?: number): Promise<void>;
};

/** What the DNS is given before the server starts without it. */
const dnsPatienceMs = 5_000;

export function openStore(config: Config, log: Logger): Promise<Store> {
  return mkdir(config.dataFolder, { recursive: true }).then(() =>
    openSqliteStore({ path: join(config.dataFolder, 'dozvon.sqlite'), log, clock: systemClock }),
  );
}

/** What speaks messages of type `tts`; nothing of it is started before the first text. */
export function openSpeechOf({ speech, dataFolder }: Config, log: Logger): Speech {
  const folder = join(dataFolder, 'speech');
  return openSpeech({ settings: speech, folder, clock: systemClock, log });
}

/** Where sound files go that come from outside; its thread is started by the first of them. */
export async function openMediaLibrary(
  { dataFolder, media }: Config,
  log: Logger,
): Promise<MediaLibrary> {
  return new MediaLibrary({
    folder: join(dataFolder, 'media'),
    longestMs: longestPromptMs,
    largestReceivedBytes: media.uploadBytes,
    clock: systemClock,
    log,
  });
}

/** What every part of the start works with; what it opens is closed again in the opposite order. */
type Start = {
  readonly config: Config;
  readonly log: Logger;
  readonly opened: AsyncDisposableStack;
};

/**
 * Starts everything; rejects, with nothing left open, when a part cannot start. `prepare` fills the
 * store (bootstrap) before the first request is taken.
 */
export async function startServer(
  config: Config,
  options: {
    readonly log: Logger;
    readonly prepare?: (store: Store, media: MediaIntake) => Promise<void>;
  },
): Promise<RunningServer> {
  const { log } = options;
  await using opened = new AsyncDisposableStack();
  const start: Start = { config, log, opened };

  const store = opened.adopt(await openStore(config, log), (it) => it.close());
  const { prompts, library } = await openSounds(start, store);
  await options.prepare?.(store, library);
  const speech = opened.adopt(openSpeechOf(config, log), (it) => it.close());
  const media = opened.adopt(await openMedia(config, prompts, log), (it) => it.close());
  const { userAgent, lines, routing } = await openSignalling(start, store);
  // The SIP port is ours by now: no other process has calls that go on over this store.
  await recordInterruptedCalls({ store: store.calls, log });
  const { bus, calls, numbers } = await openCalls(start, { store, media, userAgent, routing });
  const sip = { server: formatAddress(userAgent.sentBy), states: lines };
  const http = createHttpApi({
    ...httpSettings(config),
    store,
    calls,
    bus,
    numbers,
    speech,
    sip,
    log,
    clock: systemClock,
    random: systemRandom(),
    media: { intake: library, linkMs: config.media.linkMs },
  });
  const httpAddress = await http.listen();
  startHousekeeping(start, store, library);

  const parts = opened.move();
  const close = async (): Promise<void> => {
    await http.close();
    await signallingDone(userAgent);
    await parts.disposeAsync();
  };
  let closed: Promise<void> | undefined;
  return {
    httpAddress,
    sipAddress: userAgent.sentBy,
    bus,
    store,
    counts: () => ({
      calls: calls.size,
      channels: routing.channelsInUse,
      rtpPorts: media.openPorts,
      unansweredRequests: userAgent.counts.unanswered,
    }),
    async stop(limitMs = config.calls.shutdownMs) {
      await calls.stop(limitMs);
      closed ??= close();
      await closed;
    },
  };
}

async function openSounds({ config, log, opened }: Start, store: Store) {
  const wideband = offered(config).some((codec) => codecOf(codec).rate === 16_000);
  const prompts = opened.adopt(new PromptCache({ log, wideband }), (it) => it.close());
  await addSystemFiles(config, store, prompts);
  const library = opened.adopt(await openMediaLibrary(config, log), (it) => it.close());
  await store.media.relocate(library.folder);
  return { prompts, library };
}

/** SIP: the ways to trunks and to the phones of employees. */
async function openSignalling(start: Start, store: Store) {
  const { config, log, opened } = start;
  const trunks = await openTrunks(start);
  const directory = opened.adopt(await openDirectory(config, trunks, log), (it) => it.close());
  const hops: TrunkHops = ({ name }) => directory.hops(name);
  const lines = opened.adopt(createLines(config, store, log), (it) => it.close());
  const userAgent = opened.adopt(await openUserAgent(config, { directory, lines, log }), (it) =>
    it.close(),
  );
  const registrations = opened.adopt(
    new TrunkRegistrations({ userAgent, trunks, hops, log }),
    (it) => it.close(),
  );
  const ping = async (trunk: Trunk): Promise<boolean> => {
    const [hop] = hops(trunk);
    return hop !== undefined && isAlive(await userAgent.ping(pingTarget(trunk, hop)));
  };
  const states = opened.adopt(
    new TrunkHealth({ clock: systemClock, log, trunks, ping, registrations }),
    (it) => it.close(),
  );
  const routing = new Routing(trunks, {
    clock: systemClock,
    random: systemRandom(),
    states,
    hops,
    lines,
    serviceRoute: (trunk) => registrations.serviceRoute(trunk),
  });
  return { userAgent, lines, routing };
}

async function openTrunks({ config, log, opened }: Start): Promise<readonly Trunk[]> {
  const trunks = config.trunks.map(trunkOf);
  if (!config.sandbox) return trunks;
  const { host } = config.sip;
  const sandbox = await startSandbox({ clock: systemClock, random: systemRandom(), log, host });
  opened.defer(() => sandbox.close());
  return [...trunks, sandbox.trunk];
}

function createLines({ lines, sip }: Config, store: Store, log: Logger): SipLines {
  const { leastSeconds, usualSeconds, mostSeconds, digestAlgorithms } = lines;
  return new SipLines({
    clock: systemClock,
    random: systemRandom(),
    log,
    store: store.sipLines,
    expires: { least: leastSeconds, usual: usualSeconds, most: mostSeconds },
    algorithms: digestAlgorithms,
    domain: sip.publicAddress,
    sound: lines,
  });
}

async function openCalls(
  { config, log, opened }: Start,
  parts: {
    readonly store: Store;
    readonly media: MediaEngine;
    readonly userAgent: UserAgent;
    readonly routing: Routing;
  },
) {
  const { store, media, userAgent, routing } = parts;
  const bus = new LocalEventBus(log);
  bus.subscribe(callLog(log));
  const { operatorRingMs, contactRingMs, confirmationMs, maxCallMs, silenceMs } = config.calls;
  const calls = new CallRegistry({
    clock: systemClock,
    limits: {
      operatorRingMs,
      contactRingMs,
      confirmationMs,
      longestCallMs: maxCallMs,
      silenceMs: silenceLimit(silenceMs),
    },
    dialer: createLineDialer({ userAgent, media, log }),
    store: store.calls,
    routing,
    media,
    bus,
    log,
  });
  const numbers = opened.adopt(
    new NumberRules({
      clock: systemClock,
      random: systemRandom(),
      store,
      log,
      nextMidnight,
      endCall: (accountId, callSessionId) => calls.endAtLimit(accountId, callSessionId),
    }),
    (it) => it.close(),
  );
  bus.subscribe((event) => numbers.take(event));
  await numbers.restore();
  return { bus, calls, numbers };
}

function httpSettings({ http, api }: Config) {
  const { host, port, tls, trustedProxies, forwardedHeader, publicUrl } = http;
  return {
    address: { host, port },
    proxies: { trustedProxies, forwardedHeader },
    weights: new Map(api.weights.map(({ method, points }) => [method, points])),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(tls && { tls }),
  };
}

/** Removes what grows without end, and sounds that nobody needs. */
function startHousekeeping(
  { config, log, opened }: Start,
  store: Store,
  library: MediaLibrary,
): void {
  const { apiRequestDays: requestDays, callJournalDays: journalDays } = config.retention;
  const common = { store, clock: systemClock, log };
  opened.use(startRetention({ ...common, requestDays, journalDays }));
  opened.use(startMediaSweeps({ ...common, sweep: (wanted) => library.sweep(wanted) }));
}

function openMedia(config: Config, prompts: PromptCache, log: Logger): Promise<MediaEngine> {
  const { host, publicAddress, portMin, portMax, workers } = config.rtp;
  return createEmbeddedEngine({
    clock: systemClock,
    random: systemRandom(),
    log,
    address: host,
    publicAddress,
    portRange: { min: portMin, max: portMax },
    workers: workers === 'auto' ? Math.max(1, availableParallelism() - 1) : workers,
    opus: offered(config).includes('opus'),
    prompts,
  });
}

/** What any trunk and any phone of its own is offered. */
function offered({ trunks, lines }: Config): readonly CodecName[] {
  return [...lines.codecs, ...trunks.flatMap(({ codecs }) => codecs)];
}

/** The media engine tells of a party that is not heard after a while of its own. */
function silenceLimit(silenceMs: number): number | undefined {
  return silenceMs === 0 ? undefined : Math.max(0, silenceMs - noAudioMs);
}

/** The trunks' servers; a name that does not resolve yet is warned of and asked again. */
async function openDirectory(
  { sip }: Config,
  trunks: readonly Trunk[],
  log: Logger,
): Promise<HopDirectory> {
  const listeners = [sip, ...sip.listen];
  const directory = new HopDirectory({
    clock: systemClock,
    random: systemRandom(),
    log,
    dns: openDns(),
    spoken: {
      transports: [...new Set(listeners.map(({ transport }) => transport))],
      families: [...new Set(listeners.map(({ host }) => familyOf(host)))],
    },
  });
  const known = trunks.map((trunk) => directory.add(trunk.name, hopTarget(trunk)));
  // A name server that is silent holds up the calls through its trunk, not the start.
  const patience = Promise.withResolvers<void>();
  const timer = systemClock.setTimer(dnsPatienceMs, patience.resolve);
  await Promise.race([Promise.all(known), patience.promise]);
  timer.cancel();
  return directory;
}

/** Only the trunks and the networks of phones may speak to it: anybody else is answered by nothing. */
function openUserAgent(
  { sip, lines: { networks } }: Config,
  {
    directory,
    lines,
    log,
  }: { readonly directory: HopDirectory; readonly lines: SipLines; readonly log: Logger },
): Promise<UserAgent> {
  const phones = new NetworkSet(networks);
  return SipUserAgent.open({
    clock: systemClock,
    random: systemRandom(),
    log,
    listeners: [sip, ...sip.listen].map(({ publicAddress, ...listener }) => ({
      ...listener,
      announce: { host: publicAddress },
    })),
    sessionExpires: sip.sessionExpires,
    accepts: ({ host }) => directory.knows(host) || phones.has(host),
    onRegister: (request, source) =>
      phones.has(source.host) ? lines.registrar.receive(request, source) : undefined,
  });
}

/** The last BYEs and CANCELs are answered, or have had two seconds for it. */
async function signallingDone(userAgent: UserAgent): Promise<void> {
  const giveUp = systemClock.now() + 2_000;
  while (userAgent.counts.unanswered > 0 && systemClock.now() < giveUp) {
    await new Promise<void>((resolve) => systemClock.setTimer(20, resolve));
  }
}

/**
 * The system's sounds, as files of the media library that every account may use: 1 is the first of them
 * and so on, unless an older installation has given that id away. An id that was given stays.
 */
async function addSystemFiles(config: Config, store: Store, prompts: PromptCache): Promise<void> {
  const sounds = Object.values(await writeSystemSounds(join(config.dataFolder, 'system')));
  for (const [index, { name, path, sizeBytes }] of sounds.entries()) {
    const { contentHash, durationMs } = await prompts.prepare({ id: 0, name, path });
    const known = await store.media.system(name);
    const isFree = (await store.media.byId(index + 1)) === undefined;
    const id = known?.id ?? (isFree ? index + 1 : undefined);
    await store.media.put({
      ...(id !== undefined && { id }),
      accountId: null,
      name,
      path,
      contentHash,
      durationMs,
      sizeBytes,
      normalized: true,
    });
  }
}
