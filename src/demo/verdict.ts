import type { FinishReason } from '../model/finish-reason.ts';
import type { Role } from '../model/party.ts';
import type { HeardRecord } from '../sandbox/ear.ts';
import { type HeardPiece, type KnownSound, level, recognise } from './recognise.ts';
import type { ExpectedSound, Scenario, SoundName } from './scenarios.ts';

/** One finished call as the two ears, the two phones and the server's events tell it. */
export type CallReport = {
  readonly callSessionId: number;
  readonly finishReason: FinishReason | undefined;
  /** Milliseconds since the request, as all times here. */
  readonly bridgeAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly legs: Readonly<Record<Role, LegReport>>;
  /** Keys the people pressed. */
  readonly pressed: readonly { readonly key: string; readonly at: number }[];
};

export type LegReport = {
  readonly dialedAt: number | undefined;
  readonly ringingAt: number | undefined;
  readonly answeredAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly finishReason: FinishReason | undefined;
  /** What its ear heard; undefined if it was never rung. */
  readonly record: HeardRecord | undefined;
};

/** What each ear heard, recognised. */
export type Heard = Readonly<Record<Role, readonly HeardPiece[]>>;

/** What was found, in plain words: `wrong` is empty only if everything was as it must be. */
export type Verdict = { readonly found: readonly string[]; readonly wrong: readonly string[] };

/** A silence where sound must be, or a delay, above this is wrong. A loaded machine needs some of it. */
const patienceMs = 250;
/** The clocks of two phones and of the server's events agree to about this. */
const slackMs = 40;
const shortestMs = 500;
const strangeMs = 60;

