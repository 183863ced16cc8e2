import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { SessionDescription } from '../../sdp/session-description.ts';
import type { PreparedPrompt } from '../audio/prompt-cache.ts';
import { MediaError, type MediaPortEvent } from '../media-engine.ts';
import { createEmbeddedEngine } from './embedded-engine.ts';
import type { WorkerCommand, WorkerReport } from './media-protocol.ts';
import type { MediaWorkerEvents } from './worker-link.ts';

/** A worker that does what the test says; by itself it only says that it is ready. */
class FakeWorker {
  readonly commands: WorkerCommand[] = [];
  readonly events: MediaWorkerEvents;
  readonly replies: (command: WorkerCommand) => WorkerReport | undefined;

  constructor(events: MediaWorkerEvents, replies: FakeWorker['replies']) {
    this.events = events;
    this.replies = replies;
    queueMicrotask(() => events.reports([{ type: 'ready' }]));
  }

  post(commands: readonly WorkerCommand[]): void {
    this.commands.push(...commands);
    const reports = commands.flatMap((command) => this.replies(command) ?? []);
    if (reports.length > 0) queueMicrotask(() => this.events.reports(reports));
  }

  async stop(): Promise<void> {}
}

const obedient = ({ type, portId }: WorkerCommand): WorkerReport | undefined => {
  if (type === 'open') return { type: 'opened', portId };
  return type === 'close' ? { type: 'closed', portId } : undefined;
};

async function start(options: {
  replies?: FakeWorker['replies'];
  range?: { min: number; max: number };
  workers?: number;
  prepare?: () => Promise<PreparedPrompt>;
}) {
  const clock = new VirtualClock();
  const workers: FakeWorker[] = [];
  const { replies = obedient, range = { min: 10_000, max: 10_003 } } = options;
  const engine = await createEmbeddedEngine(
    {
      clock,
      random: seededRandom(1),
      log: silentLogger,
      address: '127.0.0.1',
      publicAddress: '192.0.2.1',
      portRange: range,
      workers: options.workers ?? 1,
      prompts: {
        prepare: options.prepare ?? (() => Promise.reject(new MediaError('no such file'))),
        get: () => undefined,
      },
    },
    (_settings, events) => {
      const worker = new FakeWorker(events, replies);
      workers.push(worker);
      return worker;
    },
  );
  return { engine, clock, workers };
}

const codecs = ['PCMA', 'PCMU'] as const;
const deaf = (): void => {};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The peer's description: like ours, elsewhere, changed as the test says. */
function theirs(
  ours: SessionDescription,
  changes: Partial<SessionDescription['media'][number]> = {},
): SessionDescription {
  const media = { ...ours.media[0]!, address: '198.51.100.7', port: 4000, ...changes };
  return { origin: { ...ours.origin, address: media.address }, media: [media] };
}

test('when the range is used up the error names it and the fix; closing gives back', async () => {
  const { engine } = await start({});
  const first = await engine.openPort({ codecs }, deaf);
  await engine.openPort({ codecs }, deaf);
  assert.equal(engine.openPorts, 2);
  await assert.rejects(
    engine.openPort({ codecs }, deaf),
    new MediaError(
      'no RTP port is free in 10000-10003 (2 of 2 in use by calls): ' +
        'widen rtp.portMin and rtp.portMax, or start fewer calls at a time',
    ),
  );
  await Promise.all([first.close(), first.close()]);
  assert.equal(engine.openPorts, 1);
  await engine.openPort({ codecs }, deaf);
  assert.equal(engine.openPorts, 2);
  await engine.close();
  await turn();
  assert.equal(engine.openPorts, 0);
  await assert.rejects(
    engine.openPort({ codecs }, deaf),
    new MediaError('the media engine is closed'),
  );
});

test('a port that another program has is passed over', async () => {
  const tried: number[] = [];
  const { engine } = await start({
    range: { min: 10_000, max: 10_007 },
    replies: (command) => {
      if (command.type !== 'open') return obedient(command);
      tried.push(command.rtpPort);
      if (tried.length === 3) return obedient(command);
      return { type: 'openFailed', portId: command.portId, code: 'EADDRINUSE', message: 'in use' };
    },
  });
  const port = await engine.openPort({ codecs }, deaf);
  assert.equal((await port.offer()).media[0]?.port, tried[2]);
  assert.equal(new Set(tried).size, 3);
  assert.equal(engine.openPorts, 1);
});

