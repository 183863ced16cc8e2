import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeardKey } from '../sandbox/ear.ts';
import { babble, tone } from '../sandbox/sounds.ts';
import type { KnownSound } from './recognise.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { type CallReport, judge, type LegReport, recogniseBoth } from './verdict.ts';

const message = babble({ pitchHz: 170, durationMs: 1000, seed: 3 });
const music = tone(440, 200);
const operatorVoice = babble({ pitchHz: 110, durationMs: 900, seed: 4 });
const contactVoice = babble({ pitchHz: 210, durationMs: 900, seed: 5 });
const known: readonly KnownSound[] = [
  { name: 'operator_message', samples: message, loops: false },
  { name: 'dialing_music', samples: music, loops: true },
  { name: 'operator_voice', samples: operatorVoice, loops: true },
  { name: 'contact_voice', samples: contactVoice, loops: true },
];
/** Operator first with a message: heard from 1.0 to 2.0 s, music to 3.0 s, then they talk to 5.0 s. */
const scenario: Scenario = {
  ...scenarios[0]!,
  expected: {
    operator: [
      { what: 'operator_message', amount: 'whole' },
      { what: 'dialing_music', amount: 'some' },
      { what: 'contact_voice', amount: 'some' },
    ],
    contact: [{ what: 'operator_voice', amount: 'some' }],
    talk: true,
    finishReason: 'subscriber_disconnects',
    legs: { contact: 'subscriber_disconnects' },
  },
};
type Part = readonly [fromMs: number, toMs: number, sound: Int16Array];
const operatorParts: readonly Part[] = [
  [1000, 2000, message],
  [2000, 3000, music],
  [3000, 5000, contactVoice],
];

function leg(parts: readonly Part[], over: Partial<LegReport> = {}): LegReport {
  const startMs = Math.min(...parts.map(([from]) => from));
  const endMs = Math.max(...parts.map(([, to]) => to));
  const samples = new Int16Array((endMs - startMs) * 8);
  for (const [from, to, sound] of parts) {
    for (let at = 0; at < (to - from) * 8; at++) {
      samples[(from - startMs) * 8 + at]! += sound[at % sound.length]!;
    }
  }
  const counts = { packets: 1, jumps: 0, ssrcs: 1, duplicates: 0 };
  return {
    dialedAt: 0,
    ringingAt: 100,
    answeredAt: startMs,
    endedAt: 5000,
    finishReason: 'subscriber_disconnects',
    record: { startMs, samples, gaps: [], keys: [], ...counts },
    ...over,
  };
}

function report(over: Partial<CallReport> = {}, operator = leg(operatorParts)): CallReport {
  return {
    callSessionId: 1,
    finishReason: 'subscriber_disconnects',
    bridgeAt: 3000,
    endedAt: 5000,
    legs: { operator, contact: leg([[3000, 5000, operatorVoice]]) },
    pressed: [],
    ...over,
  };
}

function wrongOf(it: CallReport, of: Scenario = scenario): readonly string[] {
  return judge(it, recogniseBoth(it, known), { scenario: of, known }).wrong;
}

test('a call as it must be has nothing wrong, and says so in words', () => {
  const it = report();
  const { found, wrong } = judge(it, recogniseBoth(it, known), { scenario, known });
  assert.deepEqual(wrong, []);
  assert.equal(
    found[0],
    'the operator heard its message from 1.00 s to 2.00 s, from its beginning, to its end',
  );
  assert.equal(found.at(-1), 'nothing of one side at the other before the bridge');
});

const changed = (index: number, part: Part): LegReport =>
  leg(operatorParts.map((it, at) => (at === index ? part : it)));