export const soundNames: Record<SoundName, string> = {
  operator_message: 'its message',
  contact_message: 'its message',
  dialing_music: 'dialing_music',
  own_music: 'the music of media_file_id',
  ringback: 'ringback',
  announcement: 'the announcement of the contact’s network',
  operator_voice: 'the operator’s voice',
  contact_voice: 'the contact’s voice',
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const isVoice = (name: string | undefined): boolean => name?.endsWith('_voice') ?? false;

/** Recognises what both ears heard. Slow work of some 100 ms: not while calls are being measured. */
export function recogniseBoth(report: CallReport, known: readonly KnownSound[]): Heard {
  const ear = (role: Role): HeardPiece[] => {
    const { record } = report.legs[role];
    if (record?.startMs === undefined) return [];
    return merged(recognise({ startMs: record.startMs, samples: record.samples }, known));
  };
  return { operator: ear('operator'), contact: ear('contact') };
}

/** Compares a call with what its scenario expects. Pure: all that it knows is in the report. */
export function judge(
  report: CallReport,
  heard: Heard,
  { scenario, known }: { readonly scenario: Scenario; readonly known: readonly KnownSound[] },
): Verdict {
  const found: string[] = [];
  const wrong: string[] = [];
  const { expected } = scenario;
  for (const role of ['operator', 'contact'] as const) {
    const pieces = heard[role];
    const say = (text: string): number => found.push(`the ${role} heard ${text}`);
    const blame = (text: string): number => wrong.push(`the ${role} ${text}`);
    judgeOrder(pieces, expected[role], blame);
    for (const [index, piece] of pieces.entries()) {
      const sound = known.find(({ name }) => name === piece.name);
      const wish = expected[role].find(({ what }) => what === piece.name);
      if (sound === undefined || wish === undefined) continue;
      say(describe(piece, sound));
      judgeAmount(piece, wish, sound, blame);
      if (isVoice(piece.name)) judgeVoice(piece, report, index === pieces.length - 1, blame);
    }
    judgeSilence(pieces, report.legs[role], { say, blame });
  }
  judgeEnd(report, scenario, wrong);
  judgeKeys(report, scenario, found, wrong);
  if (expected.talk && report.bridgeAt !== undefined) {
    const voices = pieceOf(heard, 'operator_voice') && pieceOf(heard, 'contact_voice');
    if (voices && wrong.length === 0)
      found.push('nothing of one side at the other before the bridge');
  }
  return { found, wrong };
}

const pieceOf = (heard: Heard, name: SoundName): HeardPiece | undefined =>
  [...heard.operator, ...heard.contact].find((it) => it.name === name);

/** Pieces of the same sound that follow each other at the right places become one; snippets go. */
function merged(pieces: readonly HeardPiece[]): HeardPiece[] {
  const all: HeardPiece[] = [];
  for (const piece of pieces) {
    if (piece.name === undefined && piece.toMs - piece.fromMs < strangeMs) continue;
    const last = all.at(-1);
    if (last !== undefined && last.name === piece.name && piece.name !== undefined) {
      all[all.length - 1] = { ...last, toMs: piece.toMs, lastsToMs: piece.lastsToMs };
    } else all.push(piece);
  }
  return all;
}

function judgeOrder(
  pieces: readonly HeardPiece[],
  expected: readonly ExpectedSound[],
  blame: (text: string) => void,
): void {
  const heard = pieces.map(({ name }) => name ?? 'something unknown');
  const wanted = expected.map(({ what }) => what);
  if (heard.join() === wanted.join()) return;
  const list = (names: readonly string[]): string => names.join(', then ') || 'nothing';
  blame(`heard ${list(heard)}; expected: ${list(wanted)}`);
  for (const { name, fromMs, toMs } of pieces) {
    if (name === undefined)
      blame(`heard a strange sound from ${seconds(fromMs)} to ${seconds(toMs)}`);
  }
}

function judgeAmount(
  piece: HeardPiece,
  { what, amount }: ExpectedSound,
  sound: KnownSound,
  blame: (text: string) => void,
): void {
  const name = soundNames[what];
  if (amount === 'some') {
    const lasted = piece.toMs - piece.fromMs;
    if (lasted < shortestMs) blame(`heard ${name} for ${seconds(lasted)} only`);
    return;
  }
  const { fromStart, toEnd } = completeness(piece, sound);
  if (!fromStart) blame(`did not hear ${name} from its beginning`);
  if (amount === 'whole' && !toEnd) blame(`did not hear ${name} to its end`);
  if (amount === 'cut' && toEnd) blame(`heard ${name} to its end though it had to be cut`);
}

/** Was a sound heard from its first to its last tone? Silence at its edges does not count. */
export function completeness(
  piece: HeardPiece,
  { samples }: KnownSound,
): { readonly fromStart: boolean; readonly toEnd: boolean } {
  const frame = 160;
  const frames = Math.floor(samples.length / frame);
  const isLoud = (k: number): boolean => level(samples, k * frame, frame) > 80;
  let first = 0;
  while (first < frames && !isLoud(first)) first++;
  let last = frames - 1;
  while (last > 0 && !isLoud(last)) last--;
  const endMs = piece.sourceFromMs + piece.toMs - piece.fromMs;
  return {
    fromStart: piece.sourceFromMs <= first * 20 + slackMs,
    toEnd: endMs >= (last + 1) * 20 - slackMs,
  };
}

function judgeVoice(
  piece: HeardPiece,
  report: CallReport,
  isLast: boolean,
  blame: (text: string) => void,
): void {
  const { bridgeAt, endedAt } = report;
  if (bridgeAt === undefined || piece.fromMs < bridgeAt - slackMs) {
    blame(`heard the other side at ${seconds(piece.fromMs)}, before they were connected`);
  } else if (piece.sinceMs - bridgeAt > patienceMs + slackMs) {
    blame(
      `heard the other side only ${seconds(piece.sinceMs - bridgeAt)} after they were connected`,
    );
  }
  if (isLast && endedAt !== undefined && endedAt - piece.lastsToMs > patienceMs + slackMs) {
    blame(`heard nothing for the last ${seconds(endedAt - piece.lastsToMs)} of the talk`);
  }
}

function judgeSilence(
  pieces: readonly HeardPiece[],
  { record, answeredAt }: LegReport,
  { say, blame }: Record<'say' | 'blame', (text: string) => void>,
): void {
  let longest = 0;
  for (const [index, piece] of pieces.entries()) {
    const before = pieces[index - 1];
    if (before === undefined) continue;
    const silence = piece.sinceMs - before.lastsToMs;
    longest = Math.max(longest, silence);
    if (silence > patienceMs) {
      blame(`heard nothing for ${seconds(silence)} before ${piece.name ?? 'a strange sound'}`);
    }
  }
  if (pieces.length === 0 || record === undefined || answeredAt === undefined) return;
  const missing = record.gaps.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  say(
    `no silence longer than ${Math.max(0, Math.round(longest))} ms between two sounds; ` +
      `${record.packets} RTP packets, ${Math.round(missing)} ms without one`,
  );
}

function judgeEnd(report: CallReport, scenario: Scenario, wrong: string[]): void {
  const { expected } = scenario;
  if (report.finishReason !== expected.finishReason) {
    wrong.push(
      `the call ended as ${report.finishReason ?? 'nothing'}, not ${expected.finishReason}`,
    );
  }
  if (expected.talk !== (report.bridgeAt !== undefined)) {
    wrong.push(expected.talk ? 'they were never connected' : 'they were connected');
  }
  for (const role of ['operator', 'contact'] as const) {
    const wish = expected.legs[role];
    const { finishReason, dialedAt, endedAt } = report.legs[role];
    if (wish !== undefined && finishReason !== wish) {
      wrong.push(`the ${role}’s leg ended as ${finishReason ?? 'nothing'}, not ${wish}`);
    }
    if (dialedAt === undefined) wrong.push(`the ${role} was never dialled`);
    else if (endedAt === undefined)
      wrong.push(`the ${role}’s phone was left ringing or talking alone`);
  }
}

/** The server's instants are whole milliseconds of the wall clock, the phones' are of the monotonic one. */
const clockErrorMs = 3;

function judgeKeys(
  report: CallReport,
  { expected }: Scenario,
  found: string[],
  wrong: string[],
): void {
  if (expected.dialledAfterKey !== undefined) {
    const press = report.pressed.find(({ key }) => key === expected.dialledAfterKey);
    const { dialedAt } = report.legs.contact;
    const afterMs =
      press === undefined || dialedAt === undefined ? Number.NaN : dialedAt - press.at;
    if (!(afterMs >= -clockErrorMs)) {
      wrong.push(`the contact was dialled before the operator pressed ${expected.dialledAfterKey}`);
    } else
      found.push(`the contact was dialled ${Math.max(0, Math.round(afterMs))} ms after the key`);
  }
  if (expected.keys === undefined) return;
  const heard = report.legs.contact.record?.keys ?? [];
  const wanted = [...expected.keys.matchAll(/(\.*)([^.])/g)];
  const names = heard.map(({ key }) => key).join('');
  if (names !== wanted.map(([, , key]) => key).join('')) {
    wrong.push(`the contact’s phone heard the keys "${names}" of ${expected.keys}`);
    return;
  }
  // The first pause counts from the answer, the others from the start of the key before.
  const { answeredAt = 0 } = report.legs.contact;
  let previous = { startMs: answeredAt };
  for (const [index, [, dots = '', key]] of wanted.entries()) {
    const next = heard[index]!;
    const pause = next.startMs - previous.startMs;
    const slackMs = index === 0 ? 100 : 20;
    const isRight = dots === '' ? pause < 300 : Math.abs(pause - 1000 * dots.length) <= slackMs;
    if (!isRight) wrong.push(`${Math.round(pause)} ms before key ${key}, not ${dots.length} s`);
    previous = next;
  }
  found.push(`the contact’s phone heard the keys ${names} of ${expected.keys}, with their pauses`);
}

function describe(piece: HeardPiece, sound: KnownSound): string {
  const name = soundNames[piece.name as SoundName];
  const when = `${seconds(piece.fromMs)} to ${seconds(piece.toMs)}`;
  if (sound.loops) return `${name} from ${when}`;
  const { fromStart, toEnd } = completeness(piece, sound);
  const end = toEnd ? 'to its end' : 'cut short';
  return `${name} from ${when}, ${fromStart ? 'from its beginning' : 'from its middle'}, ${end}`;
}
