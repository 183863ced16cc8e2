import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Logger, silentLogger } from '../base/logger.ts';
import { ClientAddresses, type ForwardedHeader } from './client-address.ts';

const proxies = ['127.0.0.1', '10.0.0.0/8', '2001:db8:ffff::/48'];

function clientOf(header: ForwardedHeader, peer: string, headers: Record<string, string>): string {
  const addresses = new ClientAddresses(
    { trustedProxies: proxies, forwardedHeader: header },
    silentLogger,
  );
  return addresses.of(peer, (name) => headers[name]);
}

test('X-Forwarded-For is read from the right, as far as trusted proxies wrote it', () => {
  const rows: readonly [peer: string, sent: string, client: string][] = [
    ['127.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['::ffff:127.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['127.0.0.1', '127.0.0.1, 203.0.113.7', '203.0.113.7'], // Forged by the client.
    ['127.0.0.1', '198.51.100.1, 203.0.113.7, 10.0.0.3', '203.0.113.7'],
    ['127.0.0.1', '10.0.0.4,10.0.0.3', '10.0.0.4'], // A client of one's own network.
    ['127.0.0.1', '203.0.113.7:4711', '203.0.113.7'],
    ['127.0.0.1', '2001:db8::7', '2001:db8::7'],
    ['127.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['2001:db8:ffff::1', '203.0.113.7', '203.0.113.7'],
    ['127.0.0.1', '', '127.0.0.1'],
    ['127.0.0.1', '203.0.113.7, unknown', '127.0.0.1'],
    ['127.0.0.1', '203.0.113.7, 10.0.0.256', '127.0.0.1'],
    ['203.0.113.9', '127.0.0.1', '203.0.113.9'], // Not a proxy: its word counts for nothing.
    ['', '127.0.0.1', ''],
  ];
  for (const [peer, sent, client] of rows) {
    const headers = { 'x-forwarded-for': sent, forwarded: 'for=192.0.2.1' };
    assert.equal(clientOf('X-Forwarded-For', peer, headers), client, `${peer}: ${sent}`);
  }
});

test('Forwarded (RFC 7239), only when it is what the proxies write', () => {
  const rows: readonly [sent: string, client: string][] = [
    ['for=203.0.113.7', '203.0.113.7'],
    ['For="203.0.113.7:4711";proto=https;by=10.0.0.1', '203.0.113.7'],
    ['proto=https; for="[2001:db8::7]:4711"', '2001:db8::7'],
    ['for=127.0.0.1, for=203.0.113.7;host="a,b", for=10.0.0.3', '203.0.113.7'],
    ['for=203.0.113.7, for=_hidden', '127.0.0.1'],
    ['for=203.0.113.7, proto=https', '127.0.0.1'],
    ['for="', '127.0.0.1'],
  ];
  for (const [sent, client] of rows) {
    const headers = { forwarded: sent, 'x-forwarded-for': '192.0.2.1' };
    assert.equal(clientOf('Forwarded', '127.0.0.1', headers), client, sent);
  }
});

test('without trusted proxies no header is believed, and a proxy is noticed once', () => {
  const warnings: object[] = [];
  const log: Logger = { ...silentLogger, warn: (fields) => warnings.push(fields) };
  const options = { trustedProxies: [], forwardedHeader: 'X-Forwarded-For' } as const;
  const addresses = new ClientAddresses(options, log);
  const of = (peer: string, sent: string | undefined): string => addresses.of(peer, () => sent);
  assert.equal(of('127.0.0.1', undefined), '127.0.0.1');
  assert.equal(of('203.0.113.9', '203.0.113.7'), '203.0.113.9');
  assert.deepEqual(warnings, []);
  assert.equal(of('10.0.0.1', '203.0.113.7'), '10.0.0.1');
  assert.equal(of('10.0.0.1', '203.0.113.7'), '10.0.0.1');
  assert.deepEqual(warnings, [{ address: '10.0.0.1' }]);
});
