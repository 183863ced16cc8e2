import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress } from '../../base/address.ts';
import { seededRandom } from '../../base/random.ts';
import type { Dns, NaptrRecord, SrvRecord } from './dns.ts';
import { type HopTarget, orderHops, resolveHops, type Spoken } from './resolver.ts';

/** Records by `TYPE name`; `fails` for what cannot be asked. Each question is remembered. */
type Zone = Readonly<Record<string, 'fails' | readonly string[]>>;

function fakeDns(zone: Zone): Dns & { readonly asked: string[] } {
  const asked: string[] = [];
  const records = async (question: string): Promise<string[][]> => {
    asked.push(question);
    const found = zone[question];
    if (found === 'fails') throw new Error(`${question}: SERVFAIL`);
    return (found ?? []).map((line) => line.split(' '));
  };
  return {
    asked,
    naptr: async (name) =>
      (await records(`NAPTR ${name}`)).map(
        ([order, preference, flags, service, replacement = '']): NaptrRecord => ({
          order: Number(order),
          preference: Number(preference),
          flags: flags!,
          service: service!,
          regexp: '',
          replacement,
        }),
      ),
    srv: async (name) =>
      (await records(`SRV ${name}`)).map(
        ([priority, weight, port, target]): SrvRecord => ({
          priority: Number(priority),
          weight: Number(weight),
          port: Number(port),
          name: target!,
        }),
      ),
    addresses: async (name, family) =>
      (await records(`${family === 4 ? 'A' : 'AAAA'} ${name}`)).map(([address, ttl = '60']) => ({
        address: address!,
        ttlSeconds: Number(ttl),
      })),
  };
}

const everything: Spoken = { transports: ['udp', 'tcp', 'tls'], families: [4] };
const both: Spoken = { ...everything, families: [6, 4] };
const udpOnly: Spoken = { transports: ['udp'], families: [4] };

const zone: Zone = {
  'A a.example': ['192.0.2.1'],
  'A b.example': ['192.0.2.2'],
  'AAAA a.example': ['2001:db8::1'],
  'A two.example': ['192.0.2.1', '192.0.2.2'],
  'A srv.example': ['192.0.2.9'],
  'SRV _sip._udp.srv.example': ['10 0 5070 a.example', '20 0 5080 b.example'],
  'SRV _sip._tcp.srv.example': ['10 0 5071 b.example'],
  'SRV _sips._tcp.srv.example': ['10 0 5072 b.example'],
  'NAPTR naptr.example': [
    '20 1 s SIP+D2T _sip._tcp.srv.example',
    '10 2 S sip+d2u _sip._udp.srv.example',
    '10 1 s SIPS+D2T _sips._tcp.srv.example',
    '5 1 u E2U+sip .',
    '5 1 s SIP+D2S _sip._sctp.srv.example',
  ],
  'A naptr.example': ['192.0.2.8'],
  'SRV _sip._udp.gone.example': ['0 0 0 .'],
  'A gone.example': ['192.0.2.7'],
  'SRV _sip._udp.half.example': ['10 0 5060 nowhere.example', '20 0 5060 a.example'],
  'NAPTR broken.example': 'fails',
  'SRV _sip._udp.broken.example': 'fails',
  'A broken.example': ['192.0.2.6'],
};

// biome-ignore format: a table
const rows: [name: string, target: HopTarget, spoken: Spoken, hops: string[]][] = [
  ['an address, its port the usual one', { host: '192.0.2.1' }, everything, ['udp 192.0.2.1:5060']],
  ['an address over TLS', { host: '192.0.2.1', transport: 'tls' }, everything, ['tls 192.0.2.1:5061 as 192.0.2.1']],
  ['an IPv6 address with a port', { host: '2001:db8::1', port: 5070, transport: 'tcp' }, both, ['tcp [2001:db8::1]:5070']],
  ['a name with a port: no SRV', { host: 'srv.example', port: 5090 }, everything, ['udp 192.0.2.9:5090']],
  ['a name with a port and a transport', { host: 'srv.example', port: 5090, transport: 'tcp' }, everything, ['tcp 192.0.2.9:5090']],
  ['a name without records but A', { host: 'a.example' }, everything, ['udp 192.0.2.1:5060']],
  ['all its addresses', { host: 'two.example' }, everything, ['udp 192.0.2.1:5060', 'udp 192.0.2.2:5060']],
  ['addresses of both versions, ours first', { host: 'a.example' }, both, ['udp [2001:db8::1]:5060', 'udp 192.0.2.1:5060']],
  ['SRV of the transport asked for', { host: 'srv.example', transport: 'tcp' }, everything, ['tcp 192.0.2.2:5071']],
  ['SRV by priority', { host: 'srv.example', transport: 'udp' }, everything, ['udp 192.0.2.1:5070', 'udp 192.0.2.2:5080']],
  ['TLS: the certificate is of the domain, not of the server', { host: 'srv.example', transport: 'tls' }, everything, ['tls 192.0.2.2:5072 as srv.example']],
  ['TLS: or of whom the trunk says', { host: 'srv.example', transport: 'tls', tls: { name: 'carrier.example' } }, everything, ['tls 192.0.2.2:5072 as carrier.example']],
  ['no transport, no NAPTR: SRV of all that we speak', { host: 'srv.example' }, everything,
    ['udp 192.0.2.1:5070', 'udp 192.0.2.2:5080', 'tcp 192.0.2.2:5071', 'tls 192.0.2.2:5072 as srv.example']],
  ['only of what we speak', { host: 'srv.example' }, udpOnly, ['udp 192.0.2.1:5070', 'udp 192.0.2.2:5080']],
  ['NAPTR by order, then preference', { host: 'naptr.example' }, everything,
    ['tls 192.0.2.2:5072 as naptr.example', 'udp 192.0.2.1:5070', 'udp 192.0.2.2:5080', 'tcp 192.0.2.2:5071']],
  ['NAPTR only of what we speak', { host: 'naptr.example' }, udpOnly, ['udp 192.0.2.1:5070', 'udp 192.0.2.2:5080']],
  ['a transport of our own: NAPTR is not asked', { host: 'naptr.example', transport: 'udp' }, everything, ['udp 192.0.2.8:5060']],
  ['the service is decidedly not there', { host: 'gone.example', transport: 'udp' }, everything, []],
  ['a server without an address is passed over', { host: 'half.example', transport: 'udp' }, everything, ['udp 192.0.2.1:5060']],
  ['no such name', { host: 'nowhere.example' }, everything, []],
  ['name servers that know nothing of NAPTR and SRV', { host: 'broken.example' }, everything, ['udp 192.0.2.6:5060']],
];

