import { pick, type Random, randomInt } from '../../src/base/random.ts';

/** Damages bytes a little. Pieces are what means something to the reader of these bytes. */
export type Mutation = (bytes: Buffer, random: Random, pieces: readonly Buffer[]) => Buffer;

const at = (bytes: Buffer, random: Random): number => randomInt(random, 0, bytes.length);

function splice(bytes: Buffer, from: number, to: number, ...inserted: Buffer[]): Buffer {
  return Buffer.concat([bytes.subarray(0, from), ...inserted, bytes.subarray(to)]);
}

/** Damage that knows nothing of what it damages. */
export const byteMutations: Readonly<Record<string, Mutation>> = {
  flip: (bytes, random) => {
    const copy = Buffer.from(bytes);
    for (let count = randomInt(random, 1, 8); count > 0 && copy.length > 0; count--) {
      const index = randomInt(random, 0, copy.length - 1);
      copy[index] = copy[index]! ^ (1 << randomInt(random, 0, 7));
    }
    return copy;
  },
  truncate: (bytes, random) => bytes.subarray(0, at(bytes, random)),
  insert: (bytes, random, pieces) => {
    const index = at(bytes, random);
    return splice(bytes, index, index, pick(random, pieces));
  },
  overwrite: (bytes, random, pieces) => {
    const index = at(bytes, random);
    const piece = pick(random, pieces);
    return splice(bytes, index, Math.min(bytes.length, index + piece.length), piece);
  },
  remove: (bytes, random) => {
    const index = at(bytes, random);
    return splice(bytes, index, Math.min(bytes.length, index + randomInt(random, 1, 20)));
  },
  duplicate: (bytes, random) => {
    const from = at(bytes, random);
    const piece = bytes.subarray(from, from + randomInt(random, 1, 200));
    return splice(
      bytes,
      from,
      from,
      ...Array.from({ length: randomInt(random, 1, 4) }, () => piece),
    );
  },
  blowUp: (bytes, random, pieces) => {
    const index = at(bytes, random);
    const piece = pick(random, pieces);
    return splice(bytes, index, index, Buffer.alloc(randomInt(random, 1, 9_000), piece));
  },
};

/** One word of one line becomes another, so that the line still is what it was. */
export const replaceWord: Mutation = (bytes, random, pieces) => {
  const words = bytes.toString('latin1').split(/([ ;,:=/<>@"?&]|\r\n)/);
  const place = 2 * randomInt(random, 0, Math.floor((words.length - 1) / 2));
  words[place] = pick(random, pieces).toString('latin1');
  return Buffer.from(words.join(''), 'latin1');
};

/** Damage to text of lines (SIP, SDP), of which each is a field. */
export const lineMutations: Readonly<Record<string, Mutation>> = {
  shuffleLines: (bytes, random) => {
    const lines = bytes.toString('latin1').split('\r\n');
    for (let count = randomInt(random, 1, 4); count > 0; count--) {
      const from = randomInt(random, 0, lines.length - 1);
      const to = randomInt(random, 0, lines.length - 1);
      [lines[from], lines[to]] = [lines[to]!, lines[from]!];
    }
    return Buffer.from(lines.join('\r\n'), 'latin1');
  },
  repeatLine: (bytes, random) => {
    const lines = bytes.toString('latin1').split('\r\n');
    const line = randomInt(random, 0, lines.length - 1);
    lines.splice(randomInt(random, 0, lines.length), 0, lines[line]!);
    return Buffer.from(lines.join('\r\n'), 'latin1');
  },
  dropLine: (bytes, random) => {
    const lines = bytes.toString('latin1').split('\r\n');
    lines.splice(randomInt(random, 0, lines.length - 1), 1);
    return Buffer.from(lines.join('\r\n'), 'latin1');
  },
  replaceWord,
};

export function pieces(...texts: readonly string[]): readonly Buffer[] {
  return texts.map((text) => Buffer.from(text, 'latin1'));
}

/** One of the samples with one to three kinds of damage; every sixteenth stays whole. */
export function damaged(
  random: Random,
  samples: readonly Buffer[],
  mutations: readonly Mutation[],
  parts: readonly Buffer[],
): Buffer {
  let bytes = pick(random, samples);
  if (random.next() < 1 / 16) return bytes;
  for (let depth = randomInt(random, 1, 3); depth > 0; depth--) {
    bytes = pick(random, mutations)(bytes, random, parts);
  }
  return bytes;
}
