// Calls of two user agents over real sockets, TCP, TLS and IPv6, time being the test's own.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { audio, describeEvent } from '../../test/simulation/scripted-peer.ts';
import { silentLogger } from '../base/logger.ts';
import { systemRandom } from '../base/random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { SipUserAgent, type SipUserAgentOptions } from './sip-user-agent.ts';
import type { Hop } from './transport/hop.ts';
import type { SipListener } from './transport/open-transports.ts';
import { bye, closed, nextText, rawClient, rawServer } from './transport/stream-test-peer.ts';
import { noCertificates, replaceFiles, TestAuthority } from './transport/test-certificates.ts';
import type { InviteSession, InviteSessionEvent, InviteTarget } from './user-agent.ts';

const folder = mkdtempSync(join(tmpdir(), 'dozvon-calls-'));
after(() => rmSync(folder, { recursive: true }));
const authority = noCertificates ? undefined : new TestAuthority(folder);
const hasIpv6 = networkInterfaces().lo?.some(({ address }) => address === '::1') === true;
const noIpv6 = hasIpv6 ? false : 'this machine has no ::1';

const nothing = { sessions: 0, dialogs: 0, transactions: 0, unanswered: 0 };

/** What a test hears of one side, to be waited for. */
class Side {
  readonly log: string[] = [];
  session: InviteSession | undefined;
  #look = (): void => {};

  readonly sink = (event: InviteSessionEvent): void => {
    this.log.push(describeEvent(event));
    if (event.type === 'offered') event.accept(audio(4100));
    this.#look();
  };

  tell(text: string): void {
    this.log.push(text);
    this.#look();
  }

  async heard(text: string): Promise<void> {
    while (!this.log.includes(text)) {
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }
}

type Options = Partial<SipUserAgentOptions> & { readonly listeners: readonly SipListener[] };

async function openAgent(clock: VirtualClock, options: Options) {
  return SipUserAgent.open({
    clock,
    random: systemRandom(),
    log: silentLogger,
    accepts: () => true,
    ...options,
  });
}

/** Two user agents that speak over the same kind of listener; the called one answers at once. */
async function twoAgents(listener: SipListener, callerListener = listener) {
  const clock = new VirtualClock();
  const [caller, phone] = [new Side(), new Side()];
  const called = await openAgent(clock, {
    listeners: [listener],
    onInvite: (invite) => {
      phone.tell(`Via ${invite.header('Via')!.split(';')[0]}`);
      phone.tell(`Contact ${invite.header('Contact')}`);
      invite.progress(180);
      phone.session = invite.accept(audio(4000), phone.sink);
    },
  });
  const calling = await openAgent(clock, { listeners: [callerListener] });
  const call = (hop: Partial<Hop> = {}, target: Partial<InviteTarget> = {}): void => {
    caller.session = calling.invite(
      {
        requestUri: 'sip:79260000000@trunk.example',
        nextHop: { ...called.sentBy, transport: listener.transport, ...hop },
        from: { uri: 'sip:74990000000@trunk.example' },
        ...target,
      },
      audio(3000),
      caller.sink,
    );
  };
  /** Lets everything run out, and closes; nothing may be left. */
  const finish = async (): Promise<void> => {
    await clock.advance(200_000);
    assert.deepEqual([calling.counts, called.counts], [nothing, nothing]);
    await Promise.all([calling.close(), called.close()]);
    assert.equal(clock.pendingTimers, 0);
  };
  return { clock, caller, phone, calling, called, call, finish };
}

/** An offer waits for the ACK of the one before, and some seconds more: RFC 3261 section 14.1. */
async function during<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let isDone = false;
  const done = promise.finally(() => {
    isDone = true;
  });
  while (!isDone) await clock.advance(10);
  return done;
}

const tlsListener = (file: string): SipListener => ({
  transport: 'tls',
  host: '127.0.0.1',
  port: 0,
  identity: authority!.issue(file, 'DNS:trunk.example'),
});
const trust = { tls: { name: 'trunk.example', caFile: authority?.caFile ?? '' } };

