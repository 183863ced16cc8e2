import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NumberingPlanError, piecesOf, readNumberingPlan } from './numbering-plan-file.ts';

const utf8 = (text: string) => ({ name: 'a.csv', bytes: new TextEncoder().encode(text) });

/** Cyrillic letters of Windows-1251; the rest of these texts is ASCII. */
const cp1251 = (text: string) => ({
  name: 'b.csv',
  bytes: Uint8Array.from(
    [...text].map((char) => {
      const code = char.codePointAt(0)!;
      return code < 128 ? code : code - 0x410 + 0xc0;
    }),
  ),
});

test('lines become ranges; neighbours of one region are joined, in any order of lines', () => {
  const plan = readNumberingPlan([
    utf8(
      [
        '\uFEFFАВС/ DEF;От;До;Емкость;Оператор;Регион;Территория ГАР;ИНН',
        '926;5000000;5999999;1000000;ПАО "МегаФон";г. Москва и Московская область;;7812014560',
        '926;0000000;4999999;5000000;"ПАО ""МегаФон"" ; юг";г. Москва;;7812014560',
        '900;7000000;7000999;1000;"Т2" РТК;г.о. город Самара|Самарская область;;',
        '800;1000000;1000099;100;МТТ;Российская Федерация;;',
        '',
      ].join('\r\n'),
    ),
  ]);
  assert.deepEqual(plan, {
    blocks: [
      { first: 79260000000, last: 79269999999 },
      { first: 79000000000, last: 79009999999 },
      { first: 78000000000, last: 78009999999 },
    ],
    ranges: [
      { first: 79007000000, last: 79007000999, region: 'Самарская область' },
      { first: 79260000000, last: 79265999999, region: 'Москва и Московская область' },
    ],
    overlaps: 0,
  });
});

test('neighbours of two codes are not joined: each code is replaced by itself', () => {
  const { ranges } = readNumberingPlan([
    utf8('926;0;9999999;10000000;x;Москва;1\n927;0;9999999;10000000;x;Москва;1\n'),
  ]);
  assert.deepEqual(
    ranges.map(({ first, last }) => [first, last]),
    [
      [79260000000, 79269999999],
      [79270000000, 79279999999],
    ],
  );
});

test('pieces cover every code whole, with a limited number of ranges each', () => {
  const ranges = [0, 10, 20, 30, 40, 10_000_005].map((at) => {
    const first = 79260000000 + at;
    return { first, last: first + 4, region: 'Москва' };
  });
  const block = (base: number) => ({ first: base, last: base + 9_999_999 });
  const blocks = [block(79280000000), block(79270000000), block(79260000000)];
  const pieces = [...piecesOf({ blocks, ranges }, 2)];
  assert.deepEqual(
    pieces.map((it) => [it.blocks[0]!.first, it.blocks[0]!.last, it.ranges.length]),
    [
      [79260000000, 79260000019, 2],
      [79260000020, 79260000039, 2],
      [79260000040, 79269999999, 1],
      [79270000000, 79279999999, 1],
      [79280000000, 79289999999, 0],
    ],
  );
  assert.deepEqual(
    pieces.flatMap((it) => it.ranges),
    ranges,
  );
});

test('Windows-1251, without a heading, short numbers, several files', () => {
  const plan = readNumberingPlan([
    cp1251('495;0;99;100;Оператор;Москва;7700000000\n'),
    utf8('812;0000000;0000001;2;x;г. Санкт-Петербург;1'),
  ]);
  assert.deepEqual(plan.ranges, [
    { first: 74950000000, last: 74950000099, region: 'Москва и Московская область' },
    { first: 78120000000, last: 78120000001, region: 'Санкт-Петербург и Ленинградская область' },
  ]);
});

test('a number given twice stays with the line that begins first, and it is told', () => {
  const { ranges, overlaps } = readNumberingPlan([
    utf8('900;100;199;100;x;Омская обл.;1\n900;150;250;101;x;Томская обл.;1\n'),
  ]);
  assert.deepEqual(ranges, [{ first: 79000000100, last: 79000000199, region: 'Омская область' }]);
  assert.equal(overlaps, 1);
});

test('a damaged file is refused with the line', () => {
  // biome-ignore format: a table
  const table: readonly (readonly [text: string, message: string])[] = [
    ['', 'a.csv: no line with numbers in it'],
    ['АВС/ DEF;От;До\n', 'a.csv:1: no column for the region: code; from; to; capacity; operator; region; INN are wanted, separated by ";"'],
    ['<html>\n', 'a.csv:1: no column for the code: code; from; to; capacity; operator; region; INN are wanted, separated by ";"'],
    ['900;1;2;2;x;Омск;1\n90;1;2;2;x;Омск;1', 'a.csv:2: "90" is no code of three digits'],
    ['900;a;2;2;x;Омск;1', 'a.csv:1: "a" is no number of seven digits'],
    ['900;1;12345678;2;x;Омск;1', 'a.csv:1: "12345678" is no number of seven digits'],
    ['900;5;2;2;x;Омск;1', 'a.csv:1: the range ends (2) before it begins'],
    ['900;1;2;2;x', 'a.csv:1: the region is missing'],
  ];
  for (const [text, message] of table)
    assert.throws(() => readNumberingPlan([utf8(text)]), new NumberingPlanError(message), text);
});
