import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RegionFinder } from './region-finder.ts';

const finder = (plan: Readonly<Record<string, string>> = {}): RegionFinder =>
  new RegionFinder({ region: async (number) => plan[number] });

// biome-ignore format: a table
const table: readonly (readonly [number: string, region: string | undefined])[] = [
  ['74951234567', 'Москва и Московская область'],
  ['74991234567', 'Москва и Московская область'],
  ['78121234567', 'Санкт-Петербург и Ленинградская область'],
  ['73812000000', 'Омская область'],
  ['78311234567', 'Нижегородская область'],
  ['79261234567', undefined],
  ['78001234567', undefined],
  ['77273334455', 'KZ Алматы'],
  ['0123456', undefined],
  ['999999999999', undefined],
];

for (const [number, region] of table)
  test(`${number} without a plan: ${region ?? 'not known'}`, async () => {
    assert.equal(await finder().of(number), region);
  });

test('the imported plan comes first, in whatever spelling; what it does not say is asked elsewhere', async () => {
  const regions = finder({
    '79261234567': 'г. Москва',
    '74951234567': 'Омская обл.',
    '78121234567': 'Российская Федерация',
  });
  assert.equal(await regions.of('79261234567'), 'Москва и Московская область');
  assert.equal(await regions.of('74951234567'), 'Омская область');
  assert.equal(await regions.of('78121234567'), undefined, 'a number of no place');
  assert.equal(await regions.of('73812000000'), 'Омская область');
});

test('a plan that is imported later is believed at once', async () => {
  const plan: Record<string, string> = {};
  const regions = finder(plan);
  assert.equal(await regions.of('73812000000'), 'Омская область');
  plan['73812000000'] = 'Томская область';
  assert.equal(await regions.of('73812000000'), 'Томская область');
});
