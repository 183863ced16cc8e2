// The request that the vendor's page prints, sent as it is printed, over real SIP and RTP and with speech
// that is really synthesised: what the operator and the contact hear, and when.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import { speechSchema } from '../../src/config/speech-schema.ts';
import { toSpeech } from '../../src/config/to-speech.ts';
import { type HeardPiece, type KnownSound, recognise } from '../../src/demo/recognise.ts';
import { completeness } from '../../src/demo/verdict.ts';
import { decodePrompt } from '../../src/media/audio/prompt-decoder.ts';
import { writeWav } from '../../src/media/audio/wav.ts';
import { EspeakWasm } from '../../src/media/speech/engines/espeak-wasm.ts';
import type { PhoneBehaviour } from '../../src/sandbox/phone-behaviour.ts';
import type { PhoneEvent } from '../../src/sandbox/phone-event.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { openSpeechOf, type RunningServer } from '../../src/server.ts';
import { vendorRequest } from '../contracts/printed-requests.ts';
import { startBootstrapped, testConfig } from './test-config.ts';
import { testSounds } from './test-sounds.ts';

const wasm = new EspeakWasm('espeak-ng-wasm', systemClock);
/** Printed by the test runner when the optional package is left out. */
const skip = (await wasm.obstacle()) ?? false;

type Body = { readonly params: Readonly<Record<string, string>> };
const { params: printed } = JSON.parse(vendorRequest) as Body;

/** The call as it is printed, and the same between two others without `switch_at_once`. */
const calls = {
  printed: { operator: printed.operator!, contact: printed.contact!, body: vendorRequest },
  patient: {
    operator: '79262444492',
    contact: '79260000001',
    body: vendorRequest
      .replace('"switch_at_once": true', '"switch_at_once": false')
      .replace(printed.operator!, '79262444492')
      .replace(printed.contact!, '79260000001'),
  },
} as const;
type Name = keyof typeof calls;

const sounds = testSounds({ operatorMessageMs: 800, contactMessageMs: 0 });
const files = { 2561: sounds.operatorMessage, 2701: sounds.ownMusic };

let folder: string;
let sandbox: Sandbox;
let server: RunningServer;
const events: PhoneEvent[] = [];
const over = Promise.withResolvers<void>();
let known: readonly KnownSound[];
let spoken: { readonly language: string; readonly cached: boolean };

const person = (sound: Int16Array, rest: Partial<PhoneBehaviour>): PhoneBehaviour => ({
  ringsAfterMs: 50,
  final: { type: 'answers', afterMs: 300 },
  speaks: { sound, loop: true },
  ...rest,
});
const contactBehaviour = person(sounds.contactVoice, {
  final: { type: 'answers', afterMs: 1_000 },
  hangsUpAfterAnswerMs: 3_800,
});
const contacts: readonly string[] = Object.values(calls).map(({ contact }) => contact);

before(async () => {
  if (skip !== false) return;
  folder = await mkdtemp(join(tmpdir(), 'dozvon-printed-'));
  sandbox = await startSandbox({
    clock: systemClock,
    random: seededRandom(4),
    log: silentLogger,
    host: '127.0.0.1',
    keepsRecords: true,
    behaviours: (number) =>
      contacts.includes(number) ? contactBehaviour : person(sounds.operatorVoice, {}),
    sink: hear,
  });
  const media = await Promise.all(
    Object.entries(files).map(async ([id, samples]) => {
      const path = join(folder, `${id}.wav`);
      await writeFile(path, writeWav(8000, samples));
      return { id: Number(id), name: id, path };
    }),
  );
  const [config, options] = testConfig({
    dataFolder: join(folder, 'data'),
    trunks: [{ name: 'sandbox', port: sandbox.sipAddress.port }],
    media,
    speech: toSpeech(speechSchema.parse({ engines: [{ type: 'espeak-ng-wasm' }] })),
  });
  const [account] = config.bootstrap.accounts;
  const key = { token: printed.access_token!, user: 'test', label: 'printed', expiresAt: null };
  const provisioned = { ...config, bootstrap: { accounts: [{ ...account!, keys: [key] }] } };
  server = await startBootstrapped(provisioned, options);
  await Promise.all(Object.values(calls).map(({ body }) => start(body)));
  await over.promise;
  // The file that was played is taken from the cache: eSpeak NG does not speak twice alike.
  const speech = openSpeechOf(provisioned, silentLogger);
  const { prompt, choice, cached } = await speech.say('test', 'Привет');
  await speech.close();
  spoken = { language: choice.language, cached };
  known = [
    { name: '2561', samples: files[2561], loops: false },
    { name: '2701', samples: files[2701], loops: true },
    {
      name: 'greeting',
      samples: decodePrompt(await readFile(prompt.path), { longestMs: 60_000 }),
      loops: false,
    },
    { name: 'operator', samples: sounds.operatorVoice, loops: true },
    { name: 'contact', samples: sounds.contactVoice, loops: true },
  ];
});

