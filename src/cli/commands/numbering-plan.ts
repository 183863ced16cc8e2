import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import {
  type NumberingPlan,
  NumberingPlanError,
  piecesOf,
  readNumberingPlan,
} from '../../numbers/numbering-plan-file.ts';
import { RegionFinder } from '../../numbers/region-finder.ts';
import type { Store } from '../../store/store.ts';
import { type Command, CommandError, type CommandInput, configOption } from '../command.ts';
import type { Terminal } from '../services.ts';
import { checkPhoneNumber, withStore } from './store-session.ts';

/** Some milliseconds of writing each. */
const rangesAtOnce = 500;

const importPlan: Command = {
  path: ['numbering-plan', 'import'],
  summary:
    "Takes over the CSV files of Russia's numbering plan: regions of mobile numbers are known by them only.",
  operands: ['FILE...'],
  options: configOption,
  examples: ['dozvon numbering-plan import ABC-3xx.csv ABC-4xx.csv ABC-8xx.csv DEF-9xx.csv'],
  async run(input) {
    const plan = await readFiles(input);
    return withStore(input, async (store) => {
      await storePlan(plan, store, input.terminal);
      return 0;
    });
  },
};

const show: Command = {
  path: ['numbering-plan', 'show'],
  summary: 'Tells the region of a number, and by what it is known.',
  operands: ['NUMBER'],
  options: configOption,
  examples: ['dozvon numbering-plan show 79260000000'],
  run: (input) =>
    withStore(input, async (store) => {
      const number = checkPhoneNumber(input.operands[0]!);
      const planned = await store.numberingPlan.region(number);
      const region = await new RegionFinder(store.numberingPlan).of(number);
      if (region === undefined) {
        const size = await store.numberingPlan.size();
        const hint = size === 0 ? ': no plan is imported, see dozvon numbering-plan import' : '';
        throw new CommandError(`the region of ${number} is not known${hint}`);
      }
      const source = planned === undefined ? 'libphonenumber' : 'the imported plan';
      input.terminal.out(`${number}: ${region} (by ${source})\n`);
      return 0;
    }),
};

export const numberingPlanCommands: readonly Command[] = [importPlan, show];

async function readFiles({ operands, terminal }: CommandInput): Promise<NumberingPlan> {
  const files = await Promise.all(
    operands.map(async (path) => {
      const bytes = await readFile(resolve(terminal.cwd, path)).catch((error: Error) => {
        throw new CommandError(`${path} cannot be read: ${error.message}`);
      });
      return { name: basename(path), bytes };
    }),
  );
  try {
    return readNumberingPlan(told(files, terminal));
  } catch (error) {
    if (!(error instanceof NumberingPlanError)) throw error;
    throw new CommandError(`${error.message}; nothing was changed`);
  }
}

/** The files, each said before it is read: the largest takes some seconds. */
function* told<File extends { readonly name: string; readonly bytes: Uint8Array }>(
  files: readonly File[],
  terminal: Terminal,
): Iterable<File> {
  for (const file of files) {
    terminal.err(`reading ${file.name}, ${(file.bytes.length / 1e6).toFixed(1)} MB\n`);
    yield file;
  }
}

async function storePlan(plan: NumberingPlan, store: Store, terminal: Terminal): Promise<void> {
  const { blocks, ranges, overlaps } = plan;
  terminal.err(`storing ${ranges.length} ranges of ${blocks.length} codes\n`);
  let stored = 0;
  let shown = 0;
  for (const piece of piecesOf(plan, rangesAtOnce)) {
    await store.numberingPlan.replace(piece.blocks, piece.ranges);
    stored += piece.ranges.length;
    const tenth = Math.floor((10 * stored) / ranges.length);
    if (tenth > shown) terminal.err(`${10 * tenth} %\n`);
    shown = Math.max(shown, tenth);
  }
  if (overlaps > 0)
    terminal.err(`passed over, for another line has their numbers: ${overlaps} of the lines\n`);
  terminal.out(`numbering plan: ${await store.numberingPlan.size()} ranges\n`);
}
