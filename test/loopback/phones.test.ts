// What phones do by themselves, over real SIP and RTP: hold, redirection, silence, refusal of codecs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { DemoSounds } from '../../src/demo/demo-sounds.ts';
import { Play } from '../../src/demo/play.ts';
import { recognise } from '../../src/demo/recognise.ts';
import type { Scenario } from '../../src/demo/scenarios.ts';
import { openStage, type Stage } from '../../src/demo/stage.ts';
import type { CallReport, Heard } from '../../src/demo/verdict.ts';
import type { Role } from '../../src/model/party.ts';
import type { PhoneBehaviour } from '../../src/sandbox/phone-behaviour.ts';
import type { PhoneEvent } from '../../src/sandbox/phone-event.ts';
import { startBootstrapped } from './test-config.ts';
import { testSounds } from './test-sounds.ts';

let stage: Stage;
const results = new Map<string, { report: CallReport; heard: Heard; play: Play }>();
const elsewhere = '79261110000';
const elsewhereEvents: PhoneEvent[] = [];

const answers = (afterMs: number) => ({ type: 'answers', afterMs }) as const;
const speaking = (sound: Int16Array, more: Partial<PhoneBehaviour> = {}): PhoneBehaviour => ({
  ringsAfterMs: 30,
  final: answers(100),
  speaks: { sound, loop: true },
  ...more,
});

type Phones = (sounds: DemoSounds) => Record<Role, PhoneBehaviour>;
/** The contact's (and where it matters the operator's) ways, and how long they talk. */
const calls: Record<
  string,
  { readonly phones: Phones; readonly talkMs: number; readonly params?: Record<string, unknown> }
> = {
  hold: {
    phones: ({ operatorVoice, contactVoice }) => ({
      operator: speaking(operatorVoice),
      contact: speaking(contactVoice, { holds: { afterAnswerMs: 700, forMs: 700 } }),
    }),
    talkMs: 2200,
  },
  redirection: {
    phones: ({ operatorVoice }) => ({
      operator: speaking(operatorVoice),
      contact: {
        final: {
          type: 'rejects',
          afterMs: 50,
          status: 302,
          redirectTo: 'set when the port is known',
        },
      },
    }),
    talkMs: 600,
  },
  'no ringing': {
    phones: ({ operatorVoice, contactVoice }) => ({
      operator: { final: answers(0), speaks: { sound: operatorVoice, loop: true } },
      contact: { final: answers(0), speaks: { sound: contactVoice, loop: true } },
    }),
    talkMs: 600,
  },
  'contact’s number shown': {
    phones: ({ operatorVoice, contactVoice }) => ({
      operator: speaking(operatorVoice),
      contact: speaking(contactVoice),
    }),
    talkMs: 200,
    params: { show_virtual_phone_number: false },
  },
  'no common codec': {
    phones: ({ operatorVoice, contactVoice }) => ({
      operator: speaking(operatorVoice),
      contact: speaking(contactVoice, { codecs: [] }),
    }),
    talkMs: 600,
  },
};

before(async () => {
  stage = await openStage({
    clock: systemClock,
    random: seededRandom(5),
    sounds: testSounds({ operatorMessageMs: 300, contactMessageMs: 300 }),
    startServer: startBootstrapped,
  });
  stage.join({
    phones: new Map([[elsewhere, speaking(stage.sounds.contactVoice)]]),
    onPhone: (event) => elsewhereEvents.push(event),
    onCall: () => {},
  });
  const played = Object.entries(calls).map(([name, call], index) => play(name, call, index));
  for (const [name, result] of await Promise.all(played)) {
    results.set(name, { ...result, heard: hear(result.report) });
  }
});
after(() => stage.close());

