// Encrypted sound through a whole server, over real SIP and RTP: the phones' SRTP is an implementation of their own.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import { findSample } from '../../src/media/audio/analysis.ts';
import type { CallEventOf } from '../../src/model/call-event.ts';
import type { CodecName, SrtpMode } from '../../src/model/trunk.ts';
import type { PhoneBehaviour } from '../../src/sandbox/phone-behaviour.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { babble } from '../../src/sandbox/sounds.ts';
import type { RunningServer } from '../../src/server.ts';
import { rpc } from '../interop/rpc.ts';
import { startBootstrapped, testConfig, testNumber } from './test-config.ts';

/** The trunk that serves a number, whether the phone behind it has SRTP, and the codec of both: PCMA if none is named. */
const phones: Record<
  string,
  { readonly srtp: SrtpMode; readonly phoneHasIt: boolean; readonly codec?: CodecName }
> = {
  '7100': { srtp: 'required', phoneHasIt: true },
  '7200': { srtp: 'optional', phoneHasIt: true },
  '7300': { srtp: 'optional', phoneHasIt: false },
  '7400': { srtp: 'off', phoneHasIt: true },
  '7500': { srtp: 'required', phoneHasIt: false },
  '7901': { srtp: 'required', phoneHasIt: true, codec: 'opus' },
  '7902': { srtp: 'optional', phoneHasIt: true, codec: 'G722' },
};
const codecOf = (number: string): CodecName => phones[number.slice(0, 4)]!.codec ?? 'PCMA';
const prefixes = Object.keys(phones);
const voices = {
  operator: babble({ pitchHz: 120, durationMs: 900, seed: 3 }),
  contact: babble({ pitchHz: 260, durationMs: 900, seed: 4 }),
};

let folder: string;
let sandbox: Sandbox;
let server: RunningServer;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dozvon-srtp-'));
  sandbox = await startSandbox({
    clock: systemClock,
    random: seededRandom(3),
    log: silentLogger,
    host: '127.0.0.1',
    keepsRecords: true,
    behaviours: (number): PhoneBehaviour => ({
      ringsAfterMs: 10,
      final: { type: 'answers', afterMs: 30 },
      srtp: phones[number.slice(0, 4)]!.phoneHasIt,
      codecs: [codecOf(number)],
      speaks: { sound: number.endsWith('1') ? voices.operator : voices.contact, loop: true },
    }),
  });
  const { port } = sandbox.sipAddress;
  const [config] = testConfig({
    dataFolder: join(folder, 'data'),
    trunks: prefixes.map((prefix) => ({
      name: `trunk-${prefix}`,
      port,
      prefixes: [prefix],
      srtp: phones[prefix]!.srtp,
      codecs: [codecOf(prefix)],
    })),
  });
  server = await startBootstrapped(config, { log: silentLogger });
});
after(async () => {
  await server.stop(0);
  await sandbox.close();
  await rm(folder, { recursive: true });
});

/** Calls two phones, lets them talk until each heard the other; resolves with the end of the call. */
async function talk(operator: string, contact: string): Promise<CallEventOf<'callEnded'>> {
  const ended = Promise.withResolvers<CallEventOf<'callEnded'>>();
  const subscription = server.bus.subscribe((event) => {
    if (event.type === 'callEnded') ended.resolve(event);
    if (event.type !== 'talkStarted') return;
    systemClock.setTimer(1500, () => sandbox.call(operator)!.hangUp());
  });
  await rpc(server, 'start.simple_call', {
    virtual_phone_number: testNumber,
    first_call: 'operator',
    switch_at_once: true,
    operator,
    contact,
  });
  const end = await ended.promise;
  subscription[Symbol.dispose]();
  return end;
}

function hears(number: string, voice: Int16Array): void {
  const { samples } = sandbox.call(number)!.heard;
  const found = findSample(samples, voice);
  assert.ok(found, `${number} heard nothing it should in ${samples.length / 8} ms`);
  // Opus keeps less of a wave than the others.
  assert.ok(found.score > 0.85, `${number}: the voice sounds only ${found.score} like itself`);
}

for (const [name, operatorTrunk, contactTrunk] of [
  ['required on both sides', '7100', '7100'],
  ['required here, plain there', '7100', '7400'],
  ['optional, and both phones have it', '7200', '7200'],
  ['optional, and one phone has not', '7200', '7300'],
  ['with Opus on both sides', '7901', '7901'],
  ['with G.722 here, Opus there', '7902', '7901'],
  ['with Opus here, plain PCMA there', '7901', '7400'],
] as const) {
  test(`SRTP ${name}: the parties hear each other`, { timeout: 20_000 }, async () => {
    const [operator, contact] = [`${operatorTrunk}0000001`, `${contactTrunk}0000002`];
    const { finishReason, callSessionId } = await talk(operator, contact);
    assert.equal(finishReason, 'operator_disconnects');
    await server.store.calls.flushed();
    hears(operator, voices.contact);
    hears(contact, voices.operator);
    const { legs } = (await server.store.calls.record(callSessionId))!;
    for (const [place, number] of [operator, contact].entries()) {
      const { srtp, phoneHasIt } = phones[number.slice(0, 4)]!;
      const isEncrypted = srtp !== 'off' && phoneHasIt;
      assert.equal(sandbox.call(number)!.isEncrypted, isEncrypted, number);
      const { quality } = legs[place]!;
      assert.equal(quality!.codec, codecOf(number));
      assert.equal(quality!.srtp, isEncrypted ? 'AES_CM_128_HMAC_SHA1_80' : null);
      assert.ok(quality!.received.packets > 40 && quality!.sent.packets > 40);
      assert.ok(quality!.received.mos! > 3, JSON.stringify(quality));
    }
  });
}

test('a phone without SRTP refuses what requires it: 488, and nothing is said in clear', async () => {
  const { finishReason } = await talk('75000000001', '71000000002');
  assert.equal(finishReason, 'no_success_operator_call');
  assert.equal(sandbox.call('75000000001')!.heard.samples.length, 0);
});
