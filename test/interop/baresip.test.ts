import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { toneLevel } from '../../src/media/audio/analysis.ts';
import { baresipMissing } from './baresip-process.ts';
import {
  heardIn,
  messageIds,
  notHeardIn,
  nothingLeft,
  type Stage,
  type StageOptions,
  seconds,
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
  async ({ server, phone, start, seen, told, heard, printed }) => {
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
    const sound = await heard();
    const operatorMessage = heardIn(sound, 'operatorMessage', { whole: true });
    const music = heardIn(sound, 'music');
    assert.ok(operatorMessage.fromMs < 150, `the message begins at ${operatorMessage.fromMs} ms`);
    assertFollows(music, operatorMessage);
    assertFollows(heardIn(sound, 'phoneVoice'), music);
    notHeardIn(sound, 'baresipVoice');
    heardIn(phone().heard.samples, 'baresipVoice');
    assert.equal(messagesIn(await printed()), 'INVITE 180 200 ACK BYE 200');
    await nothingLeft(server);
  },
);

for (const codec of ['G722', 'opus'] as const) {
  testCall(
    `baresip in ${codec}, the other phone in PCMA: both hear each other, message and music`,
    { baresip: { codecs: [codec] }, offered: [codec] },
    async ({ server, phone, start, seen, told, heard, command }) => {
      await start('operator', {
        first_call: 'operator',
        switch_at_once: true,
        operator_message: message(messageIds.operator),
      });
      await seen('talkStarted');
      await seconds(talkSeconds);
      await command('sndcode', '5');
      assert.equal((await seen('dtmfReceived')).keys, '5');
      await seconds(0.5);
      phone().hangUp();
      await told('CALL_CLOSED');
      const sound = await heard();
      // Neither Opus nor the resampler of baresip keeps a waveform, and a jitter buffer that takes 20 ms of
      // delay away shifts half of it.
      const like = { score: 0.6 };
      assertFollows(heardIn(sound, 'music', like), heardIn(sound, 'operatorMessage', like));
      heardIn(sound, 'phoneVoice', like);
      heardIn(phone().heard.samples, 'baresipVoice', like);
      assert.deepEqual(
        phone().heard.keys.map(({ key }) => key),
        ['5'],
      );
      await nothingLeft(server);
    },
  );
}

testCall(
  'baresip as contact, contact first: it hears its message, the music, then the operator',
  {},
  async ({ server, phone, start, seen, told, heard, printed }) => {
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
    const sound = await heard();
    const contactMessage = heardIn(sound, 'contactMessage', { whole: true });
    const music = heardIn(sound, 'music');
    assertFollows(music, contactMessage);
    assertFollows(heardIn(sound, 'phoneVoice'), music);
    notHeardIn(sound, 'operatorMessage');
    const atPhone = phone().heard.samples;
    const operatorMessage = heardIn(atPhone, 'operatorMessage', { whole: true });
    assertFollows(heardIn(atPhone, 'baresipVoice'), operatorMessage);
    assert.equal(messagesIn(await printed()), 'INVITE 180 200 ACK BYE 200');
    await nothingLeft(server);
  },
);

testCall(
  'baresip knows PCMU only, the other phone PCMA only: each hears the other, transcoded',
  { baresip: { codecs: ['PCMU'] }, phone: { codecs: ['PCMA'] } },
  async ({ phone, start, seen, told, heard, printed }) => {
    await start('operator', { first_call: 'operator', switch_at_once: true });
    await seen('talkStarted');
    await seconds(talkSeconds);
    phone().hangUp();
    await told('CALL_CLOSED');
    const log = await printed();
    assert.match(log, /Set audio encoder: PCMU/);
    assert.doesNotMatch(log, /Set audio (?:encoder|decoder): PCMA/);
    heardIn(await heard(), 'phoneVoice');
    heardIn(phone().heard.samples, 'baresipVoice');
  },
);