async function play(
  name: string,
  { phones, talkMs, params }: (typeof calls)[string],
  index: number,
): Promise<[string, { report: CallReport; play: Play }]> {
  const { port } = stage.sandbox.sipAddress;
  const scenario: Scenario = {
    name,
    title: name,
    params: { first_call: 'operator', ...params },
    phones: (sounds) => {
      const both = phones(sounds);
      const { final } = both.contact;
      if (final.type !== 'rejects') return both;
      const redirectTo = `sip:${elsewhere}@127.0.0.1:${port}`;
      return { ...both, contact: { ...both.contact, final: { ...final, redirectTo } } };
    },
    ends: { by: 'operator', after: 'talk starts', ms: talkMs },
    expected: {
      operator: [],
      contact: [],
      talk: true,
      finishReason: 'operator_disconnects',
      legs: {},
    },
  };
  const numbers = { operator: `799900010${index}0`, contact: `792600010${index}0` };
  const one = new Play(stage, scenario, numbers, () => {});
  return [name, { report: await one.run(), play: one }];
}

/** What each ear heard piece by piece: `recogniseBoth` would join a voice over the time on hold. */
function hear({ legs }: CallReport): Heard {
  const ear = (role: Role) => {
    const { startMs, samples } = legs[role].record ?? {};
    return startMs === undefined || samples === undefined
      ? []
      : recognise({ startMs, samples }, stage.known);
  };
  return { operator: ear('operator'), contact: ear('contact') };
}

/** Milliseconds of a voice heard in a window, of the record's own clock. */
function heardMs(heard: Heard, role: Role, from: number, to: number): number {
  const name = role === 'operator' ? 'contact_voice' : 'operator_voice';
  return heard[role]
    .filter((piece) => piece.name === name)
    .reduce((sum, piece) => {
      return sum + Math.max(0, Math.min(to, piece.toMs) - Math.max(from, piece.fromMs));
    }, 0);
}

test('hold by re-INVITE: the other side is not heard meanwhile, and again after it', () => {
  const { report, heard } = results.get('hold')!;
  assert.equal(report.finishReason, 'operator_disconnects');
  const answer = report.legs.contact.answeredAt!;
  for (const [what, from, to, isHeard] of [
    ['before', 250, 650, true],
    ['on hold', 900, 1350, false],
    ['after', 1650, 2050, true],
  ] as const) {
    const ms = heardMs(heard, 'operator', answer + from, answer + to);
    const share = ms / (to - from);
    assert.ok(isHeard ? share > 0.7 : ms < 40, `${what}: the contact was heard for ${ms} ms`);
  }
  const back = heardMs(heard, 'contact', answer + 1650, answer + 2050);
  assert.ok(back > 280, `the contact hears the operator again for ${back} ms only`);
});

test('302 within the trunk is followed: the other phone rings, answers and talks', () => {
  const { report, heard } = results.get('redirection')!;
  assert.equal(report.finishReason, 'operator_disconnects');
  assert.deepEqual(
    elsewhereEvents.map(({ type }) => type),
    ['invited', 'ringing', 'answered', 'ended'],
  );
  assert.ok(heardMs(heard, 'operator', report.bridgeAt!, report.endedAt!) > 350);
});

test('an answer without any ringing before it is an answer', () => {
  const { report, heard } = results.get('no ringing')!;
  assert.equal(report.legs.contact.ringingAt, undefined);
  for (const role of ['operator', 'contact'] as const) {
    assert.ok(heardMs(heard, role, report.bridgeAt!, report.endedAt!) > 350, role);
  }
});

test('callers: the virtual number, or the contact’s for the operator when it is not to be shown', () => {
  const shown = (name: string, role: Role) => results.get(name)!.play.phone(role)!.from;
  assert.equal(shown('hold', 'operator'), '74993720692');
  assert.equal(shown('hold', 'contact'), '74993720692');
  const contact = results.get('contact’s number shown')!.play.phone('contact')!;
  assert.equal(contact.from, '74993720692');
  assert.equal(shown('contact’s number shown', 'operator'), contact.number);
});

test('a phone that knows none of our codecs refuses with 488, and the operator is released', () => {
  const { report } = results.get('no common codec')!;
  assert.equal(report.finishReason, 'no_success_subscriber_call');
  assert.equal(report.bridgeAt, undefined);
  assert.notEqual(report.legs.operator.endedAt, undefined);
});
