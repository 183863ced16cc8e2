// Phones of different codecs in one call, over real SIP and RTP: what each of them heard.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemRandom } from '../../src/base/random.ts';
import { writeWav } from '../../src/media/audio/wav.ts';
import type { CallEvent } from '../../src/model/call-event.ts';
import type { CodecName } from '../../src/model/trunk.ts';
import type { PhoneBehaviour } from '../../src/sandbox/phone-behaviour.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { joined, pause, tone } from '../../src/sandbox/sounds.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { rpc } from '../interop/rpc.ts';
import { testConfig, testNumber } from './test-config.ts';

const messageId = 1001;
const [operatorHz, contactHz, messageHz] = [400, 900, 1500];
/** Trunks by the codec they are offered; numbers begin with the prefix. */
const prefixes: Record<string, readonly CodecName[]> = {
  '791': ['G722'],
  '792': ['PCMA'],
  '793': ['opus'],
  '794': ['PCMU', 'G722'],
};

let folder: string;
let sandbox: Sandbox;
let server: RunningServer;
const events: CallEvent[] = [];
const looks = new Set<() => void>();
const behaviours = new Map<string, PhoneBehaviour>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'codecs-'));
  sandbox = await startSandbox({
    clock: systemClock,
    random: systemRandom(),
    log: silentLogger,
    host: '127.0.0.1',
    behaviours: (number) => behaviours.get(number)!,
    keepsRecords: true,
  });
  const path = join(folder, 'message.wav');
  await writeFile(path, writeWav(8000, tone(messageHz, 600)));
  const { port } = sandbox.sipAddress;
  server = await startServer(
    ...testConfig({
      dataFolder: join(folder, 'data'),
      media: [{ id: messageId, name: 'message', path }],
      trunks: Object.entries(prefixes).map(([prefix, codecs]) => ({
        name: `trunk${prefix}`,
        port,
        codecs,
        prefixes: [prefix],
      })),
    }),
  );
  server.bus.subscribe((event) => {
    events.push(event);
    for (const look of looks) look();
    looks.clear();
  });
});
after(async () => {
  await server.stop(0);
  await sandbox.close();
  await rm(folder, { recursive: true });
});

async function seen(id: number, type: CallEvent['type']): Promise<CallEvent> {
  for (;;) {
    const event = events.find((it) => it.callSessionId === id && it.type === type);
    if (event !== undefined) return event;
    await new Promise<void>((resolve) => looks.add(resolve));
  }
}

const phone = (
  codec: CodecName,
  hz: number,
  more: Partial<PhoneBehaviour> = {},
): PhoneBehaviour => ({
  ringsAfterMs: 20,
  final: { type: 'answers', afterMs: 40 },
  codecs: [codec],
  speaks: { sound: tone(hz, 4000), loop: true },
  ...more,
});

async function start(
  operator: readonly [number: string, PhoneBehaviour],
  contact: readonly [number: string, PhoneBehaviour],
  params: object = {},
): Promise<number> {
  for (const [number, behaviour] of [operator, contact]) behaviours.set(number, behaviour);
  const { data } = await rpc(server, 'start.simple_call', {
    first_call: 'operator',
    operator: operator[0],
    contact: contact[0],
    virtual_phone_number: testNumber,
    operator_message: { type: 'media', value: String(messageId) },
    ...params,
  });
  return data.call_session_id as number;
}

/** The loudest 100 ms of a tone in what a phone heard. */
function loudest(number: string, hz: number): number {
  const { samples } = sandbox.call(number)!.heard;
  let most = 0;
  for (let at = 0; at + 800 <= samples.length; at += 400) {
    let [real, imaginary] = [0, 0];
    for (let n = 0; n < 800; n++) {
      real += samples[at + n]! * Math.cos((2 * Math.PI * hz * n) / 8000);
      imaginary += samples[at + n]! * Math.sin((2 * Math.PI * hz * n) / 8000);
    }
    most = Math.max(most, (2 * Math.hypot(real, imaginary)) / 800);
  }
  return most;
}

