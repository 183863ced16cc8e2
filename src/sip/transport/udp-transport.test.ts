import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import type { TransportMessage } from './sip-transport.ts';
import { openUdpTransport } from './udp-transport.ts';

const local = { host: '127.0.0.1', port: 0, log: silentLogger };

test('UDP: a datagram arrives whole, with the address it came from', async () => {
  const { promise, resolve } = Promise.withResolvers<TransportMessage>();
  const here = await openUdpTransport(local, resolve);
  const there = await openUdpTransport(local, () => {});
  const bytes = Buffer.alloc(4000, 'x');
  await there.send(bytes, here.sentBy);
  const event = await promise;
  assert.deepEqual(Buffer.from(event.bytes), bytes);
  assert.deepEqual(event.from, there.sentBy);
  await Promise.all([here.close(), there.close()]);
  await here.close();
});

test('UDP: a fault in handling one message does not stop the next', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const here = await openUdpTransport(local, ({ bytes }) => {
    const text = Buffer.from(bytes).toString();
    if (text === 'first') throw new Error('planted');
    resolve(text);
  });
  await here.send(Buffer.from('first'), here.sentBy);
  await here.send(Buffer.from('second'), here.sentBy);
  assert.equal(await promise, 'second');
  await here.close();
});

test('UDP: what is announced stands in Via and Contact instead of the bound address', async () => {
  const announced = await openUdpTransport(
    { ...local, announce: { host: '198.51.100.1' } },
    () => {},
  );
  assert.equal(announced.sentBy.host, '198.51.100.1');
  assert.ok(announced.sentBy.port > 0);
  await announced.close();
});

test('UDP: an address that cannot be bound, a datagram too long, a closed socket are errors', async () => {
  const here = await openUdpTransport(local, () => {});
  await assert.rejects(
    openUdpTransport({ ...local, port: here.sentBy.port }, () => {}),
    {
      code: 'EADDRINUSE',
    },
  );
  await assert.rejects(here.send(Buffer.alloc(70_000), here.sentBy));
  await here.close();
  await assert.rejects(here.send(Buffer.from('x'), { host: '127.0.0.1', port: 9 }), /closed/);
});
