import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { openDns } from './node-dns.ts';

type Answer = { readonly type: number; readonly data: Buffer };

const word = (...values: number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(2);
      bytes.writeUInt16BE(value);
      return bytes;
    }),
  );
const text = (value: string): Buffer =>
  Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
const name = (value: string): Buffer =>
  Buffer.concat([...value.split('.').map(text), Buffer.of(0)]);

const zone: Record<string, Answer> = {
  'a.example 1': { type: 1, data: Buffer.of(192, 0, 2, 1) },
  'a.example 28': { type: 28, data: Buffer.from('20010db8000000000000000000000001', 'hex') },
  '_sip._udp.a.example 33': {
    type: 33,
    data: Buffer.concat([word(10, 60, 5070), name('b.example')]),
  },
  'a.example 35': {
    type: 35,
    data: Buffer.concat([
      word(10, 50),
      text('s'),
      text('SIP+D2U'),
      text(''),
      name('_sip._udp.a.example'),
    ]),
  },
};
const broken = 'broken.example';

/** A name server on loopback for `zone`: RFC 1035 section 4. */
async function nameServer() {
  const socket = createSocket('udp4');
  socket.on('message', (query, { address, port }) => {
    let at = 12;
    const labels: string[] = [];
    while (query[at] !== 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
      at += 1 + query[at]!;
    }
    const question = query.subarray(12, at + 5);
    const asked = labels.join('.').toLowerCase();
    const found = zone[`${asked} ${query.readUInt16BE(at + 1)}`];
    const known = Object.keys(zone).some((key) => key.startsWith(`${asked} `));
    const code = asked === broken ? 2 : known ? 0 : 3; // SERVFAIL, NOERROR, NXDOMAIN
    const head = Buffer.concat([query.subarray(0, 2), word(0x8180 + code, 1, found ? 1 : 0, 0, 0)]);
    const answer =
      found === undefined
        ? Buffer.alloc(0)
        : Buffer.concat([word(0xc00c, found.type, 1, 0, 77, found.data.length), found.data]);
    socket.send(Buffer.concat([head, question, answer]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { socket, address: `127.0.0.1:${socket.address().port}` };
}

test('DNS: records as the resolver wants them; no record is an answer, no server an error', async () => {
  const { socket, address } = await nameServer();
  const dns = openDns([address]);
  assert.deepEqual(await dns.addresses('a.example', 4), [{ address: '192.0.2.1', ttlSeconds: 77 }]);
  assert.deepEqual(await dns.addresses('a.example', 6), [
    { address: '2001:db8::1', ttlSeconds: 77 },
  ]);
  const [srv] = await dns.srv('_sip._udp.a.example');
  assert.deepEqual(
    { ...srv },
    { priority: 10, weight: 60, port: 5070, name: 'b.example', type: 'SRV' },
  );
  const [naptr] = await dns.naptr('a.example');
  assert.equal(naptr!.service, 'SIP+D2U');
  assert.equal(naptr!.replacement, '_sip._udp.a.example');
  assert.deepEqual([naptr!.order, naptr!.preference, naptr!.flags], [10, 50, 's']);
  assert.deepEqual(await dns.srv('a.example'), []);
  assert.deepEqual(await dns.naptr('nowhere.example'), []);
  await assert.rejects(dns.srv(broken), { code: 'ESERVFAIL' });
  dns.close?.();
  socket.close();
});

test('DNS: a name of the hosts file needs no name server', async () => {
  const { socket, address } = await nameServer();
  const dns = openDns([address]);
  assert.deepEqual(await dns.addresses('localhost', 4), [{ address: '127.0.0.1', ttlSeconds: 60 }]);
  dns.close?.();
  socket.close();
});
