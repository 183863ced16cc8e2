// The matrix over real SIP and RTP: all calls at once in one server, each ear compared with the words
// of the file, sample by sample.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { Play } from '../../src/demo/play.ts';
import type { HeardPiece } from '../../src/demo/recognise.ts';
import type { Scenario } from '../../src/demo/scenarios.ts';
import { mediaIds } from '../../src/demo/scenarios.ts';
import { openStage, type Stage } from '../../src/demo/stage.ts';
import { type CallReport, type Heard, recogniseBoth } from '../../src/demo/verdict.ts';
import type { Role } from '../../src/model/party.ts';
import type { RunningServer } from '../../src/server.ts';
import { type MatrixRow, matrix, moments, rowName, soundAt, spans } from '../traces/matrix.ts';
import { startBootstrapped } from './test-config.ts';
import { testSounds } from './test-sounds.ts';

const operatorMessageMs = 800;
const contactMessageMs = 1200;
const keyAfterMs = 1200;
const dtmfString = '1.#';

/** Rings by 180 only, or sends sound of its network before the answer. */
type Line = 'rings' | 'announces';
type Case = {
  readonly row: MatrixRow;
  readonly line: Line;
  readonly codecs: 'equal' | 'different';
};

/**
 * Every valid row kind of the decision table (spec/simple-call.md section 3), with and without
 * confirmation; the music, DTMF, the contact's line and the codecs change from one to the next.
 */
const cases: readonly Case[] = matrix
  .filter((row) => row.error === undefined)
  .filter((row) => {
    const kind = matrix.filter((it) => it.error === undefined && sameKind(it, row));
    const turn = kinds().indexOf(kindOf(row)) + (row.operator_confirmation ? 1 : 0);
    return kind.indexOf(row) === (row.operator_confirmation ? 4 : 0) + (turn % 4);
  })
  .map((row, index) => ({
    row,
    line: row.early_switching && index % 2 === 0 ? 'announces' : 'rings',
    codecs: index % 3 === 0 ? 'different' : 'equal',
  }));

function kindOf(row: MatrixRow): string {
  const flags = [
    row.switch_at_once,
    row.early_switching,
    row.operator_message,
    row.contact_message,
  ];
  return `${row.first_call} ${flags.map(Number).join('')}`;
}

function sameKind(a: MatrixRow, b: MatrixRow): boolean {
  return kindOf(a) === kindOf(b);
}

function kinds(): readonly string[] {
  return [...new Set(matrix.filter((row) => row.error === undefined).map(kindOf))];
}

let stage: Stage;
let server: RunningServer;
/** Filled when every call is over: to listen while others still talk would disturb them. */
let reports: ReadonlyMap<Case, CallReport>;

before(async () => {
  stage = await openStage({
    clock: systemClock,
    random: seededRandom(20_261_123),
    sounds: testSounds({ operatorMessageMs, contactMessageMs }),
    startServer: async (config, options) => {
      server = await startBootstrapped(config, options);
      return server;
    },
  });
  // In two waves: forty calls at once leave a small machine no time to be punctual in.
  const half = cases.length / 2;
  const first = await Promise.all(cases.slice(0, half).map(play));
  const second = await Promise.all(cases.slice(half).map(play));
  reports = new Map([...first, ...second]);
});

async function play(it: Case, index: number): Promise<[Case, CallReport]> {
  const tail = String(cases.indexOf(it)).padStart(4, '0');
  const numbers = { operator: `7999000${tail}`, contact: `7926000${tail}` };
  const one = new Play(stage, scenarioOf(it), numbers, () => {});
  await delay(40 * index);
  return [it, await one.run()];
}

after(() => stage.close());

const delay = (ms: number): Promise<void> =>
  new Promise((resolve) => void systemClock.setTimer(ms, resolve));

function paramsOf(row: MatrixRow): Scenario['params'] {
  const message = (id: number) => ({ type: 'media' as const, value: String(id) });
  return {
    first_call: row.first_call,
    switch_at_once: row.switch_at_once,
    early_switching: row.early_switching,
    ...(row.operator_message && { operator_message: message(mediaIds.operatorMessage) }),
    ...(row.contact_message && { contact_message: message(mediaIds.contactMessage) }),
    ...(row.operator_confirmation && { operator_confirmation: '1' }),
    ...(row.media_file_id && { media_file_id: mediaIds.ownMusic }),
    ...(row.dtmf_string && { dtmf_string: dtmfString }),
  };
}

