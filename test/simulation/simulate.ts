// npm run simulate -- [--seed N] [--calls N]: random calls over a bad network, every invariant checked.
// The last line is the SHA-256 of everything that was published: the same for the same seed and number.
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runWorld, type WorldKind } from './world.ts';

const callsInWorld = 8;

export type SimulationResult = {
  readonly calls: number;
  readonly talks: number;
  readonly reasons: ReadonlyMap<string, number>;
  readonly sha256: string;
};

/** Worlds of eight calls, every fourth of parties who only want to talk; rejects with the seed that failed. */
export async function simulate(
  seed: number,
  calls: number,
  progress: (done: number) => void = () => {},
): Promise<SimulationResult> {
  const hash = createHash('sha256');
  const reasons = new Map<string, number>();
  let talks = 0;
  let done = 0;
  for (let world = seed; done < calls; world++) {
    const kind: WorldKind = world % 4 === 0 ? 'willing' : 'anything';
    const size = Math.min(callsInWorld, Math.max(2, calls - done));
    try {
      const result = await runWorld(world, size, kind);
      for (const event of result.events) hash.update(`${JSON.stringify(event)}\n`);
      for (const reason of result.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      talks += result.talks;
    } catch (cause) {
      const replay = `node test/simulation/replay.ts ${world} ${size} ${kind}`;
      throw new Error(`seed ${world} failed: replay with ${replay}`, { cause });
    }
    done += size;
    progress(done);
  }
  return { calls: done, talks, reasons, sha256: hash.digest('hex') };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      calls: { type: 'string', default: '20000' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log('npm run simulate -- [--seed N] [--calls N]   from seed 1, 20000 calls');
  } else {
    let told = 0;
    const result = await simulate(Number(values.seed), Number(values.calls), (done) => {
      if (done - told < 1_000) return;
      told = done;
      console.log(`${done} calls`);
    });
    console.log(`${result.calls} calls, ${result.talks} talks; nothing is left of any`);
    for (const [reason, count] of [...result.reasons].sort((a, b) => b[1] - a[1]))
      console.log(`  ${reason}: ${count}`);
    console.log(result.sha256);
  }
}