testCall(
  'baresip presses a wrong key, then the right one: only then the contact is dialled; a key of the talk reaches it',
  {},
  async ({ phone, start, seen, told, command }) => {
    await start('operator', {
      first_call: 'operator',
      switch_at_once: true,
      operator_confirmation: '1',
    });
    await told('CALL_ESTABLISHED');
    await command('sndcode', '5');
    assert.equal((await seen('dtmfReceived')).keys, '5');
    await command('sndcode', '1');
    assert.equal((await seen('dtmfReceived', 2)).keys, '1');
    const confirmed = await seen('legConfirmed');
    const contact = await seen('legDialing', 2);
    assert.equal(contact.role, 'contact');
    assert.ok(contact.at >= confirmed.at);
    await seen('talkStarted');
    await command('sndcode', '7');
    assert.equal((await seen('dtmfReceived', 3)).keys, '7');
    await seconds(0.4);
    phone().hangUp();
    await told('CALL_CLOSED');
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
  async ({ phone, start, seen, told, command, printed }) => {
    await start('operator', { first_call: 'operator', switch_at_once: true });
    await seen('talkStarted');
    await seconds(0.5);
    await command('hold');
    await seen('legHeld');
    await seconds(0.7);
    await command('resume');
    await seen('legUnheld');
    await seconds(talkSeconds);
    // Its recorder stopped at the hold. What it hears it now says: the phone hears its own voice.
    await command('ausrc', 'aubridge,loudspeaker');
    await seconds(talkSeconds);
    phone().hangUp();
    await told('CALL_CLOSED');
    assert.equal((await seen('callEnded')).finishReason, 'subscriber_disconnects');
    const { samples, gaps, startMs } = phone().heard;
    const [gap] = gaps;
    assert.ok(gap && Math.abs(gap.toMs - gap.fromMs - 700) < 200, JSON.stringify(gaps));
    heardIn(samples, 'baresipVoice', { afterMs: gap.toMs - startMs! });
    heardIn(samples, 'phoneVoice', { afterMs: gap.toMs - startMs! });
    const holds = 'INVITE 200 ACK';
    const expected = `INVITE 180 200 ACK ${holds} ${holds} BYE 200`;
    assert.equal(messagesIn(await printed()), expected);
  },
);

testCall('baresip hangs up: both lines end', {}, async (stage) => {
  const { server, start, seen, told, command, printed } = stage;
  await start('operator', { first_call: 'operator', switch_at_once: true });
  await seen('talkStarted');
  await command('hangup');
  await told('CALL_CLOSED');
  assert.equal((await seen('callEnded')).finishReason, 'operator_disconnects');
  await nothingLeft(server);
  assert.equal(messagesIn(await printed()), 'INVITE 180 200 ACK BYE 200');
});

testCall('release.call in the talk: baresip gets a BYE', {}, async (stage) => {
  const { server, start, release, seen, told, printed } = stage;
  const id = await start('contact', { first_call: 'contact', switch_at_once: true });
  await seen('talkStarted');
  await release(id);
  await told('CALL_CLOSED');
  await seen('callEnded');
  await nothingLeft(server);
  assert.equal(messagesIn(await printed()), 'INVITE 180 200 ACK BYE 200');
});

const byHand = { baresip: { answers: 'manual' } } as const;

testCall('release.call while baresip rings: it gets a CANCEL', byHand, async (stage) => {
  const { server, start, release, seen, told, printed } = stage;
  const id = await start('operator', { first_call: 'operator' });
  await seen('legRinging');
  await release(id);
  await told('CALL_CLOSED');
  await seen('callEnded');
  await nothingLeft(server);
  assert.equal(messagesIn(await printed()), 'INVITE 180 CANCEL 200 487 ACK');
});

testCall('baresip rings and declines: the operator was busy', byHand, async (stage) => {
  const { server, start, seen, told, command, printed } = stage;
  await start('operator', { first_call: 'operator' });
  await seen('legRinging');
  await command('hangup');
  await told('CALL_CLOSED');
  const { cause, finishReason } = await seen('callEnded');
  assert.deepEqual({ type: cause.type, finishReason }, busyOperator);
  await nothingLeft(server);
  assert.equal(messagesIn(await printed()), 'INVITE 180 486 ACK');
});

testCall('baresip rings until its owner picks up: the talk begins then', byHand, async (stage) => {
  const { phone, start, seen, told, command, heard } = stage;
  await start('contact', { first_call: 'operator', switch_at_once: true });
  await seen('legRinging', 2);
  await command('accept');
  await seen('talkStarted');
  await seconds(talkSeconds);
  phone().hangUp();
  await told('CALL_CLOSED');
  heardIn(await heard(), 'phoneVoice');
  heardIn(phone().heard.samples, 'baresipVoice');
});

testCall(
  'baresip sends 183 with a description, but no sound before its answer: ringback, then the talk',
  { baresip: { answers: 'early' } },
  async ({ phone, start, seen, told, command, heard, printed }) => {
    await start('contact', { first_call: 'operator', early_switching: true, switch_at_once: true });
    await seen('legRinging', 2);
    await seconds(0.8);
    const early = phone().heard.samples;
    await command('accept');
    await seen('talkStarted');
    await seconds(talkSeconds);
    phone().hangUp();
    await told('CALL_CLOSED');
    assert.equal(messagesIn(await printed()), 'INVITE 180 183 200 ACK BYE 200');
    assert.ok(toneLevel(early, 425) > -30, `ringback at ${toneLevel(early, 425)} dBFS`);
    notHeardIn(early, 'music');
    heardIn(phone().heard.samples, 'baresipVoice');
    heardIn(await heard(), 'phoneVoice');
  },
);

const busyOperator = { type: 'busy', finishReason: 'no_success_operator_call' };

type Span = { readonly fromMs: number; readonly toMs: number };

/** One sound comes after another without a hole; `earlier` may be one turn of a loop. */
function assertFollows(later: Span, earlier: Span): void {
  const gap = later.fromMs - earlier.toMs;
  assert.ok(gap > -60 && gap < 1_000, `${gap} ms lie between two sounds`);
}

/** The SIP messages that baresip saw, sent and received, in order: methods and statuses. */
function messagesIn(log: string): string {
  return [...log.matchAll(/^(?:([A-Z]+) sip:\S+ SIP\/2\.0|SIP\/2\.0 (\d{3}) )/gm)]
    .map(([, method, status]) => method ?? status)
    .filter((it) => it !== '100')
    .join(' ');
}
