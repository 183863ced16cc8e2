import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from './load-config.ts';
import { printConfig } from './print-config.ts';

const yaml = `sip: { public_address: 203.0.113.10 }
trunks:
  - name: carrier
    host: sip.carrier.example
    username: dozvon
    password: '12345678'
    prefixes: [7, '8']
bootstrap:
  accounts:
    - name: 'Ромашка: продажи'
      users: [{ login: crm, password: correct horse }]
      keys: [{ token: abcdefghijklmnopqrstuvwxyz, user: crm }]
      media: [{ name: greeting, path: greeting.wav }]
`;

const load = (text: string) =>
  loadConfig({ env: { DOZVON_HTTP_PORT: '80' }, cwd: '/srv', readFile: () => text });

test('every key with its value and where it comes from, secrets masked', () => {
  assert.equal(
    printConfig(load(yaml)),
    `sandbox: false  # default
http:
  host: 127.0.0.1  # default
  port: 80  # DOZVON_HTTP_PORT
  # tls:  # not set; certificate, key
  trusted_proxies: []  # default
  forwarded_header: X-Forwarded-For  # default
  # public_url:  # not set; a URL without a query, as https://calls.acme.example or https://acme.example/calls
sip:
  transport: udp  # default
  host: 0.0.0.0  # default
  port: 5060  # default
  public_address: 203.0.113.10  # dozvon.yaml:1
  listen: []  # default
  session_expires: 1800  # default
rtp:
  host: 0.0.0.0  # default
  public_address: 203.0.113.10  # default
  port_min: 10000  # default
  port_max: 20000  # default
  workers: auto  # default
trunks:
  - name: carrier  # dozvon.yaml:3
    host: sip.carrier.example  # dozvon.yaml:4
    # port:  # not set; a whole number from 1 to 65535
    domain: sip.carrier.example  # default
    transport: udp  # default
    # ca:  # not set; the path of a PEM file
    insecure: false  # default
    large_by_tcp: false  # default
    username: dozvon  # dozvon.yaml:5
    password: '***'  # dozvon.yaml:6
    # realm:  # not set; a text
    codecs: [PCMA, PCMU]  # default
    srtp: off  # default
    rtp_latching: auto  # default
    caller_id:
      header: From  # default
      form: digits  # default
      # from:  # not set; the user part of From; filled in: {number} {digits} {plus} {national} {virtual} {called} {username} {domain}
      headers: []  # default
      show_foreign: true  # default
    priority: 0  # default
    weight: 1  # default
    # max_channels:  # not set; a whole number from 1 to 100000
    # max_calls_per_second:  # not set; a whole number from 1 to 10000
    no_response_seconds: 5  # default
    register: false  # default
    register_seconds: 600  # default
    options_seconds: 60  # default
    prefixes: ["7", "8"]  # dozvon.yaml:7
lines:
  networks: [127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16, ::1, fc00::/7, fe80::/10]  # default
  least_seconds: 60  # default
  usual_seconds: 300  # default
  most_seconds: 3600  # default
  digest_algorithms: [SHA-256, MD5]  # default
  codecs: [PCMA, PCMU]  # default
  srtp: off  # default
  rtp_latching: auto  # default
calls:
  operator_ring_seconds: 60  # default
  contact_ring_seconds: 30  # default
  confirmation_seconds: 30  # default
  max_call_minutes: 180  # default
  silence_seconds: 60  # default
  shutdown_seconds: 30  # default
speech:
  engines:
    - type: espeak-ng  # default
      # name:  # not set; a name of letters, digits, "-" and "_"
      languages: []  # default
      # voice:  # not set; a voice by the name that the engine has for it
      # rate:  # not set; a number from 0.5 (slow) to 2 (fast)
      # timeout_seconds:  # not set; a whole number from 1 to 8 (seconds)
      # url:  # not set; a URL, as http://127.0.0.1:5000, without a user and password in it
      # path:  # not set; a path that begins with /
      # api_key:  # not set; a text
      # iam_token:  # not set; a text
      # folder_id:  # not set; a text
      # model:  # not set; a text
      # format:  # not set; wav or pcm
      # pcm_rate:  # not set; samples a second, as 24000
      # command:  # not set; a list of a program and its arguments, as [say, "--voice", "{voice}"]
    - type: espeak-ng-wasm  # default
      # name:  # not set; a name of letters, digits, "-" and "_"
      languages: []  # default
      # voice:  # not set; a voice by the name that the engine has for it
      # rate:  # not set; a number from 0.5 (slow) to 2 (fast)
      # timeout_seconds:  # not set; a whole number from 1 to 8 (seconds)
      # url:  # not set; a URL, as http://127.0.0.1:5000, without a user and password in it
      # path:  # not set; a path that begins with /
      # api_key:  # not set; a text
      # iam_token:  # not set; a text
      # folder_id:  # not set; a text
      # model:  # not set; a text
      # format:  # not set; wav or pcm
      # pcm_rate:  # not set; samples a second, as 24000
      # command:  # not set; a list of a program and its arguments, as [say, "--voice", "{voice}"]
  overrides: []  # default
  language: auto  # default
  # voice:  # not set; a voice by the name that the engine has for it
  rate: 1  # default
  timeout_seconds: 4  # default
  cache_mb: 256  # default
media:
  upload_mb: 64  # default
  link_minutes: 60  # default
retention:
  api_request_days: 90  # default
  call_journal_days: 30  # default
api:
  weights: []  # default
data_folder: ./data  # default
log:
  level: info  # default
  pretty: auto  # default
bootstrap:
  accounts:
    - name: "Ромашка: продажи"  # dozvon.yaml:10
      time_zone: Europe/Moscow  # default
      limits:
        points_per_minute: 600  # default
        points_per_day: 100000  # default
        tts_max_length: 1000  # default
      users:
        - login: crm  # dozvon.yaml:11
          password: '***'  # dozvon.yaml:11
          call_api: true  # default
          data_api: true  # default
          administration: false  # default
      keys:
        - token: '***'  # dozvon.yaml:12
          user: crm  # dozvon.yaml:12
          label: ""  # default
          # expires:  # not set; a date (2027-01-31, from 00:00 UTC) or an instant (2027-01-31T12:00:00+03:00)
      numbers: []  # default
      media:
        - # id:  # not set; a whole number from 1 to 2147483647
          name: greeting  # dozvon.yaml:13
          path: greeting.wav  # dozvon.yaml:13
          normalize: false  # default
      blacklist: []  # default
      allow_list: []  # default
      # security:  # not set; home_country, directions, allowed_prefixes, denied_prefixes, limits
      # disabled_components:  # not set; a list of components that are switched off
`,
  );
});

