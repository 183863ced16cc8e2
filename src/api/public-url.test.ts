import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PublicUrl } from './public-url.ts';

const proxy = '10.0.0.1';
type Row = readonly [
  what: string,
  mode: 'X-Forwarded-For' | 'Forwarded',
  peer: string,
  headers: Record<string, string>,
  begins: string,
];
const called = 'http://127.0.0.1:8080';

const rows: readonly Row[] = [
  ['no proxy', 'X-Forwarded-For', '203.0.113.7', {}, called],
  [
    'headers of a stranger',
    'X-Forwarded-For',
    '203.0.113.7',
    { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    called,
  ],
  ['a silent proxy', 'X-Forwarded-For', proxy, {}, called],
  [
    'a proxy that keeps the Host header',
    'X-Forwarded-For',
    proxy,
    { 'x-forwarded-proto': 'https' },
    'https://127.0.0.1:8080',
  ],
  [
    'both headers, the last value of each',
    'X-Forwarded-For',
    `::ffff:${proxy}`,
    { 'x-forwarded-host': 'evil.example, Calls.Example:8443', 'x-forwarded-proto': 'http,HTTPS' },
    'https://calls.example:8443',
  ],
  [
    'what is no host or scheme',
    'X-Forwarded-For',
    proxy,
    { 'x-forwarded-host': 'a/b?c', 'x-forwarded-proto': 'javascript' },
    called,
  ],
  [
    'an IPv6 host',
    'X-Forwarded-For',
    proxy,
    { 'x-forwarded-host': '[2001:db8::7]:443' },
    'http://[2001:db8::7]:443',
  ],
  [
    'an IPv6 host that is none',
    'X-Forwarded-For',
    proxy,
    { 'x-forwarded-host': '[2001:::7]' },
    called,
  ],
  [
    'Forwarded',
    'Forwarded',
    proxy,
    { forwarded: 'for=1.2.3.4;host=evil.example, for=5.6.7.8;proto=https;host="calls.example:1"' },
    'https://calls.example:1',
  ],
  [
    'the other header than the configured one',
    'Forwarded',
    proxy,
    { 'x-forwarded-host': 'evil.example' },
    called,
  ],
];

for (const [what, forwardedHeader, peer, headers, begins] of rows)
  test(`${what}: ${begins}`, () => {
    const urls = new PublicUrl(undefined, { trustedProxies: [proxy], forwardedHeader });
    const url = `${called}/v2.0`;
    assert.equal(urls.of({ peer, url, header: (name) => headers[name] }), begins);
  });

test('what is configured is believed before all', () => {
  const options = { trustedProxies: [proxy], forwardedHeader: 'X-Forwarded-For' } as const;
  const urls = new PublicUrl('https://acme.example/calls', options);
  const header = (): string => 'evil.example';
  assert.equal(urls.of({ peer: proxy, url: called, header }), 'https://acme.example/calls');
});