function scenarioOf({ row, line, codecs }: Case): Scenario {
  const byInfo = row.contact_message;
  return {
    name: rowName(row),
    title: rowName(row),
    params: paramsOf(row),
    phones: (sounds) => ({
      operator: {
        ringsAfterMs: 50,
        final: { type: 'answers', afterMs: 800 },
        codecs: ['PCMA'],
        speaks: { sound: sounds.operatorVoice, loop: true },
        presses: row.operator_confirmation
          ? [{ key: '1', afterAnswerMs: keyAfterMs, by: byInfo ? 'info' : 'rtp' }]
          : [],
      },
      contact: {
        ...(line === 'rings' && { ringsAfterMs: 50 }),
        ...(line === 'announces' && {
          earlyMedia: { afterMs: 50, rtpAfterMs: 50, sound: sounds.announcement, loop: true },
        }),
        final: { type: 'answers', afterMs: 900 },
        codecs: codecs === 'different' ? ['PCMU'] : ['PCMA'],
        speaks: { sound: sounds.contactVoice, loop: true },
      },
    }),
    ends: { by: 'contact', after: 'talk starts', ms: row.dtmf_string ? 1500 : 800 },
    expected: {
      operator: [],
      contact: [],
      talk: true,
      finishReason: 'subscriber_disconnects',
      legs: {},
    },
  };
}

test('the cases hold every valid row of the decision table, with and without confirmation', () => {
  assert.equal(kinds().length, 20);
  assert.equal(cases.length, 40);
  for (const name of ['media_file_id', 'dtmf_string', 'operator_confirmation'] as const) {
    assert.equal(cases.filter(({ row }) => row[name]).length, 20, name);
  }
});

for (const it of cases) {
  const { row, line, codecs } = it;
  test(`${rowName(row)} (line ${line}, codecs ${codecs})`, () => {
    const report = reports.get(it)!;
    const heard = recogniseBoth(report, stage.known);
    assert.equal(report.finishReason, 'subscriber_disconnects');
    assertMoments(row, report);
    for (const role of ['operator', 'contact'] as const) {
      assertPhases(it, { report, heard }, role);
      assertVoices({ report, heard }, role);
    }
    if (row.dtmf_string) assertKeys(report);
    else assert.deepEqual(report.legs.contact.record?.keys, []);
  });
}

/** What the row makes of the times at which these phones really answered, from the first dialling. */
function momentsOf(row: MatrixRow, { legs }: CallReport) {
  const { operator, contact } = legs;
  return moments(row, {
    operatorAnswers: operator.answeredAt! - operator.dialedAt!,
    contactAnswers: contact.answeredAt! - contact.dialedAt!,
    operatorMessage: row.operator_message ? operatorMessageMs : 0,
    contactMessage: row.contact_message ? contactMessageMs : 0,
    keyAfter: keyAfterMs,
  });
}

/** What the server may take to act on what happened, on a machine busy with forty calls. */
const promptlyMs = 250;

function assertMoments(row: MatrixRow, report: CallReport): void {
  const { operator, contact } = report.legs;
  const [first, second] = row.first_call === 'operator' ? [operator, contact] : [contact, operator];
  const expected = momentsOf(row, report);
  // Half a frame and the rounding of the wall clock lie between the phones' and the server's notes.
  const assertSoon = (actual: number, after: number, what: string): void => {
    const late = actual - first.dialedAt! - after;
    assert.ok(late > -25 && late < promptlyMs, `${what}: ${Math.round(late)} ms late`);
  };
  assertSoon(second.dialedAt!, expected.secondDial, 'the second party is dialled');
  const slip = second.dialedAt! - first.dialedAt! - expected.secondDial;
  assertSoon(report.bridgeAt! - slip, expected.bridge, 'the bridge');
}

/** The part of a phase that may be missing on a machine that is busy with other things. */
const mostTorn = 0.2;

type Judged = { readonly report: CallReport; readonly heard: Heard };

/** At every moment of every phase, but for its edges, the ear heard what the row says, and only that. */
function assertPhases({ row, line }: Case, { report, heard }: Judged, role: Role): void {
  const { answeredAt } = report.legs[role];
  const start = report.legs[row.first_call].dialedAt!;
  const expected = momentsOf(row, report);
  const answer = answeredAt! - start;
  const messageMs = role === 'operator' ? operatorMessageMs : contactMessageMs;
  const secondSlip = report.legs[other(row.first_call)].dialedAt! - start - expected.secondDial;
  for (const { from, to, phase } of spans(row, expected)) {
    // What follows the second dialling is as late as that was.
    const slip = from >= expected.secondDial - 1 ? secondSlip : 0;
    const wrong: string[] = [];
    let looked = 0;
    let missed = 0;
    for (let at = from + 160; at < to - 60; at += 20) {
      const words = phase[role];
      const ownAnswer = answer - slip;
      // Where its message ends something changes: that moment is an edge too.
      const fromMessageEnd = at - ownAnswer - messageMs;
      if (fromMessageEnd > -60 && fromMessageEnd < 160) continue;
      if (isInKey(report, role, start + at + slip)) continue;
      const wanted = soundAt(words, at, ownAnswer, messageMs);
      // Until the contact's network sends sound the operator hears ringback; then that changes.
      if (wanted === 'line' && line === 'announces' && at < from + 350) continue;
      const name = nameOf(wanted, row, line);
      const actual = pieceAt(heard[role], start + at + slip);
      looked++;
      if (actual === name) continue;
      if (actual === 'nothing' || actual === 'something unknown') missed++;
      wrong.push(`${Math.round(at)} ms: ${actual} instead of ${name}`);
    }
    // A machine that stands still for a moment tears a hole, but never puts another sound there.
    const isTornOnly = missed === wrong.length && missed <= mostTorn * looked;
    assert.ok(isTornOnly, `${phase.phase}: the ${role}, of ${looked} looks: ${wrong.join('; ')}`);
  }
}