const faults: readonly { name: string; call: CallReport; wrong: readonly string[] }[] = [
  {
    name: 'a message that is cut before its end',
    call: report({}, leg([[1000, 1700, message], [1700, 3000, music], operatorParts[2]!])),
    wrong: ['the operator did not hear its message to its end'],
  },
  {
    name: 'a message whose first words are missing',
    call: report({}, changed(0, [1000, 1760, message.subarray(240 * 8)])),
    wrong: ['the operator did not hear its message from its beginning'],
  },
  {
    name: 'the other side before the bridge',
    call: report({ bridgeAt: 3500 }),
    wrong: [
      'the operator heard the other side at 3.00 s, before they were connected',
      'the contact heard the other side at 3.00 s, before they were connected',
    ],
  },
  {
    name: 'the other side only long after the bridge',
    call: report({ bridgeAt: 2600 }),
    wrong: [
      'the operator heard the other side only 0.40 s after they were connected',
      'the contact heard the other side only 0.40 s after they were connected',
    ],
  },
  {
    name: 'silence where music must be',
    call: report({}, changed(1, [2400, 3000, music])),
    wrong: ['the operator heard nothing for 0.40 s before dialing_music'],
  },
  {
    name: 'a talk whose end nobody heard',
    call: report({ endedAt: 5500 }),
    wrong: [
      'the operator heard nothing for the last 0.50 s of the talk',
      'the contact heard nothing for the last 0.50 s of the talk',
    ],
  },
  {
    name: 'no music at all',
    call: report(
      {},
      leg([
        [1000, 2000, message],
        [2000, 5000, contactVoice],
      ]),
    ),
    wrong: [
      'the operator heard operator_message, then contact_voice; expected: operator_message, then dialing_music, then contact_voice',
      'the operator heard the other side at 2.00 s, before they were connected',
    ],
  },
  {
    name: 'a call that ended for another reason, a phone left alone',
    call: report({ finishReason: undefined }, leg(operatorParts, { endedAt: undefined })),
    wrong: [
      'the call ended as nothing, not subscriber_disconnects',
      'the operator’s phone was left ringing or talking alone',
    ],
  },
  {
    name: 'parties that were never connected',
    call: report({
      bridgeAt: undefined,
      legs: {
        operator: leg(operatorParts.slice(0, 2)),
        contact: { ...leg([[0, 1, music]]), dialedAt: undefined, record: undefined },
      },
    }),
    wrong: [
      'the operator heard operator_message, then dialing_music; expected: operator_message, then dialing_music, then contact_voice',
      'the contact heard nothing; expected: operator_voice',
      'they were never connected',
      'the contact was never dialled',
    ],
  },
];
for (const { name, call, wrong } of faults) {
  test(`found out: ${name}`, () => assert.deepEqual(wrongOf(call), wrong));
}

test('found out: the other side mixed into the music', () => {
  const operator = leg([...operatorParts, [2200, 2800, contactVoice]]);
  const wrong = wrongOf(report({}, operator));
  assert.ok(
    wrong.some((text) => text.startsWith('the operator heard a strange sound')),
    wrong.join(),
  );
});

const key = (name: string, startMs: number): HeardKey => ({
  key: name,
  startMs,
  arrivedMs: startMs,
  durationMs: 100,
  endPackets: 3,
  hadMarker: true,
});
const withKeys = (...keys: readonly HeardKey[]): CallReport => {
  const contact = leg([[3000, 5000, operatorVoice]]);
  return report({
    legs: { ...report().legs, contact: { ...contact, record: { ...contact.record!, keys } } },
  });
};
const dtmf: Scenario = { ...scenario, expected: { ...scenario.expected, keys: '.1.2' } };

test('keys: right ones with right pauses, found out when not', () => {
  assert.deepEqual(wrongOf(withKeys(key('1', 4000), key('2', 5019)), dtmf), []);
  assert.deepEqual(wrongOf(withKeys(key('1', 4000), key('2', 4100)), dtmf), [
    '100 ms before key 2, not 1 s',
  ]);
  assert.deepEqual(wrongOf(withKeys(key('1', 4000)), dtmf), [
    'the contact’s phone heard the keys "1" of .1.2',
  ]);
});

test('a contact that is dialled before the key was pressed is found out', () => {
  const confirm: Scenario = {
    ...scenario,
    expected: { ...scenario.expected, dialledAfterKey: '1' },
  };
  const pressed = (at: number): CallReport =>
    report({
      pressed: [{ key: '1', at }],
      legs: { ...report().legs, contact: { ...report().legs.contact, dialedAt: 2500 } },
    });
  assert.deepEqual(wrongOf(pressed(2400), confirm), []);
  // At once: the two clocks do not agree to the millisecond.
  assert.deepEqual(wrongOf(pressed(2501.7), confirm), []);
  assert.deepEqual(wrongOf(pressed(2600), confirm), [
    'the contact was dialled before the operator pressed 1',
  ]);
});
