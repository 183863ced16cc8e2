import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prompt, type Simulation, simulateCall } from './simulate-call.ts';

const whisper = prompt('whisper-4000');
const greeting = prompt('greeting-2500');

async function expectTrace(simulation: Simulation, expected: string): Promise<void> {
  const { trace } = await simulateCall(simulation);
  const lines = expected.trim().split('\n');
  assert.equal(
    trace,
    lines.map((line) => line.trim().replace(/^(\d+)/, (ms) => ms.padStart(8))).join('\n'),
  );
}

test('operator first: hears the whisper out, then the contact is rung and hears its greeting out', () =>
  expectTrace(
    {
      order: { operatorMessage: whisper, contactMessage: greeting, dtmfString: '.1' },
      operator: { rings: 500, answers: 3_000 },
      contact: { rings: 800, answers: 5_000, hangsUp: 60_000 },
    },
    `
       0 call started
       0 dial operator 79262444491 as 74993720692
     500 operator ringing
    3000 operator answered
    3000 operator hears whisper-4000
    7000 operator hears dialing_music (loop)
    7000 dial contact 79260000000.1 as 74993720692
    7800 contact ringing
   12000 contact answered
   12000 dtmf .1
   12000 contact hears greeting-2500
   14500 operator hears contact
   14500 contact hears operator
   14500 talk operator contact
   72000 contact ended by remote: normal, subscriber_disconnects
   72000 operator ended by local: otherLegEnded, subscriber_disconnects
   72000 call ended: normal, subscriber_disconnects`,
  ));

test('contact first: both hear their messages out, whoever is done hears the music, then they talk', () =>
  expectTrace(
    {
      order: {
        firstCall: 'contact',
        operatorMessage: whisper,
        contactMessage: greeting,
        showVirtualNumber: false,
      },
      operator: { rings: 500, answers: 2_000, hangsUp: 30_000 },
      contact: { rings: 800, answers: 5_000 },
    },
    `
       0 call started
       0 dial contact 79260000000 as 74993720692
     800 contact ringing
    5000 contact answered
    5000 contact hears greeting-2500
    5000 dial operator 79262444491 as 79260000000
    5500 operator ringing
    7000 operator answered
    7000 operator hears whisper-4000
    7500 contact hears dialing_music (loop)
   11000 operator hears dialing_music (loop)
   11000 operator hears contact
   11000 contact hears operator
   11000 talk operator contact
   37000 operator ended by remote: normal, operator_disconnects
   37000 contact ended by local: otherLegEnded, operator_disconnects
   37000 call ended: normal, operator_disconnects`,
  ));

test('early switching: the operator hears ringback from the 180, the line from its first packet', () =>
  expectTrace(
    {
      order: { switchAtOnce: true, earlySwitching: true },
      operator: { rings: 500, answers: 1_000 },
      contact: {
        rings: 800,
        earlyMedia: 2_000,
        fails: { after: 6_000, cause: { type: 'noAnswer', status: 480 } },
      },
    },
    `
       0 call started
       0 dial operator 79262444491 as 74993720692
     500 operator ringing
    1000 operator answered
    1000 operator hears nothing
    1000 dial contact 79260000000 as 74993720692
    1800 contact ringing
    1800 operator hears ringback (loop)
    3000 contact earlymedia
    3000 operator hears contact
    7000 contact ended by remote: noAnswer, subscriber_not_responsible
    7000 operator ended by local: otherLegEnded, subscriber_not_responsible
    7000 call ended: noAnswer, no_success_subscriber_call`,
  ));

test('183 without a packet of sound: early media never stops the ring limit, and ringback is heard', () =>
  expectTrace(
    {
      order: { switchAtOnce: true, earlySwitching: true },
      operator: { answers: 1_000 },
      contact: { rings: 800 },
    },
    `
       0 call started
       0 dial operator 79262444491 as 74993720692
    1000 operator answered
    1000 operator hears nothing
    1000 dial contact 79260000000 as 74993720692
    1800 contact ringing
    1800 operator hears ringback (loop)
   31000 contact ended by local: ringTimeout, timeout
   31000 operator ended by local: otherLegEnded, timeout
   31000 call ended: ringTimeout, no_success_subscriber_call`,
  ));

