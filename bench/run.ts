// npm run bench: measures, prints and stores the figures with machine and date in bench/results.json and README.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { benchCalls } from './calls.ts';
import type { Figure } from './figure.ts';
import { benchParser } from './parser.ts';
import { benchReports } from './reports.ts';
import { benchRelay } from './rtp-relay.ts';
import { benchSound } from './sound.ts';
import { benchSpeech } from './speech.ts';
import { benchSrtp } from './srtp.ts';

/** What Asterisk (master of August 2026) spent on the same job on a 2-core machine of this kind. */
const asterisk: readonly (readonly [figure: string, aim: string, asterisk: string])[] = [
  ['CPU per complete simple_call', 'at most 3 ms', '4.1-6.0 ms'],
  ['calls started per second without failure', '300 on one core', '270-300 on two cores'],
  ['CPU per relayed RTP packet', 'at most 9 us', '20 us'],
  [
    'two-way calls, p99 added delay under 20 ms, no loss',
    '1,000 on one worker',
    '550 on two cores',
  ],
  ['memory per talking call above the idle process', 'at most 60 KB', '352 KB'],
  ['request to first INVITE, p50 / p99 at 100/s', '1.5 / 5 ms', '0.7 / 2.5 ms (nothing stored)'],
  ['parse of a typical INVITE', 'at most 10 us', '-'],
  ['report over a million stored calls', 'at most 200 ms', '-'],
];

const benches: readonly (readonly [name: string, run: () => Promise<Figure[]>])[] = [
  ['parser', benchParser],
  ['srtp', async () => benchSrtp()],
  ['relay', benchRelay],
  ['speech', benchSpeech],
  ['sound', benchSound],
  ['calls', benchCalls],
  ['reports', benchReports],
];

const figures: Figure[] = [];
for (const [name, run] of benches) {
  console.log(`${name}...`);
  for (const figure of await run()) {
    figures.push(figure);
    console.log(`  ${figure.name}: ${round(figure.value)} ${figure.unit}`);
  }
}
const machine = `${cpus().length} x ${cpus()[0]!.model}, Node ${process.versions.node}`;
const date = new Date().toISOString().slice(0, 10);
store({ date, machine, figures });

function store(run: { date: string; machine: string; figures: readonly Figure[] }): void {
  const file = new URL('results.json', import.meta.url);
  let runs: unknown[] = [];
  try {
    runs = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The first run on this checkout.
  }
  writeFileSync(file, `${JSON.stringify([...runs, run].slice(-20), null, 2)}\n`);
  writeFileSync(new URL('README.md', import.meta.url), page(run));
}

function page(run: { date: string; machine: string; figures: readonly Figure[] }): string {
  const rows = run.figures.map(({ name, value, unit }) => `| ${name} | ${round(value)} ${unit} |`);
  const aims = asterisk.map((row) => `| ${row.join(' | ')} |`);
  return `# Benchmarks

\`npm run bench\` measures and writes this page. CPU time is the robust figure on a shared machine; a rate
or a delay holds for a machine that does nothing else.

${run.date}, ${run.machine}

| figure | measured |
|---|---|
${rows.join('\n')}

What was aimed at, and what Asterisk (master of August 2026, its best of several tunings) spent on the same
job on a 2-core machine of this kind:

| figure | aim | Asterisk |
|---|---|---|
${aims.join('\n')}
`;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
