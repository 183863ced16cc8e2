import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { MediaOrder, MediaReply } from './media.ts';

/**
 * The machine's own price of a relayed packet: pairs of connected sockets that hand every packet on, and
 * nothing else. It takes the orders of media.ts, so that the same load can be put on it.
 */
const host = '127.0.0.1';

const lookup = (address: string, family: unknown, done: (...all: unknown[]) => void): void =>
  done(null, address, family);

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function reply(message: MediaReply): void {
  process.send!(message);
}

const sockets: Socket[] = [];

async function openTo(peer: number): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: 64 * 1024,
    lookup: lookup as never,
  });
  socket.on('error', () => {}); // ICMP of a party that is gone.
  const listening = once(socket, 'listening');
  socket.bind({ port: 0, address: host, exclusive: true });
  await listening;
  socket.connect(peer, host, () => {});
  sockets.push(socket);
  return socket;
}

async function talk(pairs: readonly (readonly [number, number])[]): Promise<[number, number][]> {
  const rtpPorts: [number, number][] = [];
  for (const [peerA, peerB] of pairs) {
    const [a, b] = [await openTo(peerA), await openTo(peerB)];
    a.on('message', (packet) => b.send(packet));
    b.on('message', (packet) => a.send(packet));
    rtpPorts.push([a.address().port, b.address().port]);
  }
  return rtpPorts;
}

if (import.meta.main) {
  process.on('message', async (order: MediaOrder) => {
    if (order.type === 'talk') {
      reply({ type: 'talking', rtpPorts: await talk(order.pairs) });
    } else if (order.type === 'openAndClose') {
      reply({ type: 'openedAndClosed', cpuMs: 0, wallMs: 0 });
    } else if (order.type === 'usage') {
      globalThis.gc?.();
      reply({ type: 'usage', cpuMs: cpuMs(), rssBytes: process.memoryUsage().rss, waitedMs: 0 });
    } else {
      for (const socket of sockets) socket.close();
      process.disconnect();
    }
  });
  reply({ type: 'ready' });
}