test('the key is taken while the message plays, but the message is heard out (operator first)', () =>
  expectTrace(
    {
      order: { operatorMessage: whisper, operatorConfirmation: '1' },
      operator: {
        answers: 1_000,
        presses: [
          { after: 500, key: '2' },
          { after: 1_000, key: '1' },
        ],
        hangsUp: 9_000,
      },
      contact: { answers: 1_000 },
    },
    `
       0 call started
       0 dial operator 79262444491 as 74993720692
    1000 operator answered
    1000 operator hears whisper-4000
    1500 operator dtmfReceived 2
    2000 operator dtmfReceived 1
    2000 operator confirmed
    5000 operator hears dialing_music (loop)
    5000 dial contact 79260000000 as 74993720692
    6000 contact answered
    6000 operator hears contact
    6000 contact hears operator
    6000 talk operator contact
   10000 operator ended by remote: normal, operator_disconnects
   10000 contact ended by local: otherLegEnded, operator_disconnects
   10000 call ended: normal, operator_disconnects`,
  ));

test('contact first, switch at once: the key cuts both messages', () =>
  expectTrace(
    {
      order: {
        firstCall: 'contact',
        switchAtOnce: true,
        operatorMessage: whisper,
        contactMessage: prompt('story-20000'),
        operatorConfirmation: 'any',
      },
      operator: { answers: 1_000, presses: [{ after: 700, key: '#' }], hangsUp: 5_000 },
      contact: { answers: 1_000 },
    },
    `
       0 call started
       0 dial contact 79260000000 as 74993720692
    1000 contact answered
    1000 contact hears story-20000
    1000 dial operator 79262444491 as 74993720692
    2000 operator answered
    2000 operator hears whisper-4000
    2700 operator dtmfReceived #
    2700 operator confirmed
    2700 operator hears contact
    2700 contact hears operator
    2700 talk operator contact
    7000 operator ended by remote: normal, operator_disconnects
    7000 contact ended by local: otherLegEnded, operator_disconnects
    7000 call ended: normal, operator_disconnects`,
  ));

test('the music does not begin again at the key', () =>
  expectTrace(
    {
      order: { operatorConfirmation: '1' },
      operator: { answers: 1_000, presses: [{ after: 2_000, key: '1' }], hangsUp: 4_000 },
      contact: { rings: 500 },
    },
    `
       0 call started
       0 dial operator 79262444491 as 74993720692
    1000 operator answered
    1000 operator hears dialing_music (loop)
    3000 operator dtmfReceived 1
    3000 operator confirmed
    3000 dial contact 79260000000 as 74993720692
    3500 contact ringing
    5000 operator ended by remote: normal, operator_disconnects
    5000 contact ended by local: otherLegEnded, operator_disconnects
    5000 call ended: normal, operator_disconnects`,
  ));

test('no key: 30 s after the end of the message the call ends', () =>
  expectTrace(
    {
      order: { operatorMessage: whisper, operatorConfirmation: '1' },
      operator: { answers: 1_000, presses: [{ after: 10_000, key: '5' }] },
    },
    `
       0 call started
       0 dial operator 79262444491 as 74993720692
    1000 operator answered
    1000 operator hears whisper-4000
    5000 operator hears dialing_music (loop)
   11000 operator dtmfReceived 5
   35000 operator ended by local: notConfirmed, operator_not_responsible
   35000 call ended: notConfirmed, no_operator_confirmation`,
  ));

