import type { Random } from '../../src/base/random.ts';

/** Something that reads what strangers send, and what is demanded of it whatever they send. */
export type FuzzTarget = {
  readonly name: string;
  /** The next input; chance alone decides, so the same seed gives the same inputs. */
  input(random: Random): Buffer;
  /**
   * Uses an input up as the server would, to the last field. The word says what became of it; it throws when
   * that is a defect.
   */
  run(input: Buffer): string | Promise<string>;
  /** Words that a run must hear now and then: inputs too wild only ever try the first check. */
  readonly reaches: readonly string[];
  close?(): Promise<void>;
};

export type FuzzFailure = {
  readonly input: Buffer;
  readonly count: number;
  readonly cause: unknown;
};

/** Feeds inputs until `enough`; ends early with the first failure. */
export async function fuzz(
  target: FuzzTarget,
  random: Random,
  enough: (count: number) => boolean,
  limitMs = Number.POSITIVE_INFINITY,
): Promise<{ readonly words: ReadonlyMap<string, number>; readonly failure?: FuzzFailure }> {
  const words = new Map<string, number>();
  for (let count = 0; !enough(count); count++) {
    const input = target.input(random);
    try {
      const word = await runWithin(target, input, limitMs);
      words.set(word, (words.get(word) ?? 0) + 1);
    } catch (cause) {
      return { words, failure: { input, count, cause } };
    }
  }
  return { words };
}

/** A machine that is busy stalls any input once; one that stalls by itself does so three times. */
async function runWithin(target: FuzzTarget, input: Buffer, limitMs: number): Promise<string> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt++) {
    const start = performance.now();
    const word = await target.run(input);
    fastest = Math.min(fastest, performance.now() - start);
    if (fastest <= limitMs) return word;
  }
  throw new Error(`it takes ${Math.round(fastest)} ms`);
}
