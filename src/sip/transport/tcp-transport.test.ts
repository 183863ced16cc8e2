import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { systemRandom } from '../../base/random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { SipTransportEvent } from './sip-transport.ts';
import { bye, closed, eventQueue, nextText, rawClient, rawServer } from './stream-test-peer.ts';
import type { StreamTransport } from './stream-transport.ts';
import { openTcpTransport, type TcpTransportOptions } from './tcp-transport.ts';

type Rig = ReturnType<typeof eventQueue> & {
  readonly transport: StreamTransport;
  readonly clock: VirtualClock;
  readonly port: number;
};

async function open(
  options: Partial<TcpTransportOptions> = {},
  onEvent: (event: SipTransportEvent, transport: StreamTransport) => void = () => {},
): Promise<Rig> {
  const clock = new VirtualClock();
  const queue = eventQueue();
  const transport: StreamTransport = await openTcpTransport(
    {
      clock,
      random: systemRandom(),
      host: '127.0.0.1',
      port: 0,
      log: silentLogger,
      accepts: () => true,
      ...options,
    },
    (event) => {
      onEvent(event, transport);
      queue.sink(event);
    },
  );
  return { transport, clock, ...queue, port: transport.sentBy.port };
}

const textOf = ({ bytes }: { bytes: Uint8Array }): string => Buffer.from(bytes).toString();

test('TCP: requests and their responses share a connection, the next request too', async () => {
  const here = await open();
  const there = await open();
  const to = here.transport.flowTo(there.transport.sentBy);
  await here.transport.send(Buffer.from(bye('one')), to);
  const got = await there.next('message');
  assert.equal(textOf(got), bye('one'));
  assert.equal(got.from.transport, 'tcp');
  await there.transport.send(Buffer.from(bye('back')), { ...got.from, port: 9 });
  const back = await here.next('message');
  assert.equal(textOf(back), bye('back'));
  assert.equal(back.from.connection, to.connection);
  await here.transport.send(Buffer.from(bye('two')), there.transport.sentBy);
  assert.equal((await there.next('message')).from.connection, got.from.connection);
  assert.deepEqual([here.transport.connections, there.transport.connections], [1, 1]);
  await Promise.all([here.transport.close(), there.transport.close()]);
  assert.equal(here.clock.pendingTimers + there.clock.pendingTimers, 0);
});

test('TCP: a connection that nobody takes is an error of the message, not a lost connection', async () => {
  const here = await open();
  const gone = await rawServer(() => {});
  await new Promise<void>((resolve) => gone.close(() => resolve()));
  const to = { host: '127.0.0.1', port: gone.port };
  await assert.rejects(here.transport.send(Buffer.from(bye()), to), { code: 'ECONNREFUSED' });
  assert.deepEqual(here.events, []);
  assert.equal(here.transport.connections, 0);
  await here.transport.close();
});

test('TCP: a reset, a FIN: the connection is lost once, and the next message opens another', async () => {
  for (const how of ['resetAndDestroy', 'end'] as const) {
    const here = await open();
    const sockets: Socket[] = [];
    const server = await rawServer((socket) => {
      sockets.push(socket);
      socket.once('data', () => socket[how]());
    });
    const to = here.transport.flowTo({ host: '127.0.0.1', port: server.port });
    await here.transport.send(Buffer.from(bye()), to);
    assert.equal((await here.next('connectionLost')).connection, to.connection);
    await here.transport.send(Buffer.from(bye()), to);
    const again = await here.next('connectionLost');
    assert.notEqual(again.connection, to.connection);
    assert.equal(sockets.length, 2);
    await here.transport.close();
    server.close();
  }
});

test('TCP: a peer that does not read is cut off when its backlog is full', async () => {
  const here = await open({ limits: { backlogBytes: 100_000 } });
  const server = await rawServer((socket) => socket.pause());
  const to = here.transport.flowTo({ host: '127.0.0.1', port: server.port });
  await here.transport.send(Buffer.from(bye()), to);
  const large = Buffer.from(bye('x'.repeat(50_000)));
  let sent = 0;
  await assert.rejects(async () => {
    // What the kernel's own buffers take is some megabytes at the most.
    for (; sent < 1_000; sent++) {
      await here.transport.send(large, to);
      await new Promise((resolve) => setImmediate(resolve)); // The kernel takes what it can.
    }
  }, /does not read/);
  assert.ok(sent > 10, `${sent} were taken`);
  assert.equal((await here.next('connectionLost')).connection, to.connection);
  await here.transport.close();
  server.close();
});

test('TCP: strangers are cut off before a byte is read', async () => {
  const here = await open({ accepts: () => false });
  const socket = await rawClient(here.port);
  socket.write(bye());
  await closed(socket);
  assert.equal(socket.bytesRead, 0);
  assert.deepEqual([here.events, here.transport.connections], [[], 0]);
  await here.transport.close();
});

test('TCP: one source may have so many connections, all together so many', async () => {
  for (const limits of [{ perSource: 2 }, { connections: 2 }]) {
    const here = await open({ limits });
    const sockets = [await rawClient(here.port), await rawClient(here.port)];
    for (const socket of sockets) socket.write(bye());
    await here.next('message');
    await here.next('message');
    const third = await rawClient(here.port);
    await closed(third);
    assert.equal(here.transport.connections, 2);
    sockets[0]!.destroy();
    await here.next('connectionLost');
    const fourth = await rawClient(here.port);
    fourth.write(bye());
    await here.next('message'); // Its place was free again.
    const over = { host: '127.0.0.1', port: 9 };
    if ('connections' in limits) {
      await assert.rejects(here.transport.send(Buffer.from(bye()), over), /too many/);
    }
    for (const socket of [...sockets, fourth]) socket.destroy();
    await here.transport.close();
  }
});

