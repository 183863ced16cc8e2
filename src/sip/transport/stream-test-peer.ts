import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Sink } from '../../base/sink.ts';
import type { SipTransportEvent } from './sip-transport.ts';

/** For tests: what a transport tells, to be waited for one by one. */
export function eventQueue() {
  const events: SipTransportEvent[] = [];
  let look = (): void => {};
  const sink: Sink<SipTransportEvent> = (event) => {
    events.push(event);
    look();
  };
  /** The next event of this kind, which may have come already; it is taken out. */
  const next = async <Type extends SipTransportEvent['type']>(
    type: Type,
  ): Promise<Extract<SipTransportEvent, { type: Type }>> => {
    for (;;) {
      const index = events.findIndex((event) => event.type === type);
      if (index >= 0)
        return events.splice(index, 1)[0] as Extract<SipTransportEvent, { type: Type }>;
      await new Promise<void>((resolve) => {
        look = resolve;
      });
    }
  };
  return { sink, next, events };
}

/** For tests: a plain TCP client whose bytes are the test's. It may have been cut off already. */
export async function rawClient(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host });
  socket.on('error', () => {});
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('close', () => resolve());
  });
  return socket;
}

/** For tests: a plain TCP server that does nothing by itself. */
export async function rawServer(
  onConnection: (socket: Socket) => void,
): Promise<Server & { port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return Object.assign(server, { port });
}

/** The next bytes as text; nothing is lost between two calls. */
export async function nextText(socket: Socket): Promise<string> {
  for (;;) {
    const chunk: Buffer | null = socket.read();
    if (chunk !== null) return chunk.toString();
    await once(socket, 'readable');
  }
}

/** Until the other side has closed it. */
export async function closed(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

export const bye = (body = '', extra = ''): string =>
  [
    'BYE sip:a@b SIP/2.0',
    'Via: SIP/2.0/TCP 127.0.0.1:5099;branch=z9hG4bK1;alias',
    'From: <sip:a@b>;tag=1',
    'To: <sip:c@d>;tag=2',
    'Call-ID: x',
    'CSeq: 1 BYE',
    `${extra}Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
