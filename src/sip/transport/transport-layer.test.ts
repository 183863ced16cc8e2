import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SocketAddress } from '../../base/address.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Sink } from '../../base/sink.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { parseMessage } from '../message/parser.ts';
import { SipRequest } from '../message/sip-message.ts';
import type { SipTransportEvent } from './sip-transport.ts';
import { type Received, responseAddress, stampVia, TransportLayer } from './transport-layer.ts';

const source: SocketAddress = { host: '192.0.2.9', port: 40_000 };

/** RFC 3261 sections 18.2.1 and 18.2.2, RFC 3581: the Via as it came, as it is kept, where responses go. */
const vias: { via: string; stamped: string; to: string }[] = [
  {
    via: 'SIP/2.0/UDP 192.0.2.9:5080;branch=z9hG4bK1',
    stamped: 'SIP/2.0/UDP 192.0.2.9:5080;branch=z9hG4bK1',
    to: '192.0.2.9:5080',
  },
  {
    via: 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1',
    stamped: 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1',
    to: '192.0.2.9:5060',
  },
  {
    via: 'SIP/2.0/UDP 10.1.1.1:5080;branch=z9hG4bK1',
    stamped: 'SIP/2.0/UDP 10.1.1.1:5080;received=192.0.2.9;branch=z9hG4bK1',
    to: '192.0.2.9:5080',
  },
  {
    via: 'SIP/2.0/UDP phone.example;branch=z9hG4bK1',
    stamped: 'SIP/2.0/UDP phone.example;received=192.0.2.9;branch=z9hG4bK1',
    to: '192.0.2.9:5060',
  },
  {
    via: 'SIP/2.0/UDP 10.1.1.1:5080;rport;branch=z9hG4bK1',
    stamped: 'SIP/2.0/UDP 10.1.1.1:5080;rport=40000;received=192.0.2.9;branch=z9hG4bK1',
    to: '192.0.2.9:40000',
  },
  {
    via: 'SIP/2.0/UDP 192.0.2.9:5060;rport;branch=z9hG4bK1, SIP/2.0/TCP next.example;branch=z9hG4bK0',
    stamped:
      'SIP/2.0/UDP 192.0.2.9:5060;rport=40000;received=192.0.2.9;branch=z9hG4bK1, SIP/2.0/TCP next.example;branch=z9hG4bK0',
    to: '192.0.2.9:40000',
  },
  {
    // What the sender claims about itself is replaced by what is seen.
    via: 'SIP/2.0/UDP 192.0.2.9;received=203.0.113.1;rport=9;branch=z9hG4bK1;maddr=203.0.113.2',
    stamped:
      'SIP/2.0/UDP 192.0.2.9;rport=40000;received=192.0.2.9;branch=z9hG4bK1;maddr=203.0.113.2',
    to: '192.0.2.9:40000',
  },
];

for (const { via, stamped, to } of vias) {
  test(`Via: ${via}`, () => {
    const request = new SipRequest({ method: 'OPTIONS', requestUri: 'sip:a@b' });
    request.headers.add('Via', via);
    stampVia(request, source);
    assert.equal(request.headers.get('Via'), stamped);
    const { host, port } = responseAddress(request, source);
    assert.equal(`${host}:${port}`, to);
  });
}

function createLayer(accepts: boolean) {
  const received: string[] = [];
  const sent: string[] = [];
  let deliver: Sink<SipTransportEvent> = () => {};
  const layer = new TransportLayer({
    clock: new VirtualClock(),
    openTransport: (sink) => {
      deliver = sink;
      return {
        protocol: 'udp',
        reliable: false,
        sentBy: { host: '192.0.2.1', port: 5060 },
        send: (bytes, { host, port }) => {
          const message = parseMessage(bytes);
          sent.push(
            `${message.kind === 'response' ? message.status : message.method} ${host}:${port}`,
          );
          return host === '192.0.2.13' ? Promise.reject(new Error('no route')) : Promise.resolve();
        },
        close: () => Promise.resolve(),
      };
    },
    accepts: () => accepts,
    marker: 'feedbeef',
    log: silentLogger,
    sink: (event: Received) => {
      received.push(
        event.type === 'request' ? `${event.request.method} ${event.accepted}` : 'response',
      );
    },
  });
  const receive = (text: string): void =>
    deliver({ type: 'message', bytes: Buffer.from(text.replaceAll('\n', '\r\n')), from: source });
  return { layer, receive, received, sent };
}

const request = (tag: string): string =>
  `BYE sip:a@b SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\nTo: <sip:c@d>;tag=${tag}\nCall-ID: x\nCSeq: 1 BYE\n`;

test('transport layer: from an unknown source only what bears our mark is read', () => {
  const { receive, received, sent } = createLayer(false);
  receive(`${request('guessed')}\n`);
  receive(`${request('feedbeef01')}\n`);
  receive(`${request('feedbeef01')}Content-Length: 7\n\n`); // Malformed, and from a stranger: no 400.
  receive('feedbeef');
  assert.deepEqual(received, ['BYE false']);
  assert.deepEqual(sent, []);
});

test('transport layer: from an accepted source everything is read', () => {
  const { receive, received, sent } = createLayer(true);
  receive(`${request('guessed')}\n`);
  receive(`${request('x')}Content-Length: 7\n\n`);
  assert.deepEqual(received, ['BYE true']);
  assert.deepEqual(sent, ['400 192.0.2.9:5060']);
});

test('transport layer: a message that could not be sent is told to its transaction', async () => {
  const { layer } = createLayer(true);
  const bytes = Buffer.from(`${request('x')}\n`.replaceAll('\n', '\r\n'));
  const failures: string[] = [];
  layer.send(bytes, { host: '192.0.2.13', port: 5060 }, ({ message }) => failures.push(message));
  layer.send(bytes, { host: '192.0.2.14', port: 5060 }, ({ message }) => failures.push(message));
  await Promise.resolve().then(() => {});
  assert.deepEqual(failures, ['no route']);
});
