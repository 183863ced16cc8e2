import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetworkSet, normalNetwork, plainAddress, privateNetworks } from './network.ts';

test('networks in their shortest form; anything else is none', () => {
  const rows: readonly [text: string, normal: string | undefined][] = [
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7/32', '203.0.113.7'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:0:0::/32', '2001:db8::/32'],
    ['2001:db8:0:0:0:0:0:7/128', '2001:db8::7'],
    ['::/0', '::/0'],
    ['203.0.113.7/33', undefined],
    ['2001:db8::/129', undefined],
    ['203.0.113.7/', undefined],
    ['203.0.113', undefined],
    ['203.0.113.07', undefined],
    ['fe80::1%eth0', undefined],
    ['crm.example', undefined],
    ['', undefined],
  ];
  for (const [text, normal] of rows) assert.equal(normalNetwork(text), normal, text);
});

test('what is in a set', () => {
  const rows: readonly [networks: readonly string[], inside: string, outside: string][] = [
    [['203.0.113.7'], '203.0.113.7', '203.0.113.8'],
    [['203.0.113.9/29'], '203.0.113.15', '203.0.113.16'],
    [['198.51.100.1', '203.0.113.0/24'], '203.0.113.255', '198.51.100.2'],
    [['2001:db8::/32'], '2001:db8:ffff::1', '2001:db9::1'],
    [['2001:db8::7'], '2001:DB8:0::7', '2001:db8::8'],
    [['no network', '10.0.0.0/8'], '10.255.255.255', '11.0.0.0'],
    [privateNetworks, '127.0.0.1', '128.0.0.1'],
    [privateNetworks, '172.31.255.255', '172.32.0.0'],
    [privateNetworks, '192.168.0.1', '192.169.0.1'],
    [privateNetworks, '169.254.1.1', '100.64.0.1'],
    [privateNetworks, '::1', '::2'],
    [privateNetworks, 'fd12:3456::1', '2001:db8::1'],
    [privateNetworks, 'fe80::1', 'fec0::1'],
    [['0.0.0.0/0'], '2001:db8::1', 'no address'],
    [['0.0.0.0/0'], '203.0.113.7', ''],
    [['::/0'], '2001:db8::1', 'no address'],
  ];
  for (const [networks, inside, outside] of rows) {
    const set = new NetworkSet(networks);
    assert.equal(set.has(inside), true, `${networks} has ${inside}`);
    assert.equal(set.has(outside), false, `${networks} has not ${outside}`);
  }
  assert.equal(new NetworkSet([]).has('127.0.0.1'), false);
});

test('an address as the kernel tells it is made plain', () => {
  const rows = [
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
  ] as const;
  for (const [told, plain] of rows) assert.equal(plainAddress(told), plain);
});