/** Peers that are slow or say nothing: what they send, and when they are cut off. */
// biome-ignore format: a table
const slow: [name: string, says: string, limit: number][] = [
  ['connects and says nothing', '', 30_000],
  ['sends keep-alives only', '\r\n\r\n', 30_000],
  ['stops in the middle of the headers', bye().slice(0, 40), 10_000],
  ['stops in the middle of the body', bye('body').slice(0, -1), 10_000],
  ['says a message, then nothing for a long time', bye(), 900_000],
  ['says a message, then half of one', bye() + bye().slice(0, 40), 10_000],
];
for (const [name, says, limit] of slow) {
  test(`TCP: a peer that ${name} is cut off after ${limit / 1000} s`, async () => {
    const here = await open();
    const socket = await rawClient(here.port);
    if (says !== '') {
      socket.write(`${says}`);
      // It has been read when the peer is answered, or when the message is here.
      if (says === '\r\n\r\n') assert.equal(await nextText(socket), '\r\n');
      else if (says.startsWith(bye())) await here.next('message');
      else await partial(here.clock);
    } else await partial(here.clock, 2);
    await here.clock.advance(limit - 1);
    assert.equal(here.transport.connections, 1);
    await here.clock.advance(limit === 900_000 ? 100_000 : 1);
    assert.equal(here.transport.connections, 0);
    await closed(socket);
    await here.transport.close();
  });
}

/** Until what was sent has been read, which shows in one timer more. */
async function partial(clock: VirtualClock, timers = 3): Promise<void> {
  while (clock.pendingTimers < timers) await new Promise((resolve) => setImmediate(resolve));
}

test('TCP: a message that comes byte by byte has 10 s in all, not for each byte', async () => {
  const here = await open();
  const socket = await rawClient(here.port);
  const bytes = Buffer.from(bye());
  let sent = 0;
  while (here.transport.connections === 1 || sent === 0) {
    socket.write(bytes.subarray(sent, ++sent));
    await partial(here.clock);
    await here.clock.advance(500);
  }
  assert.equal(sent, 20);
  assert.equal((await here.next('connectionLost')).cause.message, 'a message without end');
  socket.destroy();
  await here.transport.close();
});

test('TCP: a peer that accepts and never answers is left after 15 minutes; pings keep no memory', async () => {
  const here = await open();
  const server = await rawServer((socket) => socket.resume());
  await here.transport.send(Buffer.from(bye()), { host: '127.0.0.1', port: server.port });
  await here.clock.advance(899_999);
  assert.equal(here.transport.connections, 1);
  await here.clock.advance(1);
  assert.equal(here.transport.connections, 0);
  await here.transport.close();
  server.close();
});

test('TCP: a connection of ours is pinged; a peer that has answered must go on answering', async () => {
  const here = await open();
  const peer = Promise.withResolvers<Socket>();
  const server = await rawServer((socket) => peer.resolve(socket));
  await here.transport.send(Buffer.from(bye()), { host: '127.0.0.1', port: server.port });
  const socket = await peer.promise;
  assert.equal(await nextText(socket), bye());
  for (const answers of [true, true, false]) {
    await here.clock.advance(100_000);
    assert.equal(await nextText(socket), '\r\n\r\n');
    const before = here.clock.pendingTimers;
    if (!answers) break;
    // The pong has been read when a message behind it has.
    socket.write(`\r\n${bye()}`);
    await here.next('message');
    assert.ok(here.clock.pendingTimers <= before);
  }
  await here.clock.advance(9_999);
  assert.equal(here.transport.connections, 1);
  await here.clock.advance(1);
  assert.equal((await here.next('connectionLost')).cause.message, 'no pong');
  await here.transport.close();
  server.close();
});

test('TCP: where a message ends cannot be known: its headers are told, then the connection is closed', async () => {
  const here = await open({}, (event, transport) => {
    if (event.type !== 'unframed') return;
    assert.match(Buffer.from(event.head).toString(), /Content-Length: x/);
    void transport.send(Buffer.from(bye('told')), event.from);
  });
  const socket = await rawClient(here.port);
  socket.write(bye().replace('Content-Length: 0', 'Content-Length: x') + bye());
  const { from } = await here.next('unframed');
  assert.equal(await nextText(socket), bye('told'));
  await closed(socket);
  assert.equal((await here.next('connectionLost')).connection, from.connection);
  await here.transport.close();
});

test('TCP: requests go back on a connection whose peer asked for it (RFC 5923)', async () => {
  const here = await open();
  const socket = await rawClient(here.port);
  socket.write(bye());
  const { from } = await here.next('message');
  here.transport.alias(from.connection!, 5099);
  const to = { host: '127.0.0.1', port: 5099 };
  assert.equal(here.transport.flowTo(to).connection, from.connection);
  await here.transport.send(Buffer.from(bye('request')), to);
  assert.equal(await nextText(socket), bye('request'));
  socket.destroy();
  await here.next('connectionLost');
  await assert.rejects(here.transport.send(Buffer.from(bye()), to), { code: 'ECONNREFUSED' });
  await here.transport.close();
});
