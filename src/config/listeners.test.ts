import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkFiles } from './check-files.ts';
import { loadConfig } from './load-config.ts';

const load = ({ yaml }: { readonly yaml: string }) =>
  loadConfig({ env: {}, cwd: '/srv', readFile: () => yaml });

test('where SIP is spoken: listeners named, and what trunks need beside them', () => {
  const { config } = load({
    yaml: `
sip:
  public_address: 203.0.113.10
  listen:
    - { transport: tls, certificate: sip.pem, key: /keys/sip.pem }
    - { transport: udp, host: "2001:db8::7" }
trunks:
  - { name: a, host: a.example, transport: tls, ca: ca.pem }
  - { name: b, host: 198.51.100.7, transport: tcp }
  - { name: c, host: c.example, transport: auto, insecure: true }
  - { name: d, host: d.example, port: 5080, large_by_tcp: true }
`,
  });
  assert.deepEqual(config.sip.listen, [
    {
      transport: 'tls',
      host: '0.0.0.0',
      port: 5061,
      publicAddress: '203.0.113.10',
      identity: { certificate: '/srv/sip.pem', key: '/keys/sip.pem' },
    },
    { transport: 'udp', host: '2001:db8::7', port: 5060, publicAddress: '2001:db8::7' },
    { transport: 'tcp', host: '0.0.0.0', port: 5060, publicAddress: '203.0.113.10' },
  ]);
  const shown = config.trunks.map(({ port, transport, caFile, insecure, largeByTcp }) =>
    [port, transport, caFile, insecure, largeByTcp].map((value) => value ?? '-').join(' '),
  );
  assert.deepEqual(shown, [
    '- tls /srv/ca.pem - -',
    '- tcp - - -',
    '- auto - true -',
    '5080 udp - - true',
  ]);
});

test('a trunk that speaks TLS needs no listener: connections are made, none is taken', () => {
  const { config } = load({
    yaml: `sip: { public_address: 203.0.113.10 }
trunks: [{ name: carrier, host: sip.carrier.example, transport: tls }]
`,
  });
  assert.deepEqual(config.sip.listen, [
    { transport: 'tls', host: '0.0.0.0', port: 5061, publicAddress: '203.0.113.10' },
  ]);
});

const mistakes: { readonly name: string; readonly yaml: string; readonly told: string }[] = [
  {
    name: 'listeners that cannot be',
    yaml: `sip:
  public_address: 203.0.113.10
  listen:
    - { transport: tls }
    - { transport: tcp, certificate: a.pem, key: b.pem }
    - { transport: udp }
    - { transport: udp, host: "::" }
    - { transport: tcp, host: "2001:db8::7", public_address: 203.0.113.10 }
trunks: [{ name: carrier, host: sip.carrier.example }]
`,
    told: `dozvon.yaml:4:7: sip.listen[0].certificate: is missing: who connects by TLS must see one
dozvon.yaml:4:7: sip.listen[0].key: is missing: the key of the certificate
dozvon.yaml:5:20: sip.listen[1].transport: must be tls to have a certificate, not "tcp"
dozvon.yaml:6:7: sip.listen[2].port: udp 0.0.0.0, port 5060 is listened on already: take another port or host
dozvon.yaml:7:7: sip.listen[3].public_address: is missing: the IP address at which trunks reach this server, since this listens on all of them (::)
dozvon.yaml:8:62: sip.listen[4].public_address: must be IPv6 as 2001:db8::7, not "203.0.113.10"`,
  },
  {
    name: 'transports of trunks that do not fit',
    yaml: `sip: { public_address: 203.0.113.10 }
trunks:
  - { name: a, host: a.example, transport: auto, port: 5060 }
  - { name: b, host: 198.51.100.7, transport: auto }
  - { name: c, host: c.example, ca: ca.pem }
  - { name: d, host: d.example, transport: tcp, insecure: true, large_by_tcp: true }
  - { name: e, host: e.example, transport: tls, insecure: true, ca: ca.pem }
  - { name: f, host: "2001:db8::9" }
`,
    told: `dozvon.yaml:3:44: trunks[0].transport: auto asks the DNS, and with a port there is nothing to ask: say udp, tcp or tls
dozvon.yaml:4:47: trunks[1].transport: auto asks the DNS, and with an IP address there is nothing to ask: say udp, tcp or tls
dozvon.yaml:5:37: trunks[2].ca: is of no use over udp: say transport: tls, or remove it
dozvon.yaml:6:59: trunks[3].insecure: is of no use over tcp: say transport: tls, or remove it
dozvon.yaml:6:79: trunks[3].large_by_tcp: is for udp: over tcp everything goes as it is
dozvon.yaml:7:59: trunks[4].insecure: with it no certificate is checked, so ca is of no use: remove one
dozvon.yaml:8:22: trunks[5].host: is an IPv6 address and SIP is spoken over IPv4 only: add one to sip.listen`,
  },
];
for (const { name, yaml, told } of mistakes) {
  test(`told: ${name}`, () => {
    assert.throws(
      () => load({ yaml }),
      (error: Error) => {
        assert.equal(error.message, told);
        return true;
      },
    );
  });
}

test('certificates and authorities that do not exist are told with their lines', () => {
  const sip = load({
    yaml: `sip: { public_address: 203.0.113.10, listen: [{ transport: tls, certificate: a.pem, key: b.pem }] }
trunks: [{ name: carrier, host: a.example, transport: tls, ca: c.pem }]
`,
  });
  assert.throws(
    () => checkFiles(sip, { exists: () => false, opusMissing: () => undefined }),
    /listen\[0\]\.certificate: there is no file \/srv\/a\.pem\n.*listen\[0\]\.key: .*b\.pem\n.*trunks\[0\]\.ca: .*c\.pem$/,
  );
});
