import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { baresipMissing } from './baresip-process.ts';
import {
  heardIn,
  messageIds,
  nothingLeft,
  notHeardIn,
  type Stage,
  seconds,
  type StageOptions,
  withBaresip,
} from './baresip-stage.ts';

// One party is baresip, the other a sandbox phone; each speaks a sound of its own and remembers what it heard.
const skip = baresipMissing() ?? false;
/** Long enough that half a turn of a voice is heard in one piece, wherever the loop stands. */
const talkSeconds = 1.5;
const message = (id: number) => ({ type: 'media', value: String(id) });

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dozvon-baresip-'));
});
after(() => rm(folder, { recursive: true }));

function testCall(
  name: string,
  options: Omit<StageOptions, 'folder'>,
  body: (stage: Stage) => Promise<void>,
): void {
  test(name, { skip }, () => withBaresip({ folder, ...options }, body));
}

testCall(
  'baresip as operator, operator first: it hears its message, the music, then the contact',
  {},
  async ({ server, baresip, phone, start, seen, told }) => {
    await start('operator', {
      first_call: 'operator',
      switch_at_once: true,
      operator_message: message(messageIds.operator),
    });
    await seen('talkStarted');
    await seconds(talkSeconds);
    phone().hangUp();
    await told('CALL_CLOSED');
    assert.equal((await seen('callEnded')).finishReason, 'subscriber_disconnects');
    const heard = await baresip.heard();
    const operatorMessage = heardIn(heard, 'operatorMessage', { whole: true });
    const music = heardIn(heard, 'music');
    assert.ok(operatorMessage.fromMs < 150, `the message begins at ${operatorMessage.fromMs} ms`);
    assertFollows(music, operatorMessage);
    assertFollows(heardIn(heard, 'phoneVoice'), music);
    notHeardIn(heard, 'baresipVoice');
    heardIn(phone().heard.samples, 'baresipVoice');
    assert.deepEqual(refusalsIn(baresip.log), []);
    await nothingLeft(server);
  },
);

testCall(
  'baresip as contact, contact first: it hears its message, the music, then the operator',
  {},
  async ({ server, baresip, phone, start, seen, told }) => {
    await start('contact', {
      first_call: 'contact',
      contact_message: message(messageIds.contact),
      operator_message: message(messageIds.operator),
    });
    await seen('talkStarted');
    await seconds(talkSeconds);
    phone().hangUp();
    await told('CALL_CLOSED');
    assert.equal((await seen('callEnded')).finishReason, 'operator_disconnects');
    const heard = await baresip.heard();
    const contactMessage = heardIn(heard, 'contactMessage', { whole: true });
    const music = heardIn(heard, 'music');
    assertFollows(music, contactMessage);
    assertFollows(heardIn(heard, 'phoneVoice'), music);
    notHeardIn(heard, 'operatorMessage');
    const atPhone = phone().heard.samples;
    const operatorMessage = heardIn(atPhone, 'operatorMessage', { whole: true });
    assertFollows(heardIn(atPhone, 'baresipVoice'), operatorMessage);
    assert.deepEqual(refusalsIn(baresip.log), []);
    await nothingLeft(server);
  },
);

testCall(
  'baresip knows PCMU only, the other phone PCMA only: each hears the other, transcoded',
  { baresip: { codecs: ['PCMU'] }, phone: { codecs: ['PCMA'] } },
  async ({ baresip, phone, start, seen, told }) => {
    await start('operator', { first_call: 'operator', switch_at_once: true });
    await seen('talkStarted');
    await seconds(talkSeconds);
    phone().hangUp();
    await told('CALL_CLOSED');
    assert.match(baresip.log, /Set audio encoder: PCMU/);
    assert.doesNotMatch(baresip.log, /Set audio (?:encoder|decoder): PCMA/);
    heardIn(await baresip.heard(), 'phoneVoice');
    heardIn(phone().heard.samples, 'baresipVoice');
  },
);

testCall(
  'baresip presses a wrong key, then the right one: only then the contact is dialled; a key of the talk reaches it',
  {},
  async ({ baresip, phone, start, seen, told }) => {
    await start('operator', {
      first_call: 'operator',
      switch_at_once: true,
      operator_confirmation: '1',
    });
    await told('CALL_ESTABLISHED');
    await baresip.command('sndcode', '5');
    assert.equal((await seen('dtmfReceived')).keys, '5');
    await baresip.command('sndcode', '1');
    assert.equal((await seen('dtmfReceived', 2)).keys, '1');
    const confirmed = await seen('legConfirmed');
    const contact = await seen('legDialing', 2);
    assert.equal(contact.role, 'contact');
    assert.ok(contact.at >= confirmed.at);
    await seen('talkStarted');
    await baresip.command('sndcode', '7');
    assert.equal((await seen('dtmfReceived', 3)).keys, '7');
    await seconds(0.4);
    phone().hangUp();
    await told('CALL_CLOSED');
    console.log(phone().heard.keys);
    assert.deepEqual(
      phone().heard.keys.map(({ key }) => key),
      ['7'],
    );
  },
);

