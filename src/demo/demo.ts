import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { writeWav } from '../media/audio/wav.ts';
import type { Role } from '../model/party.ts';
import { keepInstructions } from './keep.ts';
import { drawRung, ladderHead } from './ladder.ts';
import { Play } from './play.ts';
import type { HeardPiece, KnownSound } from './recognise.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { openStage, type Stage, type StartDemoServer } from './stage.ts';
import {
  type CallReport,
  completeness,
  type Heard,
  judge,
  type LegReport,
  recogniseBoth,
  type Verdict,
} from './verdict.ts';

/** What `dozvon demo` was asked to do. */
export type DemoOptions = {
  /** Names of the list with commas between them, or `all`; undefined: operator-first. */
  readonly scenario: string | undefined;
  readonly list: boolean;
  readonly keep: boolean;
  readonly json: boolean;
  /** Where the WAV files of what each ear heard go; undefined: `demo-output` in the working folder. */
  readonly output: string | undefined;
};

export type DemoDeps = {
  readonly startServer: StartDemoServer;
  readonly clock: Clock;
  readonly random: Random;
  readonly workingFolder: string;
  readonly colours: boolean;
  /** Text as it is to be written, line ends included. */
  out(text: string): void;
  err(text: string): void;
  /** Resolves at the first SIGINT or SIGTERM: it ends `--keep`, and a demo that is going on. */
  interrupted(): Promise<void>;
};

const roles = ['operator', 'contact'] as const;

/**
 * Starts the server and a telephone network, places calls by HTTP as any client would, shows them,
 * listens with the ears of both phones and judges. Resolves with the exit code: 0 only if the sound
 * of every scenario was right, 1 if not, 2 for a name that is none.
 */
export async function runDemo(options: DemoOptions, deps: DemoDeps): Promise<number> {
  const { scenario: names = 'operator-first', list } = options;
  if (list) {
    for (const { name, title } of scenarios) deps.out(`${name.padEnd(16)}${title}\n`);
    deps.out(`${'all'.padEnd(16)}all of them at the same time\n`);
    return 0;
  }
  const chosen = chooseScenarios(names);
  if (typeof chosen === 'string') {
    deps.err(`${chosen}\n`);
    return 2;
  }
  const output = resolve(deps.workingFolder, options.output ?? 'demo-output');
  const interruption = deps.interrupted();
  const stage = await openStage(deps);
  try {
    const setting = { stage, deps, output, isAlone: chosen.length === 1 };
    const played = await Promise.race([
      Promise.all(chosen.map((scenario, index) => playOne(scenario, index, setting))),
      interruption,
    ]);
    if (played === undefined) return interruptedCode;
    const results: Summary[] = [];
    for (const it of played) results.push(await judgeOne(it, setting));
    const wrong = results.filter(({ verdict }) => verdict !== 'ok').map((it) => it.scenario);
    if (results.length > 1) deps.out(`${countWords(results.length, wrong)}\n`);
    if (options.keep) deps.out(keepInstructions(stage));
    if (options.json) for (const result of results) deps.out(`${JSON.stringify(result)}\n`);
    if (options.keep) await interruption;
    return wrong.length === 0 ? 0 : 1;
  } finally {
    await stage.close();
  }
}

/** As a shell tells of a program that SIGINT ended. */
const interruptedCode = 130;

function countWords(all: number, wrong: readonly string[]): string {
  const right = `${all - wrong.length} of ${all} as they must be`;
  return wrong.length === 0 ? right : `${right}; not: ${wrong.join(', ')}`;
}

/** The scenarios of these names in order, or what is wrong with them. */
function chooseScenarios(names: string): readonly Scenario[] | string {
  const chosen: Scenario[] = [];
  for (const wanted of names.split(',')) {
    const found = scenarios.filter(({ name }) => wanted === 'all' || name === wanted);
    if (found.length === 0) {
      const known = [...scenarios.map(({ name }) => name), 'all'].join(', ');
      return `there is no scenario ${wanted}; there are: ${known}`;
    }
    chosen.push(...found);
  }
  return chosen;
}