for (const [name, target, spoken, hops] of rows) {
  test(`RFC 3263: ${name}`, async () => {
    const plan = await resolveHops(target, fakeDns(zone), spoken);
    const found = orderHops(plan, seededRandom(1)).map(
      (hop) => `${hop.transport} ${formatAddress(hop)}${hop.tls ? ` as ${hop.tls.name}` : ''}`,
    );
    assert.deepEqual(found, hops);
  });
}

test('RFC 3263: what is asked, in its order', async () => {
  const dns = fakeDns(zone);
  await resolveHops({ host: 'naptr.example' }, dns, udpOnly);
  const asked = ['NAPTR naptr.example', 'SRV _sip._udp.srv.example', 'A a.example', 'A b.example'];
  assert.deepEqual(dns.asked, asked);
  const numeric = fakeDns(zone);
  await resolveHops({ host: '192.0.2.1' }, numeric, udpOnly);
  assert.deepEqual(numeric.asked, [], 'an address is not asked for');
});

test('RFC 3263: when nobody can be asked it is an error, not a name without servers', async () => {
  const dns = fakeDns({ 'A down.example': 'fails' });
  await assert.rejects(resolveHops({ host: 'down.example' }, dns, udpOnly), /SERVFAIL/);
});

// biome-ignore format: a table
const ttls: [records: Zone, ttlMs: number][] = [
  [{ 'A x.example': ['192.0.2.1 120', '192.0.2.2 90'] }, 90_000],
  [{ 'A x.example': ['192.0.2.1 1'] }, 10_000],
  [{ 'A x.example': ['192.0.2.1 86400'] }, 300_000],
  [{ 'SRV _sip._udp.x.example': ['1 1 5060 y.example'], 'A y.example': ['192.0.2.1 86400'] }, 60_000],
  [{ 'SRV _sip._udp.x.example': 'fails', 'A x.example': ['192.0.2.1 86400'] }, 60_000],
];
for (const [records, ttlMs] of ttls) {
  test(`what is found holds for ${ttlMs / 1000} s: ${Object.values(records).join('; ')}`, async () => {
    const target: HopTarget = { host: 'x.example', transport: 'udp' };
    assert.equal((await resolveHops(target, fakeDns(records), udpOnly)).ttlMs, ttlMs);
  });
}

test('RFC 2782: within a priority servers are drawn by weight; 0 last but for a small chance', async () => {
  const dns = fakeDns({
    'SRV _sip._udp.w.example': [
      '1 60 1 a.example',
      '1 30 2 a.example',
      '1 10 3 a.example',
      '1 0 4 a.example',
      '2 99 5 a.example',
    ],
    'A a.example': ['192.0.2.1'],
  });
  const plan = await resolveHops({ host: 'w.example', transport: 'udp' }, dns, udpOnly);
  const random = seededRandom(5);
  const firsts = new Map<number, number>();
  for (let count = 0; count < 10_000; count++) {
    const ports = orderHops(plan, random).map(({ port }) => port);
    assert.equal(ports.at(-1), 5, 'the second priority comes after all of the first');
    assert.equal(new Set(ports).size, 5);
    firsts.set(ports[0]!, (firsts.get(ports[0]!) ?? 0) + 1);
  }
  const share = (port: number): number => Math.round((firsts.get(port) ?? 0) / 1000) / 10;
  assert.deepEqual([share(1), share(2), share(3), share(4)], [0.6, 0.3, 0.1, 0]);
});

test('a domain with very many servers: six are tried, sixteen remembered', async () => {
  const many = Array.from({ length: 100 }, (_, index) => `192.0.2.${index}`);
  const dns = fakeDns({ 'A many.example': many });
  const plan = await resolveHops({ host: 'many.example' }, dns, udpOnly);
  assert.equal(plan.choices[0]!.hops.length, 16);
  assert.equal(orderHops(plan, seededRandom(1)).length, 6);
});
