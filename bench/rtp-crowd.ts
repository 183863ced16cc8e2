import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * A crowd of talking parties that nobody listens to, in a thread of its own: sends for many legs at a
 * small cost and never reads, so that the machine's cores are left to what is measured. While it talks
 * it never returns to its event loop; the kernel throws away what its sockets are sent.
 */
export type CrowdOrder = { readonly rtpPorts: readonly number[]; readonly durationMs: number };

const host = '127.0.0.1';
const packetBytes = 172;
const packetIntervalMs = 20;

const lookup = (address: string, family: unknown, done: (...all: unknown[]) => void): void =>
  done(null, address, family);

async function openSocket() {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4096, lookup: lookup as never });
  const listening = once(socket, 'listening');
  socket.bind(0, host);
  await listening;
  return socket;
}

const sockets = await Promise.all(Array.from({ length: workerData as number }, () => openSocket()));

function talk({ rtpPorts, durationMs }: CrowdOrder): void {
  const packet = Buffer.alloc(packetBytes, 0x11);
  packet.writeUInt16BE(0x8008, 0);
  const nap = new Int32Array(new SharedArrayBuffer(4));
  const legs = rtpPorts.length;
  const start = performance.now();
  let slot = 0;
  for (let now = start; now - start < durationMs; now = performance.now()) {
    const due = Math.floor(((now - start) / packetIntervalMs) * legs);
    for (; slot < due; slot++) {
      const leg = slot % legs;
      const index = Math.floor(slot / legs);
      packet.writeUInt16BE(index & 0xffff, 2);
      packet.writeUInt32BE((index * 160) >>> 0, 4);
      packet.writeUInt32BE(leg + 1, 8);
      sockets[leg % sockets.length]!.send(packet, rtpPorts[leg]!, host);
    }
    Atomics.wait(nap, 0, 0, 1);
  }
}

parentPort!.on('message', (order: CrowdOrder) => {
  talk(order);
  parentPort!.postMessage('done');
});
parentPort!.postMessage(sockets.map((socket) => socket.address().port));