// spec/simple-call.md section 12, row by row: what happens, and the finish reasons of session and legs.
const ends: {
  name: string;
  simulation: Simulation;
  session: string;
  operator?: string;
  contact?: string;
}[] = [
  {
    name: 'the operator, called first, is busy: the contact is never dialled',
    simulation: { operator: { fails: { after: 900, cause: { type: 'busy', status: 486 } } } },
    session: 'no_success_operator_call',
    operator: 'operator_busy',
  },
  {
    name: 'the operator, called first, does not answer within 60 s',
    simulation: { operator: { rings: 500 } },
    session: 'no_success_operator_call',
    operator: 'timeout',
  },
  {
    name: 'the operator, called first, is not there',
    simulation: { operator: { fails: { after: 9, cause: { type: 'noAnswer', status: 480 } } } },
    session: 'no_success_operator_call',
    operator: 'operator_not_responsible',
  },
  {
    name: 'the number of the operator does not exist',
    simulation: {
      operator: { fails: { after: 9, cause: { type: 'numberProblem', status: 404 } } },
    },
    session: 'no_success_operator_call',
    operator: 'operator_number_problems',
  },
  {
    name: 'the operator declines',
    simulation: { operator: { fails: { after: 9, cause: { type: 'rejected', status: 603 } } } },
    session: 'no_success_operator_call',
    operator: 'operator_busy',
  },
  {
    name: 'the trunk breaks down',
    simulation: { operator: { fails: { after: 9, cause: { type: 'failed', status: 503 } } } },
    session: 'no_success_operator_call',
    operator: 'operator_number_problems',
  },
  {
    name: 'the contact, called first, does not answer within 30 s: the operator is never dialled',
    simulation: { order: { firstCall: 'contact' }, contact: { rings: 100 } },
    session: 'no_success_subscriber_call',
    contact: 'timeout',
  },
  {
    name: 'the contact is busy while the operator waits',
    simulation: {
      operator: { answers: 100 },
      contact: { fails: { after: 50, cause: { type: 'busy', status: 486 } } },
    },
    session: 'no_success_subscriber_call',
    operator: 'subscriber_busy',
    contact: 'subscriber_busy',
  },
  {
    name: 'the operator fails while the contact waits',
    simulation: {
      order: { firstCall: 'contact' },
      contact: { answers: 100 },
      operator: { fails: { after: 50, cause: { type: 'numberProblem', status: 404 } } },
    },
    session: 'no_success_operator_call',
    operator: 'operator_number_problems',
    contact: 'operator_number_problems',
  },
  {
    name: 'the operator hangs up while the contact rings',
    simulation: { operator: { answers: 100, hangsUp: 500 }, contact: { rings: 10 } },
    session: 'operator_disconnects',
    operator: 'operator_disconnects',
    contact: 'operator_disconnects',
  },
  {
    name: 'the contact hangs up while the operator rings',
    simulation: {
      order: { firstCall: 'contact' },
      contact: { answers: 100, hangsUp: 500 },
      operator: { rings: 10 },
    },
    session: 'subscriber_disconnects',
    operator: 'subscriber_disconnects',
    contact: 'subscriber_disconnects',
  },
  {
    name: 'the contact hangs up in the turn of its answer',
    simulation: { operator: { answers: 100 }, contact: { answers: 50, byeWithAnswer: true } },
    session: 'subscriber_disconnects',
    operator: 'subscriber_disconnects',
    contact: 'subscriber_disconnects',
  },
  {
    name: 'the contact hangs up in the talk',
    simulation: { operator: { answers: 100 }, contact: { answers: 50, hangsUp: 1_000 } },
    session: 'subscriber_disconnects',
    operator: 'subscriber_disconnects',
    contact: 'subscriber_disconnects',
  },
  {
    name: 'the operator hangs up before its key',
    simulation: { order: { operatorConfirmation: '1' }, operator: { answers: 100, hangsUp: 700 } },
    session: 'no_operator_confirmation',
    operator: 'operator_disconnects',
  },
  {
    name: 'release.call while the first party rings',
    simulation: { operator: { rings: 100 }, releaseAt: 5_000 },
    session: 'operator_disconnects',
    operator: 'operator_disconnects',
  },
  {
    name: 'release.call in the talk',
    simulation: { operator: { answers: 100 }, contact: { answers: 100 }, releaseAt: 5_000 },
    session: 'operator_disconnects',
    operator: 'operator_disconnects',
    contact: 'operator_disconnects',
  },
  {
    name: 'the minutes of the account are used up in the talk',
    simulation: { operator: { answers: 100 }, contact: { answers: 100 }, minutesEndAt: 5_000 },
    session: 'limit_exceeded',
    operator: 'limit_exceeded',
    contact: 'limit_exceeded',
  },
  {
    name: 'the contact is a SIP line, and nobody is registered at it',
    simulation: { order: { contact: '0123456' }, operator: { answers: 100 } },
    session: 'no_success_subscriber_call',
    operator: 'sip_offline',
    contact: 'sip_offline',
  },
  {
    name: 'the operator is a SIP line, and nobody is registered at it',
    simulation: { order: { operator: '0123456' } },
    session: 'no_success_operator_call',
    operator: 'sip_offline',
  },
  {
    name: 'no trunk serves the number',
    simulation: { trunks: [] },
    session: 'no_success_operator_call',
    operator: 'operator_number_problems',
  },
  {
    name: 'both peers vanish without a word: the call does not live for ever',
    simulation: {
      operator: { answers: 100, fallsSilent: 40_000 },
      contact: { answers: 100, fallsSilent: 60_000 },
    },
    session: 'locked_phone',
    operator: 'locked_phone',
    contact: 'locked_phone',
  },
  {
    name: 'one quiet party is no reason to end, the longest call is',
    simulation: {
      operator: { answers: 100, fallsSilent: 40_000 },
      contact: { answers: 100 },
    },
    session: 'action_interval_exceeded',
    operator: 'action_interval_exceeded',
    contact: 'action_interval_exceeded',
  },
];

