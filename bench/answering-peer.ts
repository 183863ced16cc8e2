// The telephone network of the benchmarks: answers every INVITE at once, as cheaply as it can, so that
// what is measured is the server. It knows nothing of SIP beyond what it needs and is no test of it.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export type AnsweringPeer = {
  readonly port: number;
  /** Called for each new INVITE with the number dialled and the moment it came. */
  onInvite: (number: string, at: number) => void;
  /** INVITEs that came again: the server had to retransmit. */
  readonly retransmissions: () => number;
  /** Hangs up each dialog whose number this accepts, so long after its ACK. */
  hangUp: { readonly number: (number: string) => boolean; readonly afterMs: number };
  /** RTP ports of the server in the order their offers came. */
  readonly rtpPorts: number[];
  readonly rtp: Socket;
  close(): void;
};

export async function openAnsweringPeer(): Promise<AnsweringPeer> {
  const sip = createSocket({ type: 'udp4', recvBufferSize: 8 << 20, sendBufferSize: 8 << 20 });
  const rtp = createSocket({ type: 'udp4', recvBufferSize: 8 << 20 });
  sip.bind(0, '127.0.0.1');
  rtp.bind(0, '127.0.0.1');
  await Promise.all([once(sip, 'listening'), once(rtp, 'listening')]);
  const { port } = sip.address() as AddressInfo;
  const rtpPort = (rtp.address() as AddressInfo).port;
  const seen = new Set<string>();
  let retransmissions = 0;
  const peer: AnsweringPeer = {
    port,
    rtp,
    rtpPorts: [],
    onInvite: () => {},
    retransmissions: () => retransmissions,
    hangUp: { number: () => false, afterMs: 0 },
    close: () => {
      sip.close();
      rtp.close();
    },
  };
  sip.on('message', (bytes, from) => {
    const at = performance.now();
    const text = bytes.toString('latin1');
    const send = (message: string): void => sip.send(message, from.port, from.address);
    const method = text.slice(0, text.indexOf(' '));
    if (method === 'INVITE') {
      const number = text.slice(11, text.indexOf('@'));
      if (seen.has(branch(text))) retransmissions++;
      else {
        seen.add(branch(text));
        peer.rtpPorts.push(Number(/m=audio (\d+)/.exec(text)![1]));
        peer.onInvite(number, at);
      }
      send(response(text, '180 Ringing', port));
      send(response(text, '200 OK', port, answer(rtpPort)));
    } else if (method === 'ACK') {
      const number = text.slice(8, text.indexOf('@'));
      if (peer.hangUp.number(number)) {
        setTimeout(() => send(bye(text, port)), peer.hangUp.afterMs);
      }
    } else if (method === 'BYE' || method === 'CANCEL') send(response(text, '200 OK', port));
  });
  return peer;
}

function header(text: string, name: string): string {
  const start = text.indexOf(`\r\n${name}: `);
  return text.slice(start + name.length + 4, text.indexOf('\r\n', start + 2));
}

function branch(text: string): string {
  return header(text, 'Via');
}

function response(request: string, status: string, port: number, body = ''): string {
  const to = header(request, 'To');
  const tag = to.includes(';tag=') ? '' : `;tag=${header(request, 'Call-ID').slice(0, 12)}`;
  const user = request.slice(request.indexOf('sip:') + 4, request.indexOf('@'));
  const type = body === '' ? '' : 'Content-Type: application/sdp\r\n';
  return (
    `SIP/2.0 ${status}\r\nVia: ${header(request, 'Via')}\r\nFrom: ${header(request, 'From')}\r\n` +
    `To: ${to}${tag}\r\nCall-ID: ${header(request, 'Call-ID')}\r\nCSeq: ${header(request, 'CSeq')}\r\n` +
    `Contact: <sip:${user}@127.0.0.1:${port}>\r\n${type}Content-Length: ${body.length}\r\n\r\n${body}`
  );
}

function bye(ack: string, port: number): string {
  return (
    `BYE sip:dozvon@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${Math.random()}\r\n` +
    `From: ${header(ack, 'To')}\r\nTo: ${header(ack, 'From')}\r\nCall-ID: ${header(ack, 'Call-ID')}\r\n` +
    'CSeq: 1 BYE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n'
  );
}

function answer(rtpPort: number): string {
  return (
    'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n' +
    `m=audio ${rtpPort} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n`
  );
}