// biome-ignore format: a table
const ways: [name: string, listener: () => SipListener, skip: string | false, hop: Partial<Hop>, via: RegExp, contact: RegExp][] = [
  ['UDP', () => ({ transport: 'udp', host: '127.0.0.1', port: 0 }), false, {},
    /^SIP\/2\.0\/UDP 127\.0\.0\.1:\d+$/, /^<sip:74990000000@127\.0\.0\.1:\d+>$/],
  ['TCP', () => ({ transport: 'tcp', host: '127.0.0.1', port: 0 }), false, {},
    /^SIP\/2\.0\/TCP 127\.0\.0\.1:\d+$/, /^<sip:74990000000@127\.0\.0\.1:\d+;transport=tcp>$/],
  ['TLS', () => tlsListener('call'), noCertificates, trust,
    /^SIP\/2\.0\/TLS 127\.0\.0\.1:\d+$/, /^<sip:74990000000@127\.0\.0\.1:\d+;transport=tls>$/],
  ['UDP on IPv6', () => ({ transport: 'udp', host: '::1', port: 0 }), noIpv6, {},
    /^SIP\/2\.0\/UDP \[::1\]:\d+$/, /^<sip:74990000000@\[::1\]:\d+>$/],
  ['TCP on IPv6', () => ({ transport: 'tcp', host: '::1', port: 0 }), noIpv6, {},
    /^SIP\/2\.0\/TCP \[::1\]:\d+$/, /^<sip:74990000000@\[::1\]:\d+;transport=tcp>$/],
];
for (const [name, listener, skip, hop, via, contact] of ways) {
  for (const hangsUp of ['caller', 'phone'] as const) {
    test(`a call over ${name}: offers both ways, the ${hangsUp} hangs up`, { skip }, async () => {
      const { clock, caller, phone, call, finish } = await twoAgents(listener());
      call(hop);
      await caller.heard('answered 4000');
      assert.match(phone.log[0]!.slice('Via '.length), via);
      assert.match(phone.log[1]!.slice('Contact '.length), contact);
      await during(clock, caller.session!.reinvite(audio(3001)));
      await during(clock, phone.session!.reinvite(audio(4001)));
      assert.ok(phone.log.includes('offered 3001') && caller.log.includes('offered 4001'));
      const [one, other] = hangsUp === 'caller' ? [caller, phone] : [phone, caller];
      one.session!.terminate({ type: 'normal' });
      await other.heard('terminated remote 0 normal q850=16');
      await finish();
    });
  }
}

test('a call goes on over its connection while the certificate is renewed', {
  skip: noCertificates,
}, async () => {
  const listener = tlsListener('before');
  const { clock, caller, phone, call, finish } = await twoAgents(listener);
  call(trust);
  await caller.heard('answered 4000');
  replaceFiles(listener.identity!, authority!.issue('after', 'DNS:trunk.example'));
  await clock.advance(60_000);
  await during(clock, phone.session!.reinvite(audio(4001)));
  await during(clock, caller.session!.reinvite(audio(3001)));
  caller.session!.terminate({ type: 'normal' });
  await phone.heard('terminated remote 0 normal q850=16');
  await finish();
});

test('a certificate of another name: no INVITE is sent, the call fails', {
  skip: noCertificates,
}, async () => {
  const { caller, phone, call, finish } = await twoAgents(tlsListener('wrong'));
  call({ tls: { ...trust.tls, name: 'other.example' } });
  await caller.heard('terminated remote 0 failed 503');
  assert.deepEqual(phone.log, []);
  await finish();
});

test('a caller without a listener of its own is reached on the connection it made', {
  skip: noCertificates,
}, async () => {
  const client = { transport: 'tls', host: '127.0.0.1', port: 0 } as const;
  const { clock, caller, phone, call, finish } = await twoAgents(tlsListener('client'), client);
  call(trust);
  await caller.heard('answered 4000');
  const [, contactPort] = /^Contact <.*:(\d+);transport=tls>$/.exec(phone.log[1]!)!;
  assert.ok(Number(contactPort) >= 49_152, 'the Contact is our end of the connection');
  await during(clock, phone.session!.reinvite(audio(4001)));
  phone.session!.terminate({ type: 'normal' });
  await caller.heard('terminated remote 0 normal q850=16');
  await finish();
});

