import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** A port of 127.0.0.1 that is free for UDP and TCP. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; ; attempt++) {
    await using held = new AsyncDisposableStack();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    held.defer(() => new Promise((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    held.defer(() => new Promise((resolve) => socket.close(() => resolve())));
    try {
      await once(socket, 'listening');
      return port;
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}