/** Sound waits while a key is sent, its two repeated end packets included: 140 ms. */
function isInKey({ legs }: CallReport, role: Role, at: number): boolean {
  const keys = legs[role].record?.keys ?? [];
  return keys.some(({ startMs }) => startMs - 25 < at && at < startMs + 165);
}

const other = (role: Role): Role => (role === 'operator' ? 'contact' : 'operator');

function nameOf(sound: ReturnType<typeof soundAt>, row: MatrixRow, line: Line): string {
  switch (sound) {
    case 'off':
    case 'silence':
      return 'nothing';
    case 'line':
      return line === 'announces' ? 'announcement' : 'ringback';
    case 'music':
      return row.media_file_id ? 'own_music' : 'dialing_music';
    default:
      return sound;
  }
}

function pieceAt(pieces: readonly HeardPiece[], at: number): string {
  const piece = pieces.find(({ fromMs, lastsToMs }) => fromMs <= at && at < lastsToMs);
  return piece === undefined ? 'nothing' : (piece.name ?? 'something unknown');
}

/** The other side's voice: from the bridge to the end, without a hole, and never before. */
function assertVoices({ report, heard }: Judged, role: Role): void {
  const name = `${other(role)}_voice`;
  const voices = heard[role].filter((piece) => piece.name === name);
  const bridgeAt = report.bridgeAt!;
  const endedAt = report.endedAt!;
  assert.ok(voices.length > 0, `the ${role} never heard the other side`);
  const from = voices[0]!.fromMs - bridgeAt;
  assert.ok(
    from > -25 && from < promptlyMs,
    `the ${role} hears the other ${from} ms after the bridge`,
  );
  const until = endedAt - voices.at(-1)!.toMs;
  assert.ok(until < promptlyMs, `the ${role} heard nothing for the last ${until} ms`);
  const missing = report.legs[role]
    .record!.gaps.filter(({ fromMs }) => fromMs > bridgeAt + 100 && !isInKey(report, role, fromMs))
    .reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const most = mostTorn * (endedAt - bridgeAt);
  assert.ok(missing <= most, `the ${role} missed ${missing} ms of the talk`);
}

function assertKeys({ legs: { contact } }: CallReport): void {
  const keys = contact.record!.keys;
  assert.deepEqual(
    keys.map(({ key, endPackets, hadMarker }) => ({ key, endPackets, hadMarker })),
    [
      { key: '1', endPackets: 3, hadMarker: true },
      { key: '#', endPackets: 3, hadMarker: true },
    ],
  );
  // By RTP timestamps: what the far end's menu measures, free of the delays of a busy machine.
  const pause = keys[1]!.startMs - keys[0]!.startMs;
  assert.ok(Math.abs(pause - 1000) <= 20, `a pause of ${pause} ms`);
  const first = keys[0]!.startMs - contact.answeredAt!;
  assert.ok(first > -25 && first < promptlyMs, `the first key ${first} ms after the answer`);
}

test('when all is over nothing is left: no call, no channel, no RTP port, no session', async () => {
  await delay(100); // The last BYE is answered after the call ended.
  const { calls, channels, rtpPorts } = server.counts();
  assert.deepEqual({ calls, channels, rtpPorts }, { calls: 0, channels: 0, rtpPorts: 0 });
});

test('every row that the matrix calls an error is refused with it, and nobody is rung', async () => {
  const rung = stage.sandbox.calls.length;
  for (const row of matrix.filter((it) => it.error !== undefined && !it.dtmf_string)) {
    await assert.rejects(
      stage.api.startSimpleCall({
        ...paramsOf(row),
        virtual_phone_number: '74993720692',
        operator: '79990009999',
        contact: '79260009999',
      }),
      { name: 'ApiError', mnemonic: row.error!.mnemonic, code: row.error!.code },
    );
  }
  assert.equal(stage.sandbox.calls.length, rung);
});