testCall(
  'dtmf_string: baresip as contact is pressed each key once, with the pause between them',
  {},
  async ({ baresip, phone, start, seen, told }) => {
    await start('contact', { first_call: 'contact', switch_at_once: true, dtmf_string: '12.*#' });
    await told('CALL_DTMF_END', 4);
    await seen('talkStarted');
    await seconds(0.3); // A key that came again would come now.
    phone().hangUp();
    await told('CALL_CLOSED');
    const keys = baresip.events.filter(({ type }) => type.startsWith('CALL_DTMF'));
    assert.deepEqual(
      keys.map(({ type, param }) => (type === 'CALL_DTMF_START' ? param : 'up')),
      ['1', 'up', '2', 'up', '*', 'up', '#', 'up'],
    );
    const down = keys.filter(({ type }) => type === 'CALL_DTMF_START').map(({ atMs }) => atMs);
    const up = keys.filter(({ type }) => type === 'CALL_DTMF_END').map(({ atMs }) => atMs);
    const pause = down[2]! - up[1]!;
    assert.ok(pause > 800 && pause < 1_300, `the point was a pause of ${pause} ms`);
    for (const [index, at] of down.entries()) {
      const held = up[index]! - at;
      assert.ok(held > 40 && held < 250, `a key was held for ${held} ms`);
    }
  },
);

testCall(
  'baresip holds and resumes by re-INVITE: the call survives, both hear each other again',
  {},
  async ({ baresip, phone, start, seen, told }) => {
    await start('operator', { first_call: 'operator', switch_at_once: true });
    await seen('talkStarted');
    await seconds(0.5);
    await baresip.command('hold');
    await seen('legHeld');
    await seconds(0.7);
    await baresip.command('resume');
    await seen('legUnheld');
    await seconds(talkSeconds);
    phone().hangUp();
    await told('CALL_CLOSED');
    assert.equal((await seen('callEnded')).finishReason, 'subscriber_disconnects');
    const { samples, gaps, startMs } = phone().heard;
    console.log(gaps);
    const [gap] = gaps;
    assert.ok(gap && Math.abs(gap.toMs - gap.fromMs - 700) < 200, JSON.stringify(gaps));
    heardIn(samples, 'baresipVoice', { afterMs: gap.toMs - startMs! });
    // baresip's recorder leaves the hold out: what is later than all sound before it came after it.
    const heard = await baresip.heard();
    console.log(heard.length / 8);
    heardIn(heard, 'phoneVoice', { afterMs: heard.length / 8 - 1_000 * talkSeconds + 200 });
    assert.deepEqual(refusalsIn(baresip.log), []);
  },
);

testCall('baresip hangs up: both lines end', {}, async (stage) => {
  const { server, baresip, start, seen, told } = stage;
  await start('operator', { first_call: 'operator', switch_at_once: true });
  await seen('talkStarted');
  await baresip.command('hangup');
  await told('CALL_CLOSED');
  assert.equal((await seen('callEnded')).finishReason, 'operator_disconnects');
  await nothingLeft(server);
  assert.deepEqual(refusalsIn(baresip.log), []);
});

testCall('release.call in the talk: baresip gets a BYE', {}, async (stage) => {
  const { server, baresip, start, release, seen, told } = stage;
  const id = await start('contact', { first_call: 'contact', switch_at_once: true });
  await seen('talkStarted');
  await release(id);
  await told('CALL_CLOSED');
  assert.match(baresip.log, /^BYE sip:79261111111/m);
  await seen('callEnded');
  await nothingLeft(server);
  assert.deepEqual(refusalsIn(baresip.log), []);
});

const byHand = { baresip: { answers: 'manual' } } as const;

testCall('release.call while baresip rings: it gets a CANCEL', byHand, async (stage) => {
  const { server, baresip, start, release, seen, told } = stage;
  const id = await start('operator', { first_call: 'operator' });
  await seen('legRinging');
  await release(id);
  await told('CALL_CLOSED');
  assert.match(baresip.log, /^CANCEL sip:79261111111/m);
  await seen('callEnded');
  await nothingLeft(server);
  assert.deepEqual(refusalsIn(baresip.log), ['487']);
});

testCall('baresip rings and declines: the operator was busy', byHand, async (stage) => {
  const { server, baresip, start, seen, told } = stage;
  await start('operator', { first_call: 'operator' });
  await seen('legRinging');
  await baresip.command('hangup');
  await told('CALL_CLOSED');
  const { cause, finishReason } = await seen('callEnded');
  assert.deepEqual({ type: cause.type, finishReason }, busyOperator);
  await nothingLeft(server);
  assert.deepEqual(refusalsIn(baresip.log), ['486']);
});

testCall('baresip rings until its owner picks up: the talk begins then', byHand, async (stage) => {
  const { baresip, phone, start, seen, told } = stage;
  await start('contact', { first_call: 'operator', switch_at_once: true });
  await seen('legRinging', 2);
  await baresip.command('accept');
  await seen('talkStarted');
  await seconds(talkSeconds);
  phone().hangUp();
  await told('CALL_CLOSED');
  heardIn(await baresip.heard(), 'phoneVoice');
  heardIn(phone().heard.samples, 'baresipVoice');
});

const busyOperator = { type: 'busy', finishReason: 'no_success_operator_call' };

type Span = { readonly fromMs: number; readonly toMs: number };

/** One sound comes after another without a hole; `earlier` may be one turn of a loop. */
function assertFollows(later: Span, earlier: Span): void {
  const gap = later.fromMs - earlier.toMs;
  assert.ok(gap > -60 && gap < 1_000, `${gap} ms lie between two sounds`);
}

/** Final responses but 2xx, of either side. */
function refusalsIn(log: string): string[] {
  return [...log.matchAll(/^SIP\/2\.0 ([3-6]\d\d) /gm)].map(([, status]) => status!);
}
