import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { usualSpeech } from '../config/to-speech.ts';
import type { Trunk } from '../model/trunk.ts';
import { mediaIds } from './scenarios.ts';

export const virtualNumber = '74993720692';
export const demoLogin = 'demo';

/**
 * The configuration of a demo server, all in memory: free ports on loopback, one trunk, one account
 * with a user, a number and the demo's sound files. The data goes to `folder`.
 */
export function demoConfig(options: {
  readonly folder: string;
  readonly trunk: Trunk;
  readonly media: Record<'operatorMessage' | 'contactMessage' | 'ownMusic', string>;
}): { readonly config: Config; readonly password: string } {
  const { folder, trunk, media } = options;
  const { address, codecs, prefixes, ...rest } = trunk;
  const password = randomUUID();
  const host = '127.0.0.1';
  const config: Config = {
    sandbox: false,
    http: { host, port: 0, trustedProxies: [], forwardedHeader: 'X-Forwarded-For' },
    sip: { transport: 'udp', host, port: 0, publicAddress: host, listen: [], sessionExpires: 1800 },
    rtp: { host, publicAddress: host, portMin: 20_000, portMax: 29_999, workers: 1 },
    trunks: [{ ...rest, codecs, prefixes, ...address }],
    lines: {
      networks: [],
      leastSeconds: 60,
      usualSeconds: 300,
      mostSeconds: 3600,
      digestAlgorithms: ['SHA-256', 'MD5'],
      codecs: ['PCMA', 'PCMU'],
    },
    calls: {
      operatorRingMs: 20_000,
      contactRingMs: 7000,
      confirmationMs: 10_000,
      maxCallMs: 60_000,
      silenceMs: 20_000,
      shutdownMs: 1000,
    },
    speech: usualSpeech(),
    media: { uploadBytes: 2 ** 20, linkMs: 60_000 },
    retention: { apiRequestDays: 1, callJournalDays: 1 },
    api: { weights: [] },
    dataFolder: join(folder, 'data'),
    log: { level: 'error', pretty: true },
    bootstrap: {
      accounts: [
        {
          name: 'demo',
          timeZone: 'Europe/Moscow',
          limits: { pointsPerMinute: 1000, pointsPerDay: 100_000, ttsMaxLength: 1000 },
          users: [
            {
              login: demoLogin,
              password,
              callApi: true,
              dataApi: true,
              administration: false,
            },
          ],
          keys: [],
          numbers: [{ number: virtualNumber, label: 'demo', active: true }],
          media: [
            { id: mediaIds.operatorMessage, name: 'operator_message', path: media.operatorMessage },
            { id: mediaIds.contactMessage, name: 'contact_message', path: media.contactMessage },
            { id: mediaIds.ownMusic, name: 'own_music', path: media.ownMusic },
          ],
          blacklist: [],
          allowList: [],
        },
      ],
    },
  };
  return { config, password };
}