for (const { name, simulation, session, operator, contact } of ends) {
  test(`end: ${name}`, async () => {
    const { records } = await simulateCall(simulation);
    const { finishReason, legs } = records[0]!;
    const reasons = Object.fromEntries(legs.map((leg) => [leg.role, leg.finishReason]));
    const expected = { ...(operator && { operator }), ...(contact && { contact }) };
    assert.deepEqual({ session: finishReason, ...reasons }, { session, ...expected });
  });
}

test('the operator is not shown the number of a SIP line, which no trunk would take', async () => {
  const { trace } = await simulateCall({
    order: { contact: '0123456', showVirtualNumber: false },
    operator: { answers: 100 },
  });
  assert.match(trace, /dial operator 79262444491 as 74993720692/);
  assert.match(trace, /dial contact 0123456 as 74993720692/);
});

test('a party that is not heard is told, and how long is in the record of its leg', async () => {
  const { trace, records } = await simulateCall({
    operator: { answers: 1_000, fallsSilent: 50_000, isHeardAgain: 60_000 },
    contact: { answers: 1_000, fallsSilent: 70_000, hangsUp: 80_000 },
  });
  assert.deepEqual(
    trace.split('\n').filter((line) => /audio/.test(line)),
    ['   51000 operator noaudio', '   61000 operator audioresumed', '   72000 contact noaudio'],
  );
  assert.deepEqual(
    records[0]!.legs.map(({ role, noAudioMs }) => [role, noAudioMs]),
    [
      ['operator', 13_000],
      ['contact', 13_000],
    ],
  );
});

test('a hold ends what is counted as not heard, for nothing is expected then', async () => {
  const { records } = await simulateCall({
    operator: { answers: 100, fallsSilent: 40_000, holds: { after: 45_000, forMs: 100_000 } },
    contact: { answers: 100, hangsUp: 200_000 },
  });
  assert.equal(records[0]!.legs[0]!.noAudioMs, 8_000);
});

test('with calls.silence_seconds 0 a talk of which nothing is heard goes on', async () => {
  const { records } = await simulateCall({
    limits: { silenceMs: undefined },
    operator: { answers: 100, fallsSilent: 40_000 },
    contact: { answers: 100, fallsSilent: 60_000, hangsUp: 900_000 },
  });
  assert.equal(records[0]!.finishReason, 'subscriber_disconnects');
});

test('nothing is said on hold: the silence of a held party does not end the talk', async () => {
  const { records } = await simulateCall({
    operator: { answers: 100, fallsSilent: 40_000, holds: { after: 30_000, forMs: 1_000_000 } },
    contact: { answers: 100, fallsSilent: 60_000, hangsUp: 500_000 },
  });
  assert.equal(records[0]!.finishReason, 'subscriber_disconnects');
});

test('the journal holds every input in order: parameters, what was dialled, leg events, commands', async () => {
  const { journal } = await simulateCall({
    order: { operatorConfirmation: '1' },
    operator: { rings: 100, answers: 500, presses: [{ after: 200, key: '1' }] },
    contact: { rings: 100, answers: 300 },
    releaseAt: 5_000,
  });
  const start = journal[0]!.at;
  const rows = journal.map(({ sequence, at, kind, data }) => {
    const { order, event, command, role } = JSON.parse(data);
    const detail = order?.operatorConfirmation ?? event?.type ?? command?.type ?? role ?? '';
    return `${sequence} ${at - start} ${kind} ${detail}`.trim();
  });
  assert.deepEqual(rows, [
    '0 0 order 1',
    '1 0 dial operator',
    '2 100 leg ringing',
    '3 500 leg answered',
    '4 700 leg dtmf',
    '5 700 dial contact',
    '6 800 leg ringing',
    '7 1000 leg answered',
    '8 5000 command release',
    '9 5000 end',
  ]);
});
