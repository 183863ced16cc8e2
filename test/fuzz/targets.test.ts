import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { seededRandom } from '../../src/base/random.ts';
import { fuzz } from './fuzz-target.ts';
import { targets } from './targets/targets.ts';

const seed = Number(process.env.FUZZ_SEED ?? 20_261_126);
const corpus = new URL('../corpus/fuzz/', import.meta.url);

for (const [name, { open, inputs }] of Object.entries(targets)) {
  describe(`fuzzing ${name}`, () => {
    test(`${inputs} inputs from seed ${seed}`, async (t) => {
      const target = await open();
      t.after(() => target.close?.());
      const { words, failure } = await fuzz(target, seededRandom(seed), (count) => count >= inputs);
      if (failure !== undefined) {
        const { count, input, cause } = failure;
        throw new Error(`input ${count}: ${JSON.stringify(input.toString('latin1'))}`, { cause });
      }
      t.diagnostic(JSON.stringify(Object.fromEntries(words)));
      for (const word of target.reaches) assert.ok(words.has(word), `${word} is reached`);
    });

    test('what once failed does not fail again', async (t) => {
      const target = await open();
      t.after(() => target.close?.());
      const folder = new URL(`${name}/`, corpus);
      for (const file of existsSync(folder) ? readdirSync(folder) : []) {
        await assert.doesNotReject(
          async () => target.run(readFileSync(new URL(file, folder))),
          `${name}/${file}`,
        );
      }
    });
  });
}

test('every folder of the corpus belongs to a target', () => {
  const folders = readdirSync(corpus, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  for (const { name } of folders) assert.ok(name in targets, name);
});