test('security rules: what the file names, and what each key may be', () => {
  const security = `{ directions: { international: true }, limits: { minutes_per_day: none } }`;
  const printed = printConfig(load(`${yaml}      security: ${security}\n`));
  const start = printed.indexOf('      security:');
  assert.equal(
    printed.slice(start, printed.indexOf('      # disabled_components')),
    `      security:
        # home_country:  # not set; a country of ISO 3166 by two letters, as RU
        directions:
          # mobile:  # not set; true (allowed) or false
          # long_distance:  # not set; true (allowed) or false
          international: true  # dozvon.yaml:14
        # allowed_prefixes:  # not set; a list of the first digits of numbers, as [7800, 44]
        # denied_prefixes:  # not set; a list of the first digits of numbers, as [7800, 44]
        limits:
          # simultaneous_calls:  # not set; a whole number from 0 to 1000000 (calls), or none
          # calls_per_minute_per_contact:  # not set; a whole number from 0 to 1000000 (calls), or none
          # calls_per_minute_per_operator:  # not set; a whole number from 0 to 1000000 (calls), or none
          # calls_per_minute_per_prefix:  # not set; a whole number from 0 to 1000000 (calls), or none
          # prefix_length:  # not set; a whole number from 1 to 15 (digits)
          minutes_per_day: none  # dozvon.yaml:14
`,
  );
});

test('what is printed can be read again, but for the secrets', () => {
  const first = load(yaml);
  const unmasked = printConfig(first)
    .replace("password: '***'  # dozvon.yaml:6", "password: '12345678'")
    .replace("'***'  # dozvon.yaml:11", 'correct horse')
    .replace("'***'  # dozvon.yaml:12", 'abcdefghijklmnopqrstuvwxyz');
  assert.deepEqual(load(unmasked).config, first.config);
});
