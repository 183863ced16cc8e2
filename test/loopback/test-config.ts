import { hashPassword, verifyPassword } from '../../src/api/passwords.ts';
import { hashToken } from '../../src/api/tokens.ts';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import { applyBootstrap } from '../../src/config/bootstrap.ts';
import type { BootstrapMedia, Config, TrunkConfig } from '../../src/config/config.ts';
import { usualSpeech } from '../../src/config/to-speech.ts';
import type { MediaIntake } from '../../src/model/stored-sound.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import type { Store } from '../../src/store/store.ts';

/** A permanent key of the only account, and the number it may show. */
export const testKey = 'test-key-0123456789abcdef0123456789abcdef';
export const testNumber = '74993720692';

type ServerOptions = {
  readonly log: Logger;
  readonly prepare: (store: Store, media: MediaIntake) => Promise<void>;
};

/** The arguments of `startServer` for a test: free loopback ports, one account, short ring times. */
export function testConfig(options: {
  readonly dataFolder: string;
  readonly trunks: readonly (Pick<TrunkConfig, 'name' | 'port'> & Partial<TrunkConfig>)[];
  readonly media?: readonly BootstrapMedia[];
  readonly calls?: Partial<Config['calls']>;
  readonly speech?: Config['speech'];
  /** How phones of SIP lines prove their password. */
  readonly digestAlgorithms?: Config['lines']['digestAlgorithms'];
  /** Of SIP and RTP: 127.0.0.1 unless it is said. */
  readonly host?: string;
  readonly listen?: Config['sip']['listen'];
  readonly log?: Logger;
}): [Config, ServerOptions] {
  const { host = '127.0.0.1' } = options;
  const config: Config = {
    sandbox: false,
    http: { host: '127.0.0.1', port: 0, trustedProxies: [], forwardedHeader: 'X-Forwarded-For' },
    sip: {
      transport: 'udp',
      host,
      port: 0,
      publicAddress: host,
      listen: options.listen ?? [],
      sessionExpires: 1800,
    },
    rtp: { host, publicAddress: host, portMin: 40_000, portMax: 49_999, workers: 1 },
    trunks: options.trunks.map((trunk) => ({
      host,
      domain: host,
      transport: 'udp',
      codecs: ['PCMA', 'PCMU'],
      prefixes: [''],
      callerId: { header: 'From', form: 'digits' },
      ...trunk,
    })),
    lines: {
      networks: ['127.0.0.0/8'],
      leastSeconds: 1,
      usualSeconds: 60,
      mostSeconds: 600,
      digestAlgorithms: options.digestAlgorithms ?? ['SHA-256', 'MD5'],
      codecs: ['PCMA', 'PCMU'],
    },
    calls: {
      operatorRingMs: 10_000,
      contactRingMs: 10_000,
      confirmationMs: 5000,
      maxCallMs: 60_000,
      silenceMs: 20_000,
      shutdownMs: 1000,
      ...options.calls,
    },
    speech: options.speech ?? usualSpeech(),
    media: { uploadBytes: 2 ** 20, linkMs: 60_000 },
    retention: { apiRequestDays: 1, callJournalDays: 1 },
    api: { weights: [] },
    dataFolder: options.dataFolder,
    log: { level: 'error', pretty: false },
    bootstrap: {
      accounts: [
        {
          name: 'test',
          timeZone: 'Europe/Moscow',
          limits: { pointsPerMinute: 100_000, pointsPerDay: 1_000_000, ttsMaxLength: 1000 },
          users: [
            {
              login: 'test',
              password: 'test-password',
              callApi: true,
              dataApi: true,
              administration: false,
            },
          ],
          keys: [{ token: testKey, user: 'test', label: 'test', expiresAt: null }],
          numbers: [{ number: testNumber, label: 'test', active: true }],
          media: options.media ?? [],
          blacklist: [],
          allowList: [],
        },
      ],
    },
  };
  return [config, withBootstrap(config, options.log ?? silentLogger)];
}

/** Starts a server with the bootstrap of its configuration applied, as the program does. */
export function startBootstrapped(
  config: Config,
  { log }: { readonly log: Logger },
): Promise<RunningServer> {
  return startServer(config, withBootstrap(config, log));
}

function withBootstrap(config: Config, log: Logger): ServerOptions {
  const prepare = async (store: Store, media: MediaIntake): Promise<void> => {
    const deps = { hashPassword, verifyPassword, hashToken, media };
    await applyBootstrap(config.bootstrap, store, deps);
  };
  return { log, prepare };
}