test('all ports in use by other programs, or no right to open them: nothing stays taken', async () => {
  for (const code of ['EADDRINUSE', 'EACCES']) {
    const { engine } = await start({
      replies: ({ type, portId }) =>
        type === 'open' ? { type: 'openFailed', portId, code, message: `bind ${code}` } : undefined,
    });
    await assert.rejects(engine.openPort({ codecs }, deaf), MediaError);
    assert.equal(engine.openPorts, 0);
  }
});

test('the engine closes while a port is being opened: refused and given back', async () => {
  const { engine } = await start({ replies: () => undefined });
  const opening = engine.openPort({ codecs }, deaf);
  const refused = assert.rejects(opening, MediaError);
  await turn();
  assert.equal(engine.openPorts, 1);
  await engine.close();
  await refused;
  assert.equal(engine.openPorts, 0);
});

test('a worker is lost: its ports say so and come back, another is started after a pause', async () => {
  const { engine, clock, workers } = await start({});
  const events: MediaPortEvent[] = [];
  const port = await engine.openPort({ codecs }, (event) => events.push(event));
  const closed = await engine.openPort({ codecs }, (event) => events.push(event));
  await closed.close();
  workers[0]!.events.lost(new Error('out of memory'));
  await turn();
  assert.deepEqual(
    events.map((event) => event.type === 'failed' && event.cause.message),
    ['the media worker of this port stopped: out of memory'],
  );
  assert.equal(engine.openPorts, 0);
  port.hear();
  await port.close();
  await assert.rejects(engine.openPort({ codecs }, deaf), /try again/);
  assert.equal(engine.openPorts, 0);
  await clock.advance(1000);
  await engine.openPort({ codecs }, deaf);
  assert.equal(workers.length, 2);
  await engine.close();
});

test('ports spread over the workers; near puts one beside the other, else hearing fails', async () => {
  const { engine, workers } = await start({ workers: 2, range: { min: 10_000, max: 10_020 } });
  const events: MediaPortEvent[] = [];
  const first = await engine.openPort({ codecs }, (event) => events.push(event));
  const apart = await engine.openPort({ codecs }, deaf);
  const beside = await engine.openPort({ codecs, near: first }, deaf);
  await beside.offer();
  assert.deepEqual(
    workers.map((worker) => worker.commands.length),
    [2, 1],
  );
  first.hear({ port: beside });
  await turn();
  assert.deepEqual(workers[0]!.commands.at(-1), {
    type: 'hear',
    portId: 1,
    sources: [{ kind: 'port', portId: 3 }],
  });
  assert.equal(events.length, 0);
  first.hear({ port: apart });
  await turn();
  assert.match(events[0]?.type === 'failed' ? events[0].cause.message : '', /open the second with/);
});

