import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallEvent } from '../../src/model/call-event.ts';
import type { Role } from '../../src/model/party.ts';
import {
  type MatrixRow,
  matrix,
  moments,
  rowName,
  type Sound,
  soundAt,
  spans,
  type Timing,
} from './matrix.ts';
import { prompt, type Simulated, type Simulation, simulateCall } from './simulate-call.ts';

// The parties' behaviour is varied so that each message ends before and after what it is compared with.
const timings: readonly Timing[] = [
  {
    operatorAnswers: 3_000,
    contactAnswers: 5_000,
    operatorMessage: 4_000,
    contactMessage: 2_500,
    keyAfter: 1_000,
  },
  {
    operatorAnswers: 3_000,
    contactAnswers: 5_000,
    operatorMessage: 4_000,
    contactMessage: 2_500,
    keyAfter: 9_000,
  },
  {
    operatorAnswers: 1_000,
    contactAnswers: 2_000,
    operatorMessage: 1_500,
    contactMessage: 12_000,
    keyAfter: 3_000,
  },
];
const talkMs = 7_000;

for (const row of matrix.filter(({ error }) => error === undefined)) {
  test(`matrix: ${rowName(row)}`, async () => {
    for (const timing of timings) await check(row, timing);
  });
}

test('the matrix has every combination once', () => {
  assert.equal(matrix.length, 256);
  assert.equal(new Set(matrix.map(rowName)).size, 256);
  assert.equal(matrix.filter(({ error }) => error === undefined).length, 160);
});

async function check(row: MatrixRow, timing: Timing): Promise<void> {
  const m = moments(row, timing);
  const simulated = await simulateCall(simulationOf(row, timing));
  const { events } = simulated;
  const start = events[0]!.at;
  const at = (find: (event: CallEvent) => boolean): number => events.find(find)!.at - start;
  const legs = new Map(
    events.filter((event) => event.type === 'legDialing').map((leg) => [leg.role, leg.legId]),
  );
  assert.equal([...legs.keys()][0], row.first_call);
  assert.equal(
    events.filter((event) => event.type === 'legDialing')[1]!.at - start,
    m.secondDial,
    'second dial',
  );
  assert.equal(
    at(({ type }) => type === 'talkStarted'),
    m.bridge,
    'bridge',
  );

  for (const { from, to, phase } of spans(row, m)) {
    for (const role of ['operator', 'contact'] as const) {
      const answer = role === 'operator' ? m.operatorAnswer : m.contactAnswer;
      const length = role === 'operator' ? timing.operatorMessage : timing.contactMessage;
      for (let moment = from; moment < to; moment += 250) {
        const expected = soundAt(phase[role], moment, answer, length);
        const heard = heardAt(simulated, legs.get(role), start + moment, row);
        assert.equal(heard, expected, `${moment} ms, ${phase.phase}: ${role}`);
      }
    }
  }
  checkUnlisted(simulated, row, m, legs, start);
  const dtmf = simulated.trace.split('\n').filter((line) => line.includes(' dtmf '));
  const expectedDtmf =
    row.dtmf === null ? [] : [`${String(m.contactAnswer).padStart(8)} dtmf .1.2`];
  assert.deepEqual(dtmf, expectedDtmf);
}

/** An answered party of which no phase speaks hears nothing before the bridge; afterwards each the other. */
function checkUnlisted(
  simulated: Simulated,
  row: MatrixRow,
  m: ReturnType<typeof moments>,
  legs: ReadonlyMap<Role, number>,
  start: number,
): void {
  const covered = spans(row, m);
  for (const role of ['operator', 'contact'] as const) {
    const answer = role === 'operator' ? m.operatorAnswer : m.contactAnswer;
    for (let moment = answer; moment < m.bridge; moment += 250) {
      if (covered.some(({ from, to }) => from <= moment && moment < to)) continue;
      assert.equal(heardAt(simulated, legs.get(role), start + moment, row), 'silence');
    }
    const other = legs.get(role === 'operator' ? 'contact' : 'operator')!;
    const hearing = lastHearing(simulated, legs.get(role)!, start + m.bridge + talkMs - 1);
    assert.deepEqual(hearing, { legs: [other] });
  }
}

function simulationOf(row: MatrixRow, timing: Timing): Simulation {
  return {
    order: {
      firstCall: row.first_call,
      switchAtOnce: row.switch_at_once,
      earlySwitching: row.early_switching,
      music: prompt(row.media_file_id ? 'custom file' : 'dialing_music'),
      ...(row.operator_message && {
        operatorMessage: prompt(`operator_message-${timing.operatorMessage}`),
      }),
      ...(row.contact_message && {
        contactMessage: prompt(`contact_message-${timing.contactMessage}`),
      }),
      ...(row.operator_confirmation && { operatorConfirmation: '1' }),
      ...(row.dtmf_string && { dtmfString: '.1.2' }),
    },
    operator: {
      rings: 0,
      answers: timing.operatorAnswers,
      presses: [{ after: timing.keyAfter, key: '1' }],
    },
    contact: {
      rings: 0,
      answers: timing.contactAnswers,
    },
    releaseAt: moments(row, timing).bridge + talkMs,
  };
}

function lastHearing(
  { events }: Simulated,
  legId: number,
  at: number,
): Extract<CallEvent, { type: 'hearing' }>['what'] | undefined {
  const heard = events.filter(
    (event) => event.type === 'hearing' && event.legId === legId && event.at <= at,
  );
  return (heard.at(-1) as Extract<CallEvent, { type: 'hearing' }> | undefined)?.what;
}

function heardAt(
  simulated: Simulated,
  legId: number | undefined,
  at: number,
  row: MatrixRow,
): Sound {
  const answered = simulated.events.some(
    (event) => event.type === 'legAnswered' && event.legId === legId && event.at <= at,
  );
  if (legId === undefined || !answered) return 'off';
  const what = lastHearing(simulated, legId, at);
  if (what === undefined || what === 'nothing') return 'silence';
  if ('legs' in what) return 'line';
  const music = row.media_file_id ? 'custom file' : 'dialing_music';
  if (what.prompt === music) return what.loop ? 'music' : 'silence';
  if (what.prompt === 'ringback') return 'line';
  const message = what.prompt.replace(/-\d+$/, '') as Sound;
  return what.loop ? 'silence' : message;
}
