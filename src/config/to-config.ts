import type { BootstrapAccount, Config, TrunkConfig } from './config.ts';
import { defaultSipHost } from './cross-checks.ts';
import type { KeyPath } from './key-tree.ts';
import { completeListeners, toListeners } from './listeners.ts';
import type { ConfigValues } from './schema.ts';
import { toSecurityChange } from './security-schema.ts';
import { toSpeech } from './to-speech.ts';

/** Values whose defaults follow from others: after it none of these is undefined. */
export function completeValues(values: ConfigValues, sandbox: boolean): ConfigValues {
  const sipHost = values.sip.host ?? defaultSipHost(sandbox);
  const sipPublic = values.sip.public_address ?? sipHost;
  const rtpHost = values.rtp.host ?? sipHost;
  // An RTP address of one's own is announced as it is, unless something else is said.
  const rtpPublic =
    values.rtp.public_address ?? (values.rtp.host === undefined ? sipPublic : undefined);
  const announced = rtpPublic ?? (isAnyAddress(rtpHost) ? sipPublic : rtpHost);
  return {
    ...values,
    sandbox,
    sip: {
      ...values.sip,
      host: sipHost,
      public_address: sipPublic,
      listen: completeListeners(values.sip.listen, sipHost, sipPublic),
    },
    rtp: { ...values.rtp, host: rtpHost, public_address: announced },
    trunks: values.trunks.map((trunk) => ({ ...trunk, domain: trunk.domain ?? trunk.host })),
  };
}

const isAnyAddress = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** From the file's names and units to the program's. `toPath` makes a path absolute. */
export function toConfig(
  values: ConfigValues,
  toPath: (at: KeyPath, value: string) => string,
): Config {
  const { http, sip, rtp, calls } = values;
  return {
    sandbox: values.sandbox ?? false,
    http: {
      host: http.host,
      port: http.port,
      ...(http.tls && {
        tls: {
          certificate: toPath(['http', 'tls', 'certificate'], http.tls.certificate),
          key: toPath(['http', 'tls', 'key'], http.tls.key),
        },
      }),
      trustedProxies: http.trusted_proxies,
      forwardedHeader: http.forwarded_header,
      ...(http.public_url !== undefined && { publicUrl: http.public_url }),
    },
    sip: {
      transport: sip.transport,
      host: sip.host!,
      port: sip.port,
      publicAddress: sip.public_address!,
      listen: toListeners(values, toPath),
      sessionExpires: sip.session_expires,
    },
    rtp: {
      host: rtp.host!,
      publicAddress: rtp.public_address!,
      portMin: rtp.port_min,
      portMax: rtp.port_max,
      workers: rtp.workers,
    },
    trunks: values.trunks.map((trunk, index) =>
      toTrunk(trunk, (path) => toPath(['trunks', index, 'ca'], path)),
    ),
    lines: {
      networks: values.lines.networks,
      leastSeconds: values.lines.least_seconds,
      usualSeconds: values.lines.usual_seconds,
      mostSeconds: values.lines.most_seconds,
      digestAlgorithms: values.lines.digest_algorithms,
      codecs: values.lines.codecs,
      srtp: values.lines.srtp,
      rtpLatching: values.lines.rtp_latching,
    },
    calls: {
      operatorRingMs: calls.operator_ring_seconds * 1000,
      contactRingMs: calls.contact_ring_seconds * 1000,
      confirmationMs: calls.confirmation_seconds * 1000,
      maxCallMs: calls.max_call_minutes * 60_000,
      silenceMs: calls.silence_seconds * 1000,
      shutdownMs: calls.shutdown_seconds * 1000,
    },
    speech: toSpeech(values.speech),
    media: {
      uploadBytes: values.media.upload_mb * 2 ** 20,
      linkMs: values.media.link_minutes * 60_000,
    },
    retention: {
      apiRequestDays: values.retention.api_request_days,
      callJournalDays: values.retention.call_journal_days,
    },
    api: values.api,
    dataFolder: toPath(['data_folder'], values.data_folder),
    log: values.log,
    bootstrap: {
      accounts: values.bootstrap.accounts.map((account, index) =>
        toAccount(account, (place, path) =>
          toPath(['bootstrap', 'accounts', index, 'media', place, 'path'], path),
        ),
      ),
    },
  };
}

function toTrunk(
  trunk: ConfigValues['trunks'][number],
  toPath: (path: string) => string,
): TrunkConfig {
  const { username, password, realm } = trunk;
  return {
    name: trunk.name,
    host: trunk.host,
    ...(trunk.port !== undefined && { port: trunk.port }),
    domain: trunk.domain ?? trunk.host,
    transport: trunk.transport,
    ...(trunk.ca !== undefined && { caFile: toPath(trunk.ca) }),
    ...(trunk.insecure && { insecure: true }),
    ...(trunk.large_by_tcp && { largeByTcp: true }),
    ...(username !== undefined &&
      password !== undefined && {
        credentials: { username, password, ...(realm !== undefined && { realm }) },
      }),
    codecs: trunk.codecs,
    srtp: trunk.srtp,
    rtpLatching: trunk.rtp_latching,
    callerId: toCallerId(trunk.caller_id),
    priority: trunk.priority,
    weight: trunk.weight,
    noResponseMs: trunk.no_response_seconds * 1000,
    ...(trunk.register && { registerSeconds: trunk.register_seconds }),
    ...(trunk.options_seconds > 0 && { pingMs: trunk.options_seconds * 1000 }),
    ...(trunk.max_channels !== undefined && { maxChannels: trunk.max_channels }),
    ...(trunk.max_calls_per_second !== undefined && {
      maxCallsPerSecond: trunk.max_calls_per_second,
    }),
    prefixes: trunk.prefixes,
  };
}

function toCallerId(rule: ConfigValues['trunks'][number]['caller_id']): TrunkConfig['callerId'] {
  const { header, form, from, show_foreign: showsForeign } = rule;
  const headers = rule.headers.map(({ name, value }) => [name, value] as const);
  return { header, form, headers, showsForeign, ...(from !== undefined && { from }) };
}

function toAccount(
  account: ConfigValues['bootstrap']['accounts'][number],
  toPath: (place: number, path: string) => string,
): BootstrapAccount {
  return {
    name: account.name,
    timeZone: account.time_zone,
    limits: {
      pointsPerMinute: account.limits.points_per_minute,
      pointsPerDay: account.limits.points_per_day,
      ttsMaxLength: account.limits.tts_max_length,
    },
    users: account.users.map(({ login, password, call_api, data_api, administration }) => ({
      login,
      password,
      callApi: call_api,
      dataApi: data_api,
      administration,
    })),
    keys: account.keys.map(({ token, user, label, expires }) => ({
      token,
      user,
      label,
      // A date alone is midnight UTC, as ECMAScript reads it.
      expiresAt: expires === undefined ? null : Math.floor(Date.parse(expires) / 1000),
    })),
    numbers: account.numbers,
    media: account.media.map(({ id, name, path, normalize }, place) => ({
      ...(id !== undefined && { id }),
      name,
      path: toPath(place, path),
      normalize,
    })),
    blacklist: account.blacklist,
    allowList: account.allow_list,
    ...(account.security && { security: toSecurityChange(account.security) }),
    ...(account.disabled_components && { disabledComponents: account.disabled_components }),
  };
}
