import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { privateNetworks } from '../base/network.ts';
import { checkFiles } from './check-files.ts';
import type { KeyNode } from './key-tree.ts';
import { configFrom, configTree, loadConfig } from './load-config.ts';
import { ConfigError } from './problems.ts';

type Given = {
  readonly yaml?: string;
  readonly env?: Record<string, string>;
  readonly path?: string;
};

function load({ yaml, env = {}, path }: Given) {
  const readFile = (asked: string) =>
    asked === `/srv/${path ?? env.DOZVON_CONFIG ?? 'dozvon.yaml'}` ? yaml : undefined;
  return loadConfig({ path, env, cwd: '/srv', readFile });
}

function complaints(given: Given): string {
  try {
    load(given);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'no complaint';
}

const minimal = `
sip: { public_address: 203.0.113.10 }
trunks:
  - { name: carrier, host: sip.carrier.example }
`;

test('nothing configured: a sandbox on loopback', () => {
  const { config, file } = load({});
  assert.equal(file, undefined);
  assert.deepEqual(config, {
    sandbox: true,
    http: {
      host: '127.0.0.1',
      port: 8080,
      trustedProxies: [],
      forwardedHeader: 'X-Forwarded-For',
    },
    sip: {
      transport: 'udp',
      host: '127.0.0.1',
      port: 5060,
      publicAddress: '127.0.0.1',
      listen: [],
      sessionExpires: 1800,
    },
    rtp: {
      host: '127.0.0.1',
      publicAddress: '127.0.0.1',
      portMin: 10_000,
      portMax: 20_000,
      workers: 'auto',
    },
    trunks: [],
    lines: {
      networks: privateNetworks,
      leastSeconds: 60,
      usualSeconds: 300,
      mostSeconds: 3600,
      digestAlgorithms: ['SHA-256', 'MD5'],
      codecs: ['PCMA', 'PCMU'],
      srtp: 'off',
      rtpLatching: 'auto',
    },
    calls: {
      operatorRingMs: 60_000,
      contactRingMs: 30_000,
      confirmationMs: 30_000,
      maxCallMs: 10_800_000,
      silenceMs: 60_000,
      shutdownMs: 30_000,
    },
    speech: {
      engines: [
        { name: 'espeak-ng', type: 'espeak-ng', timeoutMs: 4000, languages: [] },
        { name: 'espeak-ng-wasm', type: 'espeak-ng-wasm', timeoutMs: 4000, languages: [] },
      ],
      overrides: [],
      language: 'auto',
      rate: 1,
      cacheBytes: 256 * 2 ** 20,
    },
    media: { uploadBytes: 64 * 2 ** 20, linkMs: 3_600_000 },
    retention: { apiRequestDays: 90, callJournalDays: 30 },
    api: { weights: [] },
    dataFolder: '/srv/data',
    log: { level: 'info', pretty: 'auto' },
    bootstrap: { accounts: [] },
  });
});

test('a trunk with every key', () => {
  const { config } = load({
    yaml: `
sip: { public_address: 203.0.113.10 }
trunks:
  - name: carrier
    host: 198.51.100.7
    port: 5070
    domain: carrier.example
    username: dozvon
    password: "12345678"
    realm: carrier
    codecs: [PCMU]
    srtp: required
    rtp_latching: strict
    caller_id:
      header: P-Asserted-Identity
      form: plus
      from: "{username}"
      headers: [{ name: Privacy, value: id }]
      show_foreign: false
    priority: 3
    weight: 5
    max_channels: 30
    max_calls_per_second: 10
    no_response_seconds: 2
    options_seconds: 30
    register: true
    register_seconds: 300
    prefixes: [7, "49"]
`,
  });
  assert.equal(config.sandbox, false);
  assert.deepEqual(config.sip.host, '0.0.0.0');
  assert.deepEqual(config.rtp.publicAddress, '203.0.113.10');
  assert.deepEqual(config.trunks, [
    {
      name: 'carrier',
      host: '198.51.100.7',
      port: 5070,
      domain: 'carrier.example',
      transport: 'udp',
      credentials: { username: 'dozvon', password: '12345678', realm: 'carrier' },
      codecs: ['PCMU'],
      srtp: 'required',
      rtpLatching: 'strict',
      callerId: {
        header: 'P-Asserted-Identity',
        form: 'plus',
        from: '{username}',
        headers: [['Privacy', 'id']],
        showsForeign: false,
      },
      priority: 3,
      weight: 5,
      noResponseMs: 2000,
      registerSeconds: 300,
      pingMs: 30_000,
      maxChannels: 30,
      maxCallsPerSecond: 10,
      prefixes: ['7', '49'],
    },
  ]);
});

test('an account: numbers without quotes, an expiry as a date, paths from the folder of the file', () => {
  const { config } = load({
    path: 'etc/acme.yaml',
    yaml: `${minimal}
data_folder: store
http: { tls: { certificate: cert.pem, key: /etc/key.pem } }
bootstrap:
  accounts:
    - name: acme
      users: [{ login: crm, password: correct horse }]
      keys: [{ token: abcdefghijklmnopqrstuvwxyz, user: crm, expires: 2027-01-31 }]
      numbers: [{ number: 74993720692 }]
      media: [{ id: 2561, name: greeting, path: sounds/greeting.wav }]
      blacklist: [79260000000]
      allow_list: [203.0.113.7/32, '2001:DB8::/32']
`,
  });
  assert.equal(config.dataFolder, '/srv/etc/store');
  assert.deepEqual(config.http.tls, { certificate: '/srv/etc/cert.pem', key: '/etc/key.pem' });
  assert.deepEqual(config.bootstrap.accounts, [
    {
      name: 'acme',
      timeZone: 'Europe/Moscow',
      limits: { pointsPerMinute: 600, pointsPerDay: 100_000, ttsMaxLength: 1000 },
      users: [
        {
          login: 'crm',
          password: 'correct horse',
          callApi: true,
          dataApi: true,
          administration: false,
        },
      ],
      keys: [
        {
          token: 'abcdefghijklmnopqrstuvwxyz',
          user: 'crm',
          label: '',
          expiresAt: Date.UTC(2027, 0, 31) / 1000,
        },
      ],
      numbers: [{ number: '74993720692', label: '', active: true }],
      media: [
        { id: 2561, name: 'greeting', path: '/srv/etc/sounds/greeting.wav', normalize: false },
      ],
      blacklist: ['79260000000'],
      allowList: ['203.0.113.7', '2001:db8::/32'],
    },
  ]);
});

test('weights of methods, each named once', () => {
  const weights = (list: string) => load({ yaml: `${minimal}api: { weights: [${list}] }\n` });
  const free = '{ method: list.calls, points: 0 }';
  assert.deepEqual(weights(free).config.api.weights, [{ method: 'list.calls', points: 0 }]);
  assert.throws(() => weights(`${free}, ${free}`), /method: "list\.calls" is given twice/);
  assert.throws(() => weights('{ method: list, points: 0 }'), /must be the name of a method/);
});

test('a section without keys is as if it were not there', () => {
  assert.equal(load({ yaml: `${minimal}http:\nlog:\n` }).config.http.port, 8080);
});

test('where the file is: the option before the environment before ./dozvon.yaml', () => {
  const yaml = minimal;
  assert.equal(load({ yaml }).file, 'dozvon.yaml');
  assert.equal(load({ yaml, env: { DOZVON_CONFIG: 'other.yaml' } }).file, 'other.yaml');
  assert.equal(load({ yaml, path: 'x.yaml', env: { DOZVON_CONFIG: 'y.yaml' } }).file, 'x.yaml');
});

test('single keys by environment, which wins over the file', () => {
  const { config, sourceOf } = load({
    yaml: `${minimal}http: { port: 80 }\n`,
    env: {
      DOZVON_HTTP_PORT: '8443',
      DOZVON_RTP_WORKERS: '3',
      DOZVON_LOG_PRETTY: 'false',
      DOZVON_SIP_PUBLIC_ADDRESS: '203.0.113.99',
      DOZVON_TRUNKS_0_USERNAME: 'dozvon',
      DOZVON_TRUNKS_0_PASSWORD: '007',
      DOZVON_TRUNKS_1: '{"name":"spare","host":"198.51.100.8"}',
      DOZVON_DATA_FOLDER: 'd',
      DOZVON_SERVICE_HOST: '10.0.0.1',
      DOZVON_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
    },
  });
  assert.equal(config.http.port, 8443);
  assert.equal(config.rtp.workers, 3);
  assert.equal(config.log.pretty, false);
  assert.equal(config.sip.publicAddress, '203.0.113.99');
  assert.equal(config.dataFolder, '/srv/d');
  assert.deepEqual(config.trunks[0]?.credentials, { username: 'dozvon', password: '007' });
  assert.equal(config.trunks[1]?.name, 'spare');
  assert.equal(sourceOf(['http', 'port']), 'DOZVON_HTTP_PORT');
  assert.equal(sourceOf(['trunks', 0, 'name']), 'dozvon.yaml:4');
  assert.equal(sourceOf(['trunks', 1, 'host']), 'DOZVON_TRUNKS_1');
  assert.equal(sourceOf(['http', 'host']), 'default');
});

test('trunks by environment alone end the sandbox', () => {
  const env = {
    DOZVON_TRUNKS: '[{"name":"carrier","host":"198.51.100.7"}]',
    DOZVON_SIP_PUBLIC_ADDRESS: '203.0.113.10',
  };
  assert.equal(load({ env }).config.sandbox, false);
});

const mistakes: { name: string; given: Given; told: string }[] = [
  {
    name: 'all mistakes at once, in the order of the file, then of the environment',
    given: {
      yaml: `htp: 1
http:
  prot: 2
  port: x
sip: { public_address: pbx.example }
trunks:
  - name: a b
    codecs: [OPUS]
    password: 12345678
rtp: { workers: ten, port_min: 20000, port_max: 10000 }
`,
      env: { DOZVON_HTTP_PROT: '1', DOZVON_SIP_PORT: 'abc' },
    },
    told: `dozvon.yaml:1:1: htp: unknown key; did you mean "http"? Allowed here: sandbox, http, sip, rtp, trunks, lines, calls, speech, media, retention, api, data_folder, log, bootstrap
dozvon.yaml:3:3: http.prot: unknown key; did you mean "port"? Allowed here: host, port, tls, trusted_proxies, forwarded_header, public_url
dozvon.yaml:4:9: http.port: must be a whole number from 0 to 65535 (0: any free one), not "x"
dozvon.yaml:5:24: sip.public_address: must be an IP address, not "pbx.example"
dozvon.yaml:7:11: trunks[0].name: must be a name of letters, digits, "-" and "_", not "a b"
dozvon.yaml:7:5: trunks[0].host: is missing: a host name or an IP address
dozvon.yaml:8:14: trunks[0].codecs[0]: must be PCMA, PCMU, G722 or opus, not "OPUS"
dozvon.yaml:9:15: trunks[0].password: must be a text, not what is written there: without quotes YAML reads it as a number, so write it in quotes
dozvon.yaml:10:17: rtp.workers: must be auto or a whole number from 1 to 64, not "ten"
environment DOZVON_HTTP_PROT: unknown key; did you mean DOZVON_HTTP_PORT?
environment DOZVON_SIP_PORT: sip.port: must be a whole number from 0 to 65535 (0: any free one), not "abc"`,
  },
  {
    name: 'a key unlike any other',
    given: { yaml: `${minimal}log: { verbosity: 3 }` },
    told: 'dozvon.yaml:5:8: log.verbosity: unknown key; allowed here: level, pretty',
  },
  {
    name: 'no YAML',
    given: { yaml: 'http:\n  host: "127.0.0.1\n' },
    told: 'dozvon.yaml:3:1: Missing closing "quote',
  },
  {
    name: 'a key twice',
    given: { yaml: `${minimal}http: { port: 1 }\nhttp: { port: 2 }\n` },
    told: 'dozvon.yaml:6:1: Map keys must be unique',
  },
  {
    name: 'a list where sections are wanted',
    given: { yaml: '- http' },
    told: 'dozvon.yaml:1:1: must be a section of keys, as http: and trunks:',
  },
  {
    name: 'a section that is a text',
    given: { yaml: `${minimal}http: 127.0.0.1:8080\n` },
    told: 'dozvon.yaml:5:7: http: must be a section with host, port, tls, trusted_proxies, forwarded_header, public_url, not a text',
  },
  {
    name: 'a secret in the wrong place is not repeated',
    given: {
      yaml: `${minimal}bootstrap: { accounts: [{ name: a, keys: [abcdefghijklmnopqrstuvwxyz] }] }\n`,
    },
    told: 'dozvon.yaml:5:43: bootstrap.accounts[0].keys[0]: must be a section with token, user, label, expires, not a text',
  },
  {
    name: 'a file without a trunk',
    given: { yaml: 'http: { port: 80 }' },
    told: `dozvon.yaml:1:1: trunks: no trunk is named, so no call could be placed: add one, or set sandbox: true`,
  },
  {
    name: 'the sandbox and a trunk',
    given: { yaml: `sandbox: true${minimal}` },
    told: 'dozvon.yaml:1:10: sandbox: the sandbox takes the place of trunks: remove it, or the trunks',
  },
  {
    name: 'an address for trunks to answer to is needed',
    given: { yaml: 'trunks: [{ name: carrier, host: sip.carrier.example }]' },
    told: 'dozvon.yaml:1:1: sip.public_address: is missing: the IP address at which trunks reach this server, since SIP listens on all of them (sip.host is 0.0.0.0)',
  },
  {
    name: 'an address for phones to send sound to is needed',
    given: {
      yaml: 'sandbox: true\nrtp: { host: 0.0.0.0 }',
    },
    told: 'dozvon.yaml:2:6: rtp.public_address: is missing: the IP address at which phones reach this server, since RTP listens on all of them (rtp.host is 0.0.0.0)',
  },
  {
    name: 'ports the wrong way round',
    given: { yaml: `${minimal}rtp: { port_min: 20000, port_max: 10000 }` },
    told: 'dozvon.yaml:5:35: rtp.port_max: must be above port_min (20000), not 10000',
  },
  {
    name: 'half of the credentials',
    given: {
      yaml: `sip: { public_address: 203.0.113.10 }
trunks:
  - { name: one, host: a.example, username: u }
  - { name: two, host: b.example, password: secret }
`,
    },
    told: `dozvon.yaml:3:5: trunks[0].password: is missing: a username is of no use without it
dozvon.yaml:4:5: trunks[1].username: is missing: a password is of no use without it`,
  },
  {
    name: 'names given twice, a key of nobody',
    given: {
      yaml: `${minimal}  - { name: carrier, host: b.example }
bootstrap:
  accounts:
    - name: acme
      users:
        - { login: crm, password: correct horse }
        - { login: crm, password: correct horse }
      keys:
        - { token: abcdefghijklmnopqrstuvwxyz, user: cmr }
        - { token: abcdefghijklmnopqrstuvwxyz, user: crm }
      numbers: [{ number: 74993720692 }, { number: "74993720692" }]
`,
    },
    told: `dozvon.yaml:5:13: trunks[1].name: "carrier" is given twice
dozvon.yaml:11:20: bootstrap.accounts[0].users[1].login: "crm" is given twice
dozvon.yaml:13:54: bootstrap.accounts[0].keys[0].user: no user of this account has the login "cmr"; did you mean "crm"?
dozvon.yaml:14:20: bootstrap.accounts[0].keys[1].token: the same is given twice
dozvon.yaml:15:52: bootstrap.accounts[0].numbers[1].number: "74993720692" is given twice`,
  },
  {
    name: 'security rules',
    given: {
      yaml: `sandbox: true
bootstrap:
  accounts:
    - name: acme
      blacklist: ["7809*", "78*09"]
      disabled_components: [Call API Базовый набор, tts]
      security:
        home_country: Russia
        directions: { mobile: yes, abroad: true }
        allowed_prefixes: [7800, "+44", "0"]
        limits:
          simultaneous_calls: unlimited
          minutes_per_day: -1
          prefix_length: 16
`,
    },
    told: `dozvon.yaml:5:28: bootstrap.accounts[0].blacklist[1]: must be a number as 79260000000, or the first digits of numbers and *, as "7809*", not "78*09"
dozvon.yaml:6:53: bootstrap.accounts[0].disabled_components[1]: must be one of Call API Базовый набор, Call API Управление вызовами, Call API Информационный вызов, Call API Вызов сценария, Data API, va, Text-to-Speech, Автоматическое управление номерами, not "tts"
dozvon.yaml:8:23: bootstrap.accounts[0].security.home_country: must be a country of ISO 3166 by two letters, as RU, not "Russia"
dozvon.yaml:9:31: bootstrap.accounts[0].security.directions.mobile: must be true (allowed) or false, not "yes"
dozvon.yaml:9:36: bootstrap.accounts[0].security.directions.abroad: unknown key; allowed here: mobile, long_distance, international
dozvon.yaml:10:34: bootstrap.accounts[0].security.allowed_prefixes[1]: must be the first digits of numbers with the country code, as 7800 or 44, not "+44"
dozvon.yaml:10:41: bootstrap.accounts[0].security.allowed_prefixes[2]: must be the first digits of numbers with the country code, as 7800 or 44, not "0"
dozvon.yaml:12:31: bootstrap.accounts[0].security.limits.simultaneous_calls: must be a whole number from 0 to 1000000 (calls), or none, not "unlimited"
dozvon.yaml:13:28: bootstrap.accounts[0].security.limits.minutes_per_day: must be a whole number from 0 to 1000000 (minutes), or none, not -1
dozvon.yaml:14:26: bootstrap.accounts[0].security.limits.prefix_length: must be a whole number from 1 to 15 (digits), not 16`,
  },
  {
    name: 'a prefix that is allowed and denied',
    given: {
      yaml: `sandbox: true
bootstrap:
  accounts:
    - name: acme
      security:
        allowed_prefixes: [7800, 44]
        denied_prefixes: [7926, "44"]
`,
    },
    told: 'dozvon.yaml:6:34: bootstrap.accounts[0].security.allowed_prefixes[1]: "44" is in denied_prefixes too: remove one of the two',
  },
  {
    name: 'values of an account',
    given: {
      yaml: `${minimal}bootstrap:
  accounts:
    - name: acme
      time_zone: Moscow
      users: [{ login: crm, password: short }]
      keys: [{ token: abc, user: crm, expires: tomorrow }]
      numbers: [{ number: "+74993720692" }]
`,
    },
    told: `dozvon.yaml:8:18: bootstrap.accounts[0].time_zone: must be an IANA time zone, as Europe/Moscow or Asia/Yekaterinburg, not "Moscow"
dozvon.yaml:9:39: bootstrap.accounts[0].users[0].password: must be a text of 8 to 256 characters, not what is written there
dozvon.yaml:10:23: bootstrap.accounts[0].keys[0].token: must be 24 to 256 letters, digits and signs without a space, not what is written there
dozvon.yaml:10:48: bootstrap.accounts[0].keys[0].expires: must be a date (2027-01-31, from 00:00 UTC) or an instant (2027-01-31T12:00:00+03:00), not "tomorrow"
dozvon.yaml:11:27: bootstrap.accounts[0].numbers[0].number: must be a number in E.164 form without +, 7 to 15 digits, as 74993720692, not "+74993720692"`,
  },
  {
    name: 'a list by environment that is no JSON, an element out of reach',
    given: {
      yaml: minimal,
      env: { DOZVON_TRUNKS_0_CODECS: 'PCMA', DOZVON_TRUNKS_2_HOST: 'b.example' },
    },
    told: `environment DOZVON_TRUNKS_0_CODECS: trunks[0].codecs: must be JSON
environment DOZVON_TRUNKS_2_HOST: trunks[2].host: there is no element before it`,
  },
  {
    name: 'a file that is not there',
    given: { path: 'nowhere.yaml' },
    told: 'nowhere.yaml: there is no such file (--config)',
  },
  {
    name: 'a file that is not there, by environment',
    given: { env: { DOZVON_CONFIG: '/etc/nowhere.yaml' } },
    told: '/etc/nowhere.yaml: there is no such file (DOZVON_CONFIG)',
  },
];

for (const { name, given, told } of mistakes) {
  test(`told: ${name}`, () => {
    assert.equal(complaints(given), told);
  });
}

test('files that do not exist are told with their lines', () => {
  const loaded = load({
    yaml: `${minimal}http: { tls: { certificate: cert.pem, key: key.pem } }
bootstrap: { accounts: [{ name: acme, media: [{ name: greeting, path: /sounds/greeting.wav }] }] }
`,
  });
  const opusMissing = (): undefined => undefined;
  checkFiles(loaded, { exists: () => true, opusMissing });
  assert.throws(
    () => checkFiles(loaded, { exists: (path) => path === '/srv/key.pem', opusMissing }),
    new ConfigError([
      {
        where: 'dozvon.yaml:5:29',
        key: 'http.tls.certificate',
        text: 'there is no file /srv/cert.pem',
      },
      {
        where: 'dozvon.yaml:6:71',
        key: 'bootstrap.accounts[0].media[0].path',
        text: 'there is no file /sounds/greeting.wav',
      },
    ]),
  );
});

test('values given in code are checked like a file', () => {
  assert.equal(configFrom({ sandbox: true, http: { port: 0 } }, '/srv').http.port, 0);
  assert.throws(
    () => configFrom({ sandbox: true, http: { prt: 0 } }, '/srv'),
    /^ConfigError: http\.prt: unknown key; did you mean "port"\?/,
  );
});

const root = new URL('../../', import.meta.url);

test('the example file is correct, and its passwords are marked as to be changed', () => {
  const text = readFileSync(new URL('dozvon.example.yaml', root), 'utf8');
  const { config } = load({ yaml: text });
  assert.equal(config.trunks[0]?.name, 'carrier');
  assert.match(config.trunks[0]?.credentials?.password ?? '', /change me/);
  assert.deepEqual(
    config.bootstrap.accounts[0]?.keys.map(({ user }) => user),
    ['crm'],
  );
});

test('docs/operating/configuration.md explains every key', () => {
  const text = readFileSync(new URL('docs/operating/configuration.md', root), 'utf8');
  for (const path of leaves(configTree, '')) {
    assert.ok(text.includes(`\`${path}\``), `${path} is not explained`);
  }
});

function* leaves(node: KeyNode, path: string): Iterable<string> {
  if (node.kind === 'section') {
    for (const [key, inner] of node.keys)
      yield* leaves(inner, path === '' ? key : `${path}.${key}`);
  } else if (node.kind === 'list' && node.element.kind === 'section') {
    yield* leaves(node.element, `${path}[]`);
  } else {
    yield path;
  }
}

test('Opus without its package is told at the trunk that offers it', () => {
  const yaml = minimal.replace('.example }', '.example, codecs: [PCMA, opus] }');
  const installed = { exists: () => true, opusMissing: () => 'install it' };
  checkFiles(load({ yaml: minimal }), installed);
  assert.throws(
    () => checkFiles(load({ yaml }), installed),
    /trunks\[0\]\.codecs\[1\]: install it/,
  );
});