/** A TCP peer made by hand: `says` is called with each request and the socket it came on. */
async function handMade(says: (request: string, socket: Socket) => void) {
  let connections = 0;
  const server = await rawServer(async (socket) => {
    connections++;
    while (!socket.destroyed) {
      const request = await Promise.race([
        nextText(socket),
        new Promise<void>((resolve) => socket.once('close', () => resolve())),
      ]);
      if (request === undefined) return;
      if (request.trim() !== '') says(request, socket); // Not a keep-alive.
    }
  });
  const hop: Hop = { host: '127.0.0.1', port: server.port, transport: 'tcp' };
  return { hop, server, connections: () => connections };
}

function respond(request: string, status: number, body = ''): string {
  const line = (name: string): string => new RegExp(`^${name}: .*$`, 'm').exec(request)![0].trim();
  const to = line('To').includes('tag=') ? line('To') : `${line('To')};tag=peer`;
  const type =
    body === ''
      ? []
      : ['Content-Type: application/sdp', 'Contact: <sip:p@127.0.0.1:9;transport=tcp>'];
  return [
    `SIP/2.0 ${status} Any`,
    line('Via'),
    line('From'),
    to,
    line('Call-ID'),
    line('CSeq'),
    ...type,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

const tcp: SipListener = { transport: 'tcp', host: '127.0.0.1', port: 0 };

test('a peer that resets the connection at each INVITE: once more on a new one, then it is an error', async () => {
  const peer = await handMade((_, socket) => socket.resetAndDestroy());
  const { caller, call, finish } = await twoAgents(tcp);
  call({}, { nextHop: peer.hop });
  await caller.heard('terminated remote 0 failed 503');
  assert.equal(peer.connections(), 2);
  peer.server.close();
  await finish();
});

test('a reset once the peer has begun to answer is an error at once: the INVITE may be ringing', async () => {
  const peer = await handMade((request, socket) => {
    socket.write(respond(request, 100), () => socket.resetAndDestroy());
  });
  const { caller, call, finish } = await twoAgents(tcp);
  call({}, { nextHop: peer.hop });
  await caller.heard('terminated remote 0 failed 503');
  assert.equal(peer.connections(), 1);
  peer.server.close();
  await finish();
});

test('a reset while the phone rings: it is cancelled on a new connection', async () => {
  const cancelled = Promise.withResolvers<void>();
  const branches = new Set<string>();
  const peer = await handMade((request, socket) => {
    branches.add(/branch=(\S+)/.exec(request)![1]!);
    if (request.startsWith('INVITE')) {
      socket.write(respond(request, 180), () => socket.resetAndDestroy());
    } else if (request.startsWith('CANCEL')) {
      socket.write(respond(request, 200), () => cancelled.resolve());
    }
  });
  const { caller, call, finish } = await twoAgents(tcp);
  call({}, { nextHop: peer.hop });
  await caller.heard('terminated remote 0 failed 503');
  await cancelled.promise;
  assert.deepEqual([peer.connections(), branches.size], [2, 1]);
  peer.server.close();
  await finish();
});

test('a reset leads to the next hop while no phone has rung', async () => {
  const peer = await handMade((_, socket) => socket.resetAndDestroy());
  const { caller, called, call, finish } = await twoAgents(tcp);
  call({}, { nextHop: peer.hop, otherHops: [{ ...called.sentBy, transport: 'tcp' }] });
  await caller.heard('answered 4000');
  caller.session!.terminate({ type: 'normal' });
  peer.server.close();
  await finish();
});

test('a reset at the BYE leaves nothing behind (drachtio-server 467)', async () => {
  const sdp =
    'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n';
  const peer = await handMade((request, socket) => {
    if (request.startsWith('INVITE')) socket.write(respond(request, 200, sdp));
    if (request.includes('BYE sip:')) socket.resetAndDestroy();
  });
  const { caller, call, finish } = await twoAgents(tcp);
  call({}, { nextHop: peer.hop });
  await caller.heard('answered 4000');
  caller.session!.terminate({ type: 'normal' });
  await caller.heard('terminated local 0 normal');
  peer.server.close();
  await finish();
});

/** What a peer sends on a new connection, and what it gets before that is closed. */
// biome-ignore format: a table
const unframed: [name: string, sent: string, got: RegExp][] = [
  ['a request without Content-Length', bye().replace('Content-Length: 0\r\n', ''), /^SIP\/2\.0 400 /],
  ['one that is no number', bye().replace('Content-Length: 0', 'Content-Length: none'), /^SIP\/2\.0 400 /],
  ['an ACK', bye().replaceAll('BYE', 'ACK').replace('Content-Length: 0\r\n', ''), /^$/],
  ['a response', bye().replace('BYE sip:a@b SIP/2.0', 'SIP/2.0 200 OK').replace('Content-Length: 0\r\n', ''), /^$/],
  ['another protocol', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', /^$/],
  ['headers without end', 'X'.repeat(40_000), /^$/],
];
for (const [name, sent, got] of unframed) {
  test(`a stream that cannot be cut into messages is closed: ${name}`, async () => {
    const clock = new VirtualClock();
    const agent = await openAgent(clock, { listeners: [tcp] });
    const socket = await rawClient(agent.sentBy.port);
    let answer = '';
    socket.on('data', (bytes) => {
      answer += String(bytes);
    });
    socket.write(sent);
    await closed(socket);
    assert.match(answer, got);
    await agent.close();
    assert.equal(clock.pendingTimers, 0);
  });
}

/** A port that is free for UDP just now, and as good as surely for TCP. */
async function freePort(clock: VirtualClock): Promise<number> {
  const agent = await openAgent(clock, { listeners: [{ ...tcp, transport: 'udp' }] });
  await agent.close();
  return agent.sentBy.port;
}

test('an INVITE above 1300 bytes goes by TCP where the trunk allows it, by UDP when nobody listens there', async () => {
  const long = [['Subject', 'x'.repeat(1_000)]] as const;
  const rows = [
    [{ largeByTcp: true }, long, ['udp', 'tcp'], 'TCP'],
    [{ largeByTcp: true }, [], ['udp', 'tcp'], 'UDP'],
    [{}, long, ['udp', 'tcp'], 'UDP'],
    [{ largeByTcp: true }, long, ['udp'], 'UDP'],
  ] as const;
  for (const [hop, headers, listens, via] of rows) {
    const clock = new VirtualClock();
    const [caller, phone] = [new Side(), new Side()];
    const port = await freePort(clock);
    const called = await openAgent(clock, {
      listeners: listens.map((transport) => ({ ...tcp, transport, port })),
      onInvite: (invite) => {
        phone.tell(invite.header('Via')!.split(' ')[0]!);
        phone.session = invite.accept(audio(4000), phone.sink);
      },
    });
    const calling = await openAgent(clock, { listeners: [{ ...tcp, transport: 'udp' }, tcp] });
    caller.session = calling.invite(
      {
        requestUri: 'sip:79260000000@trunk.example',
        nextHop: { ...called.sentBy, ...hop },
        from: { uri: 'sip:74990000000@trunk.example' },
        headers,
      },
      audio(3000),
      caller.sink,
    );
    await caller.heard('answered 4000');
    assert.deepEqual(phone.log, [`SIP/2.0/${via}`]);
    caller.session.terminate({ type: 'normal' });
    await phone.heard('terminated remote 0 normal q850=16');
    await clock.advance(200_000);
    assert.deepEqual([calling.counts, called.counts], [nothing, nothing]);
    await Promise.all([calling.close(), called.close()]);
    assert.equal(clock.pendingTimers, 0);
  }
});
