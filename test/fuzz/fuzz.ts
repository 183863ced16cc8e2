// npm run fuzz -- --target NAME [--seconds N] [--seed S]: random inputs until Ctrl+C, or for so many seconds.
// The first input that fails is written to test/corpus/fuzz/NAME/, where every test run tries it again.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src/base/random.ts';
import { fuzz } from './fuzz-target.ts';
import { targets } from './targets/targets.ts';

const names = Object.keys(targets).join(', ');
const usage = `npm run fuzz -- --target NAME [--seconds N] [--seed S]

  NAME   one of ${names}
  N      how long; without it until Ctrl+C
  S      where chance begins; without it anywhere`;
const stallMs = 200;

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const entry = targets[values.target ?? ''];
if (values.help || entry === undefined) {
  console.log(usage);
  process.exit(values.help ? 0 : 1);
}
const name = values.target!;
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const target = await entry.open();
const start = performance.now();
const endsAt = start + 1_000 * Number(values.seconds ?? Number.POSITIVE_INFINITY);
let told = start;
const { words, failure } = await fuzz(
  target,
  seededRandom(seed),
  (count) => {
    const now = performance.now();
    if (now - told > 10_000) {
      told = now;
      console.log(`${count} inputs`);
    }
    return now >= endsAt;
  },
  stallMs,
);
await target.close?.();
console.log(`target ${name}, seed ${seed}:`, Object.fromEntries(words));
if (failure !== undefined) {
  const { input, count, cause } = failure;
  const folder = new URL(`../corpus/fuzz/${name}/`, import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(
    `${createHash('sha256').update(input).digest('hex').slice(0, 12)}.bin`,
    folder,
  );
  writeFileSync(file, input);
  console.error(`input ${count} of seed ${seed} fails; it is kept in ${file.pathname}`);
  console.error(cause);
  process.exitCode = 1;
}
