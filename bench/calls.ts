// Whole calls through the product's own process: what one costs, how many a second, how soon the INVITE.
import { Agent, request } from 'node:http';
import { type AnsweringPeer, openAnsweringPeer } from './answering-peer.ts';
import { type Figure, percentile } from './figure.ts';
import { benchKey, benchNumber, type ServerProcess, startServerProcess } from './server-process.ts';

type Lab = { readonly peer: AnsweringPeer; readonly server: ServerProcess; readonly agent: Agent };

const operatorPrefix = '7901';
const contactPrefix = '7902';
let nextNumber = 1_000_000;

export async function benchCalls(): Promise<Figure[]> {
  const peer = await openAnsweringPeer();
  const server = await startServerProcess(peer.port);
  const lab: Lab = { peer, server, agent: new Agent({ keepAlive: true, maxSockets: 64 }) };
  try {
    await load(lab, { perSecond: 100, seconds: 3 }); // Warm: what a server that runs for days is.
    const latency = await load(lab, { perSecond: 100, seconds: 10 });
    const figures: Figure[] = [
      {
        name: 'request to first INVITE, p50 at 100/s',
        value: percentile(latency.toInviteMs, 0.5),
        unit: 'ms',
      },
      {
        name: 'request to first INVITE, p99 at 100/s',
        value: percentile(latency.toInviteMs, 0.99),
        unit: 'ms',
      },
      {
        name: 'CPU per complete simple_call at 100/s',
        value: latency.cpuMs / latency.calls,
        unit: 'ms',
      },
    ];
    for (const perSecond of [200, 300, 350]) {
      const run = await load(lab, { perSecond, seconds: 10 });
      figures.push(
        {
          name: `CPU per complete simple_call at ${perSecond}/s`,
          value: run.cpuMs / run.calls,
          unit: 'ms',
        },
        {
          name: `calls that failed at ${perSecond}/s of ${run.calls}`,
          value: run.failed,
          unit: 'calls',
        },
        {
          name: `INVITEs retransmitted at ${perSecond}/s`,
          value: run.retransmissions,
          unit: 'requests',
        },
      );
    }
    figures.push(await memoryPerTalkingCall(lab));
    return figures;
  } finally {
    lab.agent.destroy();
    await server.stop();
    peer.close();
  }
}

type Load = {
  readonly calls: number;
  readonly failed: number;
  readonly cpuMs: number;
  readonly retransmissions: number;
  readonly toInviteMs: number[];
};

/** Starts calls at an even pace; the contact hangs up 100 ms after its answer. */
async function load(lab: Lab, pace: { perSecond: number; seconds: number }): Promise<Load> {
  const { peer, server } = lab;
  const startedAt = new Map<string, number>();
  const toInviteMs: number[] = [];
  let reachedContact = 0;
  peer.hangUp = { number: (number) => number.startsWith(contactPrefix), afterMs: 100 };
  peer.onInvite = (number, at) => {
    const started = startedAt.get(number);
    if (started !== undefined) toInviteMs.push(at - started);
    else reachedContact++;
  };
  const cpuBefore = server.cpuMs();
  const retransmissionsBefore = peer.retransmissions();
  const calls = pace.perSecond * pace.seconds;
  const begin = performance.now();
  const answers: Promise<boolean>[] = [];
  while (answers.length < calls) {
    const due = ((performance.now() - begin) * pace.perSecond) / 1000;
    while (answers.length < Math.min(due, calls)) {
      const number = String(nextNumber++);
      startedAt.set(operatorPrefix + number, performance.now());
      answers.push(startCall(lab, operatorPrefix + number, contactPrefix + number));
    }
    await sleep(1);
  }
  const accepted = (await Promise.all(answers)).filter(Boolean).length;
  await sleep(1_500); // The last calls end.
  return {
    calls,
    failed: calls - Math.min(accepted, reachedContact),
    cpuMs: server.cpuMs() - cpuBefore,
    retransmissions: peer.retransmissions() - retransmissionsBefore,
    toInviteMs,
  };
}

/** Talking calls with a trickle of RTP on every leg, against the same process before them. */
async function memoryPerTalkingCall(lab: Lab): Promise<Figure> {
  const calls = 1_000;
  const { peer, server } = lab;
  peer.onInvite = () => {};
  peer.hangUp = { number: () => false, afterMs: 0 };
  peer.rtpPorts.length = 0;
  await sleep(3_000);
  const before = server.rssKb();
  for (let started = 0; started < calls; started += 50) {
    const batch = Array.from({ length: 50 }, () => {
      const number = String(nextNumber++);
      return startCall(lab, operatorPrefix + number, contactPrefix + number);
    });
    await Promise.all(batch);
    await sleep(200);
  }
  const packet = Buffer.alloc(172);
  for (let sequence = 0; sequence < 20; sequence++) {
    packet.writeUInt16BE(0x8008, 0);
    packet.writeUInt16BE(sequence, 2);
    packet.writeUInt32BE(sequence * 160, 4);
    for (const port of peer.rtpPorts) peer.rtp.send(packet, port, '127.0.0.1');
    await sleep(100);
  }
  const value = (server.rssKb() - before) / calls;
  return { name: `memory per talking call (${peer.rtpPorts.length} legs up)`, value, unit: 'KB' };
}

function startCall({ agent, server }: Lab, operator: string, contact: string): Promise<boolean> {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'start.simple_call',
    params: {
      access_token: benchKey,
      first_call: 'operator',
      switch_at_once: true,
      virtual_phone_number: benchNumber,
      operator,
      contact,
    },
  });
  return new Promise((resolve) => {
    const post = request(
      {
        agent,
        host: '127.0.0.1',
        port: server.httpPort,
        path: '/v4.0',
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve(text.includes('call_session_id')));
      },
    );
    post.on('error', () => resolve(false));
    post.end(body);
  });
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

if (import.meta.main) for (const figure of await benchCalls()) console.log(figure);