type Setting = {
  readonly stage: Stage;
  readonly deps: DemoDeps;
  readonly output: string;
  readonly isAlone: boolean;
};
type Played = {
  readonly scenario: Scenario;
  readonly report: CallReport;
  /** What is still to be written, of a scenario that was not alone. */
  readonly text: string;
};

/** Plays one scenario; alone it is shown live, among others its ladder waits for the end. */
async function playOne(
  scenario: Scenario,
  index: number,
  { stage, deps, isAlone }: Setting,
): Promise<Played> {
  let text = '';
  const write = (line: string): void => {
    if (isAlone) deps.out(`${line}\n`);
    else text += `${line}\n`;
  };
  const tail = String(index + 1).padStart(4, '0');
  const numbers = { operator: `7999000${tail}`, contact: `7926000${tail}` };
  write(`${scenario.name}: ${scenario.title}\n`);
  for (const line of ladderHead(numbers.operator, numbers.contact)) write(line);
  const play = new Play(stage, scenario, numbers, (atMs, rung) =>
    write(drawRung(atMs, rung, { colours: deps.colours })),
  );
  const report = await play.run();
  return { scenario, report, text };
}

async function judgeOne(
  { scenario, report, text }: Played,
  { stage, deps, output }: Setting,
): Promise<Summary> {
  const heard = recogniseBoth(report, stage.known);
  const verdict = judge(report, heard, { scenario, known: stage.known });
  const folder = join(output, scenario.name);
  await writeRecordings(folder, report);
  deps.out(`${text}\n${verdictLines(verdict, folder).join('\n')}\n`);
  return summarise(scenario, { report, heard, verdict, known: stage.known });
}

/** Both files begin at the request, so that they can be laid side by side. */
async function writeRecordings(folder: string, report: CallReport): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const role of roles) {
    const { record } = report.legs[role];
    const lead = Math.max(0, Math.round((record?.startMs ?? 0) * 8));
    const samples = new Int16Array(lead + (record?.samples.length ?? 0));
    samples.set(record?.samples ?? [], lead);
    await writeFile(join(folder, `${role}-heard.wav`), writeWav(8000, samples));
  }
}

function verdictLines({ found, wrong }: Verdict, folder: string): string[] {
  return [
    ...found.map((text) => `  ✓ ${text}`),
    ...wrong.map((text) => `  ✗ ${text}`),
    `  ${wrong.length === 0 ? 'The sound was right' : 'NOT as it must be'}; it is in ${folder}`,
    '',
  ];
}

type Summary = ReturnType<typeof summarise>;

/** The line of `--json`: times in ms since the request, null for what did not happen. */
function summarise(
  scenario: Scenario,
  {
    report,
    heard,
    verdict: { wrong },
    known,
  }: {
    readonly report: CallReport;
    readonly heard: Heard;
    readonly verdict: Verdict;
    readonly known: readonly KnownSound[];
  },
) {
  const rounded = (ms: number | undefined): number | null =>
    ms === undefined ? null : Math.round(ms);
  const leg = (role: Role, it: LegReport) => ({
    role,
    dialed_at: rounded(it.dialedAt),
    ringing_at: rounded(it.ringingAt),
    answered_at: rounded(it.answeredAt),
    ended_at: rounded(it.endedAt),
    finish_reason: it.finishReason ?? null,
    heard: heard[role].map((piece) => ({
      what: piece.name ?? 'unknown',
      from: rounded(piece.fromMs),
      to: rounded(piece.toMs),
      ...isComplete(piece, known),
    })),
  });
  return {
    scenario: scenario.name,
    call_session_id: report.callSessionId,
    finish_reason: report.finishReason ?? null,
    legs: roles.map((role) => leg(role, report.legs[role])),
    bridge_at: rounded(report.bridgeAt),
    verdict: wrong.length === 0 ? 'ok' : wrong,
  };
}

/** Of a sound that has an end: was it heard from its first to its last tone? */
function isComplete(
  piece: HeardPiece,
  known: readonly KnownSound[],
): { readonly complete?: boolean } {
  const sound = known.find(({ name, loops }) => name === piece.name && !loops);
  if (sound === undefined) return {};
  const { fromStart, toEnd } = completeness(piece, sound);
  return { complete: fromStart && toEnd };
}
