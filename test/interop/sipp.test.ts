import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemRandom } from '../../src/base/random.ts';
import { toneLevel } from '../../src/media/audio/analysis.ts';
import type { CallEvent, CallEventOf } from '../../src/model/call-event.ts';
import type { PhoneBehaviour } from '../../src/sandbox/phone-behaviour.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { tone } from '../../src/sandbox/sounds.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { testConfig, testNumber } from '../loopback/test-config.ts';
import { rpc } from './rpc.ts';
import { Arrivals } from './server-events.ts';
import { type SippParty, type SippTransport, sippMissing, startSipp } from './sipp-process.ts';

// One party is SIPp, which echoes what it hears; the other a sandbox phone that speaks a tone. What the
// phone hears of itself has been to SIPp and back through both ports of the server.
const skip = sippMissing() ?? false;
const sippNumber = '79261111111';
const phoneNumber = '79262222222';
const voiceHz = 900;

const speaking: PhoneBehaviour = {
  ringsAfterMs: 100,
  final: { type: 'answers', afterMs: 200 },
  speaks: { sound: tone(voiceHz, 1_000), loop: true },
};

let folder: string;
let sandbox: Sandbox;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dozvon-sipp-'));
  sandbox = await startSandbox({
    clock: systemClock,
    random: systemRandom(),
    log: silentLogger,
    host: '127.0.0.1',
    behaviours: () => speaking,
    keepsRecords: true,
  });
});
after(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});

const bySipp = {
  operator: { operator: sippNumber, contact: phoneNumber },
  contact: { operator: phoneNumber, contact: sippNumber },
};

for (const sippRole of ['operator', 'contact'] as const) {
  for (const firstCall of ['operator', 'contact'] as const) {
    test(
      `SIPp as ${sippRole}, ${firstCall} first: its echo is heard by the other side`,
      { skip },
      () =>
        withSipp('answer', async (server, sipp, ended) => {
          const id = await start(server, { ...bySipp[sippRole], first_call: firstCall });
          await seen(server, id, 'talkStarted');
          await seconds(1.5);
          const phone = sandbox.call(phoneNumber)!;
          const heard = phone.heard.samples;
          const last = heard.subarray(heard.length - 4_000); // Half a second of the talk.
          assert.ok(toneLevel(last, voiceHz) > -25, `echo at ${toneLevel(last, voiceHz)} dBFS`);
          phone.hangUp();
          await sipp.done; // SIPp got its BYE and was content with every message.
          const finishReason = sippRole === 'operator' ? 'subscriber' : 'operator';
          assert.equal((await ended(id)).finishReason, `${finishReason}_disconnects`);
          await server.stop(0); // Waits for the answer of the last BYE.
          const nothing = { calls: 0, channels: 0, rtpPorts: 0, unansweredRequests: 0 };
          assert.deepEqual(server.counts(), nothing);
        }),
    );
  }
}

for (const [scenario, what] of [
  ['answer', 'its echo is heard'],
  ['busy', 'it is busy'],
  ['cancelled', 'it is cancelled while it rings'],
] as const) {
  test(`SIPp as contact over TCP: ${what}`, { skip }, () =>
    withSipp(
      scenario,
      async (server, sipp, ended) => {
        const id = await start(server, { ...bySipp.contact, first_call: 'contact' });
        if (scenario === 'cancelled') {
          await seen(server, id, 'legRinging');
          await rpc(server, 'release.call', { call_session_id: id });
        }
        if (scenario === 'answer') {
          await seen(server, id, 'talkStarted');
          await seconds(1.5);
          const phone = sandbox.call(phoneNumber)!;
          const last = phone.heard.samples.subarray(-4_000);
          assert.ok(toneLevel(last, voiceHz) > -25, `echo at ${toneLevel(last, voiceHz)} dBFS`);
          phone.hangUp();
        }
        await sipp.done;
        await ended(id);
        await server.stop(0);
        const nothing = { calls: 0, channels: 0, rtpPorts: 0, unansweredRequests: 0 };
        assert.deepEqual(server.counts(), nothing);
      },
      'tcp',
    ),
  );
}

test('SIPp as operator presses its key by SIP INFO and later hangs up', { skip }, () =>
  withSipp('confirm-by-info', async (server, sipp, ended) => {
    const id = await start(server, {
      ...bySipp.operator,
      first_call: 'operator',
      operator_confirmation: '1',
    });
    await seen(server, id, 'legConfirmed');
    await sipp.done;
    assert.equal((await ended(id)).finishReason, 'operator_disconnects');
  }),
);

test('SIPp as operator is busy', { skip }, () =>
  withSipp('busy', async (server, sipp, ended) => {
    const id = await start(server, { ...bySipp.operator, first_call: 'operator' });
    assert.equal((await ended(id)).finishReason, 'no_success_operator_call');
    await sipp.done;
  }),
);

test('SIPp as contact rings until release.call cancels it', { skip }, () =>
  withSipp('cancelled', async (server, sipp, ended) => {
    const id = await start(server, { ...bySipp.contact, first_call: 'contact' });
    await seen(server, id, 'legRinging');
    await rpc(server, 'release.call', { call_session_id: id });
    await sipp.done;
    assert.equal((await ended(id)).finishReason, 'operator_disconnects');
  }),
);

/** Everything that was published, by server. */
const events = new WeakMap<RunningServer, Arrivals<CallEvent>>();

type Ended = (callSessionId: number) => Promise<CallEventOf<'callEnded'>>;

async function withSipp(
  scenario: string,
  body: (server: RunningServer, sipp: SippParty, ended: Ended) => Promise<void>,
  transport: SippTransport = 'udp',
): Promise<void> {
  const sipp = await startSipp(scenario, transport);
  const server = await startServer(
    ...testConfig({
      dataFolder: await mkdtemp(join(folder, 'data-')),
      listen:
        transport === 'udp'
          ? []
          : [{ transport, host: '127.0.0.1', port: 0, publicAddress: '127.0.0.1' }],
      trunks: [
        { name: 'sipp', port: sipp.port, transport, prefixes: [sippNumber] },
        { name: 'sandbox', port: sandbox.sipAddress.port, prefixes: [''] },
      ],
    }),
  );
  const arrivals = new Arrivals<CallEvent>();
  events.set(server, arrivals);
  server.bus.subscribe((event) => arrivals.add(event));
  const ended: Ended = async (id) =>
    (await seen(server, id, 'callEnded')) as CallEventOf<'callEnded'>;
  try {
    await body(server, sipp, ended);
  } finally {
    sipp.stop();
    await server.stop(0);
  }
}

/** The first event of this kind of this call, perhaps one that came before the answer with its id. */
function seen(server: RunningServer, id: number, type: CallEvent['type']): Promise<CallEvent> {
  return events.get(server)!.find((event) => event.callSessionId === id && event.type === type);
}

async function start(server: RunningServer, params: object): Promise<number> {
  const result = await rpc(server, 'start.simple_call', {
    virtual_phone_number: testNumber,
    switch_at_once: true,
    ...params,
  });
  return result.data.call_session_id as number;
}

/** Real time passes while real sound flows: the one wait that no event can replace. */
const seconds = (count: number): Promise<void> =>
  new Promise((resolve) => systemClock.setTimer(1_000 * count, resolve));