test('offer and answer: what is settled, held, refused', async () => {
  const { engine, workers } = await start({});
  const port = await engine.openPort({ codecs }, deaf);
  await assert.rejects(port.accept({ origin: origin(), media: [] }), MediaError);
  const offer = await port.offer();
  const media = offer.media[0]!;
  assert.deepEqual([media.address, media.port % 2, media.direction], ['192.0.2.1', 0, 'sendrecv']);

  const speech = { payloadType: 18, name: 'G729', clockRate: 8000 };
  await assert.rejects(port.accept(theirs(offer, { codecs: [speech] })), /no common codec/);
  await port.accept(theirs(offer));
  assert.equal(port.held, false);
  await port.accept(theirs(offer, { direction: 'inactive' }));
  assert.equal(port.held, true);

  const pcmu = { payloadType: 0, name: 'PCMU', clockRate: 8000 };
  const event = { payloadType: 96, name: 'telephone-event', clockRate: 8000 };
  const resumed = theirs(offer, { address: '10.1.1.1', port: 5000, codecs: [pcmu, event] });
  const answer = await port.answer(resumed);
  assert.equal(port.held, false);
  assert.equal(answer.origin.sessionId, offer.origin.sessionId);
  assert.equal(answer.origin.sessionVersion, offer.origin.sessionVersion + 1);
  assert.equal((await port.answer(resumed)).origin.sessionVersion, answer.origin.sessionVersion);
  await turn();
  const settled = workers[0]!.commands.at(-1);
  assert.deepEqual(settled?.type === 'settle' && settled.peer, {
    address: '10.1.1.1',
    port: 5000,
    learns: true,
    codec: 'PCMU',
    payloadType: 0,
    packetMs: 20,
    longestPacketMs: Number.POSITIVE_INFINITY,
    telephoneEventType: 96,
    telephoneEventKind: 'telephoneEvent',
    comfortNoiseType: undefined,
    receives: {
      PCMA: 8,
      PCMU: 0,
      telephoneEvent: 96,
      slowTelephoneEvent: undefined,
      comfortNoise: 13,
    },
    maySend: true,
    expectsPackets: true,
    rtcpMux: true,
    rtcpPort: 5000,
  });

  const before = workers[0]!.commands.length;
  await assert.rejects(port.answer(theirs(offer, { codecs: [speech] })), MediaError);
  await assert.rejects(port.answer(theirs(offer, { address: '2001:db8::1' })), /do not mix/);
  await turn();
  assert.equal(workers[0]!.commands.length, before);
  assert.equal(port.held, false);

  await port.answer(theirs(offer, { address: '0.0.0.0' }));
  await turn();
  const hold = workers[0]!.commands.at(-1);
  assert.deepEqual(hold?.type === 'settle' && [hold.peer.address, hold.peer.maySend, port.held], [
    '10.1.1.1',
    false,
    true,
  ]);
});

test('a prompt that is slow to prepare does not undo what was said after it', async () => {
  const slow = Promise.withResolvers<PreparedPrompt>();
  const { engine, workers } = await start({ prepare: () => slow.promise });
  const port = await engine.openPort({ codecs }, deaf);
  port.hear({ prompt: { id: 1, name: 'a', path: '/a.wav' }, loop: false, playId: 1 });
  port.hear();
  slow.resolve({ samples: new Int16Array(1), durationMs: 0, contentHash: '' });
  await turn();
  assert.deepEqual(
    workers[0]!.commands.filter((command) => command.type === 'hear'),
    [{ type: 'hear', portId: 1, sources: [] }],
  );
  port.hear({ prompt: { id: 1, name: 'a', path: '/a.wav' }, loop: true, playId: 2 });
  await turn();
  const last = workers[0]!.commands.at(-1);
  assert.ok(last?.type === 'hear' && last.sources[0]?.kind === 'prompt');
  assert.equal(last.sources[0].playId, 2);
});

test('a prompt that cannot be read and a key that is none fail by event, until the port closes', async () => {
  const { engine } = await start({});
  const events: string[] = [];
  const port = await engine.openPort({ codecs }, (event) => {
    if (event.type === 'failed') events.push(event.cause.message);
  });
  port.hear({ prompt: { id: 1, name: 'a', path: '/a.wav' }, loop: false });
  port.sendDtmf('1p');
  assert.equal(events.length, 0);
  await turn();
  assert.deepEqual(events.map((text) => text.slice(0, 12)).sort(), [
    '"p" is no ke',
    'no such file',
  ]);
  port.sendDtmf('x');
  await port.close();
  assert.equal(events.length, 2);
});

test('pauses without a key are sent at once', async () => {
  const { engine, workers } = await start({});
  const events: MediaPortEvent[] = [];
  const port = await engine.openPort({ codecs }, (event) => events.push(event));
  port.sendDtmf('..');
  await turn();
  assert.deepEqual(events, [{ type: 'dtmfSent', digits: '..' }]);
  assert.equal(workers[0]!.commands.length, 1);
});

test('an address that is not ours is said at the start', async () => {
  await assert.rejects(
    createEmbeddedEngine(
      {
        clock: new VirtualClock(),
        random: seededRandom(1),
        log: silentLogger,
        address: '192.0.2.1',
        publicAddress: '192.0.2.1',
        portRange: { min: 10_000, max: 10_010 },
        workers: 1,
        prompts: { prepare: () => Promise.reject(new Error()), get: () => undefined },
      },
      (_settings, events) => new FakeWorker(events, obedient),
    ),
    /rtp\.host 192\.0\.2\.1 is no address of this machine/,
  );
});

function origin() {
  return { username: '-', sessionId: '1', sessionVersion: 1, address: '192.0.2.9' };
}