after(async () => {
  await wasm.close();
  await server?.stop(0);
  await sandbox?.close();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

async function start(body: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${server.httpAddress.port}/v4.0`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body,
  });
  const answer = (await response.json()) as { result?: { data: { call_session_id: number } } };
  assert.equal(typeof answer.result?.data.call_session_id, 'number', JSON.stringify(answer));
}

function hear(event: PhoneEvent): void {
  events.push(event);
  if (events.filter(({ type }) => type === 'ended').length === 4) over.resolve();
}

const at = (number: string, type: PhoneEvent['type']): number =>
  events.find((event) => event.number === number && event.type === type)!.atMs;

/** What an ear heard, in order; pieces of one sound that go on where the last one ended are one. */
function heardBy(number: string): readonly HeardPiece[] {
  const { startMs, samples } = sandbox.call(number)!.heard;
  const pieces: HeardPiece[] = [];
  for (const piece of recognise({ startMs: startMs!, samples }, known)) {
    const last = pieces.at(-1);
    if (piece.name === undefined) continue;
    if (last?.name === piece.name) pieces[pieces.length - 1] = { ...last, toMs: piece.toMs };
    else pieces.push(piece);
  }
  return pieces;
}

const named = (pieces: readonly HeardPiece[]): readonly (string | undefined)[] =>
  pieces.map(({ name }) => name);

/** What the server may take to act on what happened, on a machine that does other things too. */
const promptlyMs = 250;
function assertSoon(actual: number, after: number, what: string): void {
  const late = Math.round(actual - after);
  assert.ok(late > -45 && late < promptlyMs, `${what}: ${late} ms late`);
}

function assertWhole(piece: HeardPiece): void {
  const sound = known.find(({ name }) => name === piece.name)!;
  assert.deepEqual(completeness(piece, sound), { fromStart: true, toEnd: true }, piece.name);
}

describe('the printed request', { skip }, () => {
  for (const name of Object.keys(calls) as Name[]) {
    const { operator, contact } = calls[name];

    test(`${name}: the operator hears 2561 to its end, then 2701 while the contact rings, then the contact`, () => {
      const [message, music, voice, ...rest] = heardBy(operator);
      assert.deepEqual(named([message!, music!, voice!, ...rest]), ['2561', '2701', 'contact']);
      assertWhole(message!);
      assertSoon(message!.fromMs, at(operator, 'answered'), 'the message');
      assertSoon(at(contact, 'invited'), message!.toMs, 'the contact is dialled');
      assertSoon(music!.fromMs, message!.toMs, 'the music');
      assert.ok(music!.fromMs < at(contact, 'answered') - 500, 'heard while it rings');
    });

    test(`${name}: keys 1, 2, 3 come one, two and three seconds after the contact's answer`, () => {
      const { keys } = sandbox.call(contact)!.heard;
      assert.deepEqual(
        keys.map(({ key }) => key),
        ['1', '2', '3'],
      );
      for (const [index, { arrivedMs }] of keys.entries())
        assertSoon(arrivedMs, at(contact, 'answered') + 1_000 * (index + 1), `key ${index + 1}`);
      const [first, second, third] = keys.map(({ startMs }) => startMs);
      for (const pause of [second! - first!, third! - second!])
        assert.ok(Math.abs(pause - 1_000) <= 20, `a pause of ${pause} ms`);
    });

    test(`${name}: the contact sees the virtual number, the operator the contact's`, () => {
      assert.equal(sandbox.call(contact)!.from, printed.virtual_phone_number);
      assert.equal(sandbox.call(operator)!.from, contact);
    });
  }

  test('printed: the talk starts at the answer of the contact, whose greeting is not played', () => {
    const { operator, contact } = calls.printed;
    assert.deepEqual(named(heardBy(contact)), ['operator']);
    assertSoon(heardBy(contact)[0]!.fromMs, at(contact, 'answered'), 'the operator is heard');
    assertSoon(heardBy(operator)[2]!.fromMs, at(contact, 'answered'), 'the contact is heard');
  });

  test('patient: the contact hears the Russian greeting to its end, then the talk starts', () => {
    const { operator, contact } = calls.patient;
    const [greeting, voice, ...rest] = heardBy(contact);
    assert.deepEqual(named([greeting!, voice!, ...rest]), ['greeting', 'operator']);
    assert.deepEqual(spoken, { language: 'ru', cached: true });
    assertWhole(greeting!);
    assertSoon(greeting!.fromMs, at(contact, 'answered'), 'the greeting');
    assertSoon(voice!.fromMs, greeting!.toMs, 'the talk');
    const talk = heardBy(operator)[2]!;
    assert.ok(talk.fromMs > greeting!.toMs - 45, 'no sooner for the operator');
  });
});
