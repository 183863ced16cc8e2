import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { silentLogger } from '../../base/logger.ts';
import { systemRandom } from '../../base/random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { TlsPeer } from './hop.ts';
import { bye, closed, eventQueue, rawClient, rawServer } from './stream-test-peer.ts';
import { noCertificates, replaceFiles, TestAuthority } from './test-certificates.ts';
import { openTlsTransport, type TlsTransportOptions } from './tls-transport.ts';

const skip = noCertificates;
const folder = mkdtempSync(join(tmpdir(), 'dozvon-tls-'));
after(() => rmSync(folder, { recursive: true }));
const authority = skip ? undefined : new TestAuthority(folder);
const identity = authority?.issue(
  'trunk',
  'DNS:trunk.example',
  'DNS:*.wild.example',
  'URI:sip:uri.example',
);

async function open(options: Partial<TlsTransportOptions> = {}) {
  const clock = new VirtualClock();
  const queue = eventQueue();
  const transport = await openTlsTransport(
    {
      clock,
      random: systemRandom(),
      host: '127.0.0.1',
      port: 0,
      log: silentLogger,
      accepts: () => true,
      ...options,
    },
    queue.sink,
  );
  return { transport, clock, ...queue, port: transport.sentBy.port };
}

const listen = (options: Partial<TlsTransportOptions> = {}) =>
  open({ identity: identity!, ...options });

/** Whom the certificate must be of, and who signed it: is the message sent? */
// biome-ignore format: a table
const peers: [name: string, tls: TlsPeer | undefined, problem: RegExp | undefined][] = [
  ['the domain by DNS name', { name: 'trunk.example', caFile: authority?.caFile ?? '' }, undefined],
  ['in other letters', { name: 'TRUNK.example', caFile: authority?.caFile ?? '' }, undefined],
  ['the domain by SIP URI', { name: 'uri.example', caFile: authority?.caFile ?? '' }, undefined],
  ['a wildcard of one label', { name: 'sip.wild.example', caFile: authority?.caFile ?? '' }, undefined],
  ['a wildcard of two labels', { name: 'a.sip.wild.example', caFile: authority?.caFile ?? '' }, /altnames/],
  ['another name', { name: 'evil.example', caFile: authority?.caFile ?? '' }, /altnames/],
  ['the address alone', { name: '127.0.0.1', caFile: authority?.caFile ?? '' }, /IP: 127.0.0.1/],
  ['no name was asked for: the address', undefined, /./],
  ['an authority that the system does not know', { name: 'trunk.example' }, /certificate/],
  ['authorities that cannot be read', { name: 'trunk.example', caFile: join(folder, 'no.pem') }, /certificate/],
  ['anybody, because it is said so', { name: 'evil.example', insecure: true }, undefined],
];
for (const [what, tls, problem] of peers) {
  test(`TLS: ${what} is ${problem ? 'refused' : 'taken'}`, { skip }, async () => {
    const [here, there] = [await open(), await listen()];
    const to = { ...there.transport.sentBy, ...(tls && { tls }) };
    const sent = here.transport.send(Buffer.from(bye()), to);
    if (problem === undefined) {
      await sent;
      const { from } = await there.next('message');
      assert.equal(from.transport, 'tls');
      await there.transport.send(Buffer.from(bye('back')), from);
      assert.deepEqual((await here.next('message')).from.tls, tls);
    } else {
      await assert.rejects(sent, problem);
      assert.deepEqual(
        there.events.filter(({ type }) => type === 'message'),
        [],
        'not a byte was sent',
      );
    }
    await Promise.all([here.transport.close(), there.transport.close()]);
    assert.equal(here.clock.pendingTimers + there.clock.pendingTimers, 0);
  });
}

test('TLS: hops that trust differently do not share a connection', { skip }, async () => {
  const [here, there] = [await open(), await listen()];
  const hop = there.transport.sentBy;
  const insecure = here.transport.flowTo({
    ...hop,
    tls: { name: 'trunk.example', insecure: true },
  });
  const verified = here.transport.flowTo({
    ...hop,
    tls: { name: 'trunk.example', caFile: authority!.caFile },
  });
  assert.notEqual(insecure.connection, verified.connection);
  await Promise.all([here.transport.close(), there.transport.close()]);
});

test('TLS: versions before 1.2 are refused', { skip }, async () => {
  const there = await listen();
  const result = await new Promise<string>((resolve) => {
    const socket = connectTls({
      port: there.port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL@SECLEVEL=0',
    });
    socket.on('secureConnect', () => resolve('connected'));
    socket.on('error', () => resolve('refused'));
  });
  assert.equal(result, 'refused');
  await there.transport.close();
});

test('TLS: a peer that never finishes its handshake is cut off', { skip }, async () => {
  const there = await listen();
  const socket = await rawClient(there.port);
  socket.write('\x16\x03\x01');
  while (there.transport.connections === 0) await new Promise((resolve) => setImmediate(resolve));
  await there.clock.advance(3_999);
  assert.equal(there.transport.connections, 1);
  await there.clock.advance(1);
  assert.equal(there.transport.connections, 0);
  await closed(socket);
  await there.transport.close();
});

test('TLS: a server that never finishes the handshake is given up, so that another hop can be tried', {
  skip,
}, async () => {
  const here = await open();
  const server = await rawServer((socket) => socket.resume());
  const to = { host: '127.0.0.1', port: server.port, tls: { name: 'trunk.example' } };
  const sent = assert.rejects(here.transport.send(Buffer.from(bye()), to), /no connection/);
  await here.clock.advance(4_000);
  await sent;
  await here.transport.close();
  server.close();
});

test('TLS: plain SIP on the port, and strangers, get nothing', { skip }, async () => {
  for (const accepts of [true, false]) {
    const there = await listen({ accepts: () => accepts });
    const socket = connectTcp({ port: there.port, host: '127.0.0.1' });
    socket.on('error', () => {});
    socket.write(bye());
    await closed(socket);
    assert.deepEqual([there.events, there.transport.connections], [[], 0]);
    await there.transport.close();
  }
});

async function presented(port: number): Promise<{ cn: string; socket: TLSSocket }> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.on('error', () => {}); // Who says nothing for long is cut off.
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return { cn: String(socket.getPeerCertificate().subject.CN), socket };
}

test('TLS: a renewed certificate is used for new connections, old ones live on', {
  skip,
}, async () => {
  const own = authority!.issue('first', 'DNS:trunk.example');
  const there = await listen({ identity: own });
  const first = await presented(there.port);
  first.socket.write(bye());
  await there.next('message');
  // Half of the pair: what holds goes on.
  writeFileSync(own.key, 'no key');
  await there.clock.advance(10_000);
  const between = await presented(there.port);
  replaceFiles(own, authority!.issue('second', 'DNS:trunk.example'));
  let second = await presented(there.port);
  while (second.cn === 'first') {
    await there.clock.advance(10_000);
    second.socket.destroy();
    second = await presented(there.port);
  }
  assert.deepEqual([first.cn, between.cn, second.cn], ['first', 'first', 'second']);
  first.socket.write(bye('still here'));
  assert.match(Buffer.from((await there.next('message')).bytes).toString(), /still here/);
  for (const { socket } of [first, between, second]) socket.destroy();
  await there.transport.close();
});

test('TLS: files that do not fit together stop the start', { skip }, async () => {
  const { key } = authority!.issue('other', 'DNS:trunk.example');
  await assert.rejects(
    listen({ identity: { certificate: identity!.certificate, key } }),
    /key values mismatch/,
  );
});