/** Real time passes while real sound flows: the one wait that no event can replace. */
const flowing = (ms: number): Promise<void> =>
  new Promise((resolve) => void systemClock.setTimer(ms, resolve));

for (const [operatorCodec, operator, contactCodec, contact] of [
  ['G722', '79110000001', 'PCMA', '79220000001'],
  ['opus', '79330000002', 'G722', '79110000002'],
  ['PCMU', '79440000003', 'opus', '79330000003'],
  ['G722', '79110000004', 'G722', '79440000004'],
] as const) {
  test(`${operatorCodec} and ${contactCodec} hear each other, the message and the keys`, {
    timeout: 20_000,
  }, async () => {
    const id = await start(
      [operator, phone(operatorCodec, operatorHz)],
      [contact, phone(contactCodec, contactHz)],
    );
    await seen(id, 'talkStarted');
    await flowing(700);
    sandbox.call(contact)!.press({ key: '7', by: 'rtp' });
    await seen(id, 'dtmfReceived');
    await flowing(400);
    await rpc(server, 'release.call', { call_session_id: id });
    await seen(id, 'callEnded');
    for (const [number, hz] of [
      [operator, messageHz],
      [operator, contactHz],
      [contact, operatorHz],
    ] as const) {
      const level = loudest(number, hz);
      assert.ok(level > 5500 && level < 10_000, `${number} heard ${hz} Hz at ${level}`);
    }
    // A tone reaches only whom it is for.
    assert.ok(loudest(contact, messageHz) < 300);
    const { heard } = sandbox.call(operator)!;
    assert.deepEqual(
      heard.keys.map(({ key, endPackets }) => [key, endPackets]),
      [['7', 3]],
    );
    assert.deepEqual([heard.jumps, heard.ssrcs, heard.duplicates], [0, 1, 0]);
  });
}

/** Both tones of the key 5. */
function keyTone(): Int16Array {
  const [row, column] = [tone(770, 120, 6000), tone(1336, 120, 6000)];
  return row.map((sample, n) => sample + column[n]!);
}

test('a phone without telephone-events confirms by the tones of its keys', {
  timeout: 20_000,
}, async () => {
  const presses = joined(pause(900), keyTone(), pause(2000));
  const id = await start(
    [
      '79110000005',
      phone('G722', operatorHz, {
        telephoneEvent: false,
        speaks: { sound: presses, loop: false },
      }),
    ],
    ['79220000005', phone('PCMA', contactHz)],
    { operator_confirmation: '5' },
  );
  await seen(id, 'legConfirmed');
  const key = await seen(id, 'dtmfReceived');
  assert.equal(key.type === 'dtmfReceived' && key.keys, '5');
  await seen(id, 'talkStarted');
  await rpc(server, 'release.call', { call_session_id: id });
  await seen(id, 'callEnded');
});

test('a party whose sound does not come through is told within 3 s, and in the record', {
  timeout: 20_000,
}, async () => {
  const contact = '79220000006';
  const id = await start(
    ['79110000006', phone('G722', operatorHz)],
    [contact, phone('PCMA', contactHz, { isCutOff: true })],
  );
  const noAudio = await seen(id, 'legNoAudio');
  const ofContact = events.filter(
    (event) => event.callSessionId === id && event.type === 'legAnswered',
  )[1]!;
  const afterMs = noAudio.at - ofContact.at;
  assert.ok(afterMs >= 2_800 && afterMs < 3_500, `told after ${afterMs} ms`);
  await rpc(server, 'release.call', { call_session_id: id });
  await seen(id, 'callEnded');
  const record = await server.store.calls.record(id);
  const missed = record!.legs.map(({ role, noAudioMs }) => [role, noAudioMs > 2_500]);
  assert.deepEqual(missed, [
    ['operator', false],
    ['contact', true],
  ]);
});
